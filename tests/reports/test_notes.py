"""Clerks' notes read back from a returned workbook: taken, refused with a reason, or left alone; never lost, never computed."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from reports.view import ReportView
from reports.xlsx_notes import NOTE_LIMIT, NotAWorklistError, Note, read_notes

STATE, RESULT, NOTE, CODE = 10, 11, 12, 24
FIRST = 4


@pytest.fixture
def known(view: ReportView) -> dict[str, str]:
    return dict(zip(view.findings["finding_id"], view.findings["agency"], strict=True))


@pytest.fixture
def unchanged(view: ReportView) -> frozenset[str]:
    return frozenset(view.labels["states"].values())


def returned(files: Path, tmp_path: Path, cells: dict[tuple[int, int], object]) -> Path:
    """The agency's workbook after a clerk has changed these cells (row, column) and saved it."""
    book = load_workbook(files / "agency.xlsx")
    for (row, column), value in cells.items():
        book["Việc cần xử lý"].cell(row, column).value = value
    book.save(tmp_path / "returned.xlsx")
    return tmp_path / "returned.xlsx"


def test_an_untouched_book_says_nothing(files, known, unchanged):
    result = read_notes(files / "agency.xlsx", known, unchanged, "H03.16")
    assert (result.notes, result.refused) == ((), ())


def test_states_and_notes_are_taken_by_code_wherever_the_row_stands(files, tmp_path, known, unchanged, view):
    path = returned(
        files,
        tmp_path,
        {(FIRST, RESULT): "Đã rút kinh nghiệm", (FIRST + 1, NOTE): "  Đã gọi điện,\nnơi nhận đang xử lý "},
    )
    codes = view.agencies["H03.16"].open_findings["finding_id"]
    result = read_notes(path, known, unchanged, "H03.16")
    assert result.notes == (
        Note(codes.iloc[0], "Đã rút kinh nghiệm", "", FIRST),
        Note(codes.iloc[1], "", "Đã gọi điện, nơi nhận đang xử lý", FIRST + 1),
    )
    assert result.refused == ()


def test_wrong_and_foreign_rows_are_refused_with_their_reason(files, tmp_path, known, unchanged, view):
    foreign = next(code for code, agency in known.items() if agency != "H03.16")
    codes = view.agencies["H03.16"].open_findings["finding_id"]
    path = returned(
        files, tmp_path,
        {
            (FIRST, NOTE): "mã lạ", (FIRST, CODE): "0" * 16,
            (FIRST + 1, NOTE): "của cơ quan khác", (FIRST + 1, CODE): foreign,
            (FIRST + 2, RESULT): "Xong rồi",
            (FIRST + 3, NOTE): '=HYPERLINK("http://evil.example")',
            (FIRST + 4, NOTE): "x" * (NOTE_LIMIT + 1),
            (FIRST + 5, NOTE): "mất mã", (FIRST + 5, CODE): None,
            (FIRST + 6, NOTE): "một",
            (FIRST + 7, NOTE): "hai", (FIRST + 7, CODE): codes.iloc[6],
        },
    )  # fmt: skip
    result = read_notes(path, known, unchanged, "H03.16")
    assert [note.note for note in result.notes] == ["một"]
    assert {refusal.row: refusal.reason for refusal in result.refused} == {
        FIRST: "mã không có trong sổ theo dõi",
        FIRST + 1: "mã thuộc cơ quan khác",
        FIRST
        + 2: "trạng thái không hợp lệ; chọn một trong: Đang xử lý, Đã khắc phục, Đã rút kinh nghiệm, Đề nghị xem xét lại",
        FIRST + 3: "ô chứa công thức",
        FIRST + 4: "ghi chú dài quá 2.000 ký tự",
        FIRST + 5: "thiếu mã",
        FIRST + 7: f"trùng mã với dòng {FIRST + 6}",
    }


def test_an_answer_over_the_printed_state_is_not_lost(files, tmp_path, known, unchanged):
    """Who is used to the former books writes it there; what stands in its own column goes before it."""
    path = returned(
        files,
        tmp_path,
        {(FIRST, STATE): "Đã khắc phục", (FIRST + 1, STATE): "Đã khắc phục", (FIRST + 1, RESULT): "Đang xử lý"},
    )
    assert [note.state for note in read_notes(path, known, unchanged, "H03.16").notes] == ["Đã khắc phục", "Đang xử lý"]


def test_books_of_the_former_layout_are_read(files, tmp_path, known, unchanged):
    """Without a column for the answer: it stands in that of the state, and the columns in another order."""
    codes = [code for code, agency in known.items() if agency == "H03.16"]
    book = Workbook()
    book.worksheets[0].title = "Việc cần xử lý"
    for row in (
        ["Việc cần xử lý"],
        ["STT", "Trạng thái", "Ghi chú của đơn vị", "Mã"],
        ["1", "Đề nghị xem xét lại", "đã gửi lại", codes[0]],
        ["2", "Mới", None, codes[1]],
    ):
        book.worksheets[0].append(row)
    book.save(tmp_path / "former.xlsx")
    result = read_notes(tmp_path / "former.xlsx", known, unchanged, "H03.16")
    assert result.notes == (Note(codes[0], "Đề nghị xem xét lại", "đã gửi lại", 3),)
    assert result.refused == ()


def test_a_printed_waiver_is_no_answer(files, tmp_path, known, unchanged):
    path = returned(files, tmp_path, {(FIRST, STATE): "Được miễn đến ngày 31/03/2021"})
    assert read_notes(path, known, unchanged, "H03.16").notes == ()


def test_the_provinces_book_may_speak_for_all(files, known, unchanged, tmp_path):
    book = load_workbook(files / "province.xlsx")
    book["Việc cần xử lý"].cell(FIRST, NOTE + 1).value = "đã nhắc"
    book.save(tmp_path / "province.xlsx")
    assert [note.note for note in read_notes(tmp_path / "province.xlsx", known, unchanged).notes] == ["đã nhắc"]


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_workbook_is_refused_as_a_whole(tmp_path, content):
    (tmp_path / "x.xlsx").write_bytes(content)
    with pytest.raises(NotAWorklistError, match="không phải bảng tính"):
        read_notes(tmp_path / "x.xlsx", {}, frozenset())


def test_a_workbook_without_the_sheet_or_the_heads_is_refused(tmp_path):
    book = Workbook()
    book.save(tmp_path / "other.xlsx")
    with pytest.raises(NotAWorklistError, match="không có trang tính"):
        read_notes(tmp_path / "other.xlsx", {}, frozenset())
    book.worksheets[0].title = "Việc cần xử lý"
    book.worksheets[0].append(["STT", "Mã"])
    book.save(tmp_path / "other.xlsx")
    with pytest.raises(NotAWorklistError, match="không có đủ các cột"):
        read_notes(tmp_path / "other.xlsx", {}, frozenset())


def test_a_bomb_is_measured_before_it_is_opened(tmp_path):
    with (
        zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as target,
    ):
        for _ in range(201):
            target.write(b"\0" * (1 << 20))
    with pytest.raises(NotAWorklistError, match="quá lớn"):
        read_notes(tmp_path / "bomb.xlsx", {}, frozenset())
