"""Whether a CA has revoked a certificate: by revocation lists and OCSP answers at hand. Nothing is fetched.

They lie in the trust folder, or came with the file. Whoever brought them, they count only with the signature of an
accepted CA, or (an OCSP answer) of a responder that this CA has appointed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Final, NamedTuple

from asn1crypto import keys
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from audit.signatures.file_facts import Revocation

_BROKEN: Final = (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound, NotImplementedError)
"""What the library raises for what it cannot read or check; `NotImplementedError` is an algorithm unknown to it."""


class Statement(NamedTuple):
    """What a CA says of one certificate, or of all that it does not name."""

    told_at: datetime
    revoked_at: datetime | None


class Embedded(NamedTuple):
    """What came with a file, as DER; nobody vouches for it."""

    lists: tuple[bytes, ...] = ()
    answers: tuple[bytes, ...] = ()


class Revocations:
    """What accepted CAs say of the certificates that they issued.

    Args:
        authorities: DER of the accepted CAs.
        lists: DER of revocation lists.
        answers: DER of OCSP responses.
    """

    def __init__(self, authorities: Iterable[bytes], lists: Iterable[bytes], answers: Iterable[bytes]) -> None:
        self._authorities = [x509.load_der_x509_certificate(der) for der in authorities]
        self._lists = [found for der in lists for found in self._accepted_list(der)]
        self._answers = [found for der in answers for found in self._accepted_answer(der)]

    def of(
        self, certificate: bytes, signed_at: datetime | None, embedded: Embedded | None = None
    ) -> tuple[Revocation, datetime | None]:
        """What is said of a certificate, and since when it is revoked.

        What was said before the signing vouches for nothing; a revocation always counts.

        Args:
            certificate: DER.
            signed_at: when it signed; None: nobody knows.
            embedded: what came with the file.
        """
        state: Revocation = "not_checked"
        try:
            asked = x509.load_der_x509_certificate(certificate)
            statements = list(self._statements(asked, embedded or Embedded()))
        except _BROKEN:
            return state, None
        revoked = [statement.revoked_at for statement in statements if statement.revoked_at is not None]
        if revoked:
            return "revoked", min(revoked)
        if signed_at is not None and any(statement.told_at >= signed_at for statement in statements):
            state = "good"
        return state, None

    def _statements(self, asked: x509.Certificate, embedded: Embedded) -> Iterable[Statement]:
        lists = [*self._lists, *(found for der in embedded.lists for found in self._accepted_list(der))]
        for told in lists:
            if told.issuer == asked.issuer:
                entry = told.get_revoked_certificate_by_serial_number(asked.serial_number)
                yield Statement(told.last_update_utc, None if entry is None else entry.revocation_date_utc)
        answers = [*self._answers, *(found for der in embedded.answers for found in self._accepted_answer(der))]
        for issuer, answer in answers:
            if issuer.subject == asked.issuer and answer.serial_number == asked.serial_number:
                if answer.certificate_status is ocsp.OCSPCertStatus.REVOKED:
                    yield Statement(answer.this_update_utc, answer.revocation_time_utc)
                elif answer.certificate_status is ocsp.OCSPCertStatus.GOOD:
                    yield Statement(answer.this_update_utc, None)

    def _accepted_list(self, der: bytes) -> Iterable[x509.CertificateRevocationList]:
        """The list, if an accepted CA signed it. A list of changes alone is left out."""
        with suppress(*_BROKEN):
            told = x509.load_der_x509_crl(der)
            is_delta = any(isinstance(part.value, x509.DeltaCRLIndicator) for part in told.extensions)
            issuers = [one for one in self._authorities if one.subject == told.issuer]
            if not is_delta and any(told.is_signature_valid(one.public_key()) for one in issuers):  # type: ignore[arg-type]
                yield told

    def _accepted_answer(self, der: bytes) -> Iterable[tuple[x509.Certificate, ocsp.OCSPSingleResponse]]:
        """The single answers of a response, each with the CA that it is about, if that CA or its responder signed."""
        with suppress(*_BROKEN):
            response = ocsp.load_der_ocsp_response(der)
            if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
                return
            for answer in response.responses:
                for issuer in self._authorities:
                    if _is_about(answer, issuer) and _is_answered_by(response, issuer):
                        yield issuer, answer


def _is_about(answer: ocsp.OCSPSingleResponse, issuer: x509.Certificate) -> bool:
    """Whether the answer names this CA as the issuer, by its name and its key."""
    kind = answer.hash_algorithm.name
    info = keys.PublicKeyInfo.load(issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    name, key = (
        hashlib.new(kind, part, usedforsecurity=False).digest()
        for part in (issuer.subject.public_bytes(), info["public_key"].contents[1:])
    )
    return answer.issuer_name_hash == name and answer.issuer_key_hash == key


def _is_answered_by(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    return _is_signed_by(response, issuer) or any(
        _is_signed_by(response, one) and _is_appointed(one, issuer, response.produced_at_utc)
        for one in response.certificates
    )


def _is_signed_by(response: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    key, digest = signer.public_key(), response.signature_hash_algorithm
    if digest is None:
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(digest))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _is_appointed(responder: x509.Certificate, issuer: x509.Certificate, at: datetime) -> bool:
    """Whether the CA gave this certificate the right to answer for it, and it was valid when it did."""
    try:
        responder.verify_directly_issued_by(issuer)
        usage = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except _BROKEN:
        return False
    is_valid = responder.not_valid_before_utc <= at <= responder.not_valid_after_utc
    return is_valid and ExtendedKeyUsageOID.OCSP_SIGNING in usage
