"""What the text of a PDF lacks: stamps, columns, scans and long files, read with PDFium."""

from __future__ import annotations

from io import BytesIO

import pytest
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from audit.signatures.fast_reader import FastReader
from audit.signatures.file_facts import Wording
from audit.signatures.wording import wording_of
from audit.simulator.papers.letter import Line
from audit.simulator.papers.paper import Paper
from tests.signatures.signed_files import agency, person, signed, unsigned

LINES = [
    Line(70, 790, 12, "SỞ NỘI VỤ"),
    Line(300, 790, 12, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    Line(320, 774, 12, "Độc lập - Tự do - Hạnh phúc"),
    Line(300, 742, 12, "Bắc Kạn, ngày 04 tháng 02 năm 2021"),
    Line(70, 720, 12, "V/v báo cáo công tác tháng 01"),
    Line(
        70, 640, 12, "Sở Nội vụ đề nghị các cơ quan, đơn vị báo cáo kết quả thực hiện nhiệm vụ được giao trước ngày 20."
    ),
    Line(
        70, 620, 12, "Quá thời hạn trên, đơn vị không báo cáo thì thủ trưởng đơn vị chịu trách nhiệm theo quy định./."
    ),
    Line(70, 300, 12, "Nơi nhận:"),
    Line(300, 300, 12, "GIÁM ĐỐC"),
    Line(310, 220, 12, "Lò Thị Mẩy"),
]
NUMBER = Line(70, 742, 12, "Số: 05/SNV-VP")
WHOLE = Wording(missing=(), is_whole=True)


def test_a_whole_document() -> None:
    assert wording_of(Paper([*LINES, NUMBER]).content) == WHOLE
    assert wording_of(Paper(LINES).content) == Wording(missing=("c",), is_whole=True)


def test_the_order_in_which_lines_were_written_does_not_matter() -> None:
    assert wording_of(Paper([*LINES, NUMBER][::-1]).content) == WHOLE


def test_a_number_put_into_its_gap_afterwards() -> None:
    """Tools write number and date last: in the order of the file they stand at the end, on the page in their gap."""
    gap = [Line(70, 742, 12, "Số:"), Line(112, 742, 12, "/SNV-VP")]
    assert wording_of(Paper([*gap, *LINES]).content) == Wording(missing=("c",), is_whole=True)
    assert wording_of(Paper([*gap, *LINES, Line(95, 742, 12, "05")]).content) == WHOLE


def test_a_stamp_is_read() -> None:
    """A stamped number is an annotation with an appearance of its own."""
    paper = Paper(LINES)
    assert wording_of(_stamped(paper, b"(So: 05/SNV-VP)")) == WHOLE


def test_a_scan_has_no_text() -> None:
    assert wording_of(Paper([], scanned=True).content) is None


def test_what_is_no_document_is_not_judged() -> None:
    assert wording_of(Paper([Line(70, 700, 12, "SỞ NỘI VỤ")]).content) is None
    assert wording_of(unsigned()) is None


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"%PDF-1.4\n%%EOF", b"\x00" * 2_000])
def test_rubbish(content: bytes) -> None:
    assert wording_of(content) is None


def test_half_of_a_file() -> None:
    whole = Paper([*LINES, NUMBER]).content
    for share in (0.2, 0.5, 0.8):
        found = wording_of(whole[: int(len(whole) * share)])
        assert found is None or found.missing in {(), ("c",)}


def test_the_quick_reader_reads_what_pyhankos_reads() -> None:
    pdf = signed(signed(unsigned(), person()), agency())
    quick, slow = FastReader(pdf), PdfFileReader(BytesIO(pdf), strict=False)
    for mine, theirs in zip(quick.embedded_signatures, slow.embedded_signatures, strict=True):
        assert mine.pkcs7_content == theirs.pkcs7_content
        assert len(mine.pkcs7_content) > 1_000
        assert dict(mine.sig_object) == dict(theirs.sig_object)
        assert mine.compute_digest() == theirs.compute_digest()


def test_contents_in_a_text_are_no_contents() -> None:
    (real,) = FastReader(signed(unsigned(), person())).embedded_signatures
    paper = Paper(LINES)
    paper.sign(lambda _digest: real.pkcs7_content, None, "/Contents <" + "30" * 300 + ">")
    quick, slow = FastReader(paper.content), PdfFileReader(BytesIO(paper.content), strict=False)
    (mine,), (theirs,) = quick.embedded_signatures, slow.embedded_signatures
    assert mine.pkcs7_content == theirs.pkcs7_content
    assert mine.pkcs7_content.startswith(real.pkcs7_content[:600])


def _stamped(paper: Paper, text: bytes) -> bytes:
    """The file with a stamp on its page, as an annotation."""
    writer = IncrementalPdfFileWriter(BytesIO(paper.content))
    page = writer.root["/Pages"]["/Kids"][0]
    form = {"/Type": "/XObject", "/Subtype": "/Form"}
    box = ArrayObject(NumberObject(side) for side in (0, 0, 200, 20))
    names = {NameObject(key): NameObject(value) for key, value in form.items()}
    look = StreamObject(
        {**names, NameObject("/BBox"): box, NameObject("/Resources"): page["/Resources"]},
        stream_data=b"BT /F1 12 Tf 2 4 Td " + text + b" Tj ET",
    )
    stamp = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Stamp"),
            NameObject("/F"): NumberObject(4),
            NameObject("/Rect"): ArrayObject(NumberObject(side) for side in (70, 738, 270, 758)),
            NameObject("/AP"): DictionaryObject({NameObject("/N"): writer.add_object(look)}),
        }
    )
    page[NameObject("/Annots")] = ArrayObject([writer.add_object(stamp)])
    writer.update_container(page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


HOSTILE = {
    "pages in a circle": b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2/Parent 2 0 R>>",
    "more pages than there are": b"<</Type/Pages/Kids[3 0 R]/Count 2000000000>>",
    "no pages": b"<</Type/Pages/Kids[]/Count 0>>",
    "a form that draws itself": b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
}


@pytest.mark.parametrize("pages", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_pages_have_no_text(pages: bytes) -> None:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</X 4 0 R>>>>>>"
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 4 0 R>>>>/Length 5>>stream\n/X Do\nendstream"
    objects, content, places = [b"<</Type/Catalog/Pages 2 0 R>>", pages, page, form], b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"xref\n0 5\n0000000000 65535 f \n%strailer <</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        rows,
        len(content),
    )
    assert wording_of(content + tail) is None
