"""The `edxml` source, pulled whole: messages in folders and archives become a log; every file is a row or a reject."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from audit.archive import pack
from audit.evidence import Evidence
from audit.log import Log
from audit.pull import PullReport, pull
from audit.rebuild import Conformer
from audit.registry import Registry
from audit.settings import Agency, Settings, load_settings
from tests.sources.messages import PDF, attachment, document, status
from tests.sources.server import settings_of

DAY = date(2021, 2, 4)
OWN = document(files=[attachment("814.pdf", PDF)])
RECEIVED = document(sender="000.00.12.H03", recipients=("H03",), number="22")


class Case:
    def __init__(self, folder: Path, path: str, **source: object) -> None:
        self.agency = Agency.model_validate(
            {"code": "H03", "name": "UBND", "kind": "other", "source": {"kind": "edxml", "path": path, **source}}
        )
        self.settings: Settings = settings_of(self.agency)
        self.registry = Registry(self.settings)
        self.evidence, self.log = Evidence(folder / "evidence"), Log(folder / "log")

    def pull(self) -> PullReport:
        report = pull(self.settings, self.registry, self.evidence, [DAY])
        Conformer(self.settings, self.registry, self.evidence, self.log).conform([DAY])
        return report

    def rows(self, table: str) -> pd.DataFrame:
        return self.log.read(table)


def drop(folder: Path, files: dict[str, bytes]) -> Path:
    place = folder / "in" / DAY.isoformat()
    place.mkdir(parents=True)
    for name, body in files.items():
        (place / name).write_bytes(body)
    return place


FILES = {
    "1.xml": OWN,
    "2.edxml": RECEIVED,
    "3.xml": status(),
    "4.xml": b"1212",
    "5.xml": OWN[:800],
    "6.zip": pack([("a.xml", status(code="05"))]),
}


def check(case: Case) -> None:
    report = case.pull()
    assert report.is_complete
    assert case.rows("documents")[["sender", "number", "notation"]].values.tolist() == [["H03", "814", "UBND-VXNV"]]
    assert case.rows("files")["size_bytes"].tolist() == [len(PDF)]
    assert case.rows("sends")["recipient"].tolist() == ["H03.12"]
    assert case.rows("receipts")[["sender", "recipient", "number"]].values.tolist() == [["H03.12", "H03", "22"]]
    assert case.rows("statuses")["status_code"].tolist() == ["03", "05"]
    rejects = case.rows("rejects")
    assert rejects[["table", "reason"]].values.tolist() == [["documents", "not_an_object"]] * 2
    assert ["4.xml" in rejects["excerpt"][0], "5.xml" in rejects["excerpt"][1]] == [True, True]


def test_a_folder_of_messages(tmp_path: Path) -> None:
    drop(tmp_path, FILES)
    check(Case(tmp_path, f"{tmp_path}/in/{{day}}"))


def test_an_archive_of_messages(tmp_path: Path) -> None:
    place = drop(tmp_path, {})
    (place / "all.zip").write_bytes(pack(FILES.items()))
    check(Case(tmp_path, f"{tmp_path}/in/{{day}}/all.zip"))


def test_pages_end_and_no_file_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.sources.edxml.FILES_MAX", 2)
    drop(tmp_path, FILES)
    case = Case(tmp_path, f"{tmp_path}/in/{{day}}")
    check(case)
    assert {
        entry.pages for entry in pull(case.settings, case.registry, Evidence(tmp_path / "again"), [DAY]).entries
    } == {3}


def test_a_page_is_bounded_and_what_is_too_large_is_a_reject(tmp_path: Path) -> None:
    drop(
        tmp_path, {"1.xml": OWN, "2.xml": document(files=[attachment("a.pdf", os.urandom(20_000))]), "3.xml": status()}
    )
    case = Case(tmp_path, f"{tmp_path}/in/{{day}}", page_bytes_max=10_000)
    assert case.pull().is_complete
    assert (len(case.rows("documents")), len(case.rows("rejects")), len(case.rows("statuses"))) == (1, 1, 1)


def test_a_folder_that_is_not_there_may_come(tmp_path: Path) -> None:
    case = Case(tmp_path, f"{tmp_path}/in/{{day}}")
    assert {(entry.outcome, entry.failed_at) for entry in case.pull().entries} == {("partial", "agency")}
    drop(tmp_path, FILES)
    check(case)


def test_an_empty_folder_says_nothing_and_an_empty_archive_that_there_was_no_message(tmp_path: Path) -> None:
    # who makes the folders in the morning, or is about to fill one, leaves an empty one too
    place = drop(tmp_path, {})
    case = Case(tmp_path, f"{tmp_path}/in/{{day}}")
    assert {(entry.outcome, entry.failed_at) for entry in case.pull().entries} == {("partial", "agency")}
    (place / "none.zip").write_bytes(pack([]))
    assert case.pull().is_complete
    assert case.rows("documents").empty


def test_unfinished_hidden_and_linked_files_are_not_read(tmp_path: Path) -> None:
    place = drop(tmp_path, {"1.xml": status(), "2.xml.part": b"<", ".3.xml": b"<"})
    (place / "4.xml").symlink_to(tmp_path / "secret")
    (tmp_path / "secret").write_bytes(OWN)
    case = Case(tmp_path, f"{tmp_path}/in/{{day}}")
    assert case.pull().is_complete
    assert (len(case.rows("statuses")), len(case.rows("documents")), len(case.rows("rejects"))) == (1, 0, 0)


def test_without_a_day_in_the_path_a_file_is_of_the_day_it_was_written(tmp_path: Path) -> None:
    place = drop(tmp_path, {"1.xml": status(), "2.xml": status(code="05"), "3.xml": status(code="06")})
    for name, at in (
        ("1.xml", "2021-02-03T17:00:01"),
        ("2.xml", "2021-02-03T16:59:59"),
        ("3.xml", "2021-02-04T17:00:01"),
    ):
        instant = datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()
        os.utime(place / name, (instant, instant))
    case = Case(tmp_path, str(place))
    case.pull()
    assert case.rows("statuses")["status_code"].tolist() == ["03"]


def test_what_messages_cannot_tell_is_not_tested(tmp_path: Path) -> None:
    agency = Case(tmp_path, str(tmp_path)).agency
    assert (agency.reports_signatures, agency.reports_completion, agency.register_whole) == (False, False, False)
    assert "failed_send" in agency.untold_rules
    assert load_settings().agencies[0].untold_rules == frozenset()


def test_a_message_whose_rows_are_longer_than_a_page_is_a_reject(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its reason stands in the row of each recipient."""
    monkeypatch.setattr("audit.edxml.rows.ROWS_LENGTH_MAX", 100_000)
    business = f"<edXML:BussinessDocType>1</edXML:BussinessDocType><edXML:BussinessDocReason>{'x' * 3000}</edXML:BussinessDocReason>"
    drop(tmp_path, {"1.xml": document(recipients=("H03.12",) * 50, business=business), "2.xml": OWN})
    case = Case(tmp_path, f"{tmp_path}/in/{{day}}")
    assert case.pull().is_complete
    assert case.rows("sends")["recipient"].tolist() == ["H03.12"]
    assert case.rows("rejects")["table"].tolist() == ["sends"]
