"""Whether a register speaks of the whole of a day, so that a document that is not in it was not there.

A file of a day's own place (``{day}``) does by standing there. Any other register speaks of a day when it goes back to
it and was kept on after it: written when the day was over, or with a line of a later day at its newer end. Where
nothing tells when it was written (a web server that makes it as it is asked), a line of the day itself will do. Each
table needs its own register: that the outgoing one is there says nothing of what came in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

from audit.instants import end_of
from audit.sources.register_file.entries import Line

NO_REGISTER: Final = "no file of the day holds this register"
BEGINS_LATER: Final = "the register begins after the day"
TOO_OLD: Final = "the register is older than the day's end"
_ONE_DAY: Final = timedelta(days=1)


class Told(NamedTuple):
    """What a file that holds a register of a table tells of the time it speaks of."""

    first: str | None
    """Earliest day of a line, ``YYYY-MM-DD``; None: no line tells one."""
    last: str | None
    """The later day of its two ends: a register is kept in order, and a slip amid it proves nothing."""
    written_at: datetime | None
    fetched_at: datetime

    @classmethod
    def of(cls, lines: Iterable[Line], written_at: datetime | None, fetched_at: datetime) -> Told:
        """What the lines of a file tell."""
        days = [line.day for line in lines if line.day is not None]
        return cls(min(days, default=None), max(days[:1] + days[-1:], default=None), written_at, fetched_at)

    def reaches(self, day: date) -> bool:
        """Whether the register was kept on until the day was over."""
        if self.written_at is not None and self.written_at >= end_of(day):
            return True
        if self.last is None or end_of(date.fromisoformat(self.last)) - _ONE_DAY > self.fetched_at:
            return False  # a line of a day that has not come is a slip
        return self.last > day.isoformat() or (self.written_at is None and self.last == day.isoformat())


def lacking(told: Sequence[Told], day: date) -> str:
    """Why the registers of a table, from a place of all days, do not speak of a day; ``""`` where they do."""
    if not told:
        return NO_REGISTER
    if not any(one.reaches(day) for one in told):
        return TOO_OLD
    if not any(one.first is not None and one.first <= day.isoformat() for one in told):
        return BEGINS_LATER
    return ""


def web_time(text: str) -> datetime | None:
    """The time of a ``Last-Modified``; None where it is none."""
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
