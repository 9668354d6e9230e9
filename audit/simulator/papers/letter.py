"""How a document looks: its text on the page as NĐ 30/2020 Phụ lục I wants it, with a component left out on demand."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final, NamedTuple

from audit.simulator.clock import day_text
from audit.simulator.model import Document
from audit.simulator.numbering import padded
from audit.simulator.offices import Office

COMPONENTS: Final = ("a", "b", "c", "d", "đ", "g", "i")
"""Letters of Điều 8 khoản 2 whose lack a text shows."""
_LETTER: Final = "Công văn"
_PLACE: Final = "Bắc Kạn"
_LEFT, _MIDDLE, _RIGHT = 70.0, 210.0, 310.0
_BODY: Final = """\
Thực hiện chương trình công tác năm {year}, {agency} đề nghị các cơ quan, đơn vị nghiêm túc triển khai những nội dung \
sau đây và báo cáo kết quả thực hiện theo đúng thời gian quy định.
1. Tổ chức quán triệt, phổ biến đến toàn thể cán bộ, công chức, viên chức và người lao động thuộc phạm vi quản lý.
2. Phân công rõ người, rõ việc, rõ thời hạn; thường xuyên kiểm tra, đôn đốc và kịp thời tháo gỡ khó khăn, vướng mắc.
3. Tổng hợp kết quả, gửi về {agency} qua hệ thống quản lý văn bản và điều hành để theo dõi, chỉ đạo."""


class Line(NamedTuple):
    """A line of text: its place in points from the lower left corner, its size, its words."""

    x: float
    y: float
    size: float
    text: str


def page_of(document: Document, office: Office, without: str = "") -> list[Line]:
    """The page of a document.

    Args:
        document: whose words stand there. What its row lacks stands on the page all the same.
        office: its sender.
        without: letters of components that are left out.
    """
    shown = {"a": _state, "b": _organ, "c": _number, "d": _date, "đ": _subject, "g": _signer, "i": _recipients}
    lines = [line for letter, lines_of in shown.items() if letter not in without for line in lines_of(document, office)]
    year = day_text(document.issued_day)[:4]
    at = 610.0
    for paragraph in _BODY.splitlines():
        for words in textwrap.wrap(paragraph.format(year=year, agency=office.name), 80):
            lines.append(Line(_LEFT, at, 13, words))
            at -= 17
    return lines


def annex_of(document: Document, office: Office) -> list[Line]:
    """An appendix in a file of its own."""
    head = (_MIDDLE + 40, 780.0, 14, "PHỤ LỤC")
    named = f"(Kèm theo văn bản số {_number_text(document)} của {office.name})"
    rows = (f"{number}. Nội dung, chỉ tiêu và thời hạn hoàn thành của nhiệm vụ số {number}" for number in range(1, 9))
    return [
        Line(*head),
        Line(_LEFT, 760, 13, named),
        *(Line(_LEFT, 720 - 20 * n, 13, row) for n, row in enumerate(rows)),
    ]


def _state(_document: Document, _office: Office) -> Iterator[Line]:
    yield Line(_RIGHT - 40, 790, 12, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    yield Line(_RIGHT + 10, 774, 13, "Độc lập - Tự do - Hạnh phúc")


def _organ(_document: Document, office: Office) -> Iterator[Line]:
    for row, words in enumerate(textwrap.wrap(office.name.upper(), 26)):
        yield Line(_LEFT - 20, 790 - 14 * row, 12, words)


def _number(document: Document, _office: Office) -> Iterator[Line]:
    yield Line(_LEFT, 742, 13, f"Số: {_number_text(document)}")


def _number_text(document: Document) -> str:
    return f"{padded(document.number or '1')}/{document.notation or 'CV-VP'}"


def _date(document: Document, _office: Office) -> Iterator[Line]:
    year, month, day = day_text(document.issued_day).split("-")
    spoken = month if month in ("01", "02") else str(int(month))
    yield Line(_RIGHT - 10, 742, 13, f"{_PLACE}, ngày {day} tháng {spoken} năm {year}")


def _subject(document: Document, _office: Office) -> Iterator[Line]:
    doc_type, words = document.doc_type or _LETTER, document.subject or "V/v triển khai nhiệm vụ"
    if doc_type == _LETTER or words.startswith("V/v"):
        for row, part in enumerate(textwrap.wrap(words if words.startswith("V/v") else f"V/v {words}", 34)):
            yield Line(_LEFT, 724 - 13 * row, 11, part)
        return
    yield Line(_MIDDLE + 20, 690, 14, (doc_type if len(doc_type) > 3 else "Thông báo").upper())
    for row, part in enumerate(textwrap.wrap(words, 70)):
        yield Line(_LEFT + 20, 672 - 16 * row, 13, part)


def _signer(document: Document, office: Office) -> Iterator[Line]:
    signer = office.signers[0]
    above = (document.competence or "").split("; ") if document.competence else []
    for row, words in enumerate([*above, document.position or signer.position]):
        yield Line(_RIGHT, 330 - 16 * row, 13, words if words.isupper() else signer.position)
    yield Line(_RIGHT + 20, 220, 13, document.signer_name or signer.name)


def _recipients(_document: Document, _office: Office) -> Iterator[Line]:
    yield Line(_LEFT, 330, 12, "Nơi nhận:")
    for row, words in enumerate(("- Như trên;", "- Lãnh đạo cơ quan;", "- Lưu: VT.")):
        yield Line(_LEFT, 314 - 13 * row, 11, words)
