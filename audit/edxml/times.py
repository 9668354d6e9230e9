"""Days and times as agencies' systems write them → the contract's forms (ISO 8601).

No system tells an offset: everything is local time (Asia/Ho_Chi_Minh, ``wire.md`` 1.2). What cannot be read comes back
as it was, so that it becomes a reject that shows it, never a row without a date.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

LOCAL: Final = timezone(timedelta(hours=7))
_PLACEHOLDERS: Final = frozenset({"", "n/a", "null", "none", "-", ".", "--", "không", "không có"})
_DATE: Final = re.compile(
    r"(?:(?P<y>\d{4})[/.-](?P<m>\d{1,2})[/.-](?P<d>\d{1,2})|(?P<d2>\d{1,2})[/.-](?P<m2>\d{1,2})[/.-](?P<y2>\d{4}))",
    re.ASCII,
)
_CLOCK: Final = re.compile(
    r"(?P<hour>\d{1,2})[:hg](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?\s*(?P<half>[AaPp][Mm]|SA|CH)?"
    r"\s*(?P<offset>[Zz]|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_WORDS: Final = re.compile(r"(?:ngày\s*)?(\d{1,2})\s*tháng\s*(\d{1,2})\s*năm\s*(\d{4})", re.IGNORECASE)
_EPOCH_MS: Final = re.compile(r"\d{12,13}", re.ASCII)
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", re.ASCII)
TEXT_MAX: Final = 64
"""No date is longer; what is, is not looked at."""


def wire_day(text: str | None, patterns: Sequence[str] = ()) -> str | None:
    """``YYYY-MM-DD``; None for what stands for nothing; the text itself where it is no day."""
    found = _read(text, patterns)
    if not isinstance(found, datetime):
        return found
    return (found if found.tzinfo is None else found.astimezone(LOCAL)).date().isoformat()


def wire_instant(text: str | None, patterns: Sequence[str] = ()) -> str | None:
    """``YYYY-MM-DDTHH:MM:SS+07:00``; None for what stands for nothing; the text itself where it is no time.

    A date alone is no time: it comes back as a date.
    """
    found = _read(text, patterns)
    if not isinstance(found, datetime):
        return found
    # a reading without a clock has no zone, see _read
    return found.date().isoformat() if found.tzinfo is None else found.astimezone(LOCAL).isoformat(timespec="seconds")


def _read(text: str | None, patterns: Sequence[str]) -> datetime | str | None:
    """The time, local; without zone where no clock is told; the text where it cannot be read."""
    value = (text or "").strip()
    if value.lower() in _PLACEHOLDERS:
        return None
    if len(value) > TEXT_MAX:
        return value
    try:
        return _by_pattern(value, patterns) or _epoch(value) or _compact(value) or _day_and_clock(value) or value
    except (ValueError, OverflowError):
        return value  # in no calendar: 2014/02/30 occurs


def _by_pattern(value: str, patterns: Sequence[str]) -> datetime | None:
    for pattern in patterns:
        try:
            found = datetime.strptime(value, pattern)
        except ValueError:
            continue
        has_clock = any(mark in pattern for mark in ("%H", "%I", "%X", "%c", "%T"))
        return (found if found.tzinfo else found.replace(tzinfo=LOCAL)) if has_clock else found.replace(tzinfo=None)
    return None


def _epoch(value: str) -> datetime | None:
    if not _EPOCH_MS.fullmatch(value):
        return None
    return datetime.fromtimestamp(int(value) / 1000, UTC).astimezone(LOCAL)


def _compact(value: str) -> datetime | None:
    found = _COMPACT.fullmatch(value)
    return datetime(*map(int, found.groups()), tzinfo=LOCAL) if found else None  # type: ignore[misc, arg-type]


def _day_and_clock(value: str) -> datetime | None:
    words = _WORDS.fullmatch(value)
    if words:
        return datetime(int(words[3]), int(words[2]), int(words[1]))
    day = _DATE.search(value)
    if day is None:
        return None
    year, month, of_month = (int(day[first] or day[other]) for first, other in (("y", "y2"), ("m", "m2"), ("d", "d2")))
    before, after = value[: day.start()].strip(), value[day.end() :].lstrip("Tt ,").strip()
    rest = after or before
    if (before and after) or not rest:
        return None if rest else datetime(year, month, of_month)
    clock = _CLOCK.fullmatch(rest)
    if clock is None:
        return None
    return _with_clock(datetime(year, month, of_month), clock)


def _with_clock(day: datetime, clock: re.Match[str]) -> datetime:
    hour = int(clock["hour"])
    half = (clock["half"] or "").upper()
    if half and not 1 <= hour <= 12:
        raise ValueError("no hour of half a day")
    if half:
        hour = hour % 12 + (12 if half in ("PM", "CH") else 0)
    zone = LOCAL
    offset = clock["offset"] or ""
    if offset in ("Z", "z"):
        zone = UTC
    elif offset:
        shift = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
        zone = timezone(shift if offset[0] == "+" else -shift)
    return day.replace(hour=hour, minute=int(clock["minute"]), second=int(clock["second"] or 0), tzinfo=zone)
