"""Files that simulated agencies drop into a folder, one for each day: messages of the axis, or a clerk's registers."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import openpyxl

from audit.simulator.clock import DAY, day_text
from audit.simulator.dialects.mailbox import Mailbox, sendings
from audit.simulator.model import Receipt
from audit.simulator.province import Province
from audit.simulator.rendering import Row

_URGENCY: Final = {"thuong": "Thường", "khan": "Khẩn", "thuong_khan": "Thượng khẩn", "hoa_toc": "Hỏa tốc"}
_SECRECY: Final = {"thuong": "Thường", "mat": "Mật", "toi_mat": "Tối mật", "tuyet_mat": "Tuyệt mật"}
_OUTGOING: Final = (
    "STT", "Mã định danh văn bản", "Số", "Ký hiệu", "Ngày ban hành", "Loại VB", "Trích yếu", "Người ký", "Chức vụ",
    "Nơi nhận", "Độ khẩn", "Độ mật", "Số trang", "Sổ VB", "Trạng thái",
)  # fmt: skip
_INCOMING: Final = (
    "STT", "Mã định danh văn bản", "Số đến", "Ngày đến", "Số ký hiệu", "Ngày ban hành", "Trích yếu", "CQ ban hành",
    "Người ký", "Loại VB", "Độ khẩn", "Độ mật", "Hạn xử lý", "Trạng thái",
)  # fmt: skip
_ENCODINGS: Final = (("utf-8-sig", ","), ("utf-16", "\t"), ("utf-8", ";"))


def drop_messages(province: Province, mailbox: Mailbox, agency: str, folder: Path) -> None:
    """What a gateway puts into an agency's folders: every message that it sent or received, single or in an archive.

    That there was none on a day, an archive without messages says: an empty folder says nothing. Of the running day
    there is what has passed so far.
    """
    place = list(province.offices).index(agency)
    end = province.options.end
    for day in [*province.days(), *([end] if province.shown_until(end) is not None else [])]:
        messages = list(_messages(province, mailbox, agency, day))
        target = folder / day.isoformat()
        target.mkdir(parents=True, exist_ok=True)
        if place % 2 or not messages:
            with zipfile.ZipFile(target / "thong-diep.zip", "w", zipfile.ZIP_DEFLATED) as archive:
                for name, body in messages:
                    archive.writestr(zipfile.ZipInfo(name, (2021, 2, 4, 8, 0, 0)), body)
        else:
            for name, body in messages:
                (target / name).write_bytes(body)


def drop_registers(province: Province, agency: str, folder: Path) -> None:
    """What a clerk exports each evening: the outgoing register as a workbook, the incoming one as CSV."""
    place = list(province.offices).index(agency)
    encoding, delimiter = _ENCODINGS[place // 5 % len(_ENCODINGS)]
    for day in province.days():
        target = folder / day.isoformat()
        target.mkdir(parents=True, exist_ok=True)
        documents = [_outgoing(row) for row in province.rows(agency, day, "documents")]
        entries, rows = province.entries(agency, day, "receipts"), province.rows(agency, day, "receipts")
        receipts = [
            _incoming(row, receipt) for (_, receipt), row in zip(entries, rows, strict=True) if receipt.state != "fail"
        ]
        (target / "so-van-ban-di.xlsx").write_bytes(_workbook(_OUTGOING, documents))
        (target / "so-van-ban-den.csv").write_bytes(_csv(_INCOMING, receipts, delimiter).encode(encoding))


def _messages(province: Province, mailbox: Mailbox, agency: str, day: date) -> Iterator[tuple[str, bytes]]:
    for number, group in enumerate(sendings(province, agency, day)):
        pairs, first = [pair for pair, _ in group], group[0][1]
        yield f"di-{first.sent_at:012d}-{number:05d}.edxml", mailbox.letter(pairs, first, names_all=False)
    for number, piece in enumerate(mailbox.received(day)):
        if piece.row.get("state") != "fail":
            yield f"den-{number:05d}.edxml", piece.make()
    for issued in (True, False):
        for number, piece in enumerate(mailbox.statuses(day, issued=issued)):
            yield f"trang-thai-{'di' if issued else 'den'}-{number:05d}.edxml", piece.make()


def _outgoing(row: Row) -> list[Any]:
    recipients = "; ".join(row.get("recipients") or ())
    return [
        row.get("document_uid"), row.get("number"), row.get("notation"), _day(row.get("issued_date")),
        row.get("doc_type"), row.get("subject"), row.get("signer_name"), row.get("signer_position"), recipients,
        _URGENCY.get(row.get("urgency") or ""), _SECRECY.get(row.get("secrecy") or ""), row.get("page_count"),
        "Sổ văn bản đi", "Đã phát hành",
    ]  # fmt: skip


def _incoming(row: Row, receipt: Receipt) -> list[Any]:
    number, notation = row.get("number"), row.get("notation")
    reference = f"{number}/{notation}" if number and notation else number
    arrived_at = receipt.state_at if receipt.arrived_at is None else receipt.arrived_at
    return [
        row.get("document_uid"), row.get("arrival_number"), _day(day_text(arrived_at // DAY)), reference,
        _day(row.get("issued_date")), row.get("subject"), row.get("sender"), row.get("signer_name"),
        row.get("doc_type"), _URGENCY.get(row.get("urgency") or ""), _SECRECY.get(row.get("secrecy") or ""),
        _day(row.get("due_at")), "Đã vào sổ",
    ]  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _workbook(heads: Sequence[str], lines: Sequence[Sequence[Any]]) -> bytes:
    """A register as offices print it: its title, merged, above the heads, and a totals row below."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Sổ văn bản đi"
    sheet.append(["SỔ VĂN BẢN ĐI"])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(heads))
    sheet.append([])
    sheet.append(list(heads))
    for number, line in enumerate(lines, start=1):
        sheet.append([number, *line])
    sheet.append(["Tổng cộng:", len(lines)])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _csv(heads: Sequence[str], lines: Sequence[Sequence[Any]], delimiter: str) -> str:
    made = io.StringIO(newline="")
    writer = csv.writer(made, delimiter=delimiter)
    writer.writerow(heads)
    for number, line in enumerate(lines, start=1):
        writer.writerow([number, *(f"{cell:%d/%m/%Y}" if isinstance(cell, date) else cell for cell in line)])
    return made.getvalue()
