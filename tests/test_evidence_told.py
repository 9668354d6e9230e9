"""What the evidence tells is kept, and never believed of a file that has changed since."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from audit.errors import DataError
from audit.evidence import Evidence, Recording, Told
from audit.source import RawPage, Reading, Request

DAY = date(2021, 2, 4)
AT = datetime(2021, 2, 4, 18, tzinfo=UTC)
LONG_AGO = 1_600_000_000


def pulled(evidence: Evidence, table: str) -> None:
    """A table is pulled: one page, complete."""
    request = Request("H03", table, DAY, "")
    recording = Recording(evidence.day(DAY), "run", request, "log_api", provisional=False)
    body = f"page of {table}".encode()
    recording.add(RawPage(request, "http://localhost/", 200, AT, body), recording.keep(body), Reading(3, None, 3, AT))
    recording.end("complete")


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    """A day with one table, changed long ago."""
    found = Evidence(tmp_path / "evidence", kept=tmp_path / "told")
    pulled(found, "sends")
    os.utime(found.path(DAY), (LONG_AGO, LONG_AGO))
    return found


def kept_in(tmp_path: Path) -> Path:
    return tmp_path / "told" / f"{DAY}.json"


def again(evidence: Evidence) -> Evidence:
    """The evidence as a later run sees it."""
    return Evidence(evidence.root, kept=evidence._kept)


def test_what_was_kept_is_what_the_file_tells(evidence: Evidence, tmp_path: Path) -> None:
    told = evidence.told(DAY)
    assert told == Told.by(evidence.day(DAY))
    assert kept_in(tmp_path).exists()
    assert again(evidence).told(DAY) == told


def test_a_file_that_looks_the_same_is_not_opened(evidence: Evidence) -> None:
    told = evidence.told(DAY)
    size = evidence.path(DAY).stat().st_size
    evidence.path(DAY).write_bytes(b"x" * size)
    os.utime(evidence.path(DAY), (LONG_AGO, LONG_AGO))
    assert again(evidence).told(DAY) == told
    with pytest.raises(DataError):
        Evidence(evidence.root).told(DAY)


def test_a_file_that_was_written_is_read_again(evidence: Evidence) -> None:
    evidence.told(DAY)
    pulled(evidence, "receipts")
    told = again(evidence).told(DAY)
    assert told is not None
    assert {one.table for one in told.counted} == {"receipts", "sends"}


def test_nothing_is_kept_of_a_file_that_was_written_just_now(evidence: Evidence, tmp_path: Path) -> None:
    pulled(evidence, "receipts")
    evidence.told(DAY)
    assert not kept_in(tmp_path).exists()


@pytest.mark.parametrize("damage", [b"", b"{", b'{"of": [1, 2, 3], "told": {}}', b"\xff\xfe"])
def test_what_was_kept_and_damaged_is_read_again(evidence: Evidence, tmp_path: Path, damage: bytes) -> None:
    told = evidence.told(DAY)
    kept_in(tmp_path).write_bytes(damage)
    assert again(evidence).told(DAY) == told


def test_where_nothing_can_be_kept_it_is_told_all_the_same(evidence: Evidence, tmp_path: Path) -> None:
    (tmp_path / "told").write_text("no folder", encoding="utf-8")
    assert evidence.told(DAY) == Told.by(evidence.day(DAY))


def test_a_day_without_evidence_tells_nothing(evidence: Evidence, tmp_path: Path) -> None:
    assert evidence.told(date(2021, 2, 5)) is None
    assert not evidence.path(date(2021, 2, 5)).exists()
