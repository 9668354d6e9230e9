"""Symbolic links: who may drop a file, or write beside our reports, makes us neither read nor write another one.

Folders into which agencies drop files: tests/sources/test_edxml_files.py; archives with links: tests/test_keeping.py.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from audit.dropped_files import DroppedFile, files_of, read_file
from audit.errors import SourceError
from audit.pipeline.backing_up import back_up
from audit.pipeline.workspace import Workspace
from audit.settings import load_settings
from reports import html, mail, xlsx
from reports.view import ReportView, build_view
from tests.attacks.canary import SECRET
from tests.reports.province import make_inputs

DAY = date(2021, 2, 4)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(SECRET)
    return path


def test_the_danger_opening_a_name_opens_what_it_leads_to(tmp_path: Path, secret: Path) -> None:
    (tmp_path / "register.csv").symlink_to(secret)
    assert (tmp_path / "register.csv").read_text() == SECRET
    (tmp_path / "report.part").symlink_to(secret)
    (tmp_path / "report.part").write_text("x")
    assert secret.read_text() == "x"


def test_dropped_links_are_neither_listed_nor_read(tmp_path: Path, secret: Path) -> None:
    folder = tmp_path / "in" / DAY.isoformat()
    folder.mkdir(parents=True)
    (folder / "register.csv").symlink_to(secret)
    (folder / "folder").symlink_to(tmp_path)
    assert files_of("H03", str(tmp_path / "in" / "{day}"), DAY) == []
    with pytest.raises(SourceError):
        read_file("H03", DroppedFile(folder / "register.csv", tmp_path / "in", datetime.now(UTC), 1), 1000)


def test_a_backup_holds_no_file_from_elsewhere(tmp_path: Path, secret: Path) -> None:
    data = tmp_path / "var"
    (data / "evidence").mkdir(parents=True)
    (data / "evidence" / "x.sqlite").symlink_to(secret)
    (data / "elsewhere").symlink_to(tmp_path)
    (data / "plain").write_text("plain")
    workspace = Workspace(load_settings(), data, tmp_path / "out", quiet=True)
    workspace.ledger.begin_run("pull", {}, "0" * 64, {})
    made = back_up(workspace, tmp_path / "backup.tar.zst")
    workspace.close()
    assert sorted(name for name in made.files if name.startswith("data/")) == ["data/ledger.sqlite", "data/plain"]


@pytest.fixture(scope="module")
def view() -> ReportView:
    return build_view(make_inputs(findings=20))


@pytest.mark.parametrize("kind", ["html", "letter", "workbook"])
def test_a_link_in_the_place_of_a_report_is_replaced_and_not_followed(
    tmp_path: Path, secret: Path, view: ReportView, kind: str
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    target = out / "report"
    for name in ("report", ".report.part"):
        (out / name).symlink_to(secret)
    agency = next(iter(view.agencies.values()))
    match kind:
        case "html":
            html.write_html(view, target)
        case "letter":
            mail.write_letter(view, target)
        case _:
            xlsx.write_agency_book(agency, target)
    assert secret.read_text() == SECRET
    assert not target.is_symlink()
    assert target.stat().st_size > len(SECRET)
