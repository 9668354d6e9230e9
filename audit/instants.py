"""Reading the instants and dates of the wire: ISO 8601 text → int64 microseconds UTC, or local days.

Contract (``log-api.md``): times are ISO 8601 with an offset; without one they are local (Asia/Ho_Chi_Minh, UTC+7).
Dates are ``YYYY-MM-DD``. Accepted are the extended form to the minute or finer, ``T`` or a blank between date and time,
and the offsets ``Z``, ``+07:00``, ``+0700``, ``+07``. What lies outside the years 1900 to 2200, or in no calendar, is
unreadable; what is finer than a microsecond is cut off.

One grammar, two readers: `parse_instant` for one text, `parse_instants` for a column. The column's reader takes the
frequent forms (to the second, with ``±HH:MM``, ``Z`` or nothing) for all rows at once, as an array of bytes; what does
not fit goes to the reader of one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from audit.working_time import DAY, HOUR, MINUTE, NAT, SECOND, Instants, day_number

YEAR_MIN: Final = 1900
YEAR_MAX: Final = 2200
LOCAL_OFFSET: Final = 7 * HOUR
"""Asia/Ho_Chi_Minh; constant since 1975, before any electronic log."""

_INSTANT: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?)?",
    re.ASCII,
)
_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)

_COMMON_LENGTH: Final = len("2021-02-04T15:41:02+07:00")
_SIGN_AT: Final = 19
_DIGITS_AT: Final = np.array([0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 20, 21, 23, 24])
_MONTHS: Final = (
    np.arange(f"{YEAR_MIN}-01", f"{YEAR_MAX + 1}-02", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int32)
)
"""The first day of every month that can be told, and of the one after."""
_MARKS: Final = ((4, b"-"), (7, b"-"), (10, b"T"), (13, b":"), (16, b":"), (22, b":"))


def instant_of(microseconds: int) -> datetime:
    """The aware UTC time of an instant given as a number."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def end_of(day: date) -> datetime:
    """24:00 local time of a day, as UTC."""
    return instant_of((day_number(day) + 1) * DAY - LOCAL_OFFSET)


def is_within(at: datetime, day: date) -> bool:
    """Whether an aware time lies in a local day; its 24:00 belongs to it."""
    return 0 <= (end_of(day) - at).total_seconds() <= 86_400


def parse_date(text: str) -> int | None:
    """Day number (days since 1970-01-01) of ``YYYY-MM-DD``; None if it is no such date."""
    found = _DATE.fullmatch(text)
    return None if found is None else _day(int(found[1]), int(found[2]), int(found[3]))


def parse_instant(text: str) -> int | None:
    """Microseconds UTC of a time of the wire; None if it is no such time. A date alone is none either."""
    found = _INSTANT.fullmatch(text)
    if found is None:
        return None
    year, month, day_of_month, hour, minute, second, fraction, zulu, sign, offset_hours, offset_minutes = found.groups()
    day = _day(int(year), int(month), int(day_of_month))
    clock = _clock(int(hour), int(minute), int(second or 0))
    if day is None or clock is None:
        return None
    offset = LOCAL_OFFSET
    if zulu:
        offset = 0
    elif sign:
        shift = _clock(int(offset_hours), int(offset_minutes or 0), 0)
        if shift is None:
            return None
        offset = shift if sign == "+" else -shift
    return day * DAY + clock + int((fraction or "0").ljust(6, "0")[:6]) - offset


def parse_deadline(text: str) -> int | None:
    """As `parse_instant`, but a date stands for its end, 24:00 local time (``rules.md`` section 1, *due*)."""
    day = parse_date(text)
    return parse_instant(text) if day is None else (day + 1) * DAY - LOCAL_OFFSET


def parse_instants(texts: Sequence[str | None]) -> Instants:
    """`parse_instant` of each; ``NAT`` for None and for what cannot be read."""
    return _parse(texts, parse_instant)


def parse_deadlines(texts: Sequence[str | None]) -> Instants:
    """`parse_deadline` of each; ``NAT`` for None and for what cannot be read."""
    return _parse(texts, parse_deadline)


def _parse(texts: Sequence[str | None], one: Callable[[str], int | None]) -> Instants:
    instants = _parse_alike(texts)
    if instants is None:
        instants = _parse_frequent(texts)
    for index in np.flatnonzero(instants == NAT).tolist():
        text = texts[index]
        if text is not None and (instant := one(text)) is not None:
            instants[index] = instant
    return instants


def _parse_alike(texts: Sequence[str | None]) -> Instants | None:
    """The instants of texts that all have the common form's length, as most columns have; None where they have not."""
    try:
        array = pa.array(texts, pa.string())
    except (pa.ArrowException, UnicodeError):
        return None
    instants = np.full(len(texts), NAT, dtype=np.int64)
    if array.null_count == len(texts):
        return instants
    lengths = pc.min_max(pc.binary_length(array)).as_py()
    if set(lengths.values()) != {_COMMON_LENGTH}:
        return None
    # missing texts take no place among the characters
    characters = np.frombuffer(array.buffers()[2], np.uint8).reshape(-1, _COMMON_LENGTH)
    instants[array.is_valid().to_numpy(zero_copy_only=False)] = _parse_common(characters)
    return instants


def _parse_frequent(texts: Sequence[str | None]) -> Instants:
    """The instants of those texts that have one of the frequent forms."""
    instants = np.full(len(texts), NAT, dtype=np.int64)
    common = [_common_form(text) for text in texts]
    joined = "".join(text for text in common if text is not None)
    at = np.array([text is not None for text in common], dtype=np.bool_)
    instants[at] = _parse_common(np.frombuffer(joined.encode("ascii"), np.uint8).reshape(-1, _COMMON_LENGTH))
    return instants


def _common_form(text: str | None) -> str | None:
    """A text as long as the common form's, made of the frequent forms; None for any other."""
    if text is None or not text.isascii():
        return None
    length = len(text)
    if length == _COMMON_LENGTH:
        return text
    if length == _SIGN_AT:
        return text + "+07:00"
    if length == _SIGN_AT + 1 and text[-1] == "Z":
        return text[:-1] + "+00:00"
    return None


def _parse_common(characters: npt.NDArray[np.uint8]) -> Instants:
    """Instants of texts of the common form, one a row; ``NAT`` for what has another form or is in no calendar."""
    columns = np.ascontiguousarray(characters.T)
    signs = columns[_SIGN_AT]
    fits = (signs == ord("+")) | (signs == ord("-"))
    for at, mark in _MARKS:
        fits &= columns[at] == ord(mark)
    digits = columns[_DIGITS_AT] - np.uint8(ord("0"))  # what is no digit becomes more than 9
    fits &= digits.max(axis=0) <= 9
    pairs = (digits[0::2] * np.uint8(10) + digits[1::2]).astype(np.int32)
    year, month, day_of_month = pairs[0] * 100 + pairs[1], pairs[2], pairs[3]
    hour, minute, second, offset_hour, offset_minute = pairs[4:]
    fits &= (year >= YEAR_MIN) & (year <= YEAR_MAX) & (month >= 1) & (month <= 12) & (day_of_month >= 1)
    fits &= (hour < 24) & (minute < 60) & (second < 60) & (offset_hour < 24) & (offset_minute < 60)
    # rows that do not fit take any month that exists
    months = np.where(fits, (year - YEAR_MIN) * 12 + month - 1, 0)
    first = _MONTHS[months]
    fits &= day_of_month <= _MONTHS[months + 1] - first
    offset = np.where(signs == ord("-"), -1, 1) * (offset_hour * 60 + offset_minute)
    seconds = (hour * 60 + minute - offset) * 60 + second
    return np.where(fits, (first + day_of_month - 1).astype(np.int64) * DAY + seconds.astype(np.int64) * SECOND, NAT)


def _day(year: int, month: int, day_of_month: int) -> int | None:
    if not YEAR_MIN <= year <= YEAR_MAX:
        return None
    try:
        return day_number(date(year, month, day_of_month))
    except ValueError:
        return None


def _clock(hour: int, minute: int, second: int) -> int | None:
    if hour > 23 or minute > 59 or second > 59:
        return None
    return hour * HOUR + minute * MINUTE + second * SECOND
