"""The hub's statistics: read, kept by period, laid beside the logs' counts; never a finding."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import cli
from audit.declared import DeclaredCounts
from audit.errors import DataError
from audit.period import Period
from audit.pipeline.declaring import declared_infos, import_statistics
from audit.pipeline.workspace import Workspace
from audit.settings import load_settings
from audit.sources.register_file.sheets import UnreadableFileError
from audit.sources.register_file.statistics import read_statistics
from reports.inputs import DeclaredInfo
from reports.view import build_view
from tests.reports.province import make_inputs

FIRST, LAST = date(2021, 2, 1), date(2021, 2, 7)
ROWS = [
    {"organDomain": "H03.12", "total_received": 340, "total_sent": 120, "signed": 100, "not_signed": 20},
    {"organDomain": "000.00.16.H03", "total_received": "1.204", "total_sent": 7},
    {"organDomain": "X99", "total_received": 5, "total_sent": 6},
]


def workbook() -> bytes:
    """As the hub exports it: a title, the header, numbers, a totals row."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["THỐNG KÊ VĂN BẢN LIÊN THÔNG"])
    sheet.append([])
    sheet.append(["STT", "organDomain", "Tổng nhận", "Tổng gửi", "Đã ký số", "Chưa ký số"])
    sheet.append([1, "H03.12", 340, 120, 100, 20])
    sheet.append([2, "000.00.16.H03", "1.204", 7.0, None, None])
    sheet.append([None, "Tổng cộng", 1544, 127, 100, 20])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


CSV = "organDomain,total_received,total_sent,signed,not_signed\nH03.12,340,120,100,20\n000.00.16.H03,1204,7,,\n".encode(
    "utf-16"
)


@pytest.mark.parametrize(
    "body", [workbook(), CSV, json.dumps(ROWS[:2]).encode(), json.dumps({"data": ROWS[:2]}).encode()]
)
def test_every_form_of_the_export_tells_the_same(body: bytes) -> None:
    told = read_statistics(body)
    assert [(organ.organ, dict(organ.counts)) for organ in told.organs] == [
        ("H03.12", {"received": 340, "sent": 120, "signed": 100, "not_signed": 20}),
        ("000.00.16.H03", {"received": 1204, "sent": 7}),
    ]
    assert told.rejects == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[",
        b'{"data": 1}',
        b"[1]",
        b"a,b\n1,2\n",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0",
        json.dumps([{"organDomain": "H03"}]).encode(),
    ],
)
def test_what_is_no_export_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        read_statistics(body)


def test_lines_that_cannot_be_read_are_told() -> None:
    told = read_statistics(b"organDomain,total_sent\nH03,viele\nH03.12,-3\nH03.13,\nH03.14,5\n")
    assert told.rejects == ((2, "sent is no number"), (3, "sent is no number"), (4, "no counts"))
    assert [organ.organ for organ in told.organs] == ["H03.14"]


def test_a_period_is_its_own_import_or_the_sum_of_shorter_ones(tmp_path: Path) -> None:
    counts = DeclaredCounts(tmp_path)
    assert counts.of_period(FIRST, date(2021, 2, 8)) == {}
    for day in range(1, 8):
        counts.keep(
            b"x", {"H03": {"sent": day, "received": 1}, "H03.12": {"sent": 1}}, date(2021, 2, day), date(2021, 2, day)
        )
    assert counts.of_period(FIRST, date(2021, 2, 8)) == {"H03": {"received": 7, "sent": 28}, "H03.12": {"sent": 7}}
    assert counts.of_period(FIRST, date(2021, 2, 9)) == {}
    counts.keep(b"y", {"H03": {"sent": 30}}, FIRST, LAST)
    assert counts.of_period(FIRST, date(2021, 2, 8)) == {"H03": {"sent": 30}}
    (tmp_path / f"{FIRST}_{LAST}.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError):
        counts.of_period(FIRST, date(2021, 2, 8))


def test_declared_counts_stand_beside_those_of_the_log(tmp_path: Path) -> None:
    workspace = Workspace(load_settings(None), tmp_path / "var", tmp_path / "out", quiet=True)
    path = tmp_path / "ThongKeVanBan.json"
    path.write_text(json.dumps(ROWS), encoding="utf-8")
    with workspace.run("import-statistics", {}) as run:
        done = import_statistics(workspace, run, path, FIRST, LAST)
        run.exit_status = 0
    assert (done.agencies, done.strangers) == (2, ("X99",))
    indicators = pd.DataFrame(
        {
            "agency": ["H03.12", "H03.12", "H03.16"],
            "indicator": ["documents_sent", "documents_received", "documents_sent"],
            "value": [118.0, 340.0, None],
        }
    )
    infos = declared_infos(workspace, indicators, Period(FIRST, date(2021, 2, 8), date(2021, 2, 8)))
    assert infos == (
        DeclaredInfo("H03.12", 120, 340, 100, 20, own_sent=118, own_received=340),
        DeclaredInfo("H03.16", 7, 1204),
    )
    assert [info.is_contradicted for info in infos] == [True, False]
    workspace.close()


def test_reports_tell_what_is_declared_and_where_it_differs() -> None:
    inputs = make_inputs()
    told = DeclaredInfo("H03.16", 120, 340, 100, 20, own_sent=118, own_received=340)
    view = build_view(replace(inputs, declared=(told, DeclaredInfo("H03.12", 5, None, own_sent=5))))
    name = next(agency.name for agency in inputs.agencies if agency.code == "H03.16")
    assert view.gaps.notes[-1] == (
        "Số liệu thống kê của trục liên thông có 02 cơ quan, trong đó 01 cơ quan khác với nhật ký, cần đối chiếu: "
        f"{name} (gửi 120, nhật ký 118, nhận 340, nhật ký 340)."
    )
    [note] = view.agencies["H03.16"].gaps.notes
    assert note == (
        "Số liệu thống kê của trục liên thông: gửi 120, nhật ký 118, nhận 340, nhật ký 340; 100 văn bản đã ký số, "
        "20 chưa ký số. Hai nguồn số liệu khác nhau, cần đối chiếu."
    )
    assert view.agencies["H03.12"].gaps.notes == ("Số liệu thống kê của trục liên thông: gửi 05, nhật ký 05.",)
    assert build_view(inputs).gaps.notes == view.gaps.notes[:-1]
    pd.testing.assert_frame_equal(view.findings, build_view(inputs).findings)


def test_the_command_takes_a_file_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "thong-ke.xlsx"
    path.write_bytes(workbook())
    given = ["import-statistics", str(path), "--from", str(FIRST), "--to", str(LAST), "--data", str(tmp_path / "var")]
    assert cli.main(given) == 0
    assert capsys.readouterr().out.startswith("declared counts of 2 agencies taken over; 0 lines")
    assert DeclaredCounts(tmp_path / "var" / "declared").of_period(FIRST, date(2021, 2, 8))["H03.12"]["sent"] == 120
    path.write_text("không phải bảng", encoding="utf-8")
    assert cli.main(given) == 2


@given(
    st.binary(max_size=300) | st.text(alphabet='organDmi,total_set\n"[]{}:0123456789.;', max_size=200).map(str.encode)
)
@settings(max_examples=60, deadline=None)
def test_no_bytes_break_the_reading(body: bytes) -> None:
    try:
        told = read_statistics(body)
    except UnreadableFileError:
        return
    assert all(count >= 0 for organ in told.organs for count in organ.counts.values())
