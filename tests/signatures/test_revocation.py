"""OCSP answers as revocation lists: stored or embedded, of the CA or of its responder; others' words count nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import pdf
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.validation import DocumentSecurityStore

from audit.signatures import SignatureFacts, Trust, verify
from audit.signatures.revocation import Embedded, Revocations
from tests.signatures.signed_files import (
    SIGNED_AT,
    VALID_FROM,
    Holder,
    agency,
    foreign_ca,
    forged_ca,
    holder,
    person,
    revocation_list,
    root,
    signed,
    state_ca,
    trust,
    unsigned,
)

LATER, EARLIER = SIGNED_AT + timedelta(days=30), SIGNED_AT - timedelta(days=30)
GOOD, REVOKED, UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN


def answer(
    status: ocsp.OCSPCertStatus,
    about: Holder,
    by: Holder | None = None,
    *,
    at: datetime = LATER,
    since: datetime | None = None,
    digest: hashes.HashAlgorithm | None = None,
) -> bytes:
    """What a responder says of a certificate of the state CA."""
    signer = by or state_ca()
    builder = ocsp.OCSPResponseBuilder().add_response(
        about.certificate, state_ca().certificate, digest or hashes.SHA1(), status, at, None, since, None  # noqa: S303
    ).responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)  # fmt: skip
    if by is not None:
        builder = builder.certificates([by.certificate])
    return builder.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def responder(issuer: Holder, *, appointed: bool = True) -> Holder:
    """Valid today: the library that makes answers dates them so."""
    usage = ExtendedKeyUsageOID.OCSP_SIGNING if appointed else ExtendedKeyUsageOID.CLIENT_AUTH
    return holder({}, issuer, key=4, usage=usage, validity=(VALID_FROM, VALID_FROM + timedelta(days=36_500)))


def said(*answers: bytes, at: datetime | None = SIGNED_AT) -> tuple[str, datetime | None]:
    revocations = Revocations((root().der, state_ca().der), (), answers)
    return revocations.of(person().der, at)


@pytest.mark.parametrize(
    ("name", "answers", "expected"),
    [
        ("none", [], ("not_checked", None)),
        ("good", [answer(GOOD, person())], ("good", None)),
        ("good, named by SHA-256", [answer(GOOD, person(), digest=hashes.SHA256())], ("good", None)),
        ("said before the signing", [answer(GOOD, person(), at=EARLIER)], ("not_checked", None)),
        ("unknown", [answer(UNKNOWN, person())], ("not_checked", None)),
        ("revoked", [answer(REVOKED, person(), since=SIGNED_AT)], ("revoked", SIGNED_AT)),
        ("revoked before", [answer(REVOKED, person(), at=EARLIER, since=EARLIER)], ("revoked", EARLIER)),
        ("good, then revoked", [answer(GOOD, person()), answer(REVOKED, person(), since=LATER)], ("revoked", LATER)),
        ("of another certificate", [answer(REVOKED, agency(), since=SIGNED_AT)], ("not_checked", None)),
        ("by the CA's responder", [answer(REVOKED, person(), responder(state_ca()), since=SIGNED_AT)], ("revoked", SIGNED_AT)),
        ("by one not appointed", [answer(REVOKED, person(), responder(state_ca(), appointed=False), since=SIGNED_AT)], ("not_checked", None)),
        ("by a stranger's responder", [answer(REVOKED, person(), responder(foreign_ca()), since=SIGNED_AT)], ("not_checked", None)),
        ("by who bears the CA's name", [answer(REVOKED, person(), forged_ca(), since=SIGNED_AT)], ("not_checked", None)),
        ("by another subscriber", [answer(REVOKED, person(), agency(), since=SIGNED_AT)], ("not_checked", None)),
        ("rubbish", [b"rubbish", answer(GOOD, person())[:-9]], ("not_checked", None)),
        ("a refusal", [ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER).public_bytes(Encoding.DER)], ("not_checked", None)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_answers(name: str, answers: list[bytes], expected: tuple[str, object]) -> None:
    assert said(*answers) == expected, name


def test_who_does_not_know_when_it_was_signed_is_not_reassured() -> None:
    assert said(answer(GOOD, person()), at=None) == ("not_checked", None)


def test_what_came_with_the_file_counts_as_what_lies_in_the_folder() -> None:
    revocations = Revocations((root().der, state_ca().der), (), ())
    listed = Embedded(lists=(revocation_list(0x5402),))
    assert revocations.of(person().der, SIGNED_AT, listed) == ("revoked", SIGNED_AT)
    answered = Embedded(answers=(answer(GOOD, person()),))
    assert revocations.of(person().der, SIGNED_AT, answered) == ("good", None)
    assert revocations.of(person().der, SIGNED_AT, Embedded(lists=(b"rubbish",))) == ("not_checked", None)


def only(content: bytes, by: Trust) -> SignatureFacts:
    (one,) = verify(content, by).signatures
    return one


def test_stored_answers_are_read_from_the_folder(tmp_path: Path) -> None:
    (tmp_path / "may.ocsp").write_bytes(answer(REVOKED, person(), since=SIGNED_AT))
    for place, der in enumerate(trust().certificates):
        (tmp_path / f"{place}.crt").write_bytes(der)
    by = Trust.read(tmp_path)
    one = only(signed(unsigned(), person()), by)
    assert (one.revocation, one.revoked_at) == ("revoked", SIGNED_AT)
    assert by.digest != trust().digest


def test_an_answer_inside_the_signature() -> None:
    """Adobe's attribute: what the signer's tool archived when it signed."""
    told = asn1_ocsp.OCSPResponse.load(answer(GOOD, person()))
    archived = pdf.RevocationInfoArchival({"ocsp": [told]})
    assert only(signed(unsigned(), person(), archived=archived), trust()).revocation == "good"


def test_a_list_in_the_files_store_of_validation_data() -> None:
    """`/DSS`, as PAdES has it, added behind the signature: it vouches, and the file was added to."""
    writer = IncrementalPdfFileWriter(BytesIO(signed(unsigned(), person())))
    store = DocumentSecurityStore(writer, crls=[writer.add_object(StreamObject(stream_data=revocation_list(0x5402)))])
    writer.root["/DSS"] = store.as_pdf_object()
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    one = only(out.getvalue(), trust())
    assert (one.revocation, one.revoked_at, one.covers_file) == ("revoked", SIGNED_AT, False)
