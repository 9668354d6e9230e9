"""SQL: texts of the wire and of the command line are values, wherever they are stored or asked for."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from audit import cli
from audit.evidence import Evidence
from audit.evidence.recording import Recording
from audit.ledger import Ledger
from audit.signatures import FileFacts
from audit.source import RawPage, Reading, Request
from audit.verified_files import VerifiedFiles

EVIL = "x'; DROP TABLE attempts; DROP TABLE runs; --"
DAY = date(2021, 2, 4)


def test_the_danger_a_text_in_a_statement_is_a_statement() -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE attempts (cursor TEXT)")
        told = "x'); DROP TABLE attempts; --"
        database.executescript(f"INSERT INTO attempts VALUES ('{told}')")
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == []


def test_evidence_keeps_what_systems_say_as_values(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path).day(DAY)
    request = Request(EVIL, EVIL, DAY, EVIL)
    recording = Recording(evidence, EVIL, request, EVIL, provisional=False)
    sha256 = recording.keep(EVIL.encode())
    page = RawPage(request, EVIL, 200, datetime(2021, 2, 5, tzinfo=UTC), EVIL.encode(), {"ETag": EVIL})
    recording.add(page, sha256, Reading(1, EVIL, 1, None))
    recording.refuse(page, sha256, EVIL)
    recording.end("complete", EVIL)
    (series,) = evidence.page_hashes()
    assert [(one.cursor, one.next_cursor, one.url) for one in evidence.pages(series)] == [(EVIL, EVIL, EVIL)]
    assert [(one.agency, one.table, one.reason) for one in evidence.attempts()] == [(EVIL, EVIL, EVIL)]
    assert evidence.has_worked(EVIL)
    assert not evidence.has_worked("' OR '1'='1")
    assert evidence.damaged() == []


def test_the_ledger_keeps_them_as_values(tmp_path: Path) -> None:
    ledger = Ledger.in_folder(tmp_path, ())
    try:
        run_id = ledger.begin_run(EVIL, {"config": EVIL}, EVIL, {EVIL: EVIL})
        row = {"agency": EVIL, "day": pd.Timestamp(DAY), "table": "sends", "state": "missing", "rows": 0, "rejects": 0}
        known = pd.DataFrame([row | {"pages": 0, "failed_at": "agency", "reason": EVIL}])
        ledger.record_coverage(known, run_id)
        ledger.record_coverage(known, run_id)
    finally:
        ledger.close()
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as database:
        assert database.execute("SELECT count(*), min(command) FROM runs").fetchone() == (1, EVIL)
        assert database.execute("SELECT count(*), min(agency), min(reason) FROM coverage").fetchone() == (1, EVIL, EVIL)


def test_hashes_asked_for_are_values(tmp_path: Path) -> None:
    files = VerifiedFiles(tmp_path)
    files.keep(EVIL, EVIL, FileFacts(signatures=()))
    assert files.known(["' OR 1=1 --"]) == {}
    assert list(files.known([EVIL], EVIL)) == [EVIL]


@pytest.mark.parametrize("words", [["explain", EVIL], ["findings", "--agency", EVIL], ["findings", "--rule", EVIL]])
def test_words_of_the_command_line_are_values(tmp_path: Path, words: list[str]) -> None:
    period = ["--from", "2021-02-01", "--to", "2021-02-07"]
    with closing(Ledger.in_folder(tmp_path, ())) as ledger:
        ledger.begin_run("pull", {}, "0" * 64, {})
    words = words + (period if words[0] == "findings" else [])
    assert cli.main([*words, "--data", str(tmp_path), "--quiet"]) in (1, 2, 3)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM runs").fetchone() == (1,)
