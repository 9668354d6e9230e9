"""The sheets of rows: worklist, one a rule group, agencies, what is missing, rules."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from reports import text
from reports.figure import Figure
from reports.parts.gaps import NOT_CONNECTED, SHEET, Gaps
from reports.parts.groups import GroupRow
from reports.parts.heatmap import NONE_AROSE, Cell, HeatRow
from reports.view import AgencyView, ReportView
from reports.xlsx_cells import Column, Value
from reports.xlsx_sheet import Sheet

WORKLIST = "Việc cần xử lý"
STATE_HEAD, RESULT_HEAD, NOTE_HEAD, CODE_HEAD = "Trạng thái", "Kết quả của đơn vị", "Ghi chú của đơn vị", "Mã"
FOR_CLERKS = ("Đang xử lý", "Đã khắc phục", "Đã rút kinh nghiệm", "Đề nghị xem xét lại")
"""States a clerk may choose; the ledger keeps them as comments, the next judgement decides."""

_REFERENCE = "Số, ký hiệu"
_DELAY_HEADS = ("Chậm (giờ làm việc)", "Chậm (giờ đồng hồ)")
"""A column each: bars and sorting compare only what is counted alike."""
_AGENCY = (Column("Cơ quan phải xử lý", 17, "name"), "agency_name")
# What the document is, what to do about it and the answer stand together; how it was found out comes after.
_WORKLIST: tuple[tuple[Column, str], ...] = (
    (Column("Mức độ", 10, "center"), "severity_text"),
    (Column("Vi phạm", 17, "name"), "title"),
    (Column(_REFERENCE, 14, "name"), "document"),
    (Column("Ngày ban hành", 11, "day"), "issued_on"),
    (Column("Trích yếu", 30), "subject"),
    (Column("Phải làm", 10, "center"), "duty_text"),
    (Column("Cách khắc phục", 22), "remedy"),
    (Column("Xong trước", 15.5, "moment"), "act_by"),
    (Column(STATE_HEAD, 10, "fixed"), "state_text"),
    (Column(RESULT_HEAD, 13, "answer"), ""),
    (Column(NOTE_HEAD, 20, "answer"), "note"),
    (Column("Nơi gửi", 15, "name"), "sender"),
    (Column("Nơi nhận", 15, "name"), "recipient"),
    (Column("Vì sao", 26), "why"),
    (Column("Thời hạn theo quy định", 15.5, "moment"), "deadline"),
    (Column("Thực tế", 15.5, "moment"), "observed"),
    (Column(_DELAY_HEADS[0], 9, "hours"), "delay_working_hours"),
    (Column(_DELAY_HEADS[1], 9, "hours"), "delay_clock_hours"),
    (Column("Căn cứ", 24), "basis"),
    (Column("Phát hiện từ ngày", 11, "day"), "first_seen"),
    (Column("Chủ đề", 12, "name"), "topic_name"),
    (Column("Độ khẩn", 9, "center"), "urgency_text"),
    (Column(CODE_HEAD, 18.5, "center"), "finding_id"),
)
_GROUP: tuple[tuple[Column, str], ...] = (
    (Column("Mã quy tắc", 8, "center"), "code"),
    *(pair for pair in _WORKLIST if pair[1] not in ("", "remedy", "basis", "note")),
)
_INSTRUCTION = (
    f"Đơn vị chọn “{RESULT_HEAD}”, ghi “{NOTE_HEAD}” rồi gửi lại tệp này; không sửa cột “{CODE_HEAD}”. “{STATE_HEAD}” "
    "do hệ thống ghi theo nhật ký. “Rút kinh nghiệm”: vi phạm đã xảy ra, không còn việc phải khắc phục; chỉ có hạn ở "
    "cột “Xong trước” khi phải sửa cấu hình hệ thống; cách làm ghi ở sau là để không tái diễn."
)
_FIXED = f"“{STATE_HEAD}” do hệ thống ghi theo nhật ký; đơn vị trả lời ở cột “{RESULT_HEAD}”."
_ANSWER_ELSEWHERE = f"Trạng thái theo trang tính “{WORKLIST}”; đơn vị trả lời ở đó."
_NONE_FOUND = "Không có vi phạm trong phần đã kiểm tra được."
_EVERY_DAY = "Không có ngày nào thiếu nhật ký."
_NO_LOG = f"Chưa có nhật ký của ngày nào: cơ quan {NOT_CONNECTED}."
_NOT_CHECKED = f"Chưa kiểm tra được: cơ quan {NOT_CONNECTED}."


def worklist_sheet(book: Workbook, view: ReportView | AgencyView) -> Sheet:
    """The sheet "Việc cần xử lý": one row an open finding, worst first."""
    findings = view.open_findings
    pairs = _with_agency(_WORKLIST, view)
    columns = [Column("STT", 6, "number"), *(column for column, _ in pairs)]
    sheet = Sheet(book, WORKLIST, [column.width for column in columns])
    across = _place(columns, _REFERENCE)  # printed on both of two pages side by side
    of = f" của {view.agency.name}" if isinstance(view, AgencyView) else ""
    sheet.line(f"{WORKLIST}{of}, {view.period.label}", size=14, bold=True, across=across)
    sheet.line(_INSTRUCTION, italic=True, across=across)
    values = _values(findings, [source for _, source in pairs])
    sheet.nothing = _nothing(view)
    first, last = sheet.table("ViecCanXuLy", columns, values, list(findings["url"]), _REFERENCE)
    _dress(sheet, columns, first, last, view)
    sheet.worksheet.freeze_panes = f"{get_column_letter(_place(columns, _REFERENCE) + 1)}{first}"
    sheet.print_on_two_pages(_place(columns, _REFERENCE))
    sheet.choices(_place(columns, RESULT_HEAD), first, last, FOR_CLERKS, RESULT_HEAD)
    sheet.keep(_place(columns, STATE_HEAD), first, last, STATE_HEAD, _FIXED)
    return sheet


def _nothing(view: ReportView | AgencyView) -> str:
    """What a list without findings says: of an agency that gives no log nothing could be found."""
    return _NOT_CHECKED if isinstance(view, AgencyView) and not view.agency.pulled else _NONE_FOUND


def group_sheets(book: Workbook, view: ReportView | AgencyView) -> list[Sheet]:
    """One sheet a rule group: all findings of the period with their states, those resolved and waived too."""
    pairs = _with_agency(_GROUP, view)
    columns = [Column("STT", 6, "number"), *(column for column, _ in pairs)]
    sheets = []
    for group in view.groups:
        rows = view.findings[view.findings["group"] == group.group]
        sheet = Sheet(book, group.title[:31], [column.width for column in columns])
        sheet.line(f"{group.title}, {view.period.label}", size=14, bold=True)
        answer = f" {_ANSWER_ELSEWHERE}" if len(rows) else ""
        sheet.line(f"{_result(group, view)}{_listed(rows, group, view)}{answer}", italic=True, across=len(columns))
        values = _values(rows, [source for _, source in pairs])
        sheet.nothing = _none_in(group, view)
        first, last = sheet.table(f"Nhom_{group.group}", columns, values)
        _dress(sheet, columns, first, last, view)
        sheets.append(sheet)
    return sheets


def _none_in(group: GroupRow, view: ReportView | AgencyView) -> str:
    """What a group's sheet without rows says: where nothing was tested, not that nothing was wrong."""
    if isinstance(view, AgencyView) and not view.agency.pulled:
        return _NOT_CHECKED
    return _NONE_FOUND if group.tested.value else "Không có trường hợp nào kiểm tra được."


def _result(group: GroupRow, view: ReportView | AgencyView) -> str:
    """What a group of rules tested and found in the period; nothing tested is not told as no breach."""
    left = f"chưa kiểm tra được {text.count(group.not_decided.value)}"
    if not group.rate.known:
        if isinstance(view, AgencyView) and view.apart_note:
            return view.apart_note
        rest = f"; {left}" if group.not_decided.value else ""
        return f"Trong {view.period.unit}: không có trường hợp nào kiểm tra được{rest}."
    told = (
        f"đã kiểm tra {text.count(group.tested.value)}, vi phạm {text.count(group.breaches.value)} ({group.rate.text})"
    )
    return f"Trong {view.period.unit}: {told}, {left}."


def _listed(rows: pd.DataFrame, group: GroupRow, view: ReportView | AgencyView) -> str:
    """Why a sheet has another number of rows than the breaches of the period told before."""
    carried, breaches = int(rows["is_carried"].sum()), group.breaches.value or 0
    if not carried and len(rows) == breaches:
        return ""
    told = f" Danh sách có {text.count(len(rows))} dòng"
    if carried:
        told += f", gồm cả {text.count(carried)} vi phạm từ các {view.period.unit} trước chưa khắc phục"
    if len(rows) - carried != breaches:
        told += "; một văn bản vi phạm nhiều lần cùng một quy tắc tính là một vi phạm, ghi nhiều dòng"
    return f"{told}."


def _with_agency(
    pairs: tuple[tuple[Column, str], ...], view: ReportView | AgencyView
) -> tuple[tuple[Column, str], ...]:
    """The province's sheets name the agency in every row; an agency's own book need not."""
    return (_AGENCY, *pairs) if isinstance(view, ReportView) else pairs


def _values(findings: pd.DataFrame, sources: Sequence[str]) -> list[Sequence[Value]]:
    """A running number and the frame's columns; missing values are empty cells, days have no time."""
    values: list[Sequence[Value]] = [list(range(1, len(findings) + 1))]
    for source in sources:
        if not source:  # for the agency to fill in
            values.append([None] * len(findings))
            continue
        column = findings[source]
        if pd.api.types.is_datetime64_any_dtype(column):
            column = column if source in _TIMED else column.dt.normalize()
            values.append([None if stamp is pd.NaT else stamp for stamp in column.astype(object)])
        else:
            values.append(column.astype(object).tolist())
    return values


_TIMED = ("act_by", "deadline", "observed")
"""Instants told with their time; of others the day."""


def _columns(rows: Sequence[Sequence[Value]]) -> list[Sequence[Value]]:
    return list(zip(*rows, strict=True))


def _place(columns: Sequence[Column], head: str) -> int:
    return next(index for index, column in enumerate(columns, start=1) if column.head == head)


def _dress(sheet: Sheet, columns: Sequence[Column], first: int, last: int, view: ReportView | AgencyView) -> None:
    sheet.colour_severities(_place(columns, "Mức độ"), first, last, dict(view.labels["severities"]))
    for head in _DELAY_HEADS:
        sheet.bars(_place(columns, head), first, last)


def agencies_sheet(book: Workbook, view: ReportView) -> Sheet:
    """The sheet "Cơ quan": ranking and breaches by group; empty where nothing could be checked."""
    titles = [view.labels["groups_short"][group] for group in view.heatmap.groups]
    columns = [
        Column("Hạng", 7, "count"), Column(f"So với {view.period.before}", 9, "center"),
        Column("Cơ quan", 38, "name"), Column("Chỉ số tuân thủ", 10, "points"),
        Column(f"Chỉ số {view.period.before}", 10, "points"), Column("Phản hồi trong ngày", 11, "share"),
        Column("Chưa khắc phục", 10, "count"),
        *(Column(f"Phải xong {due}", 14, "count") for due in view.due),
        *(Column(title, 10, "count") for title in titles),
        Column("Tổng vi phạm", 10, "count"), Column("Quy tắc chưa kiểm tra được", 30),
    ]  # fmt: skip
    cells = {row.agency: row for row in view.heatmap.rows}
    rows: list[Sequence[Value]] = [
        (
            place.rank.value, place.moved, place.marked_name, place.index.value, place.index_before.value,
            place.acknowledged.value, _or_unchecked(place.open, cells[place.agency].connected),
            _or_unchecked(place.urgent, cells[place.agency].connected),
            _or_unchecked(place.regular, cells[place.agency].connected),
            *(_shown(cell) for cell in cells[place.agency].cells),
            _or_unchecked(cells[place.agency].total, connected=True), _unchecked(cells[place.agency]),
        )
        for place in view.ranking
    ]  # fmt: skip
    sheet = Sheet(book, "Cơ quan", [column.width for column in columns])
    sheet.line(f"Xếp hạng và số vi phạm theo nhóm quy tắc, {view.period.label}", size=14, bold=True)
    sheet.line(
        f"{view.heatmap.shade} Các bậc: {'; '.join(view.heatmap.key)}. “–” ở các cột nhóm quy tắc: chưa kiểm tra được, "
        f"không phải bằng không; ô trống: không phát sinh. {view.ranking_note}",
        italic=True,
        across=len(columns),
    )
    shades = {
        title: [cells[place.agency].cells[index].level for place in view.ranking] for index, title in enumerate(titles)
    }
    first, _ = sheet.table("CoQuan", columns, _columns(rows), shades=shades)
    sheet.worksheet.freeze_panes = f"D{first}"
    return sheet


def _or_unchecked(number: Figure, connected: bool) -> Value:
    """A number; `–` where nobody could count, and of an agency that provides no log never 0."""
    if number.text == NONE_AROSE:
        return None
    return text.NO_DATA_CELL if number.value is None or not (connected or number.value) else number.value


def _shown(cell: Cell) -> Value:
    return text.NO_DATA_CELL if cell.state == "unchecked" else cell.breaches.value


def _unchecked(row: HeatRow) -> str:
    return row.unchecked_text if row.connected else "Chưa kết nối: tất cả"


def gaps_sheet(book: Workbook, gaps: Gaps) -> Sheet:
    """The sheet "Dữ liệu chưa có": days without a log, and rules that could not be tested."""
    columns = [
        Column("Cơ quan", 38, "name"),
        Column("Tình trạng", 18),
        Column("Ngày", 13, "day"),
        Column("Phần thiếu", 36),
        Column("Lý do", 60),
    ]
    sheet = Sheet(book, SHEET, [column.width for column in columns])
    sheet.line("Dữ liệu chưa có và nội dung chưa kiểm tra được", size=14, bold=True)
    sheet.line(gaps.summary, italic=True)
    days = [(gap.name, gap.state_text, day, gap.tables_text, gap.reason) for gap in gaps.days for day in gap.days]
    sheet.nothing = _NO_LOG if gaps.without_log else _EVERY_DAY
    sheet.table("DuLieuChuaCo", columns, _columns(days))
    sheet.blank()
    sheet.line("Quy tắc có trường hợp chưa kiểm tra được", bold=True)
    heads = [
        Column("Cơ quan", 38, "name"),
        Column("Số trường hợp", 18, "count"),
        Column("Số quy tắc", 13, "count"),
        Column("Quy tắc", 36),
        Column("Lý do", 60),
    ]
    sheet.head(heads)
    sheet.rows(
        heads,
        [(gap.agencies_text, gap.not_decided.value, len(gap.rules), gap.rules_text, gap.reason) for gap in gaps.rules],
    )
    if gaps.untold:
        sheet.blank()
        sheet.line("Thông tin mà hệ thống, sổ, danh mục của cơ quan chưa có", bold=True)
        told = [
            Column("Cơ quan", 38, "name"),
            Column("Tình trạng", 18),
            Column("Số quy tắc", 13, "count"),
            Column("Quy tắc chưa kiểm tra được", 36),
            Column("Thông tin chưa có", 60),
        ]
        sheet.head(told)
        sheet.rows(
            told, [(each.name, each.state_text, len(each.rules), each.rules_text, each.told) for each in gaps.untold]
        )
        sheet.blank()
    for note in gaps.notes:
        sheet.line(note)
    sheet.print_area(len(columns))
    return sheet


def rules_sheet(book: Workbook, view: ReportView | AgencyView) -> Sheet:
    """The sheet "Quy tắc": every rule with its citations, weight and result."""
    columns = [
        Column("Mã", 6, "center"), Column("Nhóm", 20, "name"), Column("Quy tắc", 32, "name"),
        Column("Mức độ", 13, "center"), Column("Trọng số", 8, "count"),
        Column("Căn cứ", 62), Column("Tính chất", 26), Column("Cách khắc phục", 40),
        Column("Đã kiểm tra", 11, "count"), Column("Vi phạm", 10, "count"),
        Column("Chưa kiểm tra được", 11, "count"), Column("Tỷ lệ vi phạm", 10, "share"),
        Column("Kết quả", 16, "center"),
    ]  # fmt: skip
    rows: list[Sequence[Value]] = [
        (
            rule.code, rule.group_title, rule.title, rule.severity_text, rule.weight, rule.basis_text, rule.kind_text,
            rule.remedy,
            rule.tested.value, rule.breaches.value, rule.not_decided.value, rule.rate.value, rule.outcome_text,
        )
        for rule in view.rules
    ]  # fmt: skip
    sheet = Sheet(book, "Quy tắc", [column.width for column in columns])
    sheet.line("Quy tắc kiểm tra, căn cứ và kết quả", size=14, bold=True)
    sheet.line(
        "Chỉ số tuân thủ = 100 × (1 − Σ w·r / Σ w), trên các quy tắc kiểm tra được; r: tỷ lệ vi phạm; w: trọng số. "
        "Tính chất: “ngưỡng hoặc cách đối chiếu theo chính sách của tỉnh”: nghĩa vụ do pháp luật quy định, số giờ, số "
        "ngày, danh mục dùng để kiểm tra do tỉnh đặt; “Chính sách của tỉnh”: yêu cầu do tỉnh đặt, không phải quy định "
        "của pháp luật. Công văn của tỉnh đôn đốc thực hiện quy định không làm đổi tính chất của quy tắc. Mức độ ở đây "
        "là mức cơ sở: một số quy tắc tăng mức với văn bản khẩn; văn bản thuộc chủ đề ưu tiên tăng thêm một mức."
        + (f" {view.apart_note}" if view.apart_note else ""),
        italic=True,
        across=len(columns),
    )
    first, last = sheet.table("QuyTac", columns, _columns(rows))
    sheet.colour_severities(4, first, last, dict(view.labels["severities"]))
    sheet.worksheet.freeze_panes = f"D{first}"
    return sheet
