"""Whether certificates lead to an accepted CA. Nothing is fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from asn1crypto import x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError, ValidationError

from audit.signatures.file_facts import Chain
from audit.signatures.trust import Trust


class Chains:
    """What the accepted CAs say of certificates. What was found out of one is remembered: seals come by thousands."""

    def __init__(self, trust: Trust) -> None:
        self._anchors = [x509.Certificate.load(der) for der in trust.certificates]
        self._names = {bytes(anchor.subject.hashable, "utf-8") for anchor in self._anchors}
        self._known: dict[tuple[bytes, ...], Chain] = {}

    def chain_of(self, certificate: x509.Certificate, others: Sequence[x509.Certificate], at: datetime) -> Chain:
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
            self._known[key] = asyncio.run(self._judge(certificate, others, moment))
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


def _key(name: x509.Name) -> bytes:
    return bytes(name.hashable, "utf-8")
