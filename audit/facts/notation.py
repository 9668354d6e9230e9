"""Reading notations: the three forms of number and notation (law.md 2d; NĐ 30/2020, Phụ lục I, II.3; Phụ lục III, I).

* typed: `QĐ-SNV`, the kind's abbreviation and the organ;
* letter: `SNV-VP`, organ and unit or field; công văn has no abbreviation;
* normative: `2021/QĐ-UBND`, outside NĐ 30/2020.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from audit.facts.arrays import Ints, Mask, combine, first_rows
from audit.facts.documents import text_of
from audit.facts.once import once
from audit.facts.texts import Texts, fold, holds_each
from audit.settings import DocumentTypes

if TYPE_CHECKING:
    from audit.facts import Facts

_NORMATIVE_KINDS: Final = "QĐ|NQ|TT|NĐ|CT"
_PART: Final = "[A-ZĐÂĂÊÔƠƯ&.]+"
_ORGAN: Final = "[A-ZĐÂĂÊÔƠƯ]+"
_BODY: Final = "[A-ZĐ]+"


class Form(IntEnum):
    """The form of a notation."""

    NONE = 0
    TYPED = 1
    LETTER = 2
    NORMATIVE = 3


class Reading(NamedTuple):
    """A notation, read.

    Attributes:
        kind: the abbreviation, `""` for a letter. year: of a normative document, else `""`.
        organ: what stands for the organ: after the kind, of a letter the first part.
    """

    form: Form
    kind: str = ""
    organ: str = ""
    year: str = ""


UNREADABLE: Final = Reading(Form.NONE)


class Kinds:
    """The kinds of document and their abbreviations (`document_types.toml`)."""

    def __init__(self, types: DocumentTypes) -> None:
        self.names: Final = {**types.kinds, **types.copies}
        with_one = {fold(name): abbreviation for abbreviation, name in self.names.items()}
        self._of_name: Final = with_one | {fold(name): "" for name in types.without_abbreviation.kinds}
        self._of_folded: Final = {fold(abbreviation): abbreviation for abbreviation in self.names}

    def abbreviation(self, doc_type: str | None) -> str | None:
        """The abbreviation of a kind by its name, `""` for one that has none; None for a kind nobody knows."""
        return None if doc_type is None else self._of_name.get(fold(doc_type))

    def spelt(self, text: str) -> str | None:
        """The abbreviation that a text is but for its case."""
        return self._of_folded.get(fold(text))


class _Patterns(NamedTuple):
    typed: re.Pattern[str]
    letter: re.Pattern[str]
    normative: re.Pattern[str]


def _beside(own: tuple[str, ...], plain: str) -> str:
    """Alternatives, longest first, for those own notations that a part of plain capitals does not cover anyway.

    Most senders' are plain capitals, so that most share one set of patterns: to compile one takes milliseconds.
    """
    others = [one for one in own if not re.fullmatch(plain, one)]
    return "".join(f"{re.escape(one)}|" for one in sorted(others, key=len, reverse=True))


@lru_cache(maxsize=1024)
def _patterns(kinds: tuple[str, ...], in_part: str, in_letter: str, in_normative: str) -> _Patterns:
    # atomic: a part that is both an own notation and plain capitals would else be tried both ways, part by part
    part = f"(?>(?:{in_part}(?!))(?=-|$)|{_PART})"
    abbreviations = "|".join(re.escape(one) for one in sorted(kinds, key=len, reverse=True))
    return _Patterns(
        typed=re.compile(f"(?P<kind>{abbreviations})-(?P<organ>{part}(?:-{part})*)"),
        letter=re.compile(f"(?P<organ>{in_letter}{_ORGAN})-{_PART}(?:-{_ORGAN})*"),
        normative=re.compile(f"(?P<year>20[0-9][0-9])/(?P<kind>{_NORMATIVE_KINDS})-(?P<organ>{in_normative}{_BODY})"),
    )


class NotationReader:
    """Reads the notations of one sender, whose own ones count as organ parts however they are spelt.

    Args:
        kinds: the kinds of document.
        own: the sender's notations as in the registry, e.g. `SNV`; Thanh tra's is `TTr`, which is a kind too.
    """

    def __init__(self, kinds: Kinds, own: tuple[str, ...]) -> None:
        self._kinds = kinds
        self._own = own
        self._patterns = _patterns(tuple(kinds.names), *(_beside(own, plain) for plain in (_PART, _ORGAN, _BODY)))

    def read(self, notation: str, doc_type: str | None) -> Reading:
        """The form that a notation fits; typed goes before letter, which also fits `QĐ-BNV`."""
        typed = self._patterns.typed.fullmatch(notation)
        letter = self._patterns.letter.fullmatch(notation)
        if any(notation == one or notation.startswith(f"{one}-") for one in self._own):
            # "what begins with one is a letter, unless doc_type has an abbreviation and the typed form fits" (T2)
            found = typed if typed and self._kinds.abbreviation(doc_type) else letter
        else:
            found = typed or self._patterns.normative.fullmatch(notation) or letter
        if found is None:
            return UNREADABLE
        form = {self._patterns.typed: Form.TYPED, self._patterns.letter: Form.LETTER}.get(found.re, Form.NORMATIVE)
        parts = found.groupdict()
        return Reading(form, parts.get("kind", ""), parts["organ"], parts.get("year", ""))


@dataclass(frozen=True, slots=True)
class Notations:
    """What the notation of every entry of the register (`facts.registrations`) says.

    Attributes:
        form: a Form; NONE where it is unreadable or missing. kind, organ: as in `Reading`.
        series: kind of the series that the number is of, of normative documents `YYYY/kind`; None without a notation.
        wanted_kind: abbreviation of `doc_type`, `""` where that has none, None where it is missing or unknown.
        fits_number: the number is written as the form wants it.
    """

    form: Ints
    kind: Texts
    organ: Texts
    series: Texts
    wanted_kind: Texts
    fits_number: Mask


@once
def notations(facts: Facts) -> Notations:
    """All notations of the register, each distinct (sender, notation, type) read once."""
    frame, sender = facts.registrations.frame, facts.registrations.sender
    parts = [sender, *(pd.factorize(frame[name])[0].astype(np.int64) for name in ("notation", "doc_type"))]
    place, found = pd.factorize(combine(*parts))
    example = first_rows(len(found), np.asarray(place))
    kinds = Kinds(facts.settings.document_types)
    notation, doc_type = text_of(frame["notation"], example), text_of(frame["doc_type"], example)
    senders = sender[example].tolist()
    readers = {one: NotationReader(kinds, own_notations(facts, one)) for one in set(senders)}
    readings = [
        UNREADABLE if text is None else readers[one].read(text, kind)
        for one, text, kind in zip(senders, notation, doc_type, strict=True)
    ]
    wanted = [kinds.abbreviation(kind) for kind in doc_type]
    series = [_series(*row, kinds) for row in zip(readings, notation, wanted, strict=True)]
    form = np.array([*(reading.form for reading in readings), Form.NONE], dtype=np.int64)[place]

    def spread(values: list[str] | list[str | None]) -> Texts:
        return np.array([*values, None], dtype=object)[place]

    return Notations(
        form=form,
        kind=spread([reading.kind for reading in readings]),
        organ=spread([reading.organ for reading in readings]),
        series=spread(series),
        wanted_kind=spread(wanted),
        fits_number=_fits_number(frame["number"], form),
    )


def own_notations(facts: Facts, agency: int) -> tuple[str, ...]:
    """The notations that the registry lists for an agency; none for one that it does not know."""
    known = agency < facts.agencies.registered
    return facts.registry.agencies[agency].notations if known else ()


def _series(reading: Reading, notation: str | None, wanted_kind: str | None, kinds: Kinds) -> str | None:
    """The kind of the series: what cannot be read is taken by how it begins, else by `doc_type`, else for a letter."""
    if notation is None:
        return None
    if reading.form is Form.NORMATIVE:
        return f"{reading.year}/{reading.kind}"
    if reading.form is not Form.NONE:
        return reading.kind
    return kinds.spelt(notation.partition("-")[0]) or wanted_kind or ""


def _fits_number(number: pd.Series, form: Ints) -> Mask:
    """Digits only, of a normative document at most three; shorter ones are padded to two."""
    digits = holds_each(number, lambda text: text.isascii() and text.isdecimal())
    short = holds_each(number, lambda text: len(text) <= 3)
    return np.asarray(digits & (short | (form != Form.NORMATIVE)))
