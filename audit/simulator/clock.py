"""The simulated province's clock: working-time steps on plain integers, and how instants are written on the wire.

Inside the simulator an instant is an int: **seconds of local time** since 1970-01-01T00:00 in Asia/Ho_Chi_Minh, so
``instant // DAY`` is the local day and ``instant % DAY`` the clock on the wall. (The audit itself counts microseconds
UTC.) The calendar's facts come from `audit.working_time`, in one look-up for the whole stretch; what is planned with
them here (an answer "three working hours later") is the simulator's own.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np

from audit.working_time import EPOCH, SECOND, WorkingCalendar, day_number

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
MORNING_OPENS: Final = 7 * HOUR + 30 * MINUTE
AFTERNOON_OPENS: Final = 13 * HOUR
_UTC_OFFSET: Final = 7 * HOUR
_MARGIN: Final = 90  # days of look-ahead beyond the simulated ones, for deadlines

_HMS: Final = tuple(f"{s // HOUR:02d}:{s // MINUTE % 60:02d}:{s % 60:02d}" for s in range(DAY))


def day_text(day: int) -> str:
    """``YYYY-MM-DD`` of a day number."""
    return (EPOCH + timedelta(days=day)).isoformat()


def utc_text(instant: int) -> str:
    """``YYYY-MM-DDTHH:MM:SSZ``, as instants stand in the `extra` of a finding."""
    return local_text(instant - _UTC_OFFSET) + "Z"


def local_text(instant: int) -> str:
    """``YYYY-MM-DDTHH:MM:SS`` without an offset."""
    return f"{day_text(instant // DAY)}T{_HMS[instant % DAY]}"


class TimeWriter:
    """Writes instants in the one form that an agency's system uses; remembers the days it has written.

    Args:
        form: ``offset`` (+07:00), ``local`` (no offset), ``utc`` (Z) or ``millis`` (``.000+07:00``).
    """

    def __init__(self, form: str) -> None:
        self._shift = _UTC_OFFSET if form == "utc" else 0
        self._tail = {"offset": "+07:00", "local": "", "utc": "Z", "millis": ".000+07:00"}[form]
        self._days: dict[int, str] = {}

    def __call__(self, instant: int | None) -> str | None:
        if instant is None:
            return None
        day, clock = divmod(instant - self._shift, DAY)
        head = self._days.get(day)
        if head is None:
            head = self._days[day] = day_text(day) + "T"
        return head + _HMS[clock] + self._tail


class Clock:
    """Working days and sessions from `first` to `last` (and a margin of 90 days around them) as look-ups."""

    def __init__(self, calendar: WorkingCalendar, first: date, last: date) -> None:
        self.first_known: Final = day_number(first) - _MARGIN
        """The first day of the tables."""
        days = np.arange(self.first_known, day_number(last) + _MARGIN, dtype=np.int32)
        opened = calendar.start_of_day(days)
        self._working: Final = calendar.is_working_day(days).tolist()
        self._next: Final = calendar.next_working_day(days).tolist()
        self._noon: Final = ((calendar.end_of_morning(days) - opened) // SECOND).tolist()
        self._close: Final = ((calendar.end_of_afternoon(days) - opened) // SECOND).tolist()

    def is_working(self, day: int) -> bool:
        """Whether the day is worked."""
        return bool(self._working[day - self.first_known])

    def next_working(self, day: int) -> int:
        """The first working day after `day`."""
        return int(self._next[day - self.first_known])

    def working_after(self, day: int, count: int) -> int:
        """The `count`-th working day after `day`."""
        for _ in range(count):
            day = self.next_working(day)
        return day

    def noon(self, day: int) -> int:
        """End of the morning session."""
        return day * DAY + int(self._noon[day - self.first_known])

    def close(self, day: int) -> int:
        """End of the afternoon session."""
        return day * DAY + int(self._close[day - self.first_known])

    def effective_day(self, instant: int) -> int:
        """The day on which work on what arrived at `instant` begins: rules.md, *Working calendar*."""
        day = instant // DAY
        if self.is_working(day) and instant < self.close(day):
            return day
        return self.next_working(day)

    def later(self, instant: int, seconds: int) -> int:
        """The instant at which `seconds` of working time have passed since `instant`."""
        day = instant // DAY
        if not self.is_working(day):
            day = self.next_working(day)
            instant = day * DAY + MORNING_OPENS
        while True:
            start = day * DAY
            for opens, closes in ((start + MORNING_OPENS, self.noon(day)), (start + AFTERNOON_OPENS, self.close(day))):
                at = max(instant, opens)
                if at < closes:
                    if at + seconds < closes:
                        return at + seconds
                    seconds -= closes - at
            day = self.next_working(day)
            instant = day * DAY


def end_of(day: int) -> int:
    """24:00 of the day."""
    return (day + 1) * DAY
