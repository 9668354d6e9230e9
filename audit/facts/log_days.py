"""Which days of which agency's log were due in the period, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from audit.facts.arrays import Ints, Mask, days, equals
from audit.facts.coverage import TABLES
from audit.facts.once import once
from audit.tables import texts_in

if TYPE_CHECKING:
    from audit.facts import Facts


@dataclass(frozen=True, slots=True)
class LogDays:
    """The days of the period that ended at or before `as_of`, of every agency in scope whose log is due. One row a day.

    An agency's log is that of the agency which keeps its rows (`log_of`), and is due where that one is `pulled`, for
    the tables that the agency keeps, unless the coverage says `not_due`. A table without a row in the coverage was
    never asked for: due, and not complete.

    Attributes:
        agency, day: Whose log, of which day.
        due: By table (columns in the order of `TABLES`).
        complete: By table; true where it is not due.
        failed_at_agency: By table: not complete, and an attempt failed at the agency.
        reason: By table, why it is not complete as the coverage tells it; None where it does not.
    """

    agency: Ints
    day: Ints
    due: Mask
    complete: Mask
    failed_at_agency: Mask
    reason: npt.NDArray[np.object_]

    @property
    def whole(self) -> Mask:
        """Days on which every due table is complete."""
        return np.asarray(self.complete.all(axis=1))


@once
def log_days(facts: Facts) -> LogDays:
    """The due days of all agencies, in the order of (agency, day)."""
    agencies, period, registry = facts.agencies, facts.period, facts.registry
    last_day = min(period.end_day, period.as_of_day)
    span = np.arange(period.start_day, max(last_day, period.start_day), dtype=np.int64)
    agency = np.repeat(np.arange(agencies.registered), len(span))
    day = np.tile(span, agencies.registered)
    in_scope = (agencies.valid_from[agency] <= day) & (day <= agencies.valid_to[agency])
    holder = agencies.log_of[agency]
    states = _States(facts, span)
    kept = np.column_stack([registry.keeps(table)[agency] for table in TABLES])
    cell = (holder, day - period.start_day)
    due = kept & ~states.not_due[cell] & (in_scope & agencies.pulled[holder])[:, None]
    rows = np.flatnonzero(due.any(axis=1))
    cell, due = (cell[0][rows], cell[1][rows]), due[rows]
    complete = states.complete[cell] | ~due
    return LogDays(agency[rows], day[rows], due, complete, states.at_agency[cell] & ~complete, states.reason[cell])


class _States:
    """The coverage of the period as arrays (holder of the log, day, table)."""

    def __init__(self, facts: Facts, span: Ints) -> None:
        frame = facts.frames.coverage
        shape = (len(facts.agencies), len(span), len(TABLES))
        self.complete = np.zeros(shape, dtype=bool)
        self.not_due = np.zeros(shape, dtype=bool)
        self.at_agency = np.zeros(shape, dtype=bool)
        self.reason = np.full(shape, None, dtype=object)
        holder = facts.agencies.indexes(frame["agency"])
        place = days(frame["day"]) - facts.period.start_day
        inside = (holder >= 0) & (place >= 0) & (place < len(span))
        table = np.full(len(frame), -1, dtype=np.int64)
        for number, name in enumerate(TABLES):
            table[equals(frame["table"], name)] = number
        rows = np.flatnonzero(inside & (table >= 0))
        at = (holder[rows], place[rows], table[rows])
        self.complete[at] = equals(frame["state"], "complete")[rows]
        self.not_due[at] = equals(frame["state"], "not_due")[rows]
        self.at_agency[at] = equals(frame["failed_at"], "agency")[rows]
        self.reason[at] = texts_in(frame["reason"].array)[rows]
