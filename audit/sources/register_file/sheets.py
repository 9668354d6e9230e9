"""Files of clerks → grids of cells: Excel workbooks, and CSV in the encodings that Vietnamese offices write."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, Final, NamedTuple, TypeAlias

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from audit.archive import BadArchiveError, is_archive, unpack
from audit.unicode_forms import nfc

Cell: TypeAlias = str | int | float | datetime | date | time | None

UNPACKED_MAX: Final = 256 * 1024 * 1024
CELLS_MAX: Final = 4_000_000
TAGS_MAX: Final = 4 * CELLS_MAX
"""Tags of one part of a workbook; a cell with a value has four."""
COLUMNS_MAX: Final = 200
CELL_LENGTH_MAX: Final = 20_000
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_DELIMITERS: Final = ",;\t|"


class UnreadableFileError(ValueError):
    """The file is no register that can be read; the text says why, in a few words."""


class Sheet(NamedTuple):
    """A sheet, or the whole of a CSV file."""

    name: str
    rows: list[list[Cell]]
    """Cells by row; rows may be of different lengths. A merged cell's value stands in each of its places."""


def read_sheets(body: bytes, wanted: str = "") -> list[Sheet]:
    """The sheets of a file; only the `wanted` one where a name is given and the file has names.

    Raises:
        UnreadableFileError: It is no workbook and no text, or larger than any register.
    """
    if is_archive(body):
        from audit.sources.register_file.workbooks import sheets_of  # noqa: PLC0415  # which reads with this module

        return sheets_of(body, wanted)
    if body.startswith(_OLD_EXCEL):
        raise UnreadableFileError("an old Excel file (.xls): save it as .xlsx")
    return [Sheet("", list(_csv(body)))]


def read_workbook(body: bytes, wanted: str = "") -> list[Sheet]:
    """The sheets of a workbook, read here: it may take all the time and memory that there is (see ``workbooks.py``).

    Raises:
        UnreadableFileError: It is none, or larger than any register.
    """
    try:
        parts = unpack(body, UNPACKED_MAX, entries_max=2_000)
    except BadArchiveError as error:
        raise UnreadableFileError("a damaged workbook") from error
    # entities are of no use in a workbook, and the only way to make a small one large; the libraries expand them
    if any(part.body is None or _declares(part.body) for part in parts):
        raise UnreadableFileError("a workbook that is damaged, too large, or declares entities")
    # openpyxl reads all of it before it can be asked how much there is
    if any(part.body is not None and part.body.count(b"<") > TAGS_MAX for part in parts):
        raise UnreadableFileError("a workbook of more cells than any register")
    try:
        book = openpyxl.load_workbook(io.BytesIO(body), data_only=True)
        sheets = [sheet for sheet in book.worksheets if wanted in ("", sheet.title)]
        return [Sheet(sheet.title, _cells(sheet)) for sheet in sheets]
    except UnreadableFileError:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged part makes it stumble over
        raise UnreadableFileError("a damaged workbook") from error


def _declares(part: bytes) -> bool:
    plain = part.replace(b"\x00", b"")  # the same in UTF-16
    return b"<!DOCTYPE" in plain or b"<!ENTITY" in plain


def _cells(sheet: Worksheet) -> list[list[Cell]]:
    columns = min(sheet.max_column, COLUMNS_MAX)
    if sheet.max_row * columns > CELLS_MAX:
        raise UnreadableFileError("a sheet of more cells than any register")
    rows: list[list[Any]] = [list(row) for row in sheet.iter_rows(max_col=columns, values_only=True)]
    filled = 0
    for merged in sheet.merged_cells.ranges:
        last_row, last_column = min(merged.max_row, len(rows)), min(merged.max_col, columns)
        filled += max(0, last_row - merged.min_row + 1) * max(0, last_column - merged.min_col + 1)
        if filled > CELLS_MAX:
            raise UnreadableFileError("a sheet of more merged cells than any register")
        if merged.min_row > len(rows) or merged.min_col > columns:
            continue
        value = rows[merged.min_row - 1][merged.min_col - 1]
        for row in rows[merged.min_row - 1 : last_row]:
            row[merged.min_col - 1 : last_column] = [value] * (last_column - merged.min_col + 1)
    return rows


def _csv(body: bytes) -> Iterator[list[Cell]]:
    text = decode_text(body)
    head = text[:20_000]
    delimiter = max(_DELIMITERS, key=head.count)
    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        cells = 0
        for line in lines:
            cells += len(line)
            if cells > CELLS_MAX:
                raise UnreadableFileError("a file of more cells than any register")
            yield [cell[:CELL_LENGTH_MAX] or None for cell in line[:COLUMNS_MAX]]
    except csv.Error as error:
        raise UnreadableFileError("text that is no table") from error


def decode_text(body: bytes) -> str:
    """The text of a file: UTF-16 and UTF-8 by their marks, else UTF-8, else Windows-1258; letters composed (NFC).

    Raises:
        UnreadableFileError: It is no text.
    """
    try:
        if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            text = body.decode("utf-16")
        elif body[1:2] == b"\x00" or body[:1] == b"\x00":
            text = body.decode("utf-16-le" if body[1:2] == b"\x00" else "utf-16-be")
        else:
            text = _bytewise(body)
    except UnicodeDecodeError as error:
        raise UnreadableFileError("neither a workbook nor text") from error
    if "\x00" in text:
        raise UnreadableFileError("neither a workbook nor text")
    return nfc(text)


def _bytewise(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1258")
