"""Forms of number and notation: law.md 2d, with the words of T2 about the sender's own notations."""

import re
from dataclasses import dataclass
from typing import Any

from . import normalise as n

NORMATIVE_KINDS = "QĐ|NQ|TT|NĐ|CT"


@dataclass(frozen=True)
class Form:
    """How a notation reads: `typed`, `letter` or `normative`; a letter has no kind."""

    name: str
    kind: str | None
    organ: str
    year: str = ""


class Forms:
    """Reads notations by the kinds of document-types.toml."""

    def __init__(self, document_types: dict[str, Any]) -> None:
        self._kinds = {**document_types["kinds"], **document_types["copies"]}
        self._kinds = {n.text(kind) or kind: name for kind, name in self._kinds.items()}
        self._abbreviations: dict[str, str | None] = {n.folded(name): kind for kind, name in self._kinds.items()}
        self._abbreviations |= {n.folded(name): None for name in document_types["without_abbreviation"]["kinds"]}

    def is_known(self, doc_type: str | None) -> bool:
        """ "unknown `doc_type`: syntax only"."""
        return doc_type is not None and n.folded(doc_type) in self._abbreviations

    def abbreviation(self, doc_type: str | None) -> str | None:
        """The abbreviation of a kind of document; Công văn and Thư công have none."""
        return self._abbreviations.get(n.folded(doc_type)) if doc_type else None

    def read(self, number: str, notation: str, own: list[str], doc_type: str | None) -> Form | None:
        """The form that `number/notation` fits ("number padded to two digits, case kept"), None where it fits none."""
        text = f"{number.zfill(2)}/{notation}"
        mine = "".join(re.escape(one) + "|" for one in sorted(own, key=len, reverse=True))
        typed = self._typed(text, mine)
        letter = _letter(text, mine)
        if any(notation == one or notation.startswith(one + "-") for one in own):
            # "what begins with one is a letter, unless `doc_type` has an abbreviation and the typed form fits"
            return typed if typed and self.abbreviation(doc_type) else letter
        return typed or _normative(text, mine) or letter  # "Match TYPED first"

    def series_kind(self, notation: str, form: Form | None) -> str:
        """T4: the kind of the series. READING 33: a letter's is empty; a notation that fits no form is taken by its first part."""
        if form is None:
            first = n.folded(notation.split("-", 1)[0])
            return next((kind for kind in self._kinds if n.folded(kind) == first), "")
        return f"{form.year}/{form.kind}" if form.name == "normative" else form.kind or ""

    def _typed(self, text: str, mine: str) -> Form | None:
        kinds = "|".join(re.escape(kind) for kind in self._kinds)
        part = f"(?:{mine}[A-ZĐÂĂÊÔƠƯ&.]+)"
        found = re.fullmatch(rf"\d{{2,}}/(?P<kind>{kinds})-(?P<org>{part}(?:-{part})*)", text)
        return Form("typed", found["kind"], found["org"]) if found else None


def _letter(text: str, mine: str) -> Form | None:
    units = "[A-ZĐÂĂÊÔƠƯ&.]+(?:-[A-ZĐÂĂÊÔƠƯ]+)*"
    found = re.fullmatch(rf"\d{{2,}}/(?P<org>{mine}[A-ZĐÂĂÊÔƠƯ]+)-{units}", text)
    return Form("letter", None, found["org"]) if found else None


def _normative(text: str, mine: str) -> Form | None:
    found = re.fullmatch(rf"\d{{1,3}}/(?P<year>20\d\d)/(?P<kind>{NORMATIVE_KINDS})-(?P<org>{mine}[A-ZĐ]+)", text)
    return Form("normative", found["kind"], found["org"], found["year"]) if found else None
