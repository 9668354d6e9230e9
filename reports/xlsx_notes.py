"""Reading a returned workbook: what clerks wrote into "Việc cần xử lý", as notes on findings; wrong or foreign rows
are refused one by one.

A returned file is hostile until shown otherwise: it is measured before it is opened, nothing in it is computed (a
formula is refused, not evaluated), and only rows whose code is a finding of the agency that returns the file are
taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from audit.archive import BadArchiveError, unpack
from reports import text
from reports.xlsx_detail import CODE_HEAD, FOR_CLERKS, NOTE_HEAD, RESULT_HEAD, STATE_HEAD, WORKLIST

ALL_AGENCIES = "*"
"""Category in the properties of the province's own book; an agency's has the agency's code."""
NOTE_LIMIT = 2000
_DAMAGED = "Tệp không phải bảng tính Excel (.xlsx) hoặc bị hỏng."
_BYTES_LIMIT = 200 * 1024 * 1024
_ROWS_LIMIT = 200_000
_HEAD_ROWS = 20


class NotAWorklistError(Exception):
    """The file as a whole cannot be read as a returned worklist; the message says why, in Vietnamese."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a clerk wrote about a finding; `state` is a word of `FOR_CLERKS` or `""`, `note` is `""` where only the
    state changed.
    """

    finding_id: str
    state: str
    note: str
    row: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken, and why, in Vietnamese."""

    row: int
    finding_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReturnedNotes:
    """All rows with something in them: taken or refused, none lost. Rows that a clerk left alone are neither."""

    notes: tuple[Note, ...]
    refused: tuple[Refusal, ...]


def read_notes(
    path: Path,
    known: Mapping[str, str],
    unchanged: frozenset[str],
    agency: str | None = None,
    printed: Mapping[str, str] | None = None,
) -> ReturnedNotes:
    """The notes of a returned workbook.

    Args:
        path: an `.xlsx` made by this program and filled in by an agency.
        known: finding id → code of the agency it was reported to.
        unchanged: the words for states that the program prints itself (`labels.states`); they are no answer.
        agency: who returns the file; None: the province's own book, any known finding is taken.
        printed: finding id → the note that the workbook was made with; one that still says the same is no answer.

    Raises:
        NotAWorklistError: too large, no workbook, or without the sheet and heads.
    """
    notes: list[Note] = []
    refused: list[Refusal] = []
    seen: dict[str, int] = {}
    for row, code, state, written in _filled(path):
        note = "" if printed and written == printed.get(code) else written
        if not note and _is_unchanged(state, unchanged):
            continue
        reason = _objection(code, state, note, known, unchanged, agency) or (
            f"trùng mã với dòng {seen[code]}" if code in seen else ""
        )
        if reason:
            refused.append(Refusal(row, text.clean(code, 40), reason))
            continue
        seen[code] = row
        notes.append(Note(code, "" if _is_unchanged(state, unchanged) else state, note, row))
    return ReturnedNotes(tuple(notes), tuple(refused))


def owner_of(path: Path) -> str | None:
    """Whose workbook it was made as: an agency's code, `ALL_AGENCIES`, or None where the file does not say.

    Raises:
        NotAWorklistError: too large, or no workbook.
    """
    book = _opened(path)
    try:
        return text.clean(book.properties.category, 40) or None
    finally:
        book.close()


def _is_unchanged(state: str, unchanged: frozenset[str]) -> bool:
    # A waived finding is printed with its date: "Được miễn đến ngày 31/03/2021".
    return state not in FOR_CLERKS and (not state or any(state.startswith(word) for word in unchanged))


def _objection(
    code: str, state: str, note: str, known: Mapping[str, str], unchanged: frozenset[str], agency: str | None
) -> str:
    if not code:
        return "thiếu mã"
    if code not in known:
        return "mã không có trong sổ theo dõi"
    if agency is not None and known[code] != agency:
        return "mã thuộc cơ quan khác"
    if state.startswith("=") or note.startswith("=formula:"):
        return "ô chứa công thức"
    if state not in FOR_CLERKS and not _is_unchanged(state, unchanged):
        return f"trạng thái không hợp lệ; chọn một trong: {', '.join(FOR_CLERKS)}"
    if len(note) > NOTE_LIMIT:
        return f"ghi chú dài quá {text.number(NOTE_LIMIT)} ký tự"
    return ""


def _filled(path: Path) -> Iterator[tuple[int, str, str, str]]:
    """(row number, code, state, note) of every row below the heads."""
    try:
        yield from _rows(path)
    except NotAWorklistError:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged part makes it stumble over
        raise NotAWorklistError(_DAMAGED) from error


def _rows(path: Path) -> Iterator[tuple[int, str, str, str]]:
    book = _opened(path)
    try:
        if WORKLIST not in book.sheetnames:
            raise NotAWorklistError(f"Tệp không có trang tính “{WORKLIST}”.")
        rows = book[WORKLIST].iter_rows(max_row=_ROWS_LIMIT, values_only=False)
        places: dict[str, int] = {}
        for number, cells in enumerate(rows, start=1):
            if not places:
                places = _heads(cells)
                if not places and number >= _HEAD_ROWS:
                    break
                continue
            code, state, note = (_text(cells, places[head]) for head in (CODE_HEAD, STATE_HEAD, NOTE_HEAD))
            # Books made before the answer had its own column have it in that of the state; so has a clerk's who is used
            # to them.
            answer = _text(cells, places[RESULT_HEAD]) if RESULT_HEAD in places else ""
            yield number, code, answer or state, note
        if not places:
            raise NotAWorklistError(
                f"Trang tính “{WORKLIST}” không có đủ các cột “{STATE_HEAD}”, “{NOTE_HEAD}”, “{CODE_HEAD}”."
            )
    finally:
        book.close()


def _opened(path: Path) -> Workbook:
    _measure(path)
    return load_workbook(path, read_only=True, data_only=False, keep_links=False)


def _measure(path: Path) -> None:
    """Unpacks the file within the limit, whatever it says of itself; one that declares entities is refused."""
    with path.open("rb") as file:
        body = file.read(_BYTES_LIMIT + 1)
    if len(body) > _BYTES_LIMIT:
        raise NotAWorklistError("Tệp quá lớn.")
    try:
        parts = unpack(body, _BYTES_LIMIT, entries_max=2_000)
    except BadArchiveError as error:
        raise NotAWorklistError(_DAMAGED) from error
    if any(part.body is None for part in parts):
        raise NotAWorklistError("Tệp quá lớn hoặc bị hỏng.")
    plain = [(part.body or b"").replace(b"\x00", b"") for part in parts]  # the same in UTF-16
    if any(b"<!DOCTYPE" in part or b"<!ENTITY" in part for part in plain):
        raise NotAWorklistError(_DAMAGED)


def _heads(cells: tuple[Any, ...]) -> dict[str, int]:
    """Where the heads stand, that of the answer too if there is one; empty while this is not the row of heads."""
    found = {str(cell.value): index for index, cell in enumerate(cells) if isinstance(cell.value, str)}
    return found if {CODE_HEAD, STATE_HEAD, NOTE_HEAD} <= set(found) else {}


def _text(cells: tuple[Any, ...], index: int) -> str:
    if index >= len(cells) or cells[index].value is None:
        return ""
    shown = text.clean(cells[index].value)
    return f"=formula:{shown}" if cells[index].data_type == "f" else shown
