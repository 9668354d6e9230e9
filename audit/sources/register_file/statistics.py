"""The hub's statistics export: how much it says each organ received and sent (``wire.md`` 3, *Bkav hub statistics*).

A workbook, a CSV file, or the JSON that the hub's own page reads. The header is found by its words, as in registers.
What it says are the hub's claims: they are shown beside the log's own counts, and never become findings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from audit.sources.register_file.headings import HEADER_ROWS_MAX, folded
from audit.sources.register_file.sheets import Cell, Sheet, UnreadableFileError, read_sheets

COUNTERS: Final = ("received", "sent", "signed", "not_signed")
COUNT_MAX: Final = 100_000_000
_ORGAN: Final = "organ"
_ALIASES: Final[Mapping[str, str]] = {
    _ORGAN: "organdomain|organ domain|organid|organ id|mã định danh|mã đơn vị|mã cơ quan|mã định danh đơn vị"
    "|mã định danh cơ quan",
    "received": "total_received|tổng nhận|tổng số nhận|tổng số văn bản nhận|số văn bản nhận|văn bản nhận|văn bản đến"
    "|đã nhận",
    "sent": "total_sent|tổng gửi|tổng số gửi|tổng số văn bản gửi|số văn bản gửi|văn bản gửi|văn bản đi|đã gửi",
    "signed": "signed|đã ký số|có ký số|văn bản đã ký số|số văn bản ký số",
    "not_signed": "not_signed|notsigned|chưa ký số|không ký số|văn bản chưa ký số",
}
_KNOWN: Final = {folded(alias): name for name, aliases in _ALIASES.items() for alias in aliases.split("|")}
_THOUSANDS: Final = re.compile(r"\d{1,3}([. ]\d{3})+", re.ASCII)


@dataclass(frozen=True, slots=True)
class HubCounts:
    """What the hub says of one organ; counters that it does not tell are not there."""

    organ: str
    """As it stands in the file."""
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a file says: lines below the header = organs + rejects, totals and blank lines aside."""

    organs: tuple[HubCounts, ...]
    rejects: tuple[tuple[int, str], ...] = field(default=())
    """Line in its sheet, from 1, and why it could not be read."""


def read_statistics(body: bytes) -> Statistics:
    """The organs' counts.

    Raises:
        UnreadableFileError: It is no table that names organs and what they received or sent.
    """
    organs: list[HubCounts] = []
    rejects: list[tuple[int, str]] = []
    found = False
    for sheet in _sheets(body):
        place, columns = _header(sheet.rows)
        if columns:
            found = True
            for line, cells in enumerate(sheet.rows[place + 1 :], start=place + 2):
                told = {name: cells[at] for name, at in columns.items() if at < len(cells)}
                organ = " ".join(str(told.get(_ORGAN) or "").split())
                if not organ or folded(organ).startswith(("tong", "cong")):
                    continue
                counts = {name: _count(told.get(name)) for name in COUNTERS if not _is_blank(told.get(name))}
                if wrong := [name for name, count in counts.items() if count is None]:
                    rejects.append((line, f"{wrong[0]} is no number"))
                elif counts:
                    organs.append(
                        HubCounts(organ, {name: count for name, count in counts.items() if count is not None})
                    )
                else:
                    rejects.append((line, "no counts"))
    if not found:
        raise UnreadableFileError("no row names organs and what they received or sent")
    return Statistics(tuple(organs), tuple(rejects))


def _sheets(body: bytes) -> list[Sheet]:
    if body.lstrip()[:1] not in (b"[", b"{"):
        return read_sheets(body)
    try:
        told = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableFileError("damaged JSON") from error
    rows = told.get("data") if isinstance(told, dict) else told
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableFileError("JSON that is no list of organs")
    heads = list(dict.fromkeys(name for row in rows for name in row))
    return [Sheet("", [list(heads), *([_cell(row.get(name)) for name in heads] for row in rows)])]


def _cell(value: Any) -> Cell:
    return value if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _header(rows: Sequence[Sequence[Cell]]) -> tuple[int, dict[str, int]]:
    """Where the header stands and which column means what; no columns where there is none."""
    for place, cells in enumerate(rows[:HEADER_ROWS_MAX]):
        columns: dict[str, int] = {}
        for at, cell in enumerate(cells):
            name = _KNOWN.get(folded(cell)) if isinstance(cell, str) else None
            if name is not None:
                columns.setdefault(name, at)
        if _ORGAN in columns and len(columns) > 1:
            return place, columns
    return 0, {}


def _is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _count(cell: Cell) -> int | None:
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
    if _THOUSANDS.fullmatch(text):
        text = re.sub(r"[. ]", "", text)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= COUNT_MAX else None
