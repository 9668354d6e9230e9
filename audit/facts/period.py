"""The period that is judged and the instant from which it is seen (rules.md section 1, "Period")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from audit.facts.arrays import Ints, Mask
from audit.working_time import WorkingCalendar

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole local days [start, end) seen from `as_of`, the end of a local day.

    Attributes:
        start_day, end_day, as_of_day: days since 1970; `end_day` and `as_of_day` are the first days outside.
        start_at, end_at, as_of_at: the same as instants, microseconds.
    """

    start_day: int
    end_day: int
    as_of_day: int
    start_at: int
    end_at: int
    as_of_at: int

    @classmethod
    def of(cls, calendar: WorkingCalendar, start: date, end: date, as_of: date) -> Period:
        """The period from `start` up to but without `end`, seen at 0:00 of `as_of` (24:00 of the day before)."""
        day_numbers = np.array([(day - _EPOCH).days for day in (start, end, as_of)], dtype=np.int64)
        starts = calendar.start_of_day(day_numbers)
        return cls(*(int(day) for day in day_numbers), *(int(at) for at in starts))

    @property
    def closed_at(self) -> int:
        """The earlier of period end and `as_of`: where N5 and N6 are anchored."""
        return min(self.end_at, self.as_of_at)

    def holds_event(self, at: Ints) -> Mask:
        """Events are anchored in [start, end), and none later than `as_of` exists."""
        return (at >= self.start_at) & (at < self.end_at) & (at <= self.as_of_at)

    def holds_deadline(self, at: Ints) -> Mask:
        """Deadlines are anchored in (start, end] and tested once they are at or before `as_of`."""
        return (at > self.start_at) & (at <= self.end_at) & (at <= self.as_of_at)
