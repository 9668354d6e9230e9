"""Which components of a document its text shows: NĐ 30/2020 Điều 8 khoản 2, letters a to đ, g and i (rule T5).

A component is looked for in the forms of Phụ lục I, and generously: accents, case, blanks and the order of columns do
not matter, and what might be it is taken for it. What is not found then is truly not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from audit.unicode_forms import nfc, nfd

LETTERS: Final = ("a", "b", "c", "d", "đ", "g", "i")

LETTERS_LEAST: Final = 120
"""Fewer letters are no document's text."""
VIETNAMESE_LEAST: Final = 0.05
"""Share of letters that only Vietnamese has, below which a text is of another language or of an old font's code; in
official texts it is between 0.15 and 0.25."""

_VIETNAMESE: Final = re.compile("[\u1ea0-\u1ef9ăâđêôơư]", re.IGNORECASE)
_HEAD_MAX: Final = 1_500
"""Letters within which the head of a document stands, where neither number nor date tell where it ends."""

_STATE: Final = re.compile(r"cong\s*hoa\s*xa\s*hoi\s*chu\s*nghia\s*viet\s*nam", re.IGNORECASE)
_MOTTO: Final = re.compile(r"doc\s*lap\s*\W*\s*tu\s*do\s*\W*\s*hanh\s*phuc", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\bS[Oo]\s*:?\s*\d+\s*[A-Za-z]?\s*/\s*\w")
_DATE: Final = re.compile(r"\w\s*,\s*ngay\s*\d{1,2}\s*thang\s*\d{1,2}\s*nam\s*\d{4}", re.IGNORECASE)
_SUBJECT_OF_LETTER: Final = re.compile(r"\bv\s*/\s*v\b|\bve\s+viec\b", re.IGNORECASE)
_RECIPIENTS: Final = re.compile(r"noi\s*nhan", re.IGNORECASE)
_ORGAN: Final = re.compile(r"[A-Z]{2,} (?:[A-Z]+ )*[A-Z]{2,}")
"""Two words in capitals: the name of an agency, in the head."""
_POSITION: Final = re.compile(
    r"CHỦ TỊCH|CHỦ NHIỆM|CHỦ TỌA|BÍ THƯ|GIÁM ĐỐC|THỦ TƯỚNG|\w+ TRƯỞNG\b|\bTRƯỞNG \w+|\bCHÁNH \w+|\bTỔNG \w+|\bCHỈ HUY"
    r"|\bTHẨM PHÁN|\bKIỂM SÁT VIÊN|\bĐẠI DIỆN|\bNGƯỜI ĐỨNG ĐẦU|\bPHỤ TRÁCH"
)
_KINDS: Final = (
    "NGHI QUYET", "QUYET DINH", "CHI THI", "QUY CHE", "QUY DINH", "THONG CAO", "THONG BAO", "HUONG DAN",
    "CHUONG TRINH", "KE HOACH", "PHUONG AN", "DE AN", "DU AN", "BAO CAO", "BIEN BAN", "TO TRINH", "HOP DONG",
    "CONG DIEN", "BAN GHI NHO", "BAN THOA THUAN", "GIAY UY QUYEN", "GIAY MOI", "GIAY GIOI THIEU",
    "GIAY NGHI PHEP", "PHIEU GUI", "PHIEU CHUYEN", "PHIEU BAO", "THU CONG", "SAO Y", "SAO LUC", "TRICH SAO",
    "THONG TU", "NGHI DINH", "GIAY CHUNG NHAN",
)  # fmt: skip
"""Names of kinds (Phụ lục III mục I), copies and normative documents, without accents."""


def is_judgeable(text: str) -> bool:
    """Whether a text is a Vietnamese one, long enough to be a document's."""
    letters = sum(sign.isalpha() for sign in text)
    return letters >= LETTERS_LEAST and len(_VIETNAMESE.findall(text)) >= VIETNAMESE_LEAST * letters


def found_in(text: str) -> frozenset[str]:
    """The letters of the components that stand in a text, whose lines are the document's."""
    whole = nfc(text).replace("\r", "\n")
    plain = _without_accents(whole)
    return frozenset(letter for letter, is_there in _TESTS.items() if is_there(whole, plain))


def _without_accents(text: str) -> str:
    """The text sign by sign without accents, as long as it was: places in one are places in the other."""
    plain = {ord(sign): nfd(sign)[0] for sign in set(text)}
    return text.translate(plain | {ord("đ"): "d", ord("Đ"): "D"})


def _has_state_name(_whole: str, plain: str) -> bool:
    return bool(_STATE.search(plain) and _MOTTO.search(plain))


def _has_organ(_whole: str, plain: str) -> bool:
    """Capitals in the head that are neither the state's name nor a kind of document."""
    ends = [found.end() for found in (_NUMBER.search(plain), _DATE.search(plain)) if found]
    head = plain[: max(ends, default=_HEAD_MAX)]
    rest = _MOTTO.sub("\n", _STATE.sub("\n", head))
    return any(_ORGAN.search(line) and not _begins_with_kind(line) for line in rest.split("\n"))


def _has_number(_whole: str, plain: str) -> bool:
    """With a capital S: numbers of other documents are cited in small letters."""
    return bool(_NUMBER.search(plain))


def _has_date(_whole: str, plain: str) -> bool:
    return bool(_DATE.search(plain))


def _has_subject(_whole: str, plain: str) -> bool:
    """`V/v …` of a letter, or a kind in capitals with something below it."""
    if _SUBJECT_OF_LETTER.search(plain):
        return True
    lines = [line.strip() for line in plain.split("\n") if line.strip()]
    return any(_begins_with_kind(line) for line in lines[:-1])


def _begins_with_kind(line: str) -> bool:
    return line.strip().startswith(_KINDS)


def _has_signer(whole: str, _plain: str) -> bool:
    """A position in capitals, and behind it somebody's name at the end of a line."""
    places = [found.start() for found in _POSITION.finditer(whole)]
    return any(_ends_with_name(line) for place in places[-3:] for line in whole[place:].split("\n"))


def _ends_with_name(line: str) -> bool:
    words = line.split()[-2:]
    return len(words) == 2 and all(word[0].isupper() and word.isalpha() and word[1:].islower() for word in words)


def _has_recipients(_whole: str, plain: str) -> bool:
    return bool(_RECIPIENTS.search(plain))


_TESTS: Final[Mapping[str, Callable[[str, str], bool]]] = MappingProxyType(
    {
        "a": _has_state_name,
        "b": _has_organ,
        "c": _has_number,
        "d": _has_date,
        "đ": _has_subject,
        "g": _has_signer,
        "i": _has_recipients,
    }
)
