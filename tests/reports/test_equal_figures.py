"""The same figure in PDF, workbook and page: read back from each, compared with the view."""

from __future__ import annotations

from pathlib import Path

import pdfplumber
import pytest
from openpyxl import load_workbook

from reports.figure import Figure
from reports.indicators import INDICATORS
from reports.view import ReportView
from reports.xlsx_cells import SHADES
from tests.reports.test_html import Elements


@pytest.fixture(scope="module")
def pdf_text(files: Path) -> str:
    with pdfplumber.open(files / "province.pdf") as document:
        return " ".join(" ".join(page.extract_text(x_tolerance=1.5).split()) for page in document.pages)


@pytest.fixture(scope="module")
def html_text(files: Path) -> str:
    return " ".join(Elements((files / "page.html").read_text("utf-8")).text.split())


@pytest.fixture(scope="module")
def overview(files: Path) -> dict[str, tuple[object, ...]]:
    """First column → row of the sheet "Tổng quan"; the first of equal ones, which is the six figures."""
    rows: dict[str, tuple[object, ...]] = {}
    for row in load_workbook(files / "province.xlsx")["Tổng quan"].iter_rows(values_only=True):
        if isinstance(row[0], str):
            rows.setdefault(row[0], row)
    return rows


def test_the_six_figures(view: ReportView, pdf_text: str, html_text: str, overview):
    for headline in view.headlines:
        assert headline.now.text in pdf_text
        assert headline.now.text in html_text
        assert overview[headline.title][1] == pytest.approx(headline.now.value)
        assert overview[headline.title][2] == pytest.approx(headline.before.value)
        assert overview[headline.title][3] == headline.difference


def test_sentences_and_verdict(view: ReportView, pdf_text: str, html_text: str, overview):
    told = [*view.sentences, view.proposals, view.systems.summary, view.gaps.summary]
    for sentence in told:
        assert sentence in pdf_text
        assert sentence in html_text
    assert view.verdict in overview
    assert [text for text in overview if text.startswith("1. ")] == [f"1. {view.sentences[0]}"]


def test_ranking(view: ReportView, pdf_text: str, html_text: str, files: Path):
    sheet = load_workbook(files / "province.xlsx")["Cơ quan"]
    by_name = {row[2]: row for row in sheet.iter_rows(min_row=4, values_only=True)}
    for place in view.ranking:
        assert by_name[place.marked_name][0] == place.rank.value
        assert by_name[place.marked_name][3] == pytest.approx(place.index.value)
        assert [by_name[place.marked_name][7], by_name[place.marked_name][8]] == [
            figure.value if figure.known else "–" for figure in (place.urgent, place.regular)
        ]
        shown = place.rank, place.index, place.index_before, place.acknowledged, place.open, place.urgent, place.regular
        told = [figure.text for figure in shown]
        assert "".join([told[0], place.moved, place.marked_name, *told[1:]]) in html_text
    assert len(by_name) == len(view.ranking)
    for told in (pdf_text, html_text, sheet["A2"].value):
        assert "*: xếp hạng tạm thời vì thiếu nhật ký của một số ngày" in told


def test_shades_are_explained_with_the_numbers_beside_them(
    view: ReportView, pdf_text: str, html_text: str, files: Path
):
    sheet = load_workbook(files / "province.xlsx")["Cơ quan"]
    for told in (pdf_text, html_text, sheet["A2"].value):
        assert view.heatmap.shade in told


def test_the_workbooks_cells_are_as_deep_as_those_on_paper(view: ReportView, files: Path):
    sheet = load_workbook(files / "province.xlsx")["Cơ quan"]
    heads = [cell.value for cell in sheet[3]]
    levels = {row.name: [cell.level for cell in row.cells] for row in view.heatmap.rows}
    places = [heads.index(title) for title in view.heatmap.titles]
    assert len({level for row in levels.values() for level in row}) > 3
    for row in sheet.iter_rows(min_row=4):
        for place, level in zip(places, levels[row[2].value.rstrip("*")], strict=True):
            colour = row[place].fill.fgColor.rgb
            assert (colour == f"00{SHADES[level]}") if level > 0 else row[place].fill.fill_type is None


def test_all_indicators_are_in_the_workbook(view: ReportView, files: Path):
    rows = list(load_workbook(files / "province.xlsx")["Tổng quan"].iter_rows(values_only=True))
    start = next(index for index, row in enumerate(rows) if row[0] == "Tất cả chỉ số")
    shown = {row[0]: row[1] for row in rows[start + 2 :] if row[0]}
    expected = {headline.title: headline.now.value for headline in view.indicators}
    assert shown == pytest.approx(expected)
    assert len(expected) == len(INDICATORS) - 2


def test_a_text_and_its_number_say_the_same(view: ReportView):
    for figure in (headline.now for headline in view.indicators):
        assert reads_as(figure)


def reads_as(figure: Figure) -> bool:
    """Whether the text is the number, rounded as it is printed."""
    if figure.value is None:
        return figure.text == "–"
    plain = figure.text.replace(".", "").replace(",", ".").replace("−", "-")
    if plain.endswith("%"):
        return abs(float(plain[:-1]) / 100 - figure.value) <= 0.001
    return abs(float(plain) - figure.value) <= 0.5
