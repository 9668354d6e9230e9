"""Vietnamese as official papers write it: numbers, shares, dates, delays, the order of the alphabet, and harmless text.

The only place where a number or an instant becomes a string. Whatever comes from a log passes `clean` first:
it removes what could steer a reader (text direction, zero width) or break a file (control characters),
and nothing else; escaping belongs to the layer that lays out.

Sources: Nghị định 30/2020/NĐ-CP, Phụ lục I (dates: days below ten and the months one and two carry a zero),
`domain/vietnamese.md` (numbers, delays, counts in prose).
"""

import math
import re
import unicodedata
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

HANOI = timezone(timedelta(hours=7), "+07")
"""Vietnam has kept UTC+7 without summer time since 1975, longer than any log reaches back."""

NO_DATA = "chưa có dữ liệu"
NO_DATA_CELL = "–"
WORKING_DAY_MINUTES = 480

# Bidirectional controls, zero-width characters, BOM, soft hyphen, line and paragraph separators, tags.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"\s+")


def clean(text: object, limit: int | None = None) -> str:
    """The text on one line, NFC, without invisible or control characters; `""` for a missing value.

    `limit` cuts at a word with `…` (the result never exceeds `limit` characters).
    """
    if text is None or (isinstance(text, float) and math.isnan(text)):
        return ""
    plain = str(text)
    if not plain.isascii():
        plain = _INVISIBLE.sub("", unicodedata.normalize("NFC", plain))
    plain = _SPACE.sub(" ", _CONTROL.sub(" ", plain)).strip()
    return shorten(plain, limit) if limit is not None else plain


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words where one ends in the last third, ending in `…`."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    space = head.rfind(" ")
    return (head[:space] if space > limit * 2 // 3 else head).rstrip(" ,;:.-") + "…"


def number(value: float | None, decimals: int = 0) -> str:
    """`1.234,5`: point between thousands, comma before decimals, halves away from zero; `–` where there is no data."""
    if value is None or math.isnan(value):
        return NO_DATA_CELL
    step = Decimal(1).scaleb(-decimals)
    rounded = Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP)
    if rounded == 0:
        rounded = abs(rounded)
    return f"{rounded:,f}".translate(str.maketrans(",.", ".,")).replace("-", "−")


def count(value: float | None) -> str:
    """A count in prose: `02`, `12`, `1.234`; `0` stays `0` because prose says "không" instead."""
    if value is None or math.isnan(value):
        return NO_DATA
    return f"{round(value):02d}" if 0 < value < 10 else number(value)


def share_decimals(value: float) -> int:
    """How many decimals a share (0–1) is printed with as a percentage: one, or as many, up to four, as keep less than
    everything from reading 100 and more than nothing from reading 0.

    A single lost document among ten thousand must not read as perfection, and nobody wants it told as ten.
    """
    return next((each for each in range(1, _MOST_DECIMALS) if not _reads_falsely(value, each)), _MOST_DECIMALS)


def share_percent(value: float) -> float:
    """A share (0–1) as the percentage that is printed, with `share_decimals`; never 100 or 0 where it is not that."""
    decimals = share_decimals(value)
    if _reads_falsely(value, decimals):
        step = float(Decimal(1).scaleb(-decimals))
        return step if value < _HALF else 100 - step
    return _percent(value, decimals)


_MOST_DECIMALS = 4
_HALF = 0.5


def _percent(value: float, decimals: int) -> float:
    step = Decimal(1).scaleb(-decimals)
    return float(Decimal(repr(float(value) * 100)).quantize(step, rounding=ROUND_HALF_UP))


def _reads_falsely(value: float, decimals: int) -> bool:
    percent = _percent(value, decimals)
    return (percent >= 100 and value < 1) or (percent <= 0 and value > 0)


def index_points(value: float) -> float:
    """The compliance index (0–100) as it is printed, as careful at both ends as `share_percent`."""
    return share_percent(value / 100)


def share(value: float | None) -> str:
    """`99,2%`; whole hundreds and zero without decimals; `–` where there is no data."""
    if value is None or math.isnan(value):
        return NO_DATA_CELL
    percent = share_percent(value)
    return f"{number(percent, 0 if percent in (0.0, 100.0) else share_decimals(value))}%"


def local(instant: datetime) -> datetime:
    """The instant on Vietnamese clocks; one without a zone is taken as already there."""
    return instant.astimezone(HANOI) if instant.tzinfo else instant


def day(value: date) -> str:
    """`04/02/2021`."""
    return f"{value:%d/%m/%Y}"


def day_in_prose(value: date) -> str:
    """`ngày 04 tháng 02 năm 2021`; March is `tháng 3` (NĐ 30/2020, PL I, mục II.4)."""
    month = f"{value.month:02d}" if value.month < 3 else str(value.month)
    return f"ngày {value.day:02d} tháng {month} năm {value.year}"


def time_in_prose(instant: datetime) -> str:
    """`15 giờ 41 phút`, `17 giờ`."""
    at = local(instant)
    return f"{at.hour} giờ {at.minute:02d} phút" if at.minute else f"{at.hour} giờ"


def moment(instant: datetime) -> str:
    """`15 giờ 41 phút ngày 04/02/2021`; midnight is the end of the day before: `hết ngày 04/02/2021`."""
    at = local(instant)
    if (at.hour, at.minute, at.second) == (0, 0, 0):
        return f"hết ngày {day((at - timedelta(days=1)).date())}"
    return f"{time_in_prose(at)} ngày {day(at.date())}"


def working_delay(minutes: float, day_minutes: int = WORKING_DAY_MINUTES) -> str:
    """Working minutes as `2 ngày 3 giờ làm việc`; minutes are told only below one day."""
    days, rest = divmod(max(int(minutes), 0), day_minutes)
    hours, left = divmod(rest, 60)
    parts = [f"{days} ngày"] if days else []
    if hours:
        parts.append(f"{hours} giờ")
    if not days and (left or not hours):
        parts.append(f"{left} phút")
    return " ".join(parts) + " làm việc"


def elapsed_delay(minutes: float) -> str:
    """Minutes by the clock, for urgent limits: `1 giờ 20 phút`, `2 ngày 3 giờ`."""
    hours, left = divmod(max(int(minutes), 0), 60)
    days, hours = divmod(hours, 24)
    parts = [f"{days} ngày"] if days else []
    if hours:
        parts.append(f"{hours} giờ")
    if not days and (left or not hours):
        parts.append(f"{left} phút")
    return " ".join(parts)


def listed(items: list[str], most: int | None = None) -> str:
    """`a`, `a và b`, `a, b và c`; beyond `most`: `a, b và 03 cơ quan khác`."""
    if most is not None and len(items) > most:
        items = [*items[:most], f"{count(len(items) - most)} cơ quan khác"]
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} và {items[-1]}"


def sentence(text: str) -> str:
    """The first letter upper case, the rest untouched."""
    return text[:1].upper() + text[1:]


def within(text: str) -> str:
    """The first letter lower case, the rest untouched: a title, or a sentence, inside another."""
    return text[:1].lower() + text[1:]


_ALPHABET = "0123456789aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTER_RANK = {letter: rank for rank, letter in enumerate(_ALPHABET, start=1)}
_TONE_RANK = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}  # huyền, hỏi, ngã, sắc, nặng
_QUALITY = {"\u0306", "\u0302", "\u031b"}  # breve, circumflex, horn: part of the letter


@lru_cache(maxsize=8192)
def _syllable_key(syllable: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    letters: list[int] = []
    tones: list[int] = []
    for letter in unicodedata.normalize("NFC", syllable):
        parts = unicodedata.normalize("NFD", letter)
        base = unicodedata.normalize("NFC", parts[0] + "".join(mark for mark in parts[1:] if mark in _QUALITY))
        letters.append(_LETTER_RANK.get(base, len(_ALPHABET) + ord(base[0])))
        tones.append(next((_TONE_RANK[mark] for mark in parts[1:] if mark in _TONE_RANK), 0))
    return tuple(letters), tuple(tones)


def sort_key(text: str) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]:
    """A key in dictionary order: a ă â b c d đ e ê …; syllable by syllable, letters first, then tones."""
    return tuple(_syllable_key(syllable) for syllable in clean(text).casefold().split())
