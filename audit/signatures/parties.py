"""Whose a certificate is, a person's or an agency's (domain paper wire.md, section 5), and how names are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from types import MappingProxyType
from typing import Final

from asn1crypto import x509

from audit.signatures.file_facts import Party
from audit.unicode_forms import nfc

NAME_LENGTH_MAX: Final = 4_000
_SHORT: Final = MappingProxyType(
    {
        "common_name": "CN",
        "country_name": "C",
        "email_address": "E",
        "locality_name": "L",
        "organization_name": "O",
        "organizational_unit_name": "OU",
        "serial_number": "SERIALNUMBER",
        "state_or_province_name": "ST",
        "title": "T",
        "user_id": "UID",
    }
)
_SPECIAL: Final = re.compile(r'([\\,+"<>;=])')


def name_text(name: x509.Name) -> str:
    """A name as people read it, the most specific attribute first: `CN=Lò Thị Mẩy, O=UBND tỉnh, C=VN`.

    What separates attributes is escaped inside values, and control characters are blanks: a value never looks like an
    attribute.
    """
    parts = [_SHORT.get(kind, kind) + "=" + _SPECIAL.sub(r"\\\1", value) for kind, value in attributes(name)]
    return ", ".join(reversed(parts))[:NAME_LENGTH_MAX]


def attributes(name: x509.Name) -> Iterator[tuple[str, str]]:
    """The attributes of a name in the order of the certificate: asn1crypto's word (or the OID) and the text."""
    for part in name.chosen:
        for attribute in part:
            text = str(attribute["value"].native)
            plain = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text)
            yield attribute["type"].native, nfc(" ".join(plain.split()))


def party_of(subject: x509.Name, agency_names: Collection[str]) -> Party | None:
    """Whose certificate it is; None where it does not show.

    A tax code (`UID=MST:…`) or an agency's own name is an agency's, also where its mail address stands there; a
    citizen's number (`UID=CCCD:…`, `CMND:…`) or a mail address is a person's.

    Args:
        subject: of the certificate.
        agency_names: the names of the agencies, as `folded` writes them.
    """
    found = list(attributes(subject))
    user_ids = [value.casefold() for kind, value in found if kind == "user_id"]
    if any(value.startswith("mst") for value in user_ids):
        return "agency"
    if any(kind == "common_name" and folded(value) in agency_names for kind, value in found):
        return "agency"
    if any(value.startswith(("cccd", "cmnd")) for value in user_ids):
        return "person"
    return "person" if any(kind == "email_address" for kind, _ in found) else None


def folded(name: str) -> str:
    """A name as names of agencies are compared: NFC, without case, white space folded."""
    return " ".join(nfc(name).casefold().split())
