"""Whether certificates lead to an accepted CA, and whether that CA has revoked them. Nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from asn1crypto import crl, x509
from cryptography import x509 as crypto_x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError, ValidationError

from audit.signatures.file_facts import Chain, Revocation
from audit.signatures.trust import Trust


class Chains:
    """What the accepted CAs say of certificates. What was found out of one is remembered: seals come by thousands."""

    def __init__(self, trust: Trust) -> None:
        self._anchors = [x509.Certificate.load(der) for der in trust.certificates]
        self._names = {bytes(anchor.subject.hashable, "utf-8") for anchor in self._anchors}
        self._lists = _signed_lists(trust)
        self._known: dict[tuple[bytes, ...], Chain] = {}

    async def chain_of(self, certificate: x509.Certificate, others: Sequence[x509.Certificate], at: datetime) -> Chain:
        """Whether a certificate leads to an anchor.

        The chain is looked at as it was on the (UTC) day of `at`, and within the certificate's own validity: whether it
        was used outside of that is another question (rule K4 asks it).

        Args:
            certificate: of a signer.
            others: certificates that came with it, which nobody vouches for.
            at: when it signed.
        """
        day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        moment = min(max(day, certificate.not_valid_before), certificate.not_valid_after)
        key = (certificate.sha256, day.date().isoformat().encode(), *sorted(other.sha256 for other in others))
        if key not in self._known:
            self._known[key] = await self._judge(certificate, others, moment)
        return self._known[key]

    async def _judge(self, certificate: x509.Certificate, others: Sequence[x509.Certificate], at: datetime) -> Chain:
        if not self._has_anchor_for(certificate, others):
            return "no_anchor"
        context = ValidationContext(
            trust_roots=self._anchors, moment=at, allow_fetching=False, revocation_mode="soft-fail"
        )
        validator = CertificateValidator(certificate, intermediate_certs=others, validation_context=context)
        try:
            await validator.async_validate_path()
        except (PathBuildingError, PathValidationError, ValidationError):
            return "untrusted"
        return "trusted"

    def _has_anchor_for(self, certificate: x509.Certificate, others: Sequence[x509.Certificate]) -> bool:
        """Whether a CA at hand bears the name of the issuer, or of an issuer above it among the certificates that came
        along: then a chain that does not hold is a forged one, and not one of which nobody can tell.
        """
        by_name = {_key(other.subject): other for other in others}
        seen: set[bytes] = set()
        name = _key(certificate.issuer)
        while name not in self._names:
            if name in seen or name not in by_name:
                return False
            seen.add(name)
            name = _key(by_name[name].issuer)
        return True

    def revocation_of(
        self, certificate: x509.Certificate, signed_at: datetime | None
    ) -> tuple[Revocation, datetime | None]:
        """What the revocation lists say, and since when it is revoked.

        A list vouches for a signature only if it is not older; one that names the certificate always counts.
        """
        state: Revocation = "not_checked"
        for revoked in self._lists.get(_key(certificate.issuer), ()):
            entry = revoked.get_revoked_certificate_by_serial_number(certificate.serial_number)
            if entry is not None:
                return "revoked", entry.revocation_date_utc
            if signed_at is not None and revoked.last_update_utc >= signed_at:
                state = "good"
        return state, None


def _key(name: x509.Name) -> bytes:
    return bytes(name.hashable, "utf-8")


def _signed_lists(trust: Trust) -> dict[bytes, list[crypto_x509.CertificateRevocationList]]:
    """The revocation lists that an accepted CA has signed, by the CA's name. Lists of changes alone are left out."""
    found: dict[bytes, list[crypto_x509.CertificateRevocationList]] = {}
    issuers = [x509.Certificate.load(der) for der in trust.certificates]
    for der in trust.revocation_lists:
        told = crypto_x509.load_der_x509_crl(der)
        name = _key(crl.CertificateList.load(der).issuer)
        is_delta = any(isinstance(part.value, crypto_x509.DeltaCRLIndicator) for part in told.extensions)
        if not is_delta and _is_signed(told, (issuer for issuer in issuers if _key(issuer.subject) == name)):
            found.setdefault(name, []).append(told)
    return found


def _is_signed(told: crypto_x509.CertificateRevocationList, issuers: Iterable[x509.Certificate]) -> bool:
    keys = (crypto_x509.load_der_x509_certificate(issuer.dump()).public_key() for issuer in issuers)
    return any(told.is_signature_valid(key) for key in keys)  # type: ignore[arg-type]
