"""Lines of a register → rows of the contract.

A line without a clock tells days, and the contract's times are instants: a day alone is left out where the contract
wants an instant, rather than be taken for midnight. Totals, titles between the lines and remarks below them are no
lines of a register; every other line is a row, be it one that is rejected.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

from audit.edxml.times import wire_day, wire_instant
from audit.registry import is_well_formed
from audit.settings import Agency
from audit.sources.register_file.headings import Header, folded
from audit.sources.register_file.sheets import Cell

Row = dict[str, Any]

_EXCEL_FIRST_DAY: Final = datetime(1899, 12, 30)
_EXCEL_SERIALS: Final = (15_000, 110_000)
"""Days of Excel from 1941 to 2201; smaller numbers in a column of days are slips."""
_SHORT_YEARS: Final = ("%d/%m/%y", "%d-%m-%y", "%d.%m.%y")
_SERIAL: Final = re.compile(r"\d{5,6}(\.\d+)?", re.ASCII)
_TOTAL: Final = re.compile(r"(tong|cong|tong cong|tong so|cong so|luy ke)\b.*")
_NUMBERING: Final = re.compile(r"\(?\s*\d{1,2}\s*\)?", re.ASCII)
_FREE_NUMBER: Final = re.compile(r"\d+[A-Za-z]?(\.0)?(/\S*)?", re.ASCII)
_SEVERAL: Final = re.compile(r"[;,\n]+")
_LEADING_KIND: Final = re.compile(
    r"\s*(nghị quyết|quyết định|chỉ thị|quy chế|quy định|thông cáo|thông báo|hướng dẫn|chương trình|kế hoạch|phương án"
    r"|đề án|dự án|báo cáo|biên bản|tờ trình|hợp đồng|công văn|công điện|bản ghi nhớ|bản thỏa thuận|giấy ủy quyền"
    r"|giấy mời|giấy giới thiệu|giấy nghỉ phép|phiếu gửi|phiếu chuyển|phiếu báo|thư công)\b[\s:.,-]*",
    re.IGNORECASE,
)
_LETTER: Final = re.compile(r"\s*v\s*/\s*v\b", re.IGNORECASE)
_URGENCY: Final = {
    "thuong": "thuong", "binh thuong": "thuong", "khan": "khan", "thuong khan": "thuong_khan", "hoa toc": "hoa_toc",
    "hoa toc hen gio": "hoa_toc",
}  # fmt: skip
_SECRECY: Final = {
    "thuong": "thuong", "khong": "thuong", "binh thuong": "thuong", "mat": "mat", "toi mat": "toi_mat",
    "tuyet mat": "tuyet_mat",
}  # fmt: skip
# "Thượng khẩn" and "Thường khẩn" fold alike, and only the first exists; "Thường" alone is told by the table above


class Line(NamedTuple):
    """A line of a register."""

    day: str | None
    """Day on which it was registered; None: it cannot be told."""
    row: Row


def lines_of(rows: Sequence[Sequence[Cell]], header: Header, agency: Agency, *, incoming: bool) -> list[Line]:
    """The lines below a header."""
    source = agency.source
    patterns = ((*source.date_formats,) if source else ()) + _SHORT_YEARS
    lines: list[Line] = []
    for cells in rows[header.ends_at :]:
        values = {
            name: cells[place]
            for name, place in header.columns.items()
            if place < len(cells) and not _is_blank(cells[place])
        }
        if _is_line(values, cells):
            reader = _Reader(values, patterns)
            lines.append(reader.receipt(agency) if incoming else reader.document(agency))
    return lines


def _is_line(values: Mapping[str, Cell], cells: Sequence[Cell]) -> bool:
    told = [cell for cell in cells if not _is_blank(cell)]
    if not values or not told:
        return False
    texts = {str(cell).strip() for cell in told}
    if len(texts) == 1:
        # a title between the lines or a name below them; a number that was kept free is a line
        kept_free = values.get("reference", values.get("number"))
        return len(told) == 1 and _FREE_NUMBER.fullmatch(str(kept_free).strip()) is not None
    if _TOTAL.fullmatch(folded(str(told[0]))):
        return False
    if len(told) > 2 and all(_NUMBERING.fullmatch(text) for text in texts):
        return False  # (1) (2) (3) below the header
    return bool(values.keys() & {"reference", "number", "document_uid", "arrival_number"}) or len(values) > 2


class _Reader:
    """The values of one line."""

    def __init__(self, values: Mapping[str, Cell], patterns: Sequence[str]) -> None:
        self._values, self._patterns = values, patterns

    def document(self, agency: Agency) -> Line:
        """A line of the outgoing register."""
        doc_type, subject = self._type_and_subject()
        issued = self._day("issued_date")
        row = self._key() | {
            "sender": agency.code,
            "issued_date": issued,
            "doc_type": doc_type,
            "subject": subject,
            "signer_name": self._text("signer_name"),
            "signer_position": self._text("signer_position"),
            "signed_at": self._instant("signed_at"),
            "urgency": self._word("urgency", _URGENCY),
            "secrecy": self._word("secrecy", _SECRECY),
            "page_count": self._text("page_count"),
            "recipients": self._codes("recipients"),
        }
        return Line(_plain_day(issued), row)

    def receipt(self, agency: Agency) -> Line:
        """A line of the incoming register."""
        doc_type, subject = self._type_and_subject()
        row = self._key() | {
            "sender": self._text("sender"),
            "recipient": agency.code,
            "issued_date": self._day("issued_date"),
            "arrived_at": self._instant("arrived_at"),
            "doc_type": doc_type,
            "subject": subject,
            "signer_name": self._text("signer_name"),
            "urgency": self._word("urgency", _URGENCY),
            "secrecy": self._word("secrecy", _SECRECY),
            "arrival_number": self._text("arrival_number"),
            "forwarded_at": self._instant("forwarded_at"),
            "due_at": self._instant("due_at", days=True),
            "completed_at": self._instant("completed_at"),
        }
        return Line(_plain_day(self._day("arrived_at")), row)

    def _key(self) -> Row:
        number, notation = self._text("number"), self._text("notation")
        reference = self._text("reference")
        if reference is not None and "/" in reference:
            number, notation = reference, None  # split at the first "/" by the log
        elif reference is not None and notation is None:
            number, notation = (reference, None) if number is None else (number, reference)
        elif number is None and notation is not None and "/" in notation:
            number, notation = notation, None
        return {"document_uid": self._text("document_uid"), "number": number, "notation": notation}

    def _type_and_subject(self) -> tuple[str | None, str | None]:
        doc_type, subject = self._text("doc_type"), self._text("subject")
        both = self._text("type_and_subject")
        if both is None:
            return doc_type, subject
        found = _LEADING_KIND.match(both)
        if found:
            return doc_type or found[1].capitalize(), both[found.end() :].strip() or None
        # NĐ 30/2020 gives an official letter no name of its kind: its subject begins with V/v
        return doc_type or ("Công văn" if _LETTER.match(both) else None), both

    def _text(self, name: str) -> str | None:
        value = self._values.get(name)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return None if value is None else " ".join(str(value).split()) or None

    def _word(self, name: str, words: Mapping[str, str]) -> str | None:
        text = self._text(name)
        return None if text is None else words.get(folded(text), text)

    def _codes(self, name: str) -> list[str] | None:
        """Recipients where they are codes; names on paper lists are no addresses, and tell of none."""
        value = self._values.get(name)
        codes = [part.strip().upper() for part in _SEVERAL.split(str(value))] if value is not None else []
        codes = [code for code in codes if code]
        return codes if codes and all(map(is_well_formed, codes)) else None

    def _day(self, name: str) -> str | None:
        value = self._moment(name)
        if isinstance(value, datetime | date):
            return value.isoformat()[:10]
        return wire_day(value, self._patterns)

    def _instant(self, name: str, *, days: bool = False) -> str | None:
        """A time with its clock; a day alone only where `days` are wanted too."""
        value = self._moment(name)
        if isinstance(value, datetime) and value.time() != time.min:
            return value.isoformat(timespec="seconds")
        text = value.isoformat()[:10] if isinstance(value, datetime | date) else wire_instant(value, self._patterns)
        return None if text is not None and not days and _plain_day(text) == text else text

    def _moment(self, name: str) -> datetime | date | str | None:
        """A cell as a time where Excel tells it as one or as its number, else as text."""
        value = self._values.get(name)
        if value is None or isinstance(value, datetime | date):
            return value
        text = self._text(name)
        if text is not None and _SERIAL.fullmatch(text) and _EXCEL_SERIALS[0] < float(text) < _EXCEL_SERIALS[1]:
            return _EXCEL_FIRST_DAY + timedelta(seconds=round(float(text) * 86_400))
        return text


def _is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _plain_day(text: str | None) -> str | None:
    """The text where it is ``YYYY-MM-DD``."""
    try:
        return None if text is None else date.fromisoformat(text).isoformat()
    except ValueError:
        return None
