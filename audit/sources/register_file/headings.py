"""Where the header of a register stands, and which column of the contract each heading means.

The headings of NĐ 30/2020/NĐ-CP Phụ lục IV and of the systems in ``wire.md`` section 3, and what clerks make of them,
are built in; ``mapping`` in the settings goes before them. Headings are compared without accents, case, punctuation and
remarks in brackets.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from audit.sources.register_file.sheets import Cell
from audit.unicode_forms import nfd

HEADER_ROWS_MAX: Final = 60
"""Nobody writes more above a table."""
COLUMNS_NEEDED: Final = 3
_BRACKETS: Final = re.compile(r"\([^()]*\)")
_NO_LETTER: Final = re.compile(r"[^a-z0-9]+")

_ALIASES: Final[Mapping[str, str]] = {
    "reference": "số ký hiệu văn bản|số ký hiệu|số và ký hiệu|số và ký hiệu văn bản|số kí hiệu|ký hiệu văn bản"
    "|số ký hiệu vb|số hiệu văn bản|số văn bản|sovanban|số hiệu|doccode",
    "number": "số đi|số vb đi|số văn bản đi|số",
    "notation": "ký hiệu|code notation|codenotation",
    "issued_date": "ngày tháng văn bản|ngày tháng năm văn bản|ngày văn bản|ngày tháng vb|ngày vb|ngày ban hành"
    "|ngày phát hành|ngày tháng ban hành|ngaybanhanh|ngaytrenvb|ngày",
    "type_and_subject": "tên loại và trích yếu nội dung|tên loại và trích yếu nội dung văn bản|tên loại và trích yếu"
    "|tên loại trích yếu|tên loại và trích yếu văn bản",
    "doc_type": "loại văn bản|loại vb|tên loại|loaivanban|hình thức văn bản",
    "subject": "trích yếu|trích yếu nội dung|nội dung|nội dung trích yếu|trichyeu|trích yếu văn bản",
    "signer_name": "người ký|người ký văn bản|họ tên người ký|nguoikyvanbantext",
    "signer_position": "chức vụ|chức vụ người ký",
    "signed_at": "ngày ký|thời gian ký",
    "recipients": "nơi nhận văn bản|nơi nhận|noinhan|nơi nhận vb",
    "sender": "tác giả|tác giả văn bản|cq ban hành|cơ quan ban hành|đơn vị ban hành|đơn vị gửi|cơ quan gửi|nơi gửi"
    "|nơi ban hành|coquanguitext|mã định danh cơ quan gửi",
    "arrived_at": "ngày đến|ngày tháng đến|ngày nhận|thời gian đến|thời gian nhận|ngayden|ngày giờ đến",
    "arrival_number": "số đến|số vb đến|soden|số thứ tự đến|số văn bản đến",
    "forwarded_at": "ngày chuyển|ngày tháng chuyển|thời gian chuyển",
    "due_at": "hạn xử lý|thời hạn|thời hạn giải quyết|hạn giải quyết|thoihangq|hạn trả lời",
    "completed_at": "ngày hoàn thành|thời gian hoàn thành",
    "urgency": "độ khẩn|mức độ khẩn|dokhan",
    "secrecy": "độ mật|mức độ mật|domat",
    "page_count": "số trang|sotrang",
    "document_uid": "mã định danh văn bản|documentid|mã văn bản",
    "ignored": "stt|tt|ghi chú|ký nhận|số lượng bản|số bản|đơn vị người nhận bản lưu|đơn vị hoặc người nhận|sổ vb"
    "|sổ văn bản|lĩnh vực|trạng thái|đơn vị soạn|người soạn|đơn vị người nhận|nơi lưu",
}
COLUMNS: Final = frozenset(_ALIASES) - {"ignored"}
"""What a heading may be mapped to."""
KEY_COLUMNS: Final = frozenset({"reference", "number", "notation", "document_uid"})
INCOMING_MARKS: Final = frozenset({"arrived_at", "arrival_number", "sender"})


def folded(text: str) -> str:
    """A heading as it is compared: without accents, case, punctuation and remarks in brackets."""
    plain = nfd(_BRACKETS.sub(" ", text).casefold().replace("đ", "d"))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _NO_LETTER.sub(" ", letters).strip()


_BUILT_IN: Final = {folded(alias): column for column, aliases in _ALIASES.items() for alias in aliases.split("|")}


class Header(NamedTuple):
    """A header that was found."""

    columns: Mapping[str, int]
    """Place in a row of each column of the contract."""
    ends_at: int
    """Index of the first row below it."""
    unknown: tuple[str, ...] = ()
    """Headings that nothing is known of."""

    @property
    def is_incoming(self) -> bool:
        """Whether it is of a register of incoming documents."""
        return bool(INCOMING_MARKS & self.columns.keys())


def find_header(rows: Sequence[Sequence[Cell]], mapping: Mapping[str, str]) -> Header | None:
    """The header of a sheet: the first row, alone or with the one below it, that names enough columns; None: none."""
    known = _BUILT_IN | {folded(heading): column for heading, column in mapping.items()}
    best: Header | None = None
    for place in range(min(len(rows), HEADER_ROWS_MAX)):
        for height in (1, 2):
            found = _header(rows[place : place + height], place + height, known)
            if found is not None and (best is None or len(found.columns) > len(best.columns)):
                best = found
        if best is not None and place > best.ends_at:
            break
    return best


def _header(rows: Sequence[Sequence[Cell]], ends_at: int, known: Mapping[str, str]) -> Header | None:
    columns: dict[str, int] = {}
    unknown = []
    for place in range(max(map(len, rows), default=0)):
        # the lower row is the more precise one: "Văn bản" stands over "Số, ký hiệu" and "Ngày tháng"
        texts = [row[place] for row in reversed(rows) if place < len(row)]
        names = [text for text in texts if isinstance(text, str) and text.strip()]
        column = next((known[folded(name)] for name in names if folded(name) in known), None)
        if column is None:
            unknown += names[:1]
        elif column != "ignored":
            columns.setdefault(column, place)
    if len(columns) < COLUMNS_NEEDED or not KEY_COLUMNS & columns.keys():
        return None
    return Header(columns, ends_at, tuple(unknown))
