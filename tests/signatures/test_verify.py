"""What files prove of their signatures: good ones and every kind of bad, and those that nobody can read."""

from __future__ import annotations

import zlib
from datetime import timedelta
from io import BytesIO

import pytest
from asn1crypto import cms
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.generic import pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from audit.signatures import Bounds, FileFacts, SignatureFacts, Trust, Verifier, verify
from tests.signatures.signed_files import (
    SIGNED_AT,
    VALID_FROM,
    VALID_TO,
    agency,
    foreign_ca,
    forged_ca,
    person,
    revocation_list,
    signed,
    trust,
    unsigned,
)

HALF_HOUR = timedelta(minutes=30)


@pytest.fixture(scope="module")
def good() -> bytes:
    """Signed by the person, sealed by the agency half an hour later."""
    return signed(signed(unsigned(), person()), agency(), SIGNED_AT + HALF_HOUR)


def only(pdf: bytes, by: Trust | None = None) -> SignatureFacts:
    """The one signature of a file."""
    facts = verify(pdf, trust() if by is None else by)
    assert facts.is_read, facts.reason
    (signature,) = facts.signatures
    return signature


def test_good_file(good: bytes) -> None:
    first, last = verify(good, trust()).signatures
    assert first == SignatureFacts(
        party="person",
        subject="CN=Lò Thị Mẩy, E=may.lt@backan.gov.vn, O=UBND tỉnh Bắc Kạn, C=VN",
        serial="5402",
        issuer="CN=CA phục vụ các cơ quan Nhà nước G2, O=Kiểm thử, C=VN",
        valid_from=VALID_FROM,
        valid_to=VALID_TO,
        signed_at=SIGNED_AT,
        time_origin="dictionary",
        timestamp_at=None,
        timestamp_chain=None,
        intact=True,
        valid=True,
        covers_file=False,
        chain="trusted",
        revocation="not_checked",
        revoked_at=None,
    )
    assert (last.party, last.serial, last.signed_at) == ("agency", "7A31", SIGNED_AT + HALF_HOUR)
    assert (last.intact, last.valid, last.covers_file, last.chain) == (True, True, True, "trusted")


def test_unsigned_is_read_and_has_none() -> None:
    assert verify(unsigned(), trust()) == FileFacts()


def test_order_is_that_of_the_file() -> None:
    pdf = signed(signed(unsigned(), agency()), person(), SIGNED_AT + HALF_HOUR)
    assert [one.party for one in verify(pdf, trust()).signatures] == ["agency", "person"]


def test_token_tells_the_time() -> None:
    stamped_at = SIGNED_AT + timedelta(seconds=126)
    one = only(signed(unsigned(), person(), stamped_at=stamped_at))
    assert (one.timestamp_at, one.signed_at, one.time_origin) == (stamped_at, stamped_at, "token")
    assert one.timestamp_chain == "trusted"
    assert only(signed(unsigned(), person(), stamped_at=stamped_at), Trust()).timestamp_chain == "no_anchor"


def test_token_of_another_signature_is_none() -> None:
    pdf = signed(unsigned(), person(), stamped_at=SIGNED_AT)
    assert only(pdf).timestamp_at == SIGNED_AT
    start = pdf.index(b"/Contents <") + len(b"/Contents <")
    end = pdf.index(b">", start)
    contents = bytes.fromhex(pdf[start:end].decode())
    value: bytes = cms.ContentInfo.load(contents)["content"]["signer_infos"][0]["signature"].native
    # the token vouches for the signature's value: of another one it says nothing
    changed = contents.replace(value, value[::-1]).hex().encode()
    one = only(pdf[:start] + changed + pdf[end:])
    assert (one.timestamp_at, one.valid, one.time_origin) == (None, False, "dictionary")


def test_expired_certificate_is_told_by_its_dates() -> None:
    one = only(signed(unsigned(), person(), VALID_TO + HALF_HOUR))
    assert one.signed_at is not None
    assert one.signed_at > one.valid_to
    assert one.chain == "trusted"


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ([], ("not_checked", None)),
        ([revocation_list(None)], ("good", None)),
        ([revocation_list(0x9999)], ("good", None)),
        ([revocation_list(0x5402)], ("revoked", SIGNED_AT)),
        ([revocation_list(0x5402, SIGNED_AT + HALF_HOUR)], ("revoked", SIGNED_AT + HALF_HOUR)),
        ([revocation_list(0x5402, issuer=forged_ca())], ("not_checked", None)),
    ],
)
def test_revocation(lists: list[bytes], expected: tuple[str, object]) -> None:
    one = only(signed(unsigned(), person()), trust(*lists))
    assert (one.revocation, one.revoked_at) == expected


def test_list_older_than_the_signature_vouches_for_nothing() -> None:
    pdf = signed(unsigned(), person(), SIGNED_AT + timedelta(days=700))
    assert only(pdf, trust(revocation_list(None))).revocation == "not_checked"


def test_chains() -> None:
    assert only(signed(unsigned(), person())).chain == "trusted"
    assert only(signed(unsigned(), person()), Trust()).chain == "no_anchor"
    assert only(signed(unsigned(), person(issuer=foreign_ca()))).chain == "no_anchor"
    assert only(signed(unsigned(), person(issuer=forged_ca()))).chain == "untrusted"


def test_root_alone_is_no_anchor_of_a_certificate_whose_ca_is_missing() -> None:
    alone = Trust(trust().certificates[:1])
    assert only(signed(unsigned(), person()), alone).chain == "no_anchor"


def test_changed_after_signing(good: bytes) -> None:
    changed = verify(good.replace(b"TINH BAC KAN", b"TINH CAO BAN"), trust()).signatures
    assert [one.intact for one in changed] == [False, False]


def test_something_added_after_signing(good: bytes) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(good))
    writer.root["/Lang"] = pdf_string("vi")
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    first, last = verify(out.getvalue(), trust()).signatures
    assert (first.intact, last.intact, last.valid) == (True, True, True)
    assert last.covers_file is False


def test_bytes_behind_the_end(good: bytes) -> None:
    assert verify(good + b"\n%more", trust()).signatures[-1].covers_file is False


def test_hole_larger_than_the_signature() -> None:
    pdf = signed(unsigned(), person())
    at = pdf.index(b"/ByteRange [") + len(b"/ByteRange [")
    start, length, second, rest = (int(part) for part in pdf[at : pdf.index(b"]", at)].split())
    old = f"{start} {length} {second} {rest}".encode()
    new = f"{start} {length} {second + 9} {rest - 9}".encode().ljust(len(old))
    assert only(pdf.replace(old, new)).intact is False


def test_several_seals_of_one_agency_count_once(good: bytes) -> None:
    more = signed(signed(good, agency(), SIGNED_AT + HALF_HOUR), agency(), SIGNED_AT + HALF_HOUR)
    facts = verify(more, trust())
    assert len(facts.signatures) == 4
    assert len(facts.signers) == 2
    assert all(one.intact and one.valid for one in facts.signatures)
    assert [one.covers_file for one in facts.signatures] == [False, False, False, True]


def test_encrypted(good: bytes) -> None:
    writer = copy_into_new_writer(PdfFileReader(BytesIO(unsigned())))
    writer.encrypt(owner_pass="secret", user_pass="secret")
    out = BytesIO()
    writer.write(out)
    assert verify(out.getvalue(), trust()).reason == "could not be read: it is encrypted"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_truncated_is_never_a_pass(good: bytes, share: float) -> None:
    assert not verify(good[: int(len(good) * share)], trust()).is_read


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"PK\x03\x04 a workbook", b"%PDF-1.4\n%%EOF", b"<html></html>"])
def test_no_pdf_at_all(content: bytes) -> None:
    assert not verify(content, trust()).is_read


def test_cycles_end() -> None:
    pages = b"3 0 obj <</FT /Sig /T (a) /Kids [3 0 R] /Parent 3 0 R /V 3 0 R>> endobj"
    fields = b"1 0 obj <</Type /Catalog /AcroForm <</Fields [3 0 R 3 0 R]>> /Pages 1 0 R>> endobj"
    assert not _passes(verify(_raw(fields, pages), trust()))


def test_unknown_kind_of_signature_is_not_unsigned() -> None:
    pdf = signed(unsigned(), person()).replace(b"/adbe.pkcs7.detached", b"/acme.pkcs7.detached")
    assert verify(pdf, trust()).reason == "could not be read: a signature is of an unknown kind"


@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_no_changed_byte_makes_it_crash_or_pass(place: int, byte: int) -> None:
    pdf = bytearray(_SMALL)
    place %= len(pdf)
    if pdf[place] == byte:
        return
    pdf[place] = byte
    assert not _passes(verify(bytes(pdf), trust())) or place in _OWN_HOLE


_SMALL = signed(unsigned(), person())
_OWN_HOLE = range(_SMALL.index(b"/Contents <"), _SMALL.index(b">", _SMALL.index(b"/Contents <")) + 1)


def _passes(facts: FileFacts) -> bool:
    whole = bool(facts.signatures) and facts.signatures[-1].covers_file is True
    return whole and all(one.intact and one.valid for one in facts.signatures)


def _raw(*objects: bytes) -> bytes:
    """A PDF of given objects; the first one is the root."""
    content, places = b"%PDF-1.4\n", []
    for one in objects:
        places.append((int(one.split()[0]), len(content)))
        content += one + b"\n"
    start = len(content)
    content += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places:
        content += f"{number} 1\n{place:010d} 00000 n \n".encode()
    return content + f"trailer <</Size 9 /Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n".encode()


class TestVerifier:
    def test_same_as_here(self, good: bytes) -> None:
        with Verifier(trust()) as verifier:
            assert [verifier.verify(good) for _ in range(2)] == [verify(good, trust())] * 2

    def test_bomb_ends_and_the_next_file_is_served(self, good: bytes) -> None:
        with Verifier(trust(), Bounds(memory_bytes=300 * 1024 * 1024)) as verifier:
            assert "memory" in verifier.verify(_bomb()).reason
            assert verifier.verify(good) == verify(good, trust())

    def test_too_long(self, good: bytes) -> None:
        with Verifier(trust(), Bounds(wall_seconds=0.001)) as verifier:
            assert verifier.verify(good).reason == "could not be read: it takes more time or memory than allowed"

    def test_too_large_and_empty(self, good: bytes) -> None:
        with Verifier(trust(), Bounds(size_bytes=len(good) - 1)) as verifier:
            assert not verifier.verify(good).is_read
            assert not verifier.verify(b"").is_read


def _bomb() -> bytes:
    """A gigabyte of cross-references in a megabyte."""
    packer = zlib.compressobj(9)
    first, more = (packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    packed = first + more * 1_000
    head = b"%PDF-1.5\n"
    body = b"1 0 obj <</Type /XRef /Size 99999999 /W [1 8 8] /Root 1 0 R /Length %d /Filter /FlateDecode>> stream\n"
    return head + body % len(packed) + packed + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF\n" % len(head)
