"""Unicode's normal forms of text that strangers wrote, in time that grows with its length alone.

`unicodedata.normalize` sorts the marks upon a letter by insertion, and no other thread runs meanwhile: 80 KB of marks
in a row would stop the pull of all agencies for seconds, 4 MB for hours. So a run of marks is cut first to what Unicode
allows in a text that is read as a stream (UAX 15, section 13); no language has letters with more than a few.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MARKS_MAX: Final = 30
"""Marks in a row that stay, counted as they stand, before they are composed or taken apart."""

_PLANES_WITH_MARKS: Final = range(0x20000)
"""Beyond are ideographs, tags and private use."""


def nfc(text: str) -> str:
    """The text composed; of more than `MARKS_MAX` combining characters in a row, the first ones only."""
    return text if text.isascii() else unicodedata.normalize("NFC", _cut(text))


def nfd(text: str) -> str:
    """The text taken apart; of more than `MARKS_MAX` combining characters in a row, the first ones only."""
    return text if text.isascii() else unicodedata.normalize("NFD", _cut(text))


def caseless(text: str) -> str:
    """As `nfc`, without case: a letter may fall into several then, of which none has many marks."""
    if text.isascii():
        return text.casefold()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", _cut(text)).casefold())


def _cut(text: str) -> str:
    # a run that is too long covers one of these places, so that of most texts three or four characters are looked at
    if len(text) > MARKS_MAX and _MARK.search(text[MARKS_MAX :: MARKS_MAX + 1]):
        return _RUN_TOO_LONG.sub(r"\1", text)
    return text


def _marks() -> str:
    """The combining characters as ranges of a regular expression's class.

    Asked is what they are taken apart into: three Tibetan vowel signs (U+0F73, 0F75, 0F81) have no combining class, yet
    become two marks each.
    """
    codes = [code for code in _PLANES_WITH_MARKS if unicodedata.combining(unicodedata.normalize("NFD", chr(code))[0])]
    known = set(codes)
    firsts = [code for code in codes if code - 1 not in known]
    lasts = [code for code in codes if code + 1 not in known]
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in zip(firsts, lasts, strict=True))


_MARKS: Final = _marks()
_MARK: Final = re.compile(f"[{_MARKS}]")
# tried at the first mark of a run only: a run that is short enough is not looked through again from each of its marks
_RUN_TOO_LONG: Final = re.compile(f"([{_MARKS}](?<![{_MARKS}]{{2}})[{_MARKS}]{{{MARKS_MAX - 1}}})[{_MARKS}]+")
