"""Our own PDFs signed with a key from a PKCS#12 file: intact, covering all, with its mark top right, and signed once."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pdfplumber
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from audit.errors import ConfigError
from audit.pipeline.signing import write_signed
from audit.signatures import Trust, verify
from audit.signatures.signing import Signer, is_signed_form_of
from reports import pdf
from reports.view import build_view
from tests.reports.province import make_inputs

ISSUER = "Sở Thông tin và Truyền thông"


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ISSUER)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(77)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.KeyUsage(True, True, False, False, False, False, False, False, False), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("key") / "don-vi.p12"
    locked = serialization.BestAvailableEncryption(b"a password of the tests")
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"report", key, certificate, None, locked))
    return path


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plain") / "agency.pdf"
    pdf.write_agency_pdf(build_view(make_inputs(findings=60)).agencies["H03.16"], path)
    return path


def test_a_signed_report_is_intact_marked_and_stays_as_it_is(key_file: Path, plain: Path, tmp_path: Path) -> None:
    signer, path = Signer(key_file, "a password of the tests", ISSUER), tmp_path / "agency.pdf"

    def write(target: Path) -> None:
        target.write_bytes(plain.read_bytes())

    write_signed(path, write, signer, ISSUER)
    signed = path.read_bytes()
    assert is_signed_form_of(signed, plain.read_bytes())
    (found,) = verify(signed, Trust()).signatures
    assert (found.intact, found.valid, found.covers_file) == (True, True, True)
    assert ISSUER in str(found.subject)
    (broken,) = verify(signed.replace(b"/Title", b"/Titel", 1), Trust()).signatures
    assert broken.intact is False
    with pdfplumber.open(io.BytesIO(signed)) as document:
        (box,) = [note for note in document.pages[0].annots if note["data"].get("FT")]
        assert document.pages[0].width - box["x1"] == pytest.approx(15 / 25.4 * 72, abs=1)
        assert box["top"] == pytest.approx(6 / 25.4 * 72, abs=1)
        assert box["bottom"] < 20 / 25.4 * 72
    write_signed(path, write, signer, ISSUER)
    assert path.read_bytes() == signed


def test_the_mark_is_ten_point_upright_and_black(tmp_path: Path) -> None:
    width, height = pdf.write_mark(tmp_path / "mark.pdf", (ISSUER, "Thời gian ký: 2021-02-08T07:15:00+07:00"))
    with pdfplumber.open(tmp_path / "mark.pdf") as document:
        (page,) = document.pages
        assert (page.width, page.height) == pytest.approx((width / 25.4 * 72, height / 25.4 * 72), abs=0.5)
        assert page.extract_text().splitlines() == [ISSUER, "Thời gian ký: 2021-02-08T07:15:00+07:00"]
        assert {(round(char["size"], 1), char["fontname"].partition("+")[2]) for char in page.chars} == {
            (10.0, "Liberation-Serif")
        }


@pytest.mark.parametrize("password", ["another", ""])
def test_a_key_that_cannot_be_read_is_a_mistake_of_the_settings(key_file: Path, password: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="pkcs12_file"):
        Signer(key_file, password, ISSUER)
    with pytest.raises(ConfigError, match="pkcs12_file"):
        Signer(tmp_path / "absent.p12", password, ISSUER)


def test_without_a_signer_the_pdf_is_written_as_it_is(plain: Path, tmp_path: Path) -> None:
    write_signed(tmp_path / "a.pdf", lambda path: path.write_bytes(plain.read_bytes()), None, ISSUER)
    assert (tmp_path / "a.pdf").read_bytes() == plain.read_bytes()
