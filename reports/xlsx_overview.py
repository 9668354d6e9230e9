"""The first sheet, "Tổng quan": figures, sentences, whom to call or what to do, results by group, systems."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl import Workbook

from reports import text
from reports.figure import Figure
from reports.indicators import INDICATORS, Unit
from reports.parts.calls import Call
from reports.parts.groups import GroupRow
from reports.parts.headlines import Headline
from reports.period import Period
from reports.view import AgencyView, ReportView
from reports.xlsx_cells import BOLD, PLAIN, Column, Kind, Value
from reports.xlsx_sheet import Sheet

_WIDTHS = (44, 15, 15, 30, 15, 15, 15)
_HEAD_ROWS = 3
"""Before the rows of a table: a blank one, its title, its heads."""
_KINDS: dict[Unit, Kind] = {
    "share": "share",
    "points": "points",
    "working_minutes": "hours",
    "count": "count",
    "rank": "count",
    "flag": "count",
}


def province_overview(book: Workbook, view: ReportView) -> Sheet:
    """The province's first sheet."""
    sheet = _opened(book, view)
    if view.calls:
        _title(sheet, "Cơ quan cần đôn đốc")
        for call in view.calls:
            _paragraph(
                sheet,
                f"{call.name} ({_grave(call)}): {call.reason}. Việc phải làm trước: {text.within(call.action)}.",
            )
    _title(sheet, "Đề nghị")
    _paragraph(sheet, f"Kính đề nghị {view.proposals}" if view.proposals else "Không có đề nghị.")
    _groups(sheet, view)
    sheet.keep_together(len(view.systems.rows) + _HEAD_ROWS + 1)
    _title(sheet, "Hệ thống và gián đoạn")
    _paragraph(sheet, view.systems.summary)
    heads = [
        Column("Cơ quan", 44, "name"),
        Column("Hoạt động", 15, "share"),
        Column("Số lần gián đoạn", 15, "count"),
        Column("Tổng thời gian gián đoạn", 30),
        Column("Lần lỗi cuối", 15, "moment"),
        Column("Chứng thư hết hạn", 15, "moment"),
    ]
    sheet.head(heads)
    sheet.rows(
        heads,
        [
            (
                row.name,
                row.availability.value,
                row.outages.value,
                row.down_text,
                row.last_failure_at,
                row.certificate_ends_at,
            )
            for row in view.systems.rows
        ],
    )
    _indicators(sheet, view.indicators, view.period)
    sheet.print_area(len(_WIDTHS))
    return sheet


def _grave(call: Call) -> str:
    number, grave = text.count(call.work.value), text.count(call.grave.value)
    return f"phải khắc phục {number} việc, trong đó nghiêm trọng và cao {grave}"


def agency_overview(book: Workbook, view: AgencyView) -> Sheet:
    """One agency's first sheet."""
    sheet = _opened(book, view)
    _paragraph(sheet, view.standing)
    _title(sheet, "Việc phải làm")
    if view.task:
        _paragraph(sheet, view.task.text)
        _paragraph(sheet, view.task.by or "Không có việc phải khắc phục.")
    else:
        _paragraph(
            sheet, "Không có việc đang mở." if view.agency.pulled else "Kết nối, cung cấp nhật ký gửi, nhận văn bản."
        )
    _groups(sheet, view)
    _indicators(sheet, view.indicators, view.period)
    sheet.print_area(len(_WIDTHS))
    return sheet


def _opened(book: Workbook, view: ReportView | AgencyView) -> Sheet:
    sheet = Sheet(book, "Tổng quan", _WIDTHS)
    sheet.line(view.about, size=16, bold=True, across=len(_WIDTHS))
    sheet.line(
        f"{view.period.full[0].upper()}{view.period.full[1:]}. DỰ THẢO, số liệu do hệ thống kiểm tra tự động lập.",
        italic=True,
    )
    _title(sheet, "Đánh giá chung")
    _paragraph(sheet, view.verdict)
    _figures(sheet, view.headlines, view.period)
    for topic in view.topics:
        _paragraph(sheet, f"Về {topic.name}: {topic.sentence}")
    for number, sentence in enumerate(view.sentences, start=1):
        _paragraph(sheet, f"{number}. {sentence}")
    return sheet


def _or_dash(figure: Figure) -> Value:
    """The number; a sign where there is no data."""
    return figure.value if figure.known else text.NO_DATA_CELL


def _title(sheet: Sheet, words: str) -> None:
    sheet.blank()
    sheet.line(words, size=12, bold=True)


def _paragraph(sheet: Sheet, words: str) -> None:
    sheet.line(words, across=len(_WIDTHS))


def _figures(sheet: Sheet, headlines: Sequence[Headline], period: Period) -> None:
    heads = [
        Column("Chỉ số", 44, "name"),
        Column(period.this.capitalize(), 15),
        Column(period.before.capitalize(), 15),
        Column("Thay đổi", 30),
        Column("Đánh giá", 15, "center"),
        Column("Mục tiêu", 15),
        Column("Đạt mục tiêu", 15, "center"),
    ]
    sheet.head(heads)
    for each in headlines:
        kind = _KINDS[INDICATORS[each.id].unit]
        target = each.target.value if each.target else None
        sheet.cells(
            [
                (each.title, "name", PLAIN), (_or_dash(each.now), kind, BOLD), (_or_dash(each.before), kind, PLAIN),
                (each.difference, "text", PLAIN),
                (f"{each.arrow} {each.change_text}".strip(), "center", PLAIN), (target, kind, PLAIN),
                (each.met_text or text.NO_DATA_CELL, "center", PLAIN),
            ]
        )  # fmt: skip
    sheet.blank()


def _groups(sheet: Sheet, view: ReportView | AgencyView) -> None:
    """Results by group, and what they leave out."""
    sheet.keep_together(len(view.groups) + _HEAD_ROWS)
    _title(sheet, "Kết quả theo nhóm quy tắc")
    heads = [
        Column("Nhóm", 44, "name"),
        Column("Đã kiểm tra", 15, "count"),
        Column("Vi phạm", 15, "count"),
        Column("Chưa kiểm tra được", 30, "count"),
        Column("Tỷ lệ vi phạm", 15, "share"),
    ]
    sheet.head(heads)
    sheet.rows(heads, [_group(row) for row in view.groups])
    if view.apart_note:
        sheet.line(view.apart_note, italic=True, across=len(_WIDTHS))


def _group(row: GroupRow) -> Sequence[Value]:
    """A row of results; where nothing was tested, there is no zero but what was tested."""
    left = row.not_decided.value if row.tested.value else row.not_decided.value or text.NO_DATA_CELL
    return row.title, row.tested.value, _or_dash(row.breaches), left, _or_dash(row.rate)


def _indicators(sheet: Sheet, indicators: Sequence[Headline], period: Period) -> None:
    sheet.keep_together(len(indicators) + _HEAD_ROWS)
    _title(sheet, "Tất cả chỉ số")
    sheet.head(
        [
            Column("Chỉ số", 44, "name"),
            Column(period.this.capitalize(), 15),
            Column(period.before.capitalize(), 15),
            Column("Nội dung", 75),
        ],
        merged=("D", "G"),
    )
    for each in indicators:
        kind = _KINDS[INDICATORS[each.id].unit]
        meaning = INDICATORS[each.id].meaning
        sheet.cells(
            [
                (each.title, "name", PLAIN),
                (_or_dash(each.now), kind, PLAIN),
                (_or_dash(each.before), kind, PLAIN),
                (meaning, "text", PLAIN),
            ],
            sheet.height_of(meaning, 3, 7),
            merged=("D", "G"),
        )
