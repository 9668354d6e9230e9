"""Names of people as documents, certificates and the signers' register write them (rules.md Q2, Q3)."""

from __future__ import annotations

import re
from typing import Final

from audit.facts.texts import fold

_TITLES: Final = re.compile(r"^(?:(?:ông|bà)\s+|(?:pgs|gs|ths|ts)(?:\.\s*|\s+))+(?=\S)")
"""Ông, Bà, GS., PGS., TS., ThS. before a name. NĐ 30/2020, PL I II.7.c wants none of them; clerks write them all the
same."""

_COMMON_NAME: Final = re.compile(
    r'(?:^|[,;+\n])\s*(?:CN|2\.5\.4\.3)\s*=\s*("(?:[^"\\]|\\.)*"|(?:[^,;+\n\\]|\\.)*)', re.IGNORECASE
)
_COMMON_NAME_IN_PATH: Final = re.compile(r"/CN=((?:(?!/[A-Za-z][A-Za-z0-9.]*=).)*)", re.IGNORECASE | re.DOTALL)
_ATTRIBUTE: Final = re.compile(r"(?:^|[,;+/\n])\s*[A-Za-z][A-Za-z0-9.]*\s*=")
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


def person_name(text: str) -> str:
    """A name as names are compared: folded, without titles before it."""
    return _TITLES.sub("", fold(text))


def common_name(subject: str) -> str | None:
    """The common name of a certificate's subject.

    `CN=Lò Thị Mẩy, O=…` (RFC 4514), `/C=VN/CN=Lò Thị Mẩy` (OpenSSL), or the bare name; None where attributes are told
    and no CN is among them.
    """
    text = subject.strip()
    found = _COMMON_NAME_IN_PATH.search(text) if text.startswith("/") else _COMMON_NAME.search(text)
    if found:
        return _ESCAPED.sub(r"\1", found[1].strip().strip('"')).strip() or None
    return None if _ATTRIBUTE.search(text) else text


def certified_name(subject: str) -> str | None:
    """The common name of a subject, compared as names are."""
    name = common_name(subject)
    return None if name is None else person_name(name)
