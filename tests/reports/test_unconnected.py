"""An agency that gives no log, in all editions: no data is never told as compliance, in its own book least of all."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from openpyxl import load_workbook

from reports import html, xlsx
from reports.inputs import ReportInputs
from reports.view import ReportView, build_view
from tests.reports.province import make_inputs

ALONE = "H03.52"


@pytest.fixture(scope="module")
def small() -> ReportInputs:
    """A quiet province, one agency of which gives no log; others' logs tested some rules of it, and proved L1."""
    made = make_inputs(findings=40, hostile=False)
    agencies = tuple(dataclasses.replace(each, pulled=each.code != ALONE) for each in made.agencies)
    outcomes, own = made.outcomes.copy(), made.outcomes["agency"] == ALONE
    outcomes.loc[own, ["tested", "breaches", "not_decided"]] = (0, 0, 0)
    outcomes.loc[own & (outcomes["code"] == "N11"), "tested"] = 358
    outcomes.loc[own & (outcomes["code"] == "L1"), ["tested", "breaches"]] = (9, 3)
    findings = made.findings[made.findings["agency"] != ALONE]
    return dataclasses.replace(made, agencies=agencies, outcomes=outcomes, findings=findings)


@pytest.fixture(scope="module")
def view(small: ReportInputs) -> ReportView:
    return build_view(small)


def test_of_its_rules_only_what_is_proved_is_told(view: ReportView):
    own = view.agencies[ALONE]
    told = {rule.code: (rule.tested.text, rule.breaches.text, rule.outcome_text) for rule in own.rules}
    assert told.pop("L1") == ("9", "3", "Có vi phạm")
    assert set(told.values()) == {("0", "–", "Chưa kiểm tra được")}
    assert {
        (group.tested.text, group.breaches.text, group.rate.text) for group in own.groups if group.group != "L"
    } == {("0", "–", "–")}


def test_its_book_shows_no_zero_of_what_was_not_looked_at(view: ReportView, tmp_path: Path):
    xlsx.write_agency_book(view.agencies[ALONE], tmp_path / "book.xlsx")
    book = load_workbook(tmp_path / "book.xlsx")
    rows = {row[0]: row[1:5] for row in book["Tổng quan"].iter_rows(values_only=True)}
    assert rows["Gửi văn bản"] == (0, "–", "–", "–")
    assert rows["Nhận, xử lý văn bản"] == (0, "–", 358, "–")
    assert rows["Trùng lặp"] == (9, 3, 0, pytest.approx(1 / 3))
    note = "Chưa có dữ liệu: cơ quan chưa kết nối để cung cấp nhật ký; chỉ ghi vi phạm mà nhật ký của cơ quan khác cho biết."
    assert view.agencies[ALONE].apart_note == note
    assert note in rows
    assert book["Gửi văn bản"]["A2"].value == note
    assert book["Quy tắc"]["A2"].value.endswith(note)
    assert view.agencies["H03.16"].apart_note == ""
    unchecked = "Chưa kiểm tra được: cơ quan chưa kết nối để cung cấp nhật ký."
    assert book["Việc cần xử lý"]["A4"].value == book["Gửi văn bản"]["A4"].value == unchecked
    no_log = "Chưa có nhật ký của ngày nào: cơ quan chưa kết nối để cung cấp nhật ký."
    assert book["Dữ liệu chưa có"]["A4"].value == no_log
    assert "Không có vi phạm trong phần đã kiểm tra được." not in {
        cell for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row
    }


def test_the_provinces_sums_say_what_they_count_of_it(small: ReportInputs, view: ReportView, tmp_path: Path):
    note = "Liên đoàn Lao động tỉnh chưa kết nối: chỉ tính trường hợp mà nhật ký của cơ quan khác cho phép kiểm tra."
    assert view.apart_note == note
    assert note in html.page(view)
    xlsx.write_province_book(view, tmp_path / "book.xlsx")
    book = load_workbook(tmp_path / "book.xlsx")
    assert note in [row[0] for row in book["Tổng quan"].iter_rows(values_only=True)]
    assert note in book["Quy tắc"]["A2"].value
    everyone = tuple(dataclasses.replace(each, pulled=True) for each in small.agencies)
    assert build_view(dataclasses.replace(small, agencies=everyone)).apart_note == ""
