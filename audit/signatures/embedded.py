"""Revocation lists and OCSP answers that came with a file: in its store of validation data (`/DSS`, PAdES) or in a
signature (Adobe's attribute). What agencies sign has neither as a rule; nobody vouches for what is found here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, Final

from asn1crypto import cms
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.general import find_unique_cms_attribute

from audit.signatures.fast_reader import FastReader
from audit.signatures.revocation import Embedded

_MOST: Final = 50
"""More of a kind is no evidence but an attempt to keep the audit busy."""
_ARCHIVAL: Final = "adobe_revocation_info_archival"
_ABSENT: Final = (KeyError, ValueError, TypeError, AttributeError, PdfError)
"""What is raised where there is none of it, or none that can be read."""


def embedded_in(reader: FastReader, signers: Iterable[cms.SignerInfo]) -> Embedded:
    """What came with a file; what cannot be read of it is as if it were not there."""
    lists, answers = list(_of_store(reader, "/CRLs")), list(_of_store(reader, "/OCSPs"))
    for signer in signers:
        with suppress(*_ABSENT):
            archived = find_unique_cms_attribute(signer["signed_attrs"], _ARCHIVAL)
            lists += [one.dump() for one in archived["crl"] or ()]
            answers += [one.dump() for one in archived["ocsp"] or ()]
    return Embedded(tuple(lists[:_MOST]), tuple(answers[:_MOST]))


def _of_store(reader: FastReader, kind: str) -> Iterator[bytes]:
    purpose = DecodePurpose.CRL if kind == "/CRLs" else DecodePurpose.OCSP_RESPONSE
    with suppress(*_ABSENT):
        entries: list[Any] = list(reader.root["/DSS"][kind])
        for entry in entries[:_MOST]:
            with suppress(*_ABSENT):
                yield entry.get_object().read_data(purpose)
