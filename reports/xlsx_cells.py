"""Cells of a workbook as XML: kinds, looks, and the serialisation of whole columns. Text is text, never a formula.

The cells are written here and not by openpyxl because there are hundreds of thousands of them: measured, 4 µs a cell
against 27 µs in openpyxl's write-only mode, which has to look at each cell by itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from xml.sax.saxutils import escape

import numpy as np
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

from reports import text

Kind = Literal[
    "text", "name", "center", "fixed", "answer", "number", "count", "hours", "share", "points", "day", "moment"
]
"""`fixed` and `answer`: what the reader must not change, and what is to be filled in; `number`: a position, unlike a
count in the middle of its cell.
"""
Value = str | float | int | date | datetime | None

FONT = "Times New Roman"
DARK = "1F4E79"
CELL_LIMIT = 32767
LINE_HEIGHT = 14.5
_TALLEST = 400.0
_EPOCH = datetime(1899, 12, 30)
_TEXTS = ("text", "name", "center", "fixed", "answer")

_FORMATS: dict[Kind, str] = {
    "number": "0", "count": "#,##0", "hours": "[=0]0;[<0.05]0.00;#,##0.0", "share": "0.0%", "points": "0.0",
    "day": "dd/mm/yyyy", "moment": "dd/mm/yyyy hh:mm",
}  # fmt: skip
_ALIGNED: dict[Kind, str] = {
    "center": "center", "fixed": "center", "number": "center", "day": "center", "moment": "center",
    "text": "left", "name": "left", "answer": "left",
}  # fmt: skip
_CAREFUL: tuple[Kind, ...] = ("share", "points")
"""Kinds of numbers that must not round to everything or nothing where they are not that."""
_FILLS: dict[Kind, str] = {"fixed": "EDEDED", "answer": "FFFBE6"}
_THIN = Side(style="thin", color="BFBFBF")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_MIGHT_RUN = ("=", "+", "-", "@", "|", "%")
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its head, its width in characters, and what its cells hold."""

    head: str
    width: float
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Look:
    """What a cell looks like beyond its kind; `decimals` of shares and points only."""

    size: int = 11
    bold: bool = False
    italic: bool = False
    border: bool = True
    wrap: bool = False
    head: bool = False
    link: bool = False
    quoted: bool = False
    shade: int = 0
    decimals: int = 1


SHADES = ("FFFFFF", "E6EEF6", "C6D8EA", "97B8D6", "4D7CAB", "173F66")
"""Of the heat map, from no breach on: those of paper and page."""
WHITE_ON = 4
"""From this shade on the number is white."""
PLAIN, BOLD, LINK, HEAD = Look(), Look(bold=True), Look(link=True), Look(head=True, bold=True)


def safe_text(value: str) -> str:
    """Text as a spreadsheet will show it: without characters that XML forbids, with `_x0041_` kept from being read as
    an escape.
    """
    return _ESCAPED.sub("_x005F_", _ILLEGAL.sub("", value))[:CELL_LIMIT]


def dress(cell: Cell, kind: Kind, look: Look) -> None:
    """Gives a cell the style of a kind and a look."""
    colour = "FFFFFF" if look.head or look.shade >= WHITE_ON else "0563C1" if look.link else "000000"
    underline: Literal["single"] | None = "single" if look.link else None
    cell.font = Font(name=FONT, size=look.size, bold=look.bold, italic=look.italic, color=colour, underline=underline)
    wrap = look.head or look.wrap or (look.border and kind in _TEXTS)
    cell.alignment = Alignment(
        horizontal="center" if look.head else _ALIGNED.get(kind, "right"),
        vertical="center" if look.head else "top",
        wrap_text=wrap,
        indent=1 if look.border and not look.head and kind in ("text", "name") else 0,
    )
    if look.border:
        cell.border = _BORDER
    if look.head or look.shade or kind in _FILLS:
        colour = DARK if look.head else SHADES[look.shade] if look.shade else _FILLS[kind]
        cell.fill = PatternFill("solid", fgColor=colour)
    if kind in _FORMATS:
        usual = _FORMATS[kind]
        cell.number_format = usual.replace("0.0", f"0.{'0' * look.decimals}") if kind in _CAREFUL else usual
    cell.quotePrefix = look.quoted


Styles = Callable[[Kind, Look], int]
"""The number of a style in the workbook."""


def column_xml(values: Sequence[Value], kind: Kind, look: Look, place: tuple[str, int], styles: Styles) -> list[str]:
    """The cells of one column from `place` (letter, first row) downwards."""
    letter, first = place
    if kind in _TEXTS:
        bodies = _bodies(values, kind, look, styles)
        return [f'<c r="{letter}{row}"{bodies[value]}' for row, value in enumerate(values, start=first)]
    if kind in _CAREFUL:
        looks = [replace(look, decimals=_decimals(value, kind)) for value in values]
        return [
            _number(value, f'<c r="{letter}{row}" s="{styles(kind, each)}"')
            for row, (value, each) in enumerate(zip(values, looks, strict=True), start=first)
        ]
    style = styles(kind, look)
    return [_number(value, f'<c r="{letter}{row}" s="{style}"') for row, value in enumerate(values, start=first)]


def _decimals(value: Value, kind: Kind) -> int:
    """With how many decimals a cell shows what it holds, which is the true number: as many as the text beside it."""
    if not isinstance(value, int | float) or math.isnan(value):
        return 1
    return text.share_decimals(value if kind == "share" else value / 100)


def _bodies(values: Iterable[Value], kind: Kind, look: Look, styles: Styles) -> dict[Value, str]:
    """Each distinct text's cell after its reference; what a spreadsheet might run is marked as text for good
    (quote prefix).
    """
    bodies: dict[Value, str] = {}
    for value in dict.fromkeys(values):
        shown = safe_text(value) if isinstance(value, str) else ""
        if not shown:
            bodies[value] = f' s="{styles(kind, look)}"/>'
            continue
        style = styles(kind, replace(look, quoted=True) if shown.startswith(_MIGHT_RUN) else look)
        bodies[value] = f' s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(shown)}</t></is></c>'
    return bodies


def heights(columns: Sequence[Column], values: Sequence[Sequence[Value]]) -> list[float]:
    """Row heights that show all of the wrapped texts: neither LibreOffice nor Excel grows rows of a file by itself."""
    lines = np.ones(len(values[0]), dtype="int64")
    for column, each in zip(columns, values, strict=True):
        if column.kind in _TEXTS:
            lengths = np.fromiter(
                (len(value) if isinstance(value, str) else 0 for value in each), dtype="int64", count=len(each)
            )
            np.maximum(lines, -(-lengths // max(int(column.width * 1.16 - 1), 1)), out=lines)
    return [float(height) for height in np.minimum(lines * LINE_HEIGHT, _TALLEST) + 1.5]


def _number(value: Value, opened: str) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return f"{opened}/>"
    if isinstance(value, str):  # a sign in a column of numbers: not checked
        return f'{opened} t="inlineStr"><is><t>{escape(safe_text(value))}</t></is></c>'
    if isinstance(value, date):
        value = _serial(value)
    return f"{opened}><v>{int(value) if float(value).is_integer() else float(value)!r}</v></c>"


def _serial(value: date) -> float | int:
    """The spreadsheet's day number, 1900 system."""
    if not isinstance(value, datetime):
        return (value - _EPOCH.date()).days
    # Not rounded: 17:00 must not be 16:59:59,99 to a program that cuts.
    return (value - _EPOCH).total_seconds() / 86400
