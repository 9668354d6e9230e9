"""Names of people as documents, certificates and the signers' register write them (rules.md Q2, Q3)."""

from __future__ import annotations

import re
from typing import Final

from audit.facts.texts import fold

_TITLES: Final = re.compile(r"^(?:(?:ông|bà)\s+|(?:pgs|gs|ths|ts)(?:\.\s*|\s+))+(?=\S)")
"""Ông, Bà, GS., PGS., TS., ThS. before a name. NĐ 30/2020, PL I II.7.c wants none of them; clerks write them all the
same."""

_COMMON_NAME: Final = re.compile(
    r'(?:^|[,;+]) ?(?:CN|2\.5\.4\.3) ?= ?("(?:[^"\\]|\\.)*"|(?:[^,;+\\]|\\.)*)', re.IGNORECASE
)
_COMMON_NAME_IN_PATH: Final = re.compile(r"/CN=((?:(?!/[A-Za-z][A-Za-z0-9.]*=).)*)", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"(?:^|[,;+/]) ?[A-Za-z][A-Za-z0-9.]* ?=")
_ESCAPED: Final = re.compile(r"\\(.)")
_LINE_BREAKS: Final = re.compile(r"[\r\n]+")


def person_name(text: str) -> str:
    """A name as names are compared: folded, without titles before it."""
    return _TITLES.sub("", fold(text))


def common_name(subject: str) -> str | None:
    """The common name of a certificate's subject.

    `CN=Lò Thị Mẩy, O=…` (RFC 4514), `/C=VN/CN=Lò Thị Mẩy` (OpenSSL), or the bare name; None where attributes are told
    and no CN is among them.
    """
    # the patterns allow one blank where there may be many, so that no text, however long, is searched again and again
    text = " ".join(_LINE_BREAKS.sub(",", subject.strip()).split())
    found = _COMMON_NAME_IN_PATH.search(text) if text.startswith("/") else _COMMON_NAME.search(text)
    if found:
        return _ESCAPED.sub(r"\1", found[1].strip().strip('"')).strip() or None
    return None if _ATTRIBUTE.search(text) else text


def certified_name(subject: str) -> str | None:
    """The common name of a subject, compared as names are."""
    name = common_name(subject)
    return None if name is None else person_name(name)
