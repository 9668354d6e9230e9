"""The sheet "Xu hướng": twelve periods as numbers, and native charts over them with the target as a second line."""

from __future__ import annotations

from typing import Any

from openpyxl import Workbook
from openpyxl.chart import LineChart, Reference
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.utils import get_column_letter

from reports.indicators import HEADLINES, Unit
from reports.parts.trend import Series
from reports.view import AgencyView, ReportView
from reports.xlsx_cells import DARK, Column, Kind
from reports.xlsx_sheet import Sheet

_KINDS: dict[Unit, Kind] = {"share": "share", "points": "points", "count": "count"}
_CHARTS_COLUMNS = 18
"""What three charts side by side take."""
_FORMATS = {"share": "0.0%", "points": "0.0", "count": "#,##0"}
_MOST: dict[Unit, int] = {"share": 1, "points": 100}
"""Where the axis ends; Excel alone would go on to 100,5 over a line at 100."""
_TARGET_COLOUR = "A8430A"


def trend_sheet(book: Workbook, view: ReportView | AgencyView) -> Sheet:
    """One row a period, one column an indicator, the targets beside; periods without data are empty cells."""
    columns = [Column(view.period.unit.capitalize(), 10, "center"), Column("Từ ngày", 12, "day")]
    columns += [Column(series.title, 13, _KINDS[series.indicator.unit]) for series in view.trend]
    targets = [series for series in view.trend if series.target]
    columns += [Column(f"Mục tiêu: {series.title}", 13, _KINDS[series.indicator.unit]) for series in targets]
    sheet = Sheet(book, "Xu hướng", [column.width for column in columns])
    sheet.line(f"Xu hướng đến {view.period.label}", size=14, bold=True)
    told = " ".join(["Ô trống: chưa có dữ liệu, không phải bằng không.", *view.balance])
    sheet.line(told, italic=True, across=len(columns))
    rows = []
    for index, point in enumerate(view.trend[0].points):
        values = [series.points[index].figure.value for series in view.trend]
        wanted = [series.target.value for series in targets if series.target]
        rows.append((point.tick, point.start, *values, *wanted))
    first, last = sheet.table("XuHuong", columns, list(zip(*rows, strict=True)))
    place = {column.head: index for index, column in enumerate(columns, start=1)}
    charted = [series for series in view.trend if series.indicator.id in HEADLINES]
    for number, series in enumerate(charted):
        chart = _chart(sheet, series, place, first, last)
        sheet.worksheet.add_chart(
            chart, f"{'A' if number % 3 == 0 else 'G' if number % 3 == 1 else 'M'}{last + 3 + 17 * (number // 3)}"
        )
    widest = max(len(columns), _CHARTS_COLUMNS)
    sheet.worksheet.print_area = f"A1:{get_column_letter(widest)}{last + 38}"
    return sheet


def _chart(sheet: Sheet, series: Series, place: dict[str, int], first: int, last: int) -> Any:
    chart: Any = LineChart()
    chart.title, chart.style = series.title, 2
    chart.height, chart.width = 7.5, 13.5
    heads = [series.title, *([f"Mục tiêu: {series.title}"] if series.target else [])]
    for head in heads:
        chart.add_data(
            Reference(sheet.worksheet, min_col=place[head], min_row=first - 1, max_row=last), titles_from_data=True
        )
    chart.set_categories(Reference(sheet.worksheet, min_col=1, min_row=first, max_row=last))
    line = chart.series[0]
    line.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=DARK, w=28000))
    line.marker.symbol, line.marker.size, line.smooth = "circle", 5, False
    line.marker.graphicalProperties = GraphicalProperties(solidFill=DARK)
    if series.target:
        wanted = chart.series[1]
        wanted.graphicalProperties = GraphicalProperties(
            ln=LineProperties(solidFill=_TARGET_COLOUR, w=16000, prstDash="dash")
        )
        wanted.marker.symbol, wanted.smooth = "none", False
    chart.legend.position = "b"
    chart.y_axis.number_format = _FORMATS[series.indicator.unit]
    chart.y_axis.delete = chart.x_axis.delete = False
    chart.display_blanks = "gap"
    if series.indicator.unit in _MOST:
        chart.y_axis.scaling.max = _MOST[series.indicator.unit]
    return chart
