"""A sheet of a workbook: rows from top to bottom, named tables, conditional looks, print set-up.

openpyxl keeps styles, tables, validations, charts and print set-up; the cells are serialised by `xlsx_cells` and
spliced into the sheet when the archive is written (`xlsx`). There is no way to write a formula through this class.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl.cell import Cell
from openpyxl.formatting.rule import CellIsRule, DataBarRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from reports.labels import SEVERITIES
from reports.xlsx_cells import (
    HEAD,
    LINE_HEIGHT,
    LINK,
    PLAIN,
    WHITE_ON,
    Column,
    Kind,
    Look,
    Value,
    column_xml,
    dress,
    heights,
)

_SEVERITY_COLOURS = {
    "critical": ("9C0006", "FFC7CE"),
    "high": ("7F3F00", "FFD9B3"),
    "medium": ("7F6000", "FFF2CC"),
    "low": ("404040", "EDEDED"),
}


_ROW_HEIGHT = 15.0
"""Points of a row that says nothing of its height."""
_PAGE_HEIGHT = 495.0
"""Points that A4 across has between its margins, for a sheet that is hardly wider than the paper."""


class Sheet:
    """One sheet. Rows are added from top to bottom; `table` adds heads and rows and sets freeze, filter and repeated
    heads. `links` are external addresses by cell; `nothing` is what a table without rows says.
    """

    def __init__(self, book: Workbook, name: str, widths: Sequence[float]) -> None:
        self.worksheet: Worksheet = book.create_sheet(name)
        self.row = 0
        self.widths = tuple(widths)
        self.links: dict[str, str] = {}
        self.nothing = "Không có dòng nào."
        self._chunks: list[str] = []
        self._printed = 0.0
        self._styles: dict[tuple[Kind, Look], int] = {}
        for index, width in enumerate(widths, start=1):
            self.worksheet.column_dimensions[get_column_letter(index)].width = width
        self._set_up_printing()

    @property
    def xml(self) -> bytes:
        """The rows written so far, as they stand inside `<sheetData>`."""
        return "".join(self._chunks).encode()

    @property
    def extent(self) -> str:
        """The range of all cells."""
        return f"A1:{get_column_letter(len(self.widths))}{max(self.row, 1)}"

    def _set_up_printing(self) -> None:
        sheet = self.worksheet
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_margins.left = sheet.page_margins.right = 0.4
        sheet.page_margins.top, sheet.page_margins.bottom = 0.5, 0.7
        sheet.page_margins.header = sheet.page_margins.footer = 0.3
        sheet.print_options.horizontalCentered = True
        footer: Any = sheet.oddFooter
        footer.left.text, footer.center.text = "&A", "Trang &P/&N"
        sheet.sheet_view.showGridLines = False
        sheet.sheet_view.zoomScale = 90

    def style(self, kind: Kind, look: Look = PLAIN) -> int:
        """The number of a style in the workbook, made on first use."""
        if (kind, look) not in self._styles:
            cell = Cell(self.worksheet, row=1, column=1)
            dress(cell, kind, look)
            self._styles[kind, look] = cell.style_id
        return self._styles[kind, look]

    def keep_together(self, rows: int) -> None:
        """So many rows that follow are printed on one page, so that a table's heads stand above all of its rows."""
        if self._printed + rows * _ROW_HEIGHT > _PAGE_HEIGHT:
            self.worksheet.row_breaks.append(Break(id=self.row))
            self._printed = 0.0

    def blank(self) -> None:
        """An empty row."""
        self.row += 1
        self._printed += _ROW_HEIGHT

    def line(self, text: str, *, size: int = 11, bold: bool = False, italic: bool = False, across: int = 0) -> None:
        """Text in column A; `across` merges that many columns, wraps the text and makes the row as high as it needs."""
        look = Look(size, bold, italic, border=False, wrap=bool(across))
        height = None
        if across:
            height = self.height_of(text, 0, across, size)
            self.worksheet.merged_cells.add(f"A{self.row + 1}:{get_column_letter(across)}{self.row + 1}")
        self.cells([(text, "text", look)], height)

    def height_of(self, text: str, first: int, stop: int, size: int = 11) -> float:
        """How high, in points, a row is that shows the text wrapped in the columns from `first` until before `stop`."""
        room = sum(self.widths[first:stop]) * 1.1 * 11 / size
        return LINE_HEIGHT * size / 11 * max(math.ceil(len(text) / room), 1) + 2

    def head(self, columns: Sequence[Column], merged: tuple[str, str] | None = None) -> None:
        """A row of heads, as high as the longest needs; `merged` as in `cells`."""
        lines = max(math.ceil(len(column.head) / max(column.width - 0.5, 1)) for column in columns)
        self.cells([(column.head, "text", HEAD) for column in columns], LINE_HEIGHT * lines + 5, merged)

    def cells(
        self,
        cells: Sequence[tuple[Value, Kind, Look]],
        height: float | None = None,
        merged: tuple[str, str] | None = None,
    ) -> None:
        """One row of cells with their own kinds and looks; `merged` names the first and last column of a merged
        stretch.
        """
        self.row += 1
        made = "".join(
            self._column([value], kind, get_column_letter(place), look, self.row)[0]
            for place, (value, kind, look) in enumerate(cells, start=1)
        )
        if merged:
            self.worksheet.merged_cells.add(f"{merged[0]}{self.row}:{merged[1]}{self.row}")
        self._printed += height or _ROW_HEIGHT
        sized = f' ht="{height:g}" customHeight="1"' if height else ""
        self._chunks.append(f'<row r="{self.row}"{sized}>{made}</row>')

    def columns(
        self,
        columns: Sequence[Column],
        values: Sequence[Sequence[Value]],
        links: Sequence[str] = (),
        linked: str = "",
        shades: Mapping[str, Sequence[int]] | None = None,
    ) -> None:
        """Rows given as one sequence of values a column; `links` (one a row, `""` = none) go to the column with the
        head `linked`; `shades` are levels of the heat map by a column's head, one a row.
        """
        first = self.row + 1
        made = [
            self._column(each, column.kind, get_column_letter(place), PLAIN, first)
            for place, (column, each) in enumerate(zip(columns, values, strict=True), start=1)
        ]
        if linked:
            place = next(index for index, column in enumerate(columns) if column.head == linked)
            self._link(made[place], values[place], columns[place].kind, get_column_letter(place + 1), links, first)
        for place, column in enumerate(columns):
            self._shade(made[place], values[place], column.kind, (place, first), (shades or {}).get(column.head, ()))
        tall = heights(columns, values)
        self._chunks.extend(
            f'<row r="{row}" ht="{height:g}">{"".join(cells)}</row>'
            for row, (height, *cells) in enumerate(zip(tall, *made, strict=True), start=first)
        )
        self.row += len(values[0])
        self._printed += sum(tall)

    def rows(self, columns: Sequence[Column], rows: Sequence[Sequence[Value]]) -> None:
        """Rows of values in the columns' kinds."""
        if rows:
            self.columns(columns, list(zip(*rows, strict=True)))

    def _column(self, values: Sequence[Value], kind: Kind, letter: str, look: Look, first: int) -> list[str]:
        return column_xml(values, kind, look, (letter, first), self.style)

    def _link(
        self, made: list[str], values: Sequence[Value], kind: Kind, letter: str, links: Sequence[str], first: int
    ) -> None:
        for index, url in enumerate(links):
            if url and values[index]:
                made[index] = self._column([values[index]], kind, letter, LINK, first + index)[0]
                self.links[f"{letter}{first + index}"] = url

    def _shade(
        self, made: list[str], values: Sequence[Value], kind: Kind, place: tuple[int, int], shades: Sequence[int]
    ) -> None:
        letter, first = get_column_letter(place[0] + 1), place[1]
        for index, level in enumerate(shades):
            if level > 0:
                look = Look(shade=level, bold=level >= WHITE_ON)
                made[index] = self._column([values[index]], kind, letter, look, first + index)[0]

    def table(
        self,
        name: str,
        columns: Sequence[Column],
        values: Sequence[Sequence[Value]],
        links: Sequence[str] = (),
        linked: str = "",
        shades: Mapping[str, Sequence[int]] | None = None,
    ) -> tuple[int, int]:
        """Heads and columns of values as a named, filtered table with frozen, repeated heads; returns the first and
        last row of the data. `links`, `shades` as in `columns`.

        Without rows there is a head and a line that says so, because a table without rows is not valid.
        """
        self.head(columns)
        first = self.row + 1
        self.worksheet.freeze_panes = f"A{first}"
        self.worksheet.print_title_rows = f"{self.row}:{self.row}"
        if not values or not values[0]:
            self.line(self.nothing, italic=True, across=len(columns))
        else:
            self.columns(columns, values, links, linked, shades)
            self._name_table(name, columns, first - 1)
        self.print_area(len(columns))
        return first, self.row

    def _name_table(self, name: str, columns: Sequence[Column], head: int) -> None:
        ref = f"A{head}:{get_column_letter(len(columns))}{self.row}"
        table = Table(displayName=name, name=name, ref=ref, autoFilter=AutoFilter(ref=ref))
        table.tableColumns = [TableColumn(id=index, name=column.head) for index, column in enumerate(columns, start=1)]
        table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
        self.worksheet.add_table(table)

    def print_on_two_pages(self, last_repeated: int) -> None:
        """For sheets too wide to be read on one page: two pages side by side, the first columns on both."""
        self.worksheet.page_setup.fitToWidth = 2
        self.worksheet.page_setup.pageOrder = "overThenDown"
        self.worksheet.print_title_cols = f"A:{get_column_letter(last_repeated)}"

    def print_area(self, columns: int) -> None:
        """Everything written so far, `columns` wide."""
        self.worksheet.print_area = f"A1:{get_column_letter(columns)}{self.row}"

    def colour_severities(self, column: int, first: int, last: int, words: dict[str, str]) -> None:
        """Fills by severity; the word stands in the cell, so nothing depends on seeing colours."""
        area = f"{get_column_letter(column)}{first}:{get_column_letter(column)}{last}"
        for severity in SEVERITIES:
            font, fill = _SEVERITY_COLOURS[severity]
            look = {
                "font": Font(color=f"FF{font}", bold=severity == "critical"),
                "fill": PatternFill(bgColor=f"FF{fill}"),
            }
            self.worksheet.conditional_formatting.add(
                area,
                CellIsRule(  # type: ignore[no-untyped-call]
                    operator="equal", formula=[f'"{words[severity]}"'], **look
                ),
            )

    def bars(self, column: int, first: int, last: int) -> None:
        """Data bars for a column of delays."""
        area = f"{get_column_letter(column)}{first}:{get_column_letter(column)}{last}"
        bars = DataBarRule("num", 0, "max", color="F4B183", showValue=True)  # type: ignore[no-untyped-call]
        self.worksheet.conditional_formatting.add(area, bars)

    def choices(self, column: int, first: int, last: int, words: Sequence[str], head: str) -> None:
        """A drop-down of the words; what stands there already is left alone."""
        validation = DataValidation(
            type="list", formula1=f'"{",".join(words)}"', allow_blank=True, showErrorMessage=True
        )
        self._validate(validation, (column, first, last), head, f"Chọn một trong: {', '.join(words)}.")

    def keep(self, column: int, first: int, last: int, head: str, why: str) -> None:
        """Whatever is typed over what the program wrote is turned away with the reason. The sheet is not protected:
        that would take sorting and filtering away, too.
        """
        validation = DataValidation(type="custom", formula1="FALSE", allow_blank=False, showErrorMessage=True)
        self._validate(validation, (column, first, last), head, why)

    def _validate(self, validation: DataValidation, place: tuple[int, int, int], title: str, error: str) -> None:
        column, first, last = place
        validation.errorTitle, validation.error = title, error
        validation.add(f"{get_column_letter(column)}{first}:{get_column_letter(column)}{last}")
        self.worksheet.add_data_validation(validation)

    def page_heads(self, left: str, right: str) -> None:
        """What stands above every printed page, so that a sheet of paper by itself tells whose it is."""
        header: Any = self.worksheet.oddHeader
        header.left.text, header.right.text = (text.replace("&", "&&") for text in (left, right))
