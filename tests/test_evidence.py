"""The evidence: kept bytes, which pages count, what can go on, and what damage looks like."""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from audit.errors import DataError
from audit.evidence import Attempt, DayEvidence, Evidence, Outcome
from audit.source import RawPage, Reading, Request

DAY = date(2021, 2, 4)
REQUEST = Request("H03", "sends", DAY)
AT = datetime(2021, 2, 4, 18, tzinfo=UTC)


@pytest.fixture
def evidence(tmp_path: Path) -> DayEvidence:
    return Evidence(tmp_path).day(DAY)


def add(evidence: DayEvidence, attempt: Attempt, cursor: str, after: str | None, rows: int = 10) -> str:
    body = f"page {attempt.series} {cursor}".encode()
    page = RawPage(Request("H03", "sends", DAY, cursor), "http://localhost/", 200, AT, body)
    sha256 = evidence.keep(body)
    evidence.add(attempt, page, sha256, Reading(rows, after, 30, AT))
    return sha256


def attempt_of(evidence: DayEvidence, pages: int, outcome: Outcome | None, *, provisional: bool = False) -> Attempt:
    """An attempt that brought so many pages and then ended so; None: killed."""
    attempt = evidence.begin("run", REQUEST, "log_api", provisional=provisional)
    have = len(evidence.pages(attempt.series))
    for number in range(have, have + pages):
        add(evidence, attempt, str(number or ""), str(number + 1))
    if outcome is not None:
        evidence.end(attempt, outcome, "because", None if outcome == "complete" else "agency")
    return attempt


def test_the_same_bytes_are_kept_once(evidence: DayEvidence) -> None:
    body = b"trang 1 " * 1000
    assert evidence.keep(body) == evidence.keep(body) == hashlib.sha256(body).hexdigest()
    assert evidence.body(hashlib.sha256(body).hexdigest()) == body
    assert evidence._rows("SELECT count(*) FROM bodies") == [(1,)]
    assert evidence.path.stat().st_size < 100_000


def test_an_empty_body_is_a_body(evidence: DayEvidence) -> None:
    assert evidence.body(evidence.keep(b"")) == b""


def test_the_same_page_twice_is_one_page(evidence: DayEvidence) -> None:
    attempt = attempt_of(evidence, 2, None)
    add(evidence, attempt, "1", "2")
    assert [(page.page_no, page.cursor, page.next_cursor) for page in evidence.pages(attempt.series)] == [
        (1, "", "1"),
        (2, "1", "2"),
    ]


@pytest.mark.parametrize(
    ("attempts", "counts"),
    [
        ([(1, "interrupted")], 1),
        ([(3, "complete")], 3),
        # a complete one counts, whatever came after
        ([(3, "complete"), (1, "failed")], 3),
        ([(2, "complete"), (9, "inconsistent")], 2),
        # the latest complete one
        ([(3, "complete"), (2, "complete")], 2),
        # going on: one series
        ([(2, "interrupted"), (1, "interrupted")], 3),
        ([(2, None), (1, "complete")], 3),
        # without a complete one, the one that brought most
        ([(5, "inconsistent"), (2, "failed")], 5),
        ([(2, "failed"), (5, "inconsistent")], 5),
        ([(5, "inconsistent"), (0, "failed")], 5),
    ],
)
def test_which_pages_count(evidence: DayEvidence, attempts: list[tuple[int, Outcome | None]], counts: int) -> None:
    for pages, outcome in attempts:
        attempt_of(evidence, pages, outcome)
    (counted,) = evidence.counted()
    assert (counted.agency, counted.table, counted.pages, counted.rows) == ("H03", "sends", counts, 10 * counts)
    assert counted.is_complete == any(outcome == "complete" for _, outcome in attempts)


def test_of_equals_the_latest_counts(evidence: DayEvidence) -> None:
    attempt_of(evidence, 2, "failed")
    last = attempt_of(evidence, 2, "failed")
    assert evidence.counted()[0].series == last.series


def test_attempts_without_pages_count_for_nothing(evidence: DayEvidence) -> None:
    attempt_of(evidence, 0, "failed")
    assert evidence.counted() == []
    (attempt,) = evidence.attempts()
    assert (attempt.outcome, attempt.failed_at, attempt.reason) == ("failed", "agency", "because")


def test_what_was_pulled_of_a_running_day_never_counts(evidence: DayEvidence) -> None:
    attempt_of(evidence, 2, "complete", provisional=True)
    assert evidence.counted() == []
    attempt_of(evidence, 1, "interrupted")
    attempt_of(evidence, 1, "complete", provisional=True)
    assert evidence.counted()[0].pages == 1
    assert evidence.provisional()[0].pages == 1


@pytest.mark.parametrize(
    ("pages", "outcome", "goes_on"),
    [
        (2, None, True),
        (2, "interrupted", True),
        (2, "failed", False),
        (2, "inconsistent", False),
        (2, "complete", False),
        (0, None, False),
    ],
)
def test_what_can_go_on(evidence: DayEvidence, pages: int, outcome: Outcome | None, goes_on: bool) -> None:
    first = attempt_of(evidence, pages, outcome)
    second = evidence.begin("run", REQUEST, "log_api")
    assert (second.series == first.series) == goes_on
    assert second.id != first.id


def test_another_kind_of_source_begins_anew(evidence: DayEvidence) -> None:
    first = attempt_of(evidence, 2, "interrupted")
    assert evidence.begin("run", REQUEST, "vxp").series != first.series


def test_a_failed_step_leaves_nothing_half_done(evidence: DayEvidence) -> None:
    attempt = attempt_of(evidence, 1, None)
    page = RawPage(Request("H03", "sends", DAY, "1"), "http://localhost/", 200, AT, b"")
    with pytest.raises(DataError, match="cannot be read or written"):
        evidence.add(attempt, page, "no such body", Reading(1, None, 1, AT))
    assert len(evidence.pages(attempt.series)) == 1


def test_a_changed_page_is_found(evidence: DayEvidence) -> None:
    sha256 = evidence.keep(b"as received")
    other = evidence.keep(b"as forged..")
    with sqlite3.connect(evidence.path) as connection:
        connection.execute(
            "UPDATE bodies SET packed = (SELECT packed FROM bodies WHERE sha256 = ?) WHERE sha256 = ?", (other, sha256)
        )
    connection.close()
    with pytest.raises(DataError, match="was changed"):
        evidence.body(sha256)
    assert evidence.damaged() == [f"the page {sha256} was changed"]


def test_a_damaged_page_is_found(evidence: DayEvidence) -> None:
    sha256 = evidence.keep(b"as received")
    with sqlite3.connect(evidence.path) as connection:
        connection.execute("UPDATE bodies SET packed = x'00'")
    connection.close()
    with pytest.raises(DataError, match="damaged"):
        evidence.body(sha256)
    with pytest.raises(DataError, match="missing"):
        evidence.body("0" * 64)


def test_a_whole_file_has_nothing_to_tell(evidence: DayEvidence) -> None:
    attempt_of(evidence, 3, "complete")
    assert evidence.damaged() == []


def test_days_and_tokens(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path / "absent")
    assert evidence.days() == []
    assert evidence.existing(DAY) is None
    assert not evidence.has_worked("H03")
    attempt_of(evidence.day(DAY), 1, "failed")
    assert evidence.days() == [DAY]
    assert evidence.has_worked("H03")
    assert not evidence.has_worked("H03.01")
