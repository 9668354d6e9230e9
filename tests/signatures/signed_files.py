"""Signed PDFs made at run time: a root, a CA, certificates of persons and agencies, a time-stamp authority, a forger.

Files are as the agencies make them (wire.md, section 5): RSA-2048, one certificate, no DSS.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO

from asn1crypto import keys
from asn1crypto import pdf as asn1_pdf
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from audit.signatures import Trust

SIGNED_AT = datetime(2021, 2, 2, 2, 0, tzinfo=UTC)
"""9:00 of 2 February 2021 in Hà Nội."""
VALID_FROM, VALID_TO = datetime(2019, 5, 2, tzinfo=UTC), datetime(2024, 5, 1, tzinfo=UTC)
SIGNER = "Lò Thị Mẩy"
AGENCY = "Sở Nội vụ"
STATE_CA = "CA phục vụ các cơ quan Nhà nước G2"


@dataclass(frozen=True)
class Holder:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def asn1(self) -> asn1_x509.Certificate:
        return asn1_x509.Certificate.load(self.der)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def asn1_key(self) -> keys.PrivateKeyInfo:
        plain = serialization.NoEncryption()
        der = self.key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, plain)
        return keys.PrivateKeyInfo.load(der)


@cache
def _key(number: int) -> rsa.RSAPrivateKey:
    """Making RSA keys is slow: holders take turns."""
    return rsa.generate_private_key(65_537, 2_048)


def holder(
    name: dict[x509.ObjectIdentifier, str],
    issuer: Holder | None = None,
    *,
    key: int = 0,
    serial: int | None = None,
    validity: tuple[datetime, datetime] = (VALID_FROM, VALID_TO),
    usage: x509.ObjectIdentifier | None = None,
    is_ca: bool = False,
) -> Holder:
    """A new certificate; without an issuer it is its own."""
    mine = _key(key)
    subject = x509.Name([x509.NameAttribute(kind, value) for kind, value in name.items()])
    builder = x509.CertificateBuilder(
        issuer_name=issuer.certificate.subject if issuer else subject,
        subject_name=subject,
        public_key=mine.public_key(),
        serial_number=serial or x509.random_serial_number(),
        not_valid_before=validity[0],
        not_valid_after=validity[1],
    ).add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip
    used = {"key_cert_sign", "crl_sign"} if is_ca else {"digital_signature", "content_commitment"}
    builder = builder.add_extension(x509.KeyUsage(**{one: one in used for one in names}), critical=True)
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return Holder(builder.sign(issuer.key if issuer else mine, hashes.SHA256()), mine)


def _named(common_name: str, **more: str) -> dict[x509.ObjectIdentifier, str]:
    kinds = {"organ": NameOID.ORGANIZATION_NAME, "mail": NameOID.EMAIL_ADDRESS, "uid": NameOID.USER_ID}
    return {NameOID.COUNTRY_NAME: "VN"} | {kinds[kind]: value for kind, value in more.items()} | {NameOID.COMMON_NAME: common_name}  # fmt: skip


_LONG = (datetime(2018, 8, 22, tzinfo=UTC), datetime(2048, 8, 14, tzinfo=UTC))


@cache
def root() -> Holder:
    return holder(_named("RootCA thử nghiệm", organ="Kiểm thử"), is_ca=True, validity=_LONG)


@cache
def state_ca() -> Holder:
    return holder(_named(STATE_CA, organ="Kiểm thử"), root(), key=1, is_ca=True, validity=_LONG)


@cache
def forged_ca() -> Holder:
    """Bears the state CA's name, and is not it."""
    return holder(_named(STATE_CA, organ="Kiểm thử"), key=2, is_ca=True, validity=_LONG)


@cache
def foreign_ca() -> Holder:
    return holder(_named("VNPT-CA SHA2 thử nghiệm"), key=3, is_ca=True, validity=_LONG)


@cache
def authority() -> Holder:
    """The time-stamp authority."""
    usage = ExtendedKeyUsageOID.TIME_STAMPING
    return holder(_named("Máy chủ cấp dấu thời gian 02"), root(), key=4, usage=usage, validity=_LONG)


def person(name: str = SIGNER, issuer: Holder | None = None, **options: object) -> Holder:
    subject = _named(name, organ="UBND tỉnh Bắc Kạn", mail="may.lt@backan.gov.vn")
    return holder(subject, issuer or state_ca(), key=5, **{"serial": 0x5402} | options)  # type: ignore[arg-type]


def agency(name: str = AGENCY, issuer: Holder | None = None, **options: object) -> Holder:
    subject = _named(name, organ="Bắc Kạn", uid="MST:4700123456")
    return holder(subject, issuer or state_ca(), key=6, **{"serial": 0x7A31} | options)  # type: ignore[arg-type]


def trust(*others: bytes) -> Trust:
    """The root and the state CA; `others` are revocation lists."""
    return Trust((root().der, state_ca().der), others, frozenset({AGENCY.casefold()}))


def revocation_list(serial: int | None, at: datetime = SIGNED_AT, issuer: Holder | None = None) -> bytes:
    """A list that revokes a certificate (None: no one), made a year after the signing."""
    issuer = issuer or state_ca()
    made_at = SIGNED_AT + timedelta(days=365)
    builder = x509.CertificateRevocationListBuilder(issuer.certificate.subject, made_at, made_at + timedelta(days=7))
    if serial is not None:
        entry = x509.RevokedCertificateBuilder(serial, at).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def unsigned(text: str = "UBND TINH BAC KAN") -> bytes:
    """A PDF of one page."""
    writer = PdfFileWriter()
    font = generic.DictionaryObject(
        {
            "/Type": generic.NameObject("/Font"),
            "/Subtype": generic.NameObject("/Type1"),
            "/BaseFont": generic.NameObject("/Helvetica"),
        }
    )
    fonts = generic.DictionaryObject({generic.NameObject("/F1"): writer.add_object(_keyed(font))})
    stream = generic.StreamObject(stream_data=f"BT /F1 14 Tf 72 720 Td ({text}) Tj ET".encode())
    resources = generic.DictionaryObject({generic.NameObject("/Font"): fonts})
    box = (0, 0, 595, 842)
    writer.insert_page(PageObject(contents=writer.add_object(stream), media_box=box, resources=resources))
    return _written(writer)


def _keyed(plain: dict[str, object]) -> generic.DictionaryObject:
    return generic.DictionaryObject({generic.NameObject(key): value for key, value in plain.items()})


def signed(
    pdf: bytes,
    by: Holder,
    at: datetime = SIGNED_AT,
    *,
    stamped_at: datetime | None = None,
    archived: asn1_pdf.RevocationInfoArchival | None = None,
) -> bytes:
    """The PDF with one signature more, as VGCA's tool makes it: one certificate, `adbe.pkcs7.detached`, time in `/M`.

    Args:
        pdf: to be signed.
        by: whose certificate.
        at: the time in `/M`.
        stamped_at: the time of the token; None: there is no token.
        archived: revocation data that go into the signature.
    """
    nobody = SimpleCertificateStore()
    signer = SimpleSigner(signing_cert=by.asn1, signing_key=by.asn1_key, cert_registry=nobody, embed_roots=False)
    stamper = None
    if stamped_at is not None:
        stamper = DummyTimeStamper(authority().asn1, authority().asn1_key, fixed_dt=stamped_at)
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    steps = PdfCMSEmbedder().write_cms(field_name=f"Signature{pdf.count(b'/ByteRange') + 1}", writer=writer)
    next(steps)
    kind = SigSeedSubFilter.ADOBE_PKCS7_DETACHED
    steps.send(SigObjSetup(sig_placeholder=SignatureObject(subfilter=kind, timestamp=at, bytes_reserved=16_384)))
    prepared, out = steps.send(SigIOSetup(md_algorithm="sha256", in_place=True))
    more = PdfCMSSignedAttributes(adobe_revinfo_attr=archived)
    signing = signer.async_sign(prepared.document_digest, "sha256", timestamper=stamper, signed_attr_settings=more)
    made = asyncio.run(signing)
    prepared.fill_with_cms(out, made)
    return out.getvalue()


def _written(writer: PdfFileWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
