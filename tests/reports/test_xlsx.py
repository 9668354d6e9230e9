"""The workbooks, opened again: cells, kinds, tables, print set-up; no formula anywhere; one agency's book holds its data alone."""

from __future__ import annotations

import dataclasses
import re
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from reports import xlsx
from reports.indicators import INDICATORS
from reports.view import ReportView, build_view
from reports.xlsx_cells import LINE_HEIGHT, Column, safe_text
from reports.xlsx_sheet import Sheet
from tests.reports.province import HOSTILE, make_inputs

HEADS = [
    "STT", "Mức độ", "Vi phạm", "Số, ký hiệu", "Ngày ban hành", "Trích yếu", "Phải làm", "Cách khắc phục", "Xong trước", "Trạng thái",
    "Kết quả của đơn vị", "Ghi chú của đơn vị", "Nơi gửi", "Nơi nhận", "Vì sao", "Thời hạn theo quy định", "Thực tế", "Chậm (giờ làm việc)",
    "Chậm (giờ đồng hồ)", "Căn cứ", "Phát hiện từ ngày", "Chủ đề", "Độ khẩn", "Mã",
]  # fmt: skip
AGENCY_SHEETS = [
    "Tổng quan", "Việc cần xử lý", "Gửi văn bản", "Nhận, xử lý văn bản", "Thông tin, thể thức", "Thẩm quyền ký", "Chữ ký số", "Tệp đính kèm",
    "Trùng lặp", "Thu hồi, cập nhật", "Bảo mật", "Hạ tầng, hệ thống", "Xu hướng", "Dữ liệu chưa có", "Quy tắc",
]  # fmt: skip


@pytest.fixture(scope="module")
def agency_book(files: Path) -> Workbook:
    return load_workbook(files / "agency.xlsx")


@pytest.fixture(scope="module")
def province_book(files: Path) -> Workbook:
    return load_workbook(files / "province.xlsx")


def parts(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            yield name, archive.read(name)


def test_sheets(agency_book: Workbook, province_book: Workbook):
    assert agency_book.sheetnames == AGENCY_SHEETS
    assert province_book.sheetnames == [*AGENCY_SHEETS[:2], "Việc từng cơ quan", "Cơ quan", *AGENCY_SHEETS[2:]]
    assert {sheet.sheet_state for sheet in province_book.worksheets} == {"visible"}


def test_worklist_has_the_heads_of_the_paper_and_one_row_a_finding_worst_first(agency_book: Workbook, view: ReportView):
    own = view.agencies["H03.16"]
    rows = list(agency_book["Việc cần xử lý"].iter_rows(min_row=3, values_only=True))
    assert list(rows[0]) == HEADS
    assert [row[-1] for row in rows[1:]] == own.open_findings["finding_id"].tolist()
    first = dict(zip(HEADS, rows[1], strict=True))
    expected = own.open_findings.iloc[0]
    assert first["Mức độ"] == "Nghiêm trọng"
    assert first["Ngày ban hành"] == expected["issued_on"].to_pydatetime()
    assert isinstance(first["Thời hạn theo quy định"], datetime)
    assert first["Xong trước"] == expected["act_by"].to_pydatetime()
    hours = [first["Chậm (giờ làm việc)"], first["Chậm (giờ đồng hồ)"]]
    assert [each for each in hours if each is not None] == [expected["delay_minutes"] / 60]
    assert first["STT"] == 1
    assert (first["Kết quả của đơn vị"], first["Ghi chú của đơn vị"]) == (None, None)
    learnt = [dict(zip(HEADS, row, strict=True)) for row in rows[1:] if row[6] == "Rút kinh nghiệm"]
    assert learnt
    assert {row["Xong trước"] for row in learnt if row["Cách khắc phục"].startswith("Lần sau: ")} == {None}


def test_worklist_is_dressed_for_work(agency_book: Workbook):
    sheet = agency_book["Việc cần xử lý"]
    table = sheet.tables["ViecCanXuLy"]
    assert table.ref == f"A3:X{sheet.max_row}"
    assert table.autoFilter.ref == table.ref
    assert [column.name for column in table.tableColumns] == HEADS
    assert sheet.freeze_panes == "E4"
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.print_title_cols == "$A:$D"
    assert (
        sheet.page_setup.orientation,
        sheet.page_setup.paperSize,
        sheet.page_setup.fitToWidth,
        sheet.page_setup.fitToHeight,
    ) == ("landscape", 9, 2, 0)
    assert sheet.print_area == f"'Việc cần xử lý'!$A$1:$X${sheet.max_row}"
    assert sheet.oddFooter.center.text == "Trang &P/&N"
    choices, kept = sheet.data_validations.dataValidation
    assert choices.formula1 == '"Đang xử lý,Đã khắc phục,Đã rút kinh nghiệm,Đề nghị xem xét lại"'
    assert str(choices.sqref) == f"K4:K{sheet.max_row}"
    assert (kept.type, kept.formula1, str(kept.sqref)) == ("custom", "FALSE", f"J4:J{sheet.max_row}")
    assert len(sheet.conditional_formatting) == 3
    assert sheet["I4"].number_format == sheet["P4"].number_format == "dd/mm/yyyy hh:mm"
    assert sheet["E4"].number_format == "dd/mm/yyyy"


def test_a_sheet_of_paper_tells_whose_it_is(agency_book: Workbook, province_book: Workbook, view: ReportView):
    own = view.agencies["H03.16"].agency.name
    assert agency_book["Việc cần xử lý"]["A1"].value == f"Việc cần xử lý của {own}, tuần 05 năm 2021"
    for book, whose in ((agency_book, own), (province_book, "Các cơ quan trên địa bàn tỉnh")):
        for sheet in book.worksheets:
            assert (sheet.oddHeader.left.text, sheet.oddHeader.right.text) == (whose, "Tuần 05 năm 2021 · DỰ THẢO")


def test_what_is_asked_of_all_agencies_is_in_the_provinces_book(province_book: Workbook, view: ReportView):
    rows = list(province_book["Việc từng cơ quan"].iter_rows(min_row=4, values_only=True))
    assert rows == [
        (number, task.name, task.text, task.urgent.value, task.regular.value, task.past.value)
        for number, task in enumerate(view.tasks, start=1)
    ]
    assert province_book["Việc từng cơ quan"]["D3"].value == f"Trước {view.due[0]}"


def test_a_figure_stands_beside_that_of_the_period_before_by_their_names(
    agency_book: Workbook, province_book: Workbook
):
    for book in (agency_book, province_book):
        heads = [row[1:3] for row in book["Tổng quan"].iter_rows(values_only=True) if row[0] == "Chỉ số"]
        assert heads == [("Tuần này", "Tuần trước")] * 2


def test_times_are_not_cut(agency_book: Workbook, view: ReportView, files: Path):
    """A program that cuts the day's fraction instead of rounding it must still find the minute."""
    sheet = agency_book["Việc cần xử lý"]
    with zipfile.ZipFile(files / "agency.xlsx") as archive:
        raw = archive.read(f"xl/worksheets/sheet{agency_book.sheetnames.index(sheet.title) + 1}.xml").decode()
    shown = [float(value) for value in re.findall(r'<c r="[IPQ]\d+" s="\d+"><v>([\d.]+)</v>', raw)]
    minutes = [value % 1 * 1440 for value in shown]
    assert shown
    assert all(abs(value - round(value)) < 1e-6 for value in minutes)


def test_links_lead_to_the_agencys_own_system(province_book: Workbook, view: ReportView):
    sheet = province_book["Việc cần xử lý"]
    links = {
        cell.row: cell.hyperlink.target
        for (cell,) in sheet.iter_rows(min_row=4, min_col=5, max_col=5)
        if cell.hyperlink
    }
    expected = {row: url for row, url in enumerate(view.open_findings["url"], start=4) if url}
    assert links == expected
    assert all(url.startswith("https://qlvb.example/") for url in links.values())


def test_group_sheets_hold_every_finding_of_the_period_with_its_state(province_book: Workbook, view: ReportView):
    shown = [
        row[-1] for title in AGENCY_SHEETS[2:12] for row in province_book[title].iter_rows(min_row=4, values_only=True)
    ]
    assert sorted(code for code in shown if code) == sorted(view.findings["finding_id"])


def test_a_group_sheet_says_how_many_of_its_rows_are_older(tmp_path: Path):
    inputs = make_inputs()
    old = (inputs.findings["state"] == "open") & (inputs.findings["rule"] == "failed_send")
    view = build_view(dataclasses.replace(inputs, findings=inputs.findings.assign(is_carried=old)))
    xlsx.write_province_book(view, tmp_path / "book.xlsx")
    lines = [load_workbook(tmp_path / "book.xlsx")[title]["A2"].value for title in AGENCY_SHEETS[2:4]]
    rows = int((view.findings["group"] == "G").sum())
    told = f" Danh sách có {rows} dòng, gồm cả {int(old.sum()):02d} vi phạm từ các tuần trước chưa khắc phục"
    assert lines[0].startswith("Trong tuần: đã kiểm tra ")
    assert lines[0].endswith(
        f"{told}; một văn bản vi phạm nhiều lần cùng một quy tắc tính là một vi phạm, ghi nhiều dòng. "
        "Trạng thái theo trang tính “Việc cần xử lý”; đơn vị trả lời ở đó."
    )
    assert "Danh sách" not in lines[1]


def test_trend_has_real_numbers_gaps_and_native_charts(agency_book: Workbook, view: ReportView):
    sheet = agency_book["Xu hướng"]
    heads = [cell.value for cell in sheet[3]]
    column = heads.index("Phản hồi trong ngày")
    values = [row[column].value for row in sheet.iter_rows(min_row=4, max_row=15)]
    series = next(each for each in view.agencies["H03.16"].trend if each.title == "Phản hồi trong ngày")
    assert values == [point.figure.value for point in series.points]
    assert None in values
    assert len(sheet._charts) == 6
    assert [chart.y_axis.scaling.max for chart in sheet._charts] == [1, None, 1, None, 1, 100]


def test_not_checked_is_a_sign_and_zero_is_zero(province_book: Workbook, view: ReportView):
    sheet = province_book["Cơ quan"]
    heads = [cell.value for cell in sheet[3]]
    row = next(row for row in sheet.iter_rows(min_row=4, values_only=True) if row[2] == "Ban Dân tộc")
    cells = next(each.cells for each in view.heatmap.rows if each.agency == "H03.18")
    start = heads.index("Gửi")
    shown = ["–" if cell.state == "unchecked" else cell.breaches.value for cell in cells]
    assert list(row[start : start + len(cells)]) == shown
    assert "–" in shown
    assert row[heads.index("Quy tắc chưa kiểm tra được")] == next(
        each.unchecked_text for each in view.heatmap.rows if each.agency == "H03.18"
    )
    assert row[0] is None


def test_rules_carry_citations_and_results(agency_book: Workbook, view: ReportView):
    rows = list(agency_book["Quy tắc"].iter_rows(min_row=4, max_row=47, values_only=True))
    assert [row[0] for row in rows] == [rule.code for rule in view.rules]
    assert [row[5] for row in rows] == [rule.basis_text for rule in view.rules]
    assert {row[-1] for row in rows} <= {"Đạt", "Có vi phạm", "Chưa kiểm tra được"}


@pytest.mark.parametrize("name", ["province.xlsx", "agency.xlsx"])
def test_there_is_no_formula_and_the_xml_is_well_formed(files: Path, name: str):
    for part, content in parts(files / name):
        if part.endswith((".xml", ".rels")):
            ET.fromstring(content)  # noqa: S314 - our own file
        if part.startswith("xl/worksheets/sheet"):
            assert b"<f>" not in content
            assert b"<f " not in content
            assert b"<script" not in content
        assert "vba" not in part.lower()
        assert "externalLink" not in part


def test_hostile_text_is_text_and_marked_as_text(province_book: Workbook):
    sheet = province_book["Việc cần xử lý"]
    subjects = {cell.value: cell for (cell,) in sheet.iter_rows(min_row=4, min_col=7, max_col=7)}
    for hostile in (HOSTILE[1], HOSTILE[2], HOSTILE[3]):
        if hostile in subjects:
            assert (subjects[hostile].data_type, subjects[hostile].quotePrefix) == ("s", True)
    begins = {value[0] for value in subjects if value and value[0] in "=+-@"}
    assert begins, "the province has hostile subjects among its open findings"
    assert all(subjects[value].quotePrefix for value in subjects if value and value[0] in "=+-@")


@pytest.mark.parametrize("value", ["=1+1", "+84", "@x", "-5", "=cmd|' /C calc'!A0", "\t=1", "%0", "'=1"])
def test_text_never_becomes_a_formula(value: str, tmp_path: Path):
    assert written([value], tmp_path) == [value]


@given(st.lists(st.text(max_size=40), min_size=1, max_size=8))
def test_any_text_survives_or_loses_only_what_xml_forbids(values: list[str]):
    with tempfile.TemporaryDirectory() as folder:
        expected = [safe_text(value).replace("_x005F_x", "_x") or None for value in values]
        # XML readers turn carriage returns into line feeds; nothing of ours holds one after text.clean.
        normal = [value and value.replace("\r\n", "\n").replace("\r", "\n") for value in expected]
        shown = written(values, Path(folder))
        assert [value and value.replace("_x005F_x", "_x") for value in shown] == normal


def written(values: list[str], folder: Path) -> list[str | None]:
    """What openpyxl reads of a column of texts written by us; asserts that each is a string or nothing."""
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = Sheet(book, "Thử", [20])
    sheet.columns([Column("A", 20)], [values])
    xlsx._save(book, [sheet], folder / "t.xlsx", datetime(2021, 2, 8))
    cells = [row[0] for row in load_workbook(folder / "t.xlsx")["Thử"].iter_rows(min_row=1, max_row=len(values))]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert all(cell.value is None or isinstance(cell.value, str) for cell in cells)
    return [cell.value for cell in cells]


def test_an_escape_of_excel_is_not_decoded():
    assert safe_text("_x0041_") == "_x005F_x0041_"
    assert safe_text("_x41_ a_b") == "_x41_ a_b"


@pytest.mark.parametrize("code", ["H03.16", "H03.33"])
def test_an_agencys_book_holds_its_data_alone(view: ReportView, code: str, tmp_path: Path):
    """Every byte of the book: sheets, properties, charts, strings."""
    own = view.agencies[code]
    xlsx.write_agency_book(own, tmp_path / "book.xlsx")
    foreign = view.findings[view.findings["agency"] != code]
    whole = b"".join(content for _, content in parts(tmp_path / "book.xlsx"))
    assert [finding for finding in foreign["finding_id"] if finding.encode() in whole] == []
    counterparts = set(own.findings["sender"]) | set(own.findings["recipient"]) | {own.agency.name, own.issuer.name}
    strangers = [other.agency.name for other in view.agencies.values() if other.agency.name not in counterparts]
    assert strangers or code == "H03.16"
    assert [name for name in strangers if name.encode() in whole] == []
    assert all(finding.encode() in whole for finding in own.findings["finding_id"])


def test_an_agency_with_nothing_to_do_gets_a_valid_book(tmp_path: Path):
    view = build_view(make_inputs(findings=0))
    xlsx.write_agency_book(view.agencies["H03.02"], tmp_path / "empty.xlsx")
    book = load_workbook(tmp_path / "empty.xlsx")
    assert book["Việc cần xử lý"]["A4"].value == "Không có vi phạm trong phần đã kiểm tra được."
    assert not book["Việc cần xử lý"].tables


def test_same_data_same_bytes(view: ReportView, files: Path, tmp_path: Path):
    xlsx.write_agency_book(view.agencies["H03.16"], tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == (files / "agency.xlsx").read_bytes()


def test_properties_speak_of_the_report_and_nothing_of_the_machine(agency_book: Workbook, view: ReportView):
    properties = agency_book.properties
    assert properties.title == view.agencies["H03.16"].subject
    assert properties.creator == "Sở Thông tin và Truyền thông"
    assert properties.created == properties.modified == view.made_at


def test_sheet_names_and_tables_are_valid(province_book: Workbook):
    names = [name for sheet in province_book.worksheets for name in sheet.tables]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[A-Za-z_]\w*", name) for name in names)
    assert all(len(sheet.title) <= 31 for sheet in province_book.worksheets)


def test_columns_are_wide_enough_for_dates_and_numbers(province_book: Workbook):
    sheet = province_book["Việc cần xử lý"]
    for cell in sheet[4]:
        if isinstance(cell.value, datetime):
            needed = 15 if "hh" in cell.number_format else 10
            assert sheet.column_dimensions[cell.column_letter].width >= needed


def test_a_book_is_whole_or_not_there(view: ReportView, tmp_path: Path):
    broken = dataclasses.replace(view.agencies["H03.16"], findings=view.agencies["H03.16"].findings.drop(columns="why"))
    with pytest.raises(KeyError):
        xlsx.write_agency_book(broken, tmp_path / "book.xlsx")
    assert not (tmp_path / "book.xlsx").exists()


@pytest.mark.parametrize("name", ["province.xlsx", "agency.xlsx"])
def test_no_table_of_the_overview_goes_over_a_page_without_its_heads(files: Path, name: str):
    sheet = load_workbook(files / name)["Tổng quan"]
    breaks = [each.id for each in sheet.row_breaks.brk]
    cells = [sheet.cell(row, 1).value for row in range(1, sheet.max_row + 1)]
    for title in ("Kết quả theo nhóm quy tắc", "Tất cả chỉ số"):
        first = cells.index(title) + 1
        last = next(row for row in range(first, sheet.max_row + 1) if row == sheet.max_row or not cells[row])
        assert not [row for row in breaks if first <= row < last]
        start = max([row for row in breaks if row < first], default=0)
        heights = [sheet.row_dimensions[row].height or 15 for row in range(start + 1, last + 1)]
        assert sum(heights) <= 520, "a page holds about so many points"
    assert breaks


@pytest.mark.parametrize("name", ["province.xlsx", "agency.xlsx"])
def test_no_line_below_a_title_is_longer_than_the_paper_is_wide(files: Path, name: str):
    for sheet in load_workbook(files / name).worksheets:
        room = sum(column.width for column in sheet.column_dimensions.values()) * 1.1
        long = [cell for (cell,) in sheet.iter_rows(max_row=3, max_col=1) if len(str(cell.value or "")) > room]
        assert all(cell.alignment.wrap_text for cell in long), sheet.title


def test_no_meaning_of_an_indicator_is_cut_off(files: Path):
    sheet = load_workbook(files / "province.xlsx")["Tổng quan"]
    room = sum(sheet.column_dimensions[letter].width for letter in "DEFG") * 1.1
    meanings = {each.meaning for each in INDICATORS.values()}
    told = [row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 4).value in meanings]
    long = [row for row in told if len(str(sheet.cell(row, 4).value)) > room]
    assert long
    assert all(sheet.row_dimensions[row].height >= 2 * LINE_HEIGHT for row in long)


@pytest.mark.parametrize(("value", "shown"), [(0.9996, "0.00%"), (0.99998, "0.000%"), (1.0, "0.0%"), (0.984, "0.0%")])
def test_a_number_cell_holds_the_true_number_and_shows_no_lie(value: float, shown: str, tmp_path: Path):
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = Sheet(book, "Thử", [20, 20])
    sheet.columns([Column("A", 20, "share"), Column("B", 20, "points")], [[value], [value * 100]])
    xlsx._save(book, [sheet], tmp_path / "t.xlsx", datetime(2021, 2, 8))
    made = load_workbook(tmp_path / "t.xlsx")["Thử"]
    assert (made["A1"].value, made["A1"].number_format) == (value, shown)
    assert made["B1"].number_format == shown.removesuffix("%")
