"""`run_audit.py import-notes`: a workbook goes out, comes back with notes, and they show up in the next one and in `explain`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from audit.period import week_of
from audit.pipeline import judging
from audit.pipeline.report_inputs import report_inputs
from audit.pipeline.workspace import Workspace
from audit.settings import load_settings
from reports.view import ReportView, build_view
from reports.xlsx import write_agency_book, write_province_book
from tests.deployment import TOKEN, Deployment
from tests.rules.harness import document, send

WEEK = week_of(date(2021, 2, 1))
RESULT, NOTE, CODE = 11, 12, 24
FIRST = 4


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """A judged week: H03.02 has a failed send to H03.03, H03.03 one to H03.02."""
    monkeypatch.setenv(TOKEN, "a token of the tests")
    failed = {"sent_at": "2021-02-02 10:00", "state": "fail", "state_at": "2021-02-02 10:01"}
    other = {"sender": "H03.03", "notation": "STP-VP", "number": "13"}
    made = Deployment(tmp_path / "province")
    made.pulled(
        [document(), send(**failed), document(**other, recipients=["H03.02"]), send(**other, **failed, recipient="H03.02")],
        date(2021, 1, 25), date(2021, 2, 14),
    )  # fmt: skip
    assert made.run("judge", "--from", "2021-02-01", "--to", "2021-02-07")[0] == 0
    return made


def view_of(deployment: Deployment) -> ReportView:
    workspace = Workspace(load_settings(deployment.config), deployment.data, deployment.root / "out", quiet=True)
    view = build_view(report_inputs(workspace, judging.told(workspace, WEEK), WEEK))
    workspace.close()
    return view


def book(deployment: Deployment, agency: str, cells: dict[int, str], name: str = "tra-lai.xlsx") -> Path:
    """The agency's workbook (`""`: the province's), with cells of its first row filled in."""
    path, view = deployment.root / name, view_of(deployment)
    if agency:
        write_agency_book(view.agencies[agency], path)
    else:
        write_province_book(view, path)
    made = load_workbook(path)
    for column, value in cells.items():
        made["Việc cần xử lý"].cell(FIRST, column).value = value
    made.save(path)
    return path


def test_a_note_shows_up_in_the_next_workbook_and_in_explain_and_is_taken_once(deployment: Deployment) -> None:
    path = book(deployment, "H03.02", {RESULT: "Đang xử lý", NOTE: "đã gọi điện <b>"})
    assert deployment.run("import-notes", str(path)) == (
        0,
        "tra-lai.xlsx of H03.02: 1 notes, 1 of them new; 0 refused\n",
    )
    assert "1 notes, 0 of them new" in deployment.run("import-notes", str(path))[1]
    finding = view_of(deployment).agencies["H03.02"].open_findings.iloc[0]
    assert finding["note"] == "Đang xử lý: đã gọi điện <b>"
    next_one = book(deployment, "H03.02", {}, "sau.xlsx")
    assert load_workbook(next_one)["Việc cần xử lý"].cell(FIRST, NOTE).value == "Đang xử lý: đã gọi điện <b>"
    assert "0 notes" in deployment.run("import-notes", str(next_one))[1]
    told = " ".join(deployment.run("explain", finding["finding_id"])[1].split())
    assert "Đơn vị ghi trạng thái: “Đang xử lý”, ghi chú: “đã gọi điện <b>” (tệp “tra-lai.xlsx”, dòng 4" in told


def test_a_note_changes_no_state(deployment: Deployment) -> None:
    path = book(deployment, "H03.02", {RESULT: "Đã khắc phục"})
    assert deployment.run("import-notes", str(path))[0] == 0
    assert view_of(deployment).agencies["H03.02"].open_findings["state"].tolist() == ["new"]


def test_rows_of_another_agency_are_refused_and_nothing_of_them_is_kept(deployment: Deployment) -> None:
    foreign = view_of(deployment).agencies["H03.03"].open_findings["finding_id"].iloc[0]
    path = book(deployment, "H03.02", {NOTE: "không phải của tôi", CODE: foreign})
    status, told = deployment.run("import-notes", str(path))
    assert (status, told.splitlines()) == (
        1, ["tra-lai.xlsx of H03.02: 0 notes, 0 of them new; 1 refused", f"  dòng 4  {foreign}  mã thuộc cơ quan khác"],
    )  # fmt: skip
    path = book(deployment, "H03.02", {NOTE: "gửi nhầm"})
    assert deployment.run("import-notes", str(path), "--agency", "H03.03")[0] == 1
    assert set(view_of(deployment).findings["note"]) == {""}


def test_the_provinces_book_may_speak_for_all(deployment: Deployment) -> None:
    path = book(deployment, "", {NOTE + 1: "đã nhắc"})
    assert "of the province: 1 notes" in deployment.run("import-notes", str(path))[1]


def test_what_is_no_workbook_of_ours_is_refused_as_a_whole(deployment: Deployment, tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"PK no workbook")
    assert deployment.run("import-notes", str(tmp_path / "x.xlsx"))[0] == 2
    assert deployment.run("import-notes", str(tmp_path / "absent.xlsx"))[0] == 2
    path = book(deployment, "H03.02", {NOTE: "a"})
    made = load_workbook(path)
    made.properties.category = None
    made.save(path)
    assert deployment.run("import-notes", str(path))[0] == 2
    assert deployment.run("import-notes", str(path), "--agency", "H03.02")[0] == 0
    assert deployment.run("import-notes", str(path), "--agency", "H99")[0] == 2
