"""The simulated certification: a root, the CAs whose names are the state's, a public CA, a time-stamp authority, and
the certificates, revocation lists and OCSP answers that they issue. All is made at run time and means nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from audit.simulator.model import Signature, known
from audit.simulator.offices import ISSUERS
from audit.simulator.papers.keys import key_of

PUBLIC_CA: Final = "CN=VNPT-CA SHA2, O=VNPT Group, C=VN"
_ROOT: Final = "CN=RootCA chuyên dùng Chính phủ G2, O=Ban Cơ yếu Chính phủ (mô phỏng), C=VN"
_STAMPER: Final = "CN=Máy chủ cấp dấu thời gian 02, O=Ban Cơ yếu Chính phủ (mô phỏng), C=VN"
_ALWAYS: Final = (datetime(2010, 1, 1, tzinfo=UTC), datetime(2048, 8, 14, tzinfo=UTC))
_KINDS: Final[Mapping[str, x509.ObjectIdentifier]] = MappingProxyType(
    {
        "CN": NameOID.COMMON_NAME,
        "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "O": NameOID.ORGANIZATION_NAME,
        "C": NameOID.COUNTRY_NAME,
        "UID": NameOID.USER_ID,
    }
)
_USES: Final = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Holder:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def der(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(Encoding.DER)


class Authorities:
    """The CAs of a province, each made when it is asked for.

    Args:
        seed: of the province; equal seeds have equal certificates.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._issued: dict[tuple[object, ...], Holder] = {}

    @cached_property
    def root(self) -> Holder:
        """The root, which the audit trusts."""
        return self._make(_ROOT, "root", None, role="ca")

    @cached_property
    def stamper(self) -> Holder:
        """The time-stamp authority."""
        return self._make(_STAMPER, "root", self.root, role="stamper")

    @cached_property
    def _authorities(self) -> Mapping[str, Holder]:
        state = {name: self._make(name, "state", self.root, role="ca") for name in ISSUERS}
        return state | {PUBLIC_CA: self._make(PUBLIC_CA, "root", None, role="ca")}

    @property
    def trusted(self) -> Mapping[str, bytes]:
        """DER of what belongs into the trust folder, by a short name: all but the public CA."""
        return {"root": self.root.der} | {
            f"ca-{place}": self._authorities[name].der for place, name in enumerate(ISSUERS, start=1)
        }

    @property
    def other_key(self) -> rsa.RSAPrivateKey:
        """A key that is nobody's: what it signs is not valid."""
        return key_of(self._seed, "root")

    def holder(self, signature: Signature) -> Holder:
        """The certificate that a signature names; made once."""
        dates = (known(signature.valid_from), known(signature.valid_to))
        spec = (signature.party, signature.subject, signature.serial, signature.issuer, dates)
        if spec not in self._issued:
            subject = f"{known(signature.subject)}, UID={_user_id(signature)}"
            self._issued[spec] = self._make(
                subject,
                "holder",
                self._authorities[known(signature.issuer)],
                serial=int(known(signature.serial), 16),
                validity=(instant(dates[0]), instant(dates[1])),
            )
        return self._issued[spec]

    def revocation_list(self, issuer: str, revoked: Mapping[str, int], at: datetime) -> bytes:
        """The list of a CA: since when (seconds of local time) which serials are revoked."""
        authority = self._authorities[issuer]
        builder = x509.CertificateRevocationListBuilder(authority.certificate.subject, at, at + timedelta(days=7))
        for serial, since in sorted(revoked.items()):
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder(int(serial, 16), instant(since)).build()
            )
        return builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def ocsp_answer(self, signature: Signature, at: datetime) -> bytes:
        """What the CA answers about the certificate of a signature: that it is revoked."""
        holder, authority = self.holder(signature), self._authorities[known(signature.issuer)]
        revoked = signature.revoked_at
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                holder.certificate,
                authority.certificate,
                hashes.SHA1(),  # noqa: S303  # as OCSP names issuers
                ocsp.OCSPCertStatus.GOOD if revoked is None else ocsp.OCSPCertStatus.REVOKED,
                at,
                at + timedelta(days=7),
                None if revoked is None else instant(revoked),
                None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, authority.certificate)
        )
        return builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def _make(
        self,
        name: str,
        key: str,
        issuer: Holder | None,
        *,
        serial: int | None = None,
        validity: tuple[datetime, datetime] = _ALWAYS,
        role: Literal["ca", "stamper", "signer"] = "signer",
    ) -> Holder:
        mine, subject = key_of(self._seed, key), _name(name)
        builder = x509.CertificateBuilder(
            issuer_name=issuer.certificate.subject if issuer else subject,
            subject_name=subject,
            public_key=mine.public_key(),
            serial_number=serial or int.from_bytes(sha256(f"{self._seed} {name}".encode()).digest()[:8]) | 1,
            not_valid_before=validity[0],
            not_valid_after=validity[1],
        ).add_extension(x509.BasicConstraints(ca=role == "ca", path_length=None), critical=True)
        used = {"key_cert_sign", "crl_sign"} if role == "ca" else {"digital_signature", "content_commitment"}
        builder = builder.add_extension(x509.KeyUsage(**{use: use in used for use in _USES}), critical=True)
        if role == "stamper":
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(usage, critical=True)
        return Holder(builder.sign(issuer.key if issuer else mine, hashes.SHA256()), mine)


def instant(local_seconds: int) -> datetime:
    """An instant of the simulator (seconds of local time) as UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=local_seconds, hours=-7)


def _name(text: str) -> x509.Name:
    """`CN=…, O=…, C=VN`, the most specific first, as a name of a certificate, the most specific last."""
    parts = [part.partition("=") for part in re.split(r", (?=[A-Z]+=)", text)]
    return x509.Name([x509.NameAttribute(_KINDS[kind], value) for kind, _, value in reversed(parts)])


def _user_id(signature: Signature) -> str:
    """An invented tax code or citizen's number, by which persons and agencies are told apart."""
    digits = int.from_bytes(sha256(known(signature.subject).encode()).digest()[:8]) % 10**9
    return f"MST:47{digits % 10**8:08d}" if signature.party == "agency" else f"CCCD:006{digits:09d}"
