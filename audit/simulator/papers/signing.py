"""Signatures as the tools of the state's CA make them: PKCS#7 with the signer's certificate alone, no signing time, the
token of the time-stamp authority where one was got. The simulator's only importer of pyHanko.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from asn1crypto import cms, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pyhanko.sign.general import as_signing_certificate_v2
from pyhanko.sign.signers import Signer
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from audit.simulator.papers.authorities import Holder

_POLICY: Final = "2.16.704.1.1.1.2"
_DIGEST: Final = "sha256"


class Hand(Signer):
    """Signs with a key at hand.

    Args:
        holder: whose certificate comes with the signature.
        key: what it is made with; by default the certificate's.
    """

    def __init__(self, holder: Holder, key: rsa.RSAPrivateKey | None = None) -> None:
        nobody = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # as pyHanko has it
        super().__init__(signing_cert=x509.Certificate.load(holder.der), cert_registry=nobody, embed_roots=False)
        self._key = key or holder.key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002  # pyHanko's interface
        """The signature of some bytes."""
        return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())


class Stamper(TimeStamper):
    """A time-stamp authority whose clock stands.

    Args:
        holder: its certificate.
        at: what it says.
    """

    def __init__(self, holder: Holder, at: datetime) -> None:
        super().__init__(include_nonce=False)  # type: ignore[no-untyped-call]  # as pyHanko has it
        self._holder, self._at = holder, at

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """The token of a signature; its serial is made of what it stamps."""
        told = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": _POLICY,
                "message_imprint": {"hash_algorithm": {"algorithm": md_algorithm}, "hashed_message": message_digest},
                "serial_number": int.from_bytes(message_digest[:8]),
                "gen_time": self._at,
            }
        )
        content = cms.ParsableOctetString(told.dump())
        certificate = x509.Certificate.load(self._holder.der)
        attributes = cms.CMSAttributes(
            [
                _attribute("content_type", "tst_info"),
                _attribute("signing_certificate_v2", as_signing_certificate_v2(certificate)),
                _attribute("message_digest", sha256(bytes(content)).digest()),
            ]
        )
        encapsulated = cms.EncapsulatedContentInfo({"content_type": "tst_info", "content": content})
        return await Hand(self._holder).async_sign_prescribed_attributes(
            _DIGEST, attributes, cms_version="v3", encap_content_info=encapsulated
        )


def signature_of(digest: bytes, hand: Hand, stamper: Stamper | None) -> bytes:
    """The signature (CMS, DER) of bytes that have this SHA-256."""
    attributes = cms.CMSAttributes([_attribute("content_type", "data"), _attribute("message_digest", digest)])
    made: Any = asyncio.run(hand.async_sign_prescribed_attributes(_DIGEST, attributes, timestamper=stamper))
    return bytes(made.dump())


def _attribute(kind: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": (value,)})
