"""What the values of the wire become: ``rules.md`` section 1, *Document key* and *Missing value*.

All text becomes NFC without white space around it; blanks and the policy's placeholders become None. Number and
notation take the form in which keys are compared; the notation keeps its case, for people read it, and only the
`reference` folds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.instants import parse_instant
from audit.unicode_forms import caseless, nfc

HYPHEN_LIKE: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\u00ad"
"""What typists and word processors put where a hyphen belongs: U+2010–2015, 2212, FE58, FE63, FF0D, soft hyphen."""

_DASHES: Final = str.maketrans(dict.fromkeys(HYPHEN_LIKE, "-"))
_WHITE_SPACE: Final = re.compile(r"\s+")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TIMESTAMP: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", re.ASCII)


class Normaliser:
    """The normal forms under one policy. Pure: the same text always becomes the same value.

    Args:
        placeholders: Words that systems write where they have nothing (``[placeholders] values`` of ``rules.toml``);
            compared trimmed, case-folded, with single blanks.
    """

    def __init__(self, placeholders: Iterable[str]) -> None:
        self._placeholders: Final = frozenset(_fold(word) for word in placeholders)
        self.longest_placeholder: Final = 2 * max(map(len, self._placeholders), default=0)
        """No longer text is a placeholder, whatever its normal form."""

    def text(self, raw: str) -> str | None:
        """Any text: NFC, trimmed, without control characters; None for a blank or a placeholder."""
        # no XML, workbook or PostgreSQL takes control characters
        value = nfc(raw if raw.isprintable() else _CONTROL.sub("", raw)).strip()
        if not value or (len(value) <= self.longest_placeholder and _fold(value) in self._placeholders):
            return None
        return value

    def label(self, raw: str | int) -> str | None:
        """`text` of a name that may come as a number."""
        return self.text(str(raw))

    def notation(self, raw: str) -> str | None:
        """The notation of a key: NFC, no white space, plain hyphens, nothing from ``#`` on; None if nothing is left.

        ``STTTT – CNTT#000.00.26.G14`` is ``STTTT-CNTT``: some hubs append the organ's code.
        """
        text = self.text(raw)
        if text is None:
            return None
        return self.text(_WHITE_SPACE.sub("", text.translate(_DASHES)).partition("#")[0])

    def number(self, raw: str | int) -> str | None:
        """The number of a key: trimmed, leading zeros dropped (``0`` stays); None for a time stamp of 14 digits."""
        text = self.label(raw)
        if text is None or _is_timestamp(text):
            return None
        return text.lstrip("0") or "0"

    def number_and_notation(self, number: str | int | None, notation: str | None) -> tuple[str | None, str | None]:
        """Both parts of a key; a number that holds ``/`` where there is no notation is split at the first ``/``."""
        normal_notation = None if notation is None else self.notation(notation)
        # asked first: the placeholder N/A holds a slash too
        text = None if number is None else self.label(number)
        if text is None:
            return None, normal_notation
        head, slash, tail = text.partition("/")
        if slash and normal_notation is None:
            return self.number(head), self.notation(tail)
        return self.number(text), normal_notation

    def status_code(self, raw: str | int) -> str | None:
        """A status code, padded to two digits; what is no number stays as it is (rule N11 reports it)."""
        text = self.label(raw)
        return text.zfill(2) if text is not None and text.isdecimal() else text


def references(
    days: Sequence[object], numbers: Sequence[object], notations: Sequence[object], uids: Sequence[object]
) -> npt.NDArray[np.int64]:
    """The hash that is, with the sender's code, the key of a document; of normalised values, None being missing.

    Of (issued date, number, notation case-folded), or of the document's uid where one of the three is missing. The same
    in every process and version: SipHash with a fixed key over UTF-8. Equal keys give equal hashes; among 10 million
    documents two different keys share one with a chance of about one in 400 000.

    `days` may have any form that tells days apart; `uids` are looked at where a part of the key is missing, and must
    not be missing there.
    """
    keys = list(zip(days, numbers, notations, strict=True))
    places = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    hashes = _hashes([f"k{day}/{number}\n{_fold(str(notation))}" for day, number, notation in places])
    references = hashes[np.fromiter((places[key] for key in keys), np.intp, len(keys))]
    # told apart: the kinds by their first letter, the parts since no day holds "/" and no notation a line break
    incomplete = [row for row, key in enumerate(keys) if None in key] if any(None in key for key in places) else []
    references[incomplete] = _hashes([f"u{uids[row]}" for row in incomplete])
    return references


def text_keys(texts: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
    """The hash by which each text is compared: the same in every process and version.

    Two of n texts share one with a chance of about n²/2⁶⁵: one in a million for the six million messages of a
    province's year.
    """
    if not len(texts):
        return np.empty(0, dtype=np.int64)
    return np.asarray(pd.util.hash_array(texts, categorize=False)).view(np.int64)


def _hashes(names: list[str]) -> npt.NDArray[np.int64]:
    return text_keys(np.array(names, dtype=object))


def _fold(text: str) -> str:
    return " ".join(caseless(text).split())


def _is_timestamp(text: str) -> bool:
    """Whether 14 digits read as ``yyyyMMddHHmmss``: a system's substitute for a number that was never given."""
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        return False
    year, month, day, hour, minute, second = found.groups()
    return parse_instant(f"{year}-{month}-{day}T{hour}:{minute}:{second}") is not None
