"""The `register_file` source: what clerks export, in its many forms, becomes the same rows; nothing is lost."""

from __future__ import annotations

import csv
import io
import json
import threading
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.archive import pack
from audit.errors import ConfigError
from audit.evidence import Evidence
from audit.log import Log
from audit.pull import pull
from audit.rebuild import Conformer
from audit.registry import Registry
from audit.settings import Agency
from audit.source import Request
from audit.sources.register_file import RegisterFile
from audit.sources.register_file.sheets import UnreadableFileError, read_workbook
from tests.sources.server import settings_of

DAY = date(2021, 2, 4)
OUTGOING = [
    "Số, ký hiệu văn bản",
    "Ngày tháng văn bản",
    "Tên loại và trích yếu nội dung",
    "Người ký",
    "Nơi nhận văn bản",
    "Số lượng bản",
    "Ghi chú",
]
INCOMING = [
    "Ngày đến",
    "Số đến",
    "Tác giả",
    "Số, ký hiệu văn bản",
    "Ngày tháng văn bản",
    "Tên loại và trích yếu",
    "Đơn vị hoặc người nhận",
    "Thời hạn",
]
LINE = [
    "814/UBND-VXNV",
    "04/02/2021",
    "V/v tăng cường gửi, nhận văn bản điện tử",
    "Hoàng Văn Thử",
    "Các sở, ban, ngành",
    30,
    None,
]
NEXT = [
    "815/QĐ-UBND",
    "04/02/2021",
    "Quyết định về việc kiện toàn Ban Chỉ đạo",
    "Hoàng Văn Thử",
    "H03.12; H03.13",
    5,
    None,
]
Grid = Sequence[Sequence[Any]]


def agency(path: str = "/in/{day}", **source: object) -> Agency:
    given_source = {"kind": "register_file", "path": path, **source}
    return Agency.model_validate({"code": "H03", "name": "UBND", "kind": "other", "source": given_source})


def workbook(rows: Grid, merged: Sequence[str] = (), title: str = "Sổ") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for area in merged:
        sheet.merge_cells(area)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def text(rows: Grid, delimiter: str = ",") -> str:
    made = io.StringIO()
    csv.writer(made, delimiter=delimiter).writerows(rows)
    return made.getvalue()


def windows_1258(value: str) -> bytes:
    """Vietnamese letters in Windows-1258: some ready made, the tone marks apart."""
    made = bytearray()
    for letter in unicodedata.normalize("NFC", value):
        try:
            made += letter.encode("cp1258")
        except UnicodeEncodeError:
            base, tone = letter, ""
            for mark in "\u0300\u0301\u0303\u0309\u0323":
                parts = unicodedata.normalize("NFD", letter)
                if mark in parts:
                    base, tone = unicodedata.normalize("NFC", parts.replace(mark, "")), mark
            made += (base + tone).encode("cp1258")
    return bytes(made)


def rows(body: bytes, table: str = "documents", given: Agency | None = None, day: date = DAY) -> list[Any]:
    found: list[Any] = json.loads(RegisterFile.items(given or agency(), Request("H03", table, day), body))
    return found


def told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


EXPECTED = [
    {"sender": "H03", "number": "814/UBND-VXNV", "issued_date": "2021-02-04", "doc_type": "Công văn", "subject": "V/v tăng cường gửi, nhận văn bản điện tử", "signer_name": "Hoàng Văn Thử"},
    {"sender": "H03", "number": "815/QĐ-UBND", "issued_date": "2021-02-04", "doc_type": "Quyết định", "subject": "về việc kiện toàn Ban Chỉ đạo", "signer_name": "Hoàng Văn Thử", "recipients": ["H03.12", "H03.13"]},
]  # fmt: skip
PLAIN = [OUTGOING, LINE, NEXT]
TITLED = [
    ["UBND TỈNH BẮC KẠN"],
    ["SỔ ĐĂNG KÝ VĂN BẢN ĐI", None, None],
    [],
    *PLAIN[:1],
    ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)"],
    LINE,
    [],
    NEXT,
    ["Tổng cộng", None, None, None, None, 35, None],
    ["Người lập sổ"],
]
FORMS = {
    "xlsx": workbook(PLAIN),
    "header in row 4, numbering, totals, empty rows": workbook(TITLED, ["A1:G1"]),
    "utf-8": text(PLAIN).encode(),
    "utf-8 with BOM": text(TITLED, ";").encode("utf-8-sig"),
    "utf-16": text(PLAIN, "\t").encode("utf-16"),
    "utf-16 without BOM": text(PLAIN).encode("utf-16-le"),
    "windows-1258": windows_1258(text(PLAIN)),
    "decomposed": unicodedata.normalize("NFD", text(PLAIN)).encode(),
    "Excel dates": workbook([OUTGOING, [LINE[0], datetime(2021, 2, 4), *LINE[2:]], [NEXT[0], 44231, *NEXT[2:]]]),
    "other dates": workbook([OUTGOING, [LINE[0], "4-2-2021", *LINE[2:]], [NEXT[0], "04/02/21", *NEXT[2:]]]),
    "merged dates": workbook([OUTGOING, LINE, [NEXT[0], None, *NEXT[2:]]], ["B2:B3"]),
    "another order": workbook([list(reversed(OUTGOING)), list(reversed(LINE)), list(reversed(NEXT))]),
    "two rows of header": workbook([["Văn bản", None, *OUTGOING[2:]], ["Số ký hiệu", "Ngày tháng VB", *([None] * 5)], LINE, NEXT], ["A1:B1"]),
    "unaccented": workbook([["SO KY HIEU", "Ngay van ban", "TEN LOAI VA TRICH YEU", "Nguoi ky", "Noi nhan"], LINE[:5], NEXT[:5]]),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_register_in_any_form_gives_the_same_rows(form: str) -> None:
    assert [told(row) for row in rows(FORMS[form])] == EXPECTED
    assert rows(FORMS[form], "receipts") == []


def test_an_incoming_register() -> None:
    line = [
        "05/02/2021",
        1022,
        "UBND tỉnh",
        "814/UBND-VXNV",
        "04/02/2021",
        "Công văn v/v tăng cường",
        "Văn thư",
        "10/02/2021",
    ]
    (row,) = rows(workbook([INCOMING, line]), "receipts")
    assert told(row) == {
        "recipient": "H03", "sender": "UBND tỉnh", "number": "814/UBND-VXNV", "issued_date": "2021-02-04", "doc_type": "Công văn",
        "subject": "v/v tăng cường", "arrival_number": "1022", "due_at": "2021-02-10",
    }  # fmt: skip


def test_a_day_is_no_instant_but_a_time_is() -> None:
    columns = ["Số đến", "Ngày đến", "Số ký hiệu", "Trích yếu", "CQ ban hành", "Ngày ban hành", "Độ khẩn", "Độ mật"]
    line = [7, "05/02/2021 08:10", "12/BC-SNV", "Báo cáo", "H03.12", "04/02/2021", "Thượng khẩn", "Thường"]
    (row,) = rows(workbook([columns, line]), "receipts")
    assert (row["arrived_at"], row["urgency"], row["secrecy"]) == ("2021-02-05T08:10:00+07:00", "thuong_khan", "thuong")


def test_a_mapping_of_the_settings_goes_before_what_is_built_in() -> None:
    body = workbook([["Mã số", "Ngày", "Về việc gì"], ["814/UBND-VXNV", "04/02/2021", "Họp"]])
    assert rows(body) == ["no row names the columns of a register"]
    mapped = agency(mapping={"Mã số": "reference", "Về việc gì": "subject"})
    (row,) = rows(body, given=mapped)
    assert told(row) == {"sender": "H03", "number": "814/UBND-VXNV", "issued_date": "2021-02-04", "subject": "Họp"}


def test_lines_of_other_days_are_of_other_days_and_none_is_lost() -> None:
    body = workbook(
        [OUTGOING, ["1/QĐ-UBND", "03/02/2021", "A"], ["2/QĐ-UBND", "hôm nọ", "B"], ["3/QĐ-UBND", "04/02/2021", "C"]]
    )
    whole = agency("/in/register.xlsx")
    numbers = [[row["number"] for row in rows(body, given=whole, day=date(2021, 2, day))] for day in (2, 3, 4, 5)]
    assert numbers == [[], ["1/QĐ-UBND", "2/QĐ-UBND"], ["3/QĐ-UBND"], []]


def test_a_bad_line_is_a_row_and_becomes_a_reject() -> None:
    (row,) = rows(workbook([OUTGOING, ["814/UBND-VXNV", "30/02/2021", "V/v", None, None, None, None]]))
    assert row["issued_date"] == "30/02/2021"


HOSTILE = {
    "entities": pack([("[Content_Types].xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')]),
    "no workbook": pack([("a.txt", b"x")]),
    "half": workbook(PLAIN)[:2000],
    "old excel": b"\xd0\xcf\x11\xe0" + b"\0" * 600,
    "pdf": b"%PDF-1.7\n\x00\xff\xfe" * 40,
    "no header": text([["a", "b"], ["1", "2"]]).encode(),
    "zeros": b"a\0\0\0b" * 50,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_register_is_one_reject(name: str) -> None:
    assert [type(row) for row in rows(HOSTILE[name])] == [str]
    assert rows(HOSTILE[name], "receipts") == []


def test_a_sheet_of_too_many_cells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.sources.register_file.sheets.CELLS_MAX", 20)
    (reject,) = rows(text(PLAIN).encode())
    assert "more cells" in reject
    with pytest.raises(UnreadableFileError, match="more cells"):
        read_workbook(workbook(PLAIN))  # as the child does that reads workbooks


class Case:
    def __init__(self, folder: Path, given: Agency) -> None:
        self.settings = settings_of(given)
        self.registry = Registry(self.settings)
        self.evidence, self.log = Evidence(folder / "evidence"), Log(folder / "log")

    def pull(self) -> set[tuple[str, str | None]]:
        report = pull(self.settings, self.registry, self.evidence, [DAY])
        Conformer(self.settings, self.registry, self.evidence, self.log).conform([DAY])
        return {(entry.outcome, entry.failed_at) for entry in report.entries}


def test_a_folder_with_both_registers_is_pulled_whole(tmp_path: Path) -> None:
    (tmp_path / "2021-02-04").mkdir()
    line = ["04/02/2021", 9, "H03.12", "22/BC-SLĐ", "03/02/2021", "Báo cáo tuần", "VP", None]
    (tmp_path / "2021-02-04" / "di.xlsx").write_bytes(FORMS["xlsx"])
    (tmp_path / "2021-02-04" / "den.csv").write_bytes(windows_1258(text([INCOMING, line])))
    (tmp_path / "2021-02-04" / "khac.csv").write_bytes(b"x")
    case = Case(tmp_path, agency(f"{tmp_path}/{{day}}"))
    assert case.pull() == {("complete", None)}
    documents, receipts = case.log.read("documents"), case.log.read("receipts")
    assert documents[["sender", "number", "notation"]].values.tolist() == [
        ["H03", "814", "UBND-VXNV"],
        ["H03", "815", "QĐ-UBND"],
    ]
    assert receipts[["sender", "number", "notation", "arrival_number"]].values.tolist() == [
        ["H03.12", "22", "BC-SLĐ", "9"]
    ]
    assert case.log.read("rejects")["table"].tolist() == ["documents"]


def test_registers_of_one_name_in_several_folders_are_all_read(tmp_path: Path) -> None:
    line = ["04/02/2021", 9, "H03.12", "22/BC-SLĐ", "03/02/2021", "Báo cáo tuần", "VP", None]
    for number, folder in ((22, "so/van-phong"), (23, "so/mot-cua")):
        (tmp_path / "2021-02-04" / folder).mkdir(parents=True)
        written = [cell if cell != "22/BC-SLĐ" else f"{number}/BC-SLĐ" for cell in line]
        (tmp_path / "2021-02-04" / folder / "den.csv").write_bytes(windows_1258(text([INCOMING, written])))
    case = Case(tmp_path, agency(f"{tmp_path}/{{day}}/so/*/den.csv", direction="incoming"))
    assert case.pull() == {("complete", None)}
    assert sorted(case.log.read("receipts")["number"]) == ["22", "23"]


class Web(BaseHTTPRequestHandler):
    seen: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        Web.seen.append((self.path, self.headers.get("Authorization")))
        body = FORMS["xlsx"] if self.path == "/so-di-2021-02-04.xlsx" else b"no"
        self.send_response(200 if body != b"no" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_a_register_is_fetched_over_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIT_TEST_PASSWORD", "p4ss")
    with HTTPServer(("127.0.0.1", 0), Web) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        asked = {"direction": "outgoing", "username": "vanthu", "password": "env:AUDIT_TEST_PASSWORD"}
        case = Case(tmp_path / "a", agency(f"{address}/so-di-{{day}}.xlsx", **asked))
        assert case.pull() == {("complete", None)}
        assert len(case.log.read("documents")) == 2
        assert Web.seen == [("/so-di-2021-02-04.xlsx", "Basic dmFudGh1OnA0c3M=")]
        missing = Case(tmp_path / "b", agency(f"{address}/khac-{{day}}.xlsx", direction="outgoing"))
        assert missing.pull() == {("partial", "agency")}
        server.shutdown()


@pytest.mark.parametrize("wrong", [{"path": "https://user:secret@host/x.xlsx"}, {"mapping": {"Số": "no_such"}}])
def test_settings_that_cannot_work_are_told_without_secrets(
    tmp_path: Path, wrong: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    assert Case(tmp_path, agency(**{"path": "/in", **wrong})).pull() == {("partial", "ours")}
    assert "secret" not in caplog.text
    assert ConfigError.__name__  # told by the job's log
    assert "source." in caplog.text


cells = (
    st.none() | st.text(max_size=12) | st.sampled_from([*OUTGOING, *INCOMING, *map(str, LINE), "05/02/2021", "44231"])
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(cells, max_size=8), max_size=8), st.sampled_from(["utf-8", "utf-16", "cp1258"]))
def test_no_table_breaks_it_and_lines_are_rows_of_one_table(grid: Grid, encoding: str) -> None:
    body = text(grid).encode(encoding, errors="replace")
    for table in ("documents", "receipts"):
        assert isinstance(rows(body, table), list)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(FORMS["xlsx"]) - 1), st.binary(min_size=1, max_size=6))
def test_no_damage_to_a_workbook_breaks_it(place: int, junk: bytes) -> None:
    body = FORMS["xlsx"][:place] + junk + FORMS["xlsx"][place + len(junk) :]
    assert isinstance(rows(body), list)
