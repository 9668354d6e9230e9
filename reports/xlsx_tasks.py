"""The sheet "Việc từng cơ quan": what is asked of each agency and by when, of all of them."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl import Workbook

from reports import text
from reports.parts.tasks import SHEET
from reports.view import ReportView
from reports.xlsx_cells import Column, Value
from reports.xlsx_sheet import Sheet


def tasks_sheet(book: Workbook, view: ReportView) -> Sheet:
    """One row an agency with open findings, in the report's order; the report has room for some of them."""
    soon, later = (f"Trước {by}" for by in view.due)
    past = "Đã xảy ra"
    columns = [
        Column("STT", 6, "number"), Column("Cơ quan", 38, "name"), Column("Việc phải làm trước", 90),
        Column(soon, 15, "count"), Column(later, 15, "count"), Column(past, 15, "count"),
    ]  # fmt: skip
    sheet = Sheet(book, SHEET, [column.width for column in columns])
    sheet.line(f"Đề nghị các cơ quan thực hiện, {view.period.label}", size=14, bold=True)
    sums = view.task_sums
    who, urgent, regular, learnt = (
        text.count(each.value) for each in (sums.agencies, sums.urgent, sums.regular, sums.past)
    )
    told = f"{soon}: {urgent} việc. {later}: {regular} việc. {past}: {learnt}. {view.past_note}".rstrip()
    sheet.line(f"Toàn tỉnh, {who} cơ quan. {told}" if view.tasks else "", italic=True, across=len(columns))
    rows: list[Sequence[Value]] = [
        (number, task.name, task.text, task.urgent.value, task.regular.value, task.past.value)
        for number, task in enumerate(view.tasks, start=1)
    ]
    sheet.nothing = "Không có vi phạm phải khắc phục trong phần dữ liệu đã có."
    sheet.table("ViecTungCoQuan", columns, list(zip(*rows, strict=True)))
    return sheet
