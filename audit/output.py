"""Frames as data on the standard output: JSON lines, CSV, or a table to look at.

Instants are UTC, `2021-02-07T17:00:00Z`; days `2021-02-04`; missing is null in JSON and empty elsewhere. The frames'
own columns, in their order.
"""

from __future__ import annotations

import csv
import json
import math
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, Literal, TextIO

import numpy as np
import pandas as pd

OutputFormat = Literal["table", "jsonl", "csv"]
FORMATS: Final[tuple[OutputFormat, ...]] = ("table", "jsonl", "csv")

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet takes a cell that begins so for a formula; an apostrophe before it makes it text again."""
CELL_WIDTH_MAX: Final = 48
"""Longest text in a table's cell; the other formats cut nothing."""


def write_frame(frame: pd.DataFrame, form: OutputFormat, stream: TextIO) -> None:
    """Write the rows of a frame.

    Args:
        frame: what to write.
        form: `table`, `jsonl` or `csv`.
        stream: where to.
    """
    rows = plain_rows(frame)
    names = [str(name) for name in frame.columns]
    match form:
        case "jsonl":
            for row in rows:
                print(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False), file=stream)
        case "csv":
            writer = csv.writer(stream)  # RFC 4180: lines end in CR LF, and a cell that holds either is quoted
            writer.writerow(names)
            writer.writerows([_csv_cell(value) for value in row] for row in rows)
        case "table":
            write_table(names, rows, stream)


def plain_rows(frame: pd.DataFrame) -> list[list[Any]]:
    """The rows as values that JSON knows."""
    columns = [_plain_column(frame.iloc[:, place]) for place in range(frame.shape[1])]
    return [list(row) for row in zip(*columns, strict=True)] if columns else []


def write_table(names: Sequence[str], rows: Sequence[Sequence[Any]], stream: TextIO) -> None:
    """Write rows aligned under their names; numbers stand right."""
    texts = [[_cell(value) for value in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(names, *texts, strict=True)]
    right = [bool(rows) and all(_is_number(row[place]) for row in rows) for place in range(len(names))]
    for cells in (list(names), ["-" * width for width in widths], *texts):
        line = "  ".join(_padded(*cell) for cell in zip(cells, widths, right, strict=True))
        stream.write(line.rstrip() + "\n")


def _plain_column(column: pd.Series[Any]) -> list[Any]:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        texts = column.dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        return [text if isinstance(text, str) else None for text in texts]
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "M":
        return [text if isinstance(text, str) else None for text in column.dt.strftime("%Y-%m-%d")]
    return [plain_value(value) for value in column.to_numpy(dtype=object)]


def plain_value(value: Any) -> Any:
    """A value as JSON knows it; missing values of any kind are None."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return None if math.isnan(value) else value
        case dict():
            return {str(key): plain_value(item) for key, item in value.items()}
        case list() | tuple() | np.ndarray():
            return [plain_value(item) for item in value]
        case np.generic():
            return plain_value(value.item())
        case _ if pd.isna(value):
            return None
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _csv_cell(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return "" if value is None else value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list, bool)) else str(value)
    text = "".join(sign if sign.isprintable() else " " for sign in text)
    return text if len(text) <= CELL_WIDTH_MAX else text[: CELL_WIDTH_MAX - 1] + "…"


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


def _width(text: str) -> int:
    return sum(not unicodedata.combining(sign) for sign in text)


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space
