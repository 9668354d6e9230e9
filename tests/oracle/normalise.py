"""Values as rules.md section 1 wants them: "All rules look at normalised values." Standard library only.

Every function takes a wire value (anything) and gives the normalised value, or None where the value is missing.
Instants are aware UTC datetimes, days are dates, local means Asia/Ho_Chi_Minh (UTC+7, no summer time).
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache

LOCAL = timezone(timedelta(hours=7))
NEVER = datetime.max.replace(tzinfo=UTC)
# "every dash (U+2010–2015, 2212, FE58, FE63, FF0D, soft hyphen) → `-`"
DASHES = {chr(point): "-" for point in (*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63, 0xFF0D, 0x00AD)}
OLD_FORM = re.compile(r"\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}")
# law.md section 5: QĐ 20/2020: groups of 0-9 A-Z separated by dots, at most 35 characters
NEW_FORM = re.compile(r"[A-Z]\d{2}(\.[0-9A-Z]+)*")
TITLES = ("ông ", "bà ", "gs.", "pgs.", "ts.", "ths.")


def text(value: object, placeholders: Iterable[str] = ()) -> str | None:
    """NFC, trimmed. "Missing value = null, blank, a placeholder"."""
    if value is None:
        return None
    found = unicodedata.normalize("NFC", str(value)).strip()
    if not found or folded(found) in {folded(placeholder) for placeholder in placeholders}:
        return None
    return found


@cache
def folded(value: str) -> str:
    """NFC, case folded, white space folded. READING 1: folding keeps accents; only K4 says "without accents"."""
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", value).casefold()).split())


def without_accents(value: str) -> str:
    """Folded, with no accents, `đ` as `d` (K4: "issuer, folded without accents")."""
    bare = unicodedata.normalize("NFD", folded(value).replace("đ", "d"))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def person_name(value: str) -> str:
    """Q3: "NFC, folded, white space folded, titles [Ông, Bà, GS., PGS., TS., ThS.] dropped"."""
    name = folded(value)
    while True:
        title = next((title for title in TITLES if name.startswith(title)), None)
        if title is None:
            return name
        name = name[len(title) :].strip()


def common_name(subject: str) -> str:
    """The CN of a certificate's subject; a subject that is no list of attributes is itself the name."""
    found = re.search(r"(?:^|[,/;+]\s*)CN\s*=\s*([^,/;+]*)", subject, re.IGNORECASE)
    return found.group(1).strip() if found else subject


def dashes(value: str) -> str:
    """Every dash as the plain one."""
    return "".join(DASHES.get(letter, letter) for letter in value)


def notation_of(value: object, placeholders: Iterable[str]) -> str | None:
    """ "Notation: NFC, white space removed, every dash → `-`, from `#` on dropped"; keeps its case."""
    placeholders = tuple(placeholders)
    raw = text(value, placeholders)
    if raw is None:
        return None
    bare = dashes("".join(raw.split())).split("#", 1)[0]
    return text(bare, placeholders)


def number_of(value: object, placeholders: Iterable[str]) -> str | None:
    """ "Number: trimmed, leading zeros dropped (`0` stays)"; "a `number` of 14 digits that reads as a timestamp" is missing."""
    raw = text(value, placeholders)
    if raw is None or is_timestamp(raw):
        return None
    return raw.lstrip("0") or "0"


def is_timestamp(value: str) -> bool:
    """Fourteen digits that read as YYYYMMDDhhmmss."""
    if not re.fullmatch(r"[0-9]{14}", value):
        return False
    try:
        datetime.strptime(value, "%Y%m%d%H%M%S")
    except ValueError:
        return False
    return True


def number_and_notation(number: object, notation: object, placeholders: Iterable[str]) -> tuple[str | None, str | None]:
    """ "a number that holds `/` with no notation is split at the first `/`" (READING 2: a placeholder such as N/A is not)."""
    placeholders = tuple(placeholders)
    read_notation = notation_of(notation, placeholders)
    raw = text(number, placeholders)
    if raw is not None and "/" in raw and read_notation is None:
        number, notation = raw.split("/", 1)
        read_notation = notation_of(notation, placeholders)
    return number_of(number, placeholders), read_notation


def instant(value: object) -> datetime | None:
    """ISO 8601; "without [an offset] they are local" (log-api.md). What cannot be read is missing (READING 3)."""
    raw = text(value)
    if raw is None or re.fullmatch(r"\d{4}-\d{2}-\d{2}", raw):
        return None
    try:
        found = datetime.fromisoformat(raw)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=LOCAL)).astimezone(UTC)


def day(value: object) -> date | None:
    """`YYYY-MM-DD`."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    raw = text(value)
    try:
        return date.fromisoformat(raw) if raw else None
    except ValueError:
        return None


def due(value: object) -> datetime | None:
    """ "a date = its `end`": 24:00 of that day."""
    found = day(value)
    return end_of_day(found) if found else instant(value)


def whole(value: object) -> int | None:
    """An integer, however it was written; anything else is missing."""
    if isinstance(value, bool):
        return None
    try:
        return int(str(value).strip())
    except ValueError:
        return None


def truth(value: object) -> bool | None:
    """True or False; anything else is unknown."""
    return value if isinstance(value, bool) else None


def status_code(value: object, placeholders: Iterable[str]) -> str | None:
    """ "Codes are padded to two digits"."""
    raw = text(value, placeholders)
    return raw.zfill(2) if raw and raw.isdigit() else raw


def start_of_day(on: date) -> datetime:
    """00:00 local of the day."""
    return datetime.combine(on, time(), LOCAL).astimezone(UTC)


def end_of_day(on: date) -> datetime:
    """ "`end(d)`: 24:00 of `d`"."""
    return start_of_day(on + timedelta(days=1))


def local_day(at: datetime) -> date:
    """The local day of an instant."""
    return at.astimezone(LOCAL).date()


def ended_day(at: datetime) -> date:
    """ "24:00 belongs to the day that it ends": the day of a deadline, a limit, a period's end."""
    return local_day(at - timedelta(microseconds=1))


def stamp(at: datetime) -> str:
    """ "Instants in `extra`: UTC `YYYY-MM-DDTHH:MM:SSZ`"."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def next_day(on: date) -> date:
    """The day after."""
    return on + timedelta(days=1)
