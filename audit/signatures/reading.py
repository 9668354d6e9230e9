"""The signatures of a PDF, read with pyHanko."""

from __future__ import annotations

import binascii
import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, NamedTuple

import msgspec
from asn1crypto import cms, tsp
from pyhanko.pdf_utils.generic import parse_pdf_date
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import extract_certificate_info, extract_signer_info
from pyhanko.sign.validation.generic_cms import (
    extract_self_reported_ts,
    extract_tst_data_iter,
    validate_sig_integrity,
)
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.utils import DEFAULT_ALGORITHM_USAGE_POLICY

from audit.signatures.chains import Chains
from audit.signatures.embedded import embedded_in
from audit.signatures.fast_reader import FastReader
from audit.signatures.file_facts import Chain, FileFacts, SignatureFacts, TimeOrigin, unread
from audit.signatures.parties import name_text, party_of
from audit.signatures.revocation import Embedded, Revocations
from audit.signatures.trust import Trust
from audit.signatures.wording import wording_of

SIGNATURES_MAX: Final = 100
"""More of them are no document but an attempt to keep the audit busy."""
HEAD_BYTES: Final = 1_024
"""A PDF says so within these (ISO 32000-1, Annex H)."""
LOCAL: Final = timezone(timedelta(hours=7))
"""Zone of a `/M` that names none."""

_KINDS: Final = frozenset(kind.value for kind in SigSeedSubFilter)
_DOCUMENT_TIMESTAMP: Final = "/DocTimeStamp"


class UnreadError(Exception):
    """The file cannot be judged; the text says why."""


class Token(NamedTuple):
    """The token of a time-stamp authority."""

    at: datetime
    chain: Chain


class FileReader:
    """Verifies files one after the other, and remembers what it found out of their certificates."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._chains = Chains(trust)
        self._revocations = Revocations(trust.certificates, trust.revocation_lists, trust.ocsp_answers)

    def verify(self, pdf: bytes) -> FileFacts:
        """What a PDF proves of its signatures, and what its text lacks. Never raises for what stands in the file."""
        if b"%PDF-" not in pdf[:HEAD_BYTES]:
            return unread("not a PDF")
        try:
            return FileFacts(signatures=self._signatures(pdf), wording=wording_of(pdf))
        except UnreadError as error:
            return unread(str(error))
        except MemoryError:
            return unread("it takes more memory than allowed")
        except RecursionError:
            return unread("it is nested too deeply")
        except PdfError:
            return unread("it is damaged")
        except Exception as error:  # noqa: BLE001  # whatever a hostile file makes the libraries raise
            return unread(f"it is damaged ({type(error).__name__})")

    def _signatures(self, pdf: bytes) -> tuple[SignatureFacts, ...]:
        reader = FastReader(pdf)
        found = _embedded(reader)
        stamps = [one for one in found if one.sig_object_type == _DOCUMENT_TIMESTAMP]
        signatures = [one for one in found if one.sig_object_type != _DOCUMENT_TIMESTAMP]
        embedded = embedded_in(reader, [one.signer_info for one in signatures])
        facts = [self._facts(one, pdf, embedded) for one in signatures]
        stamped_later = stamps and signatures and stamps[-1].signed_revision > signatures[-1].signed_revision
        if stamped_later and facts[-1].covers_file is False and _reaches_end(stamps[-1], pdf):
            facts[-1] = msgspec.structs.replace(facts[-1], covers_file=None)
        return tuple(facts)

    def _facts(self, signature: EmbeddedPdfSignature, pdf: bytes, embedded: Embedded) -> SignatureFacts:
        signer, certificate = signature.signer_info, signature.signer_cert
        others = signature.other_embedded_certs
        digest_fits, valid = validate_sig_integrity(signer, certificate, "data", signature.compute_digest())
        is_detached = signature.signed_data["encap_content_info"]["content"].native is None
        token = self._token(signer)
        signed_at, origin = _signing_time(signature, token)
        revocation, revoked_at = self._revocations.of(certificate.dump(), signed_at, embedded)
        return SignatureFacts(
            party=party_of(certificate.subject, self._trust.agency_names),
            subject=name_text(certificate.subject),
            serial=f"{certificate.serial_number:X}",
            issuer=name_text(certificate.issuer),
            valid_from=certificate.not_valid_before,
            valid_to=certificate.not_valid_after,
            signed_at=signed_at,
            time_origin=origin,
            timestamp_at=token and token.at,
            timestamp_chain=token and token.chain,
            intact=digest_fits and is_detached and _leaves_out_itself_only(signature, pdf),
            valid=valid and _digests_match(signer),
            covers_file=_leaves_out_itself_only(signature, pdf) and _reaches_end(signature, pdf),
            chain=self._chains.chain_of(certificate, others, signed_at or certificate.not_valid_before),
            revocation=revocation,
            revoked_at=revoked_at,
        )

    def _token(self, signer: cms.SignerInfo) -> Token | None:
        """The first time-stamp token that is intact and is of this very signature."""
        if not signer["unsigned_attrs"]:
            return None
        for data in extract_tst_data_iter(signer, signed=False):
            at = _time_of_token(data, signer)
            if at is not None:
                found = extract_certificate_info(data)
                return Token(at, self._chains.chain_of(found.signer_cert, list(found.other_certs), at))
        return None


def _time_of_token(data: cms.SignedData, signer: cms.SignerInfo) -> datetime | None:
    """What a token says, where somebody signed it and it is of this very signature; who that is, `chain_of` tells."""
    content = data["encap_content_info"]["content"]
    told = content.parsed
    if not isinstance(told, tsp.TSTInfo):
        return None
    stamper = extract_signer_info(data)
    digest = hashlib.new(stamper["digest_algorithm"]["algorithm"].native, bytes(content)).digest()
    intact, valid = validate_sig_integrity(stamper, extract_certificate_info(data).signer_cert, "tst_info", digest)
    imprint = told["message_imprint"]
    kind = imprint["hash_algorithm"]["algorithm"].native
    is_its_own = imprint["hashed_message"].native == hashlib.new(kind, signer["signature"].native).digest()
    at: datetime = told["gen_time"].native
    return at.astimezone(UTC) if intact and valid and is_its_own else None


def _embedded(reader: FastReader) -> list[EmbeddedPdfSignature]:
    """The signatures in the order in which they were made.

    Raises:
        UnreadError: the file is encrypted, or has signatures of a kind that cannot be checked: it is not unsigned then.
    """
    if reader.encrypted:
        raise UnreadError("it is encrypted")
    found: list[EmbeddedPdfSignature] = []
    for name, value, field in enumerate_sig_fields(reader, filled_status=True):
        if str(value.get_object().get("/SubFilter", "")) not in _KINDS:
            raise UnreadError("a signature is of an unknown kind")
        if len(found) == SIGNATURES_MAX:
            raise UnreadError(f"it has more than {SIGNATURES_MAX} signatures")
        found.append(EmbeddedPdfSignature(reader, field, name))
    return sorted(found, key=lambda one: one.signed_revision)


def _leaves_out_itself_only(signature: EmbeddedPdfSignature, pdf: bytes) -> bool:
    """Whether the hole in what is signed is exactly the signature: text might hide in a larger one."""
    places = [int(place) for place in signature.byte_range]
    if len(places) != 4 or places[0] != 0 or min(places) < 0 or sum(places[2:]) > len(pdf):
        return False
    hole = pdf[places[1] : places[2]]
    try:
        return hole[:1] == b"<" and hole[-1:] == b">" and binascii.unhexlify(hole[1:-1]) == signature.pkcs7_content
    except ValueError:
        return False


def _digests_match(signer: cms.SignerInfo) -> bool:
    """Whether what was signed was hashed as the kind of signature wants it (RFC 8933)."""
    kinds = signer["signature_algorithm"], signer["digest_algorithm"]
    return bool(DEFAULT_ALGORITHM_USAGE_POLICY.digest_combination_allowed(*kinds, moment=None))


def _reaches_end(signature: EmbeddedPdfSignature, pdf: bytes) -> bool:
    places = [int(place) for place in signature.byte_range]
    return len(places) == 4 and places[2] + places[3] == len(pdf)


def _signing_time(signature: EmbeddedPdfSignature, token: Token | None) -> tuple[datetime | None, TimeOrigin | None]:
    if token is not None:
        return token.at, "token"
    told = extract_self_reported_ts(signature.signer_info)
    if told is not None:
        return told.astimezone(UTC), "attribute"
    try:
        told = parse_pdf_date(signature.sig_object["/M"], strict=False)
    except (KeyError, ValueError, PdfError):
        return None, None
    return (told if told.tzinfo else told.replace(tzinfo=LOCAL)).astimezone(UTC), "dictionary"
