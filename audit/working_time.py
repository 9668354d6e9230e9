"""Calendar arithmetic over arrays: local days, working days, sessions, working minutes.

Units (docs/architecture.md): instants are int64 microseconds since 1970-01-01T00:00Z, days are int32 **local** days
since 1970-01-01. ``NAT`` and ``NO_DAY`` go in and come out; ``NEVER`` is missing too: out comes ``NAT`` or ``NO_DAY``.

Everything about the calendar is looked up in tables of one cell a day from 1990 to 2100; a day outside is clipped to
the nearest day of the tables where a table is asked. The zone must have one constant offset over those years, as
``Asia/Ho_Chi_Minh`` has (UTC+7 since 1975); local time is then an addition.

Source of the words: rules.md section 1, *Working calendar*; of the working week: Quyết định 188/1999/QĐ-TTg, Điều 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from audit.errors import ConfigError, Mistake
from audit.settings import CalendarSettings

Instants = npt.NDArray[np.int64]
Days = npt.NDArray[np.int32]
DayNumbers = npt.NDArray[np.int32] | npt.NDArray[np.int64]
"""Days as they are asked for: facts count in 64 bits."""
Minutes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NEVER: Final = np.iinfo(np.int64).max
"""An instant that never came, where a minimum is taken."""
NAT: Final = np.iinfo(np.int64).min
"""A missing instant; what pandas and numpy store for NaT."""
NO_DAY: Final = np.iinfo(np.int32).min
"""A missing day."""

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

EPOCH: Final = date(1970, 1, 1)
FIRST_DAY: Final = (date(1990, 1, 1) - EPOCH).days
LAST_DAY: Final = (date(2100, 12, 31) - EPOCH).days

# a day more on both sides, for any offset
_FIRST_INSTANT: Final = (FIRST_DAY - 1) * DAY
_LAST_INSTANT: Final = (LAST_DAY + 2) * DAY
# start_of_day(±_FARTHEST) still fits int64 microseconds; no calendar reaches so far.
_FARTHEST: Final = 100_000_000
_BLOCK: Final = 1 << 15
_MONDAY: Final = 4  # 1970-01-01 was a Thursday: days ≡ 4 (mod 7) are Mondays


def day_number(day: date) -> int:
    """Days from 1970-01-01 to `day`."""
    return (day - EPOCH).days


def date_of(day: int) -> date:
    """The date of a day number. Raises OverflowError for what no `date` holds, ``NO_DAY`` among it."""
    return EPOCH + timedelta(days=int(day))


def constant_offset(zone: ZoneInfo) -> int | None:
    """The zone's offset from UTC in microseconds if it is the same from 1990 to 2100, else None.

    Weekly samples: no zone has ever kept a changed clock for less than two weeks in these years.
    """
    step = timedelta(days=7)
    at, end = datetime(1989, 12, 31), datetime(2101, 1, 2)
    offset = zone.utcoffset(at)
    while at < end:
        if zone.utcoffset(at) != offset:
            return None
        at += step
    return None if offset is None else offset // timedelta(microseconds=1)


class WorkingCalendar:
    """The working calendar of one province, as tables.

    Raises:
        ConfigError: The calendar's zone changes its offset between 1990 and 2100.
    """

    def __init__(self, calendar: CalendarSettings) -> None:
        offset = constant_offset(ZoneInfo(calendar.timezone))
        if offset is None:
            allowed = "a zone whose offset from UTC is constant from 1990 to 2100"
            raise ConfigError((Mistake("calendar.toml", "timezone", repr(calendar.timezone), allowed),))
        self.offset: Final = offset
        working = _working_days(calendar)
        self._working: Final = working
        self._working_days: Final = (np.flatnonzero(working) + FIRST_DAY).astype(np.int32)
        # how many working days there are up to and including each day: the place of the first one after it
        self._rank: Final = np.cumsum(working, dtype=np.int64)
        opens, noon, reopens, closes = _session_table(calendar)
        self._noon: Final = noon
        self._closes: Final = closes
        # the four clocks again, with sessions of no length on days that are not worked
        self._edges: Final = tuple(np.where(working, clock, 0) for clock in (opens, noon, reopens, closes))
        worked = np.where(working, (noon - opens) + (closes - reopens), 0)
        before = np.cumsum(worked) - worked
        # working time before each day, less where its sessions begin: `_worked_until` adds clocks to it
        self._base: Final = before - self._edges[0] - self._edges[2]

    # -- local days -------------------------------------------------------------------------------------------------

    def day_of(self, instants: Instants) -> Days:
        """The local day in which each instant lies; 24:00 is the next day's 00:00."""
        days = np.empty(len(instants), dtype=np.int32)
        for block in _blocks(days):
            at = instants[block]
            # a missing instant may overflow here: what comes of it is replaced
            days[block] = (at + self.offset) // DAY
            days[block][_missing(at)] = NO_DAY
        return days

    def day_ended_by(self, instants: Instants) -> Days:
        """As `day_of`, but 24:00 belongs to the day that it ends, as deadlines do (rules.md, *In scope*)."""
        days = self.day_of(instants - 1)
        days[_missing(instants)] = NO_DAY
        return days

    def start_of_day(self, days: DayNumbers) -> Instants:
        """00:00 local of each day."""
        return self._at(days, 0)

    def end_of_day(self, days: DayNumbers) -> Instants:
        """24:00 local of each day, which is 00:00 of the next."""
        return self._at(days, DAY)

    # -- working days -----------------------------------------------------------------------------------------------

    def is_working_day(self, days: DayNumbers) -> Flags:
        """Whether each day is worked; a missing day is not."""
        return np.asarray(self._working[_cell(days)] & (days != NO_DAY))

    def next_working_day(self, days: DayNumbers) -> Days:
        """The first working day after each day."""
        return self.working_day_after(days, 1)

    def working_day_after(self, days: DayNumbers, n: int | npt.NDArray[np.int64]) -> Days:
        """The `n`-th working day after each day, `n` ≥ 1.

        Raises:
            ValueError: An `n` below 1.
        """
        if np.any(np.asarray(n) < 1):
            raise ValueError("n counts working days after a day, from 1")
        place = np.minimum(self._rank[_cell(days)] + (n - 1), len(self._working_days) - 1)
        found: Days = self._working_days[place]
        found[days == NO_DAY] = NO_DAY
        return found

    def effective_day(self, instants: Instants) -> Days:
        """The day on which work on what arrived at each instant begins.

        The instant's local day if that is worked and the instant is **before** the end of the afternoon session, else
        the next working day. NĐ 30/2020 is silent on arrivals outside working hours; this is ``rules.md``.
        """
        found = np.empty(len(instants), dtype=np.int32)
        for block in _blocks(found):
            days = self.day_of(instants[block])
            in_time = self.is_working_day(days) & (instants[block] < self.end_of_afternoon(days))
            found[block] = np.where(in_time, days, self.next_working_day(days))
        return found

    # -- sessions ---------------------------------------------------------------------------------------------------

    def end_of_morning(self, days: DayNumbers) -> Instants:
        """End of the morning session, worked or not: what "in the morning of" ends with."""
        return self._at(days, self._noon[_cell(days)])

    def end_of_afternoon(self, days: DayNumbers) -> Instants:
        """End of the afternoon session, worked or not."""
        return self._at(days, self._closes[_cell(days)])

    def working_time(self, from_instants: Instants, to_instants: Instants) -> Instants:
        """Microseconds inside sessions of working days between two instants.

        Negative where from > to, ``NAT`` where one of them is missing.
        """
        elapsed = np.empty(len(from_instants), dtype=np.int64)
        for block in _blocks(elapsed):
            begins, ends = from_instants[block], to_instants[block]
            elapsed[block] = self._worked_until(ends) - self._worked_until(begins)
            elapsed[block][_missing(begins) | _missing(ends)] = NAT
        return elapsed

    def working_minutes(self, from_instants: Instants, to_instants: Instants) -> Minutes:
        """`working_time` in whole minutes, rounded down."""
        elapsed = self.working_time(from_instants, to_instants)
        return np.where(elapsed == NAT, NAT, elapsed // MINUTE)

    def _worked_until(self, instants: Instants) -> Instants:
        """Working time from the tables' first day to each instant; anything where one is missing."""
        local = np.clip(instants, _FIRST_INSTANT, _LAST_INSTANT) + self.offset
        days = local // DAY
        local -= days * DAY
        cell = _cell(days)
        opens, noon, reopens, closes = (edge[cell] for edge in self._edges)
        morning = np.minimum(np.maximum(local, opens), noon)
        afternoon = np.minimum(np.maximum(local, reopens), closes)
        return np.asarray(self._base[cell] + morning + afternoon)

    def _at(self, days: DayNumbers, clock: int | Instants) -> Instants:
        """The instant of a local clock (microseconds after 00:00) on each day."""
        found = np.clip(days, -_FARTHEST, _FARTHEST).astype(np.int64) * DAY + (clock - self.offset)
        found[days == NO_DAY] = NAT
        return np.asarray(found)


def _blocks(array: npt.NDArray[Any]) -> Iterator[slice]:
    """Slices of a column, short enough that all that is computed of one stays in the processor's cache."""
    return (slice(start, start + _BLOCK) for start in range(0, len(array), _BLOCK))


def _missing(instants: Instants) -> Flags:
    return np.asarray((instants == NAT) | (instants == NEVER))


def _cell(days: DayNumbers) -> npt.NDArray[np.intp]:
    """Place of each day in the tables, clipped."""
    return np.asarray(np.clip(days, FIRST_DAY, LAST_DAY) - FIRST_DAY, dtype=np.intp)


def _working_days(calendar: CalendarSettings) -> Flags:
    """One flag a day: the working week, less the days off, plus the days worked instead."""
    days = np.arange(FIRST_DAY, LAST_DAY + 1)
    weekday = (days - _MONDAY) % 7 + 1
    working = np.isin(weekday, calendar.working_weekdays)
    for listed, worked in ((calendar.off, False), (calendar.worked, True)):
        numbers = np.array([day_number(day) for day in listed], dtype=np.int64)
        inside = numbers[(numbers >= FIRST_DAY) & (numbers <= LAST_DAY)]
        working[inside - FIRST_DAY] = worked
    return working


def _session_table(calendar: CalendarSettings) -> tuple[Instants, ...]:
    """Four clocks a day, microseconds after 00:00: the morning's start and end, the afternoon's start and end.

    A day before the first dated entry has the first entry's hours.
    """
    sessions = sorted(calendar.sessions, key=lambda session: session.valid_from)
    starts = [day_number(session.valid_from) for session in sessions]
    days = np.arange(FIRST_DAY, LAST_DAY + 1)
    entry = np.maximum(np.searchsorted(starts, days, side="right") - 1, 0)
    clocks = np.array([[_clock(at) for at in (*session.morning, *session.afternoon)] for session in sessions])
    return tuple(np.ascontiguousarray(column[entry]) for column in clocks.T)


def _clock(at: time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * SECOND
