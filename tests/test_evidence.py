"""The evidence: kept bytes, which pages count, what can go on, and what damage looks like."""

from __future__ import annotations

import hashlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from audit.errors import DataError
from audit.evidence import DayEvidence, Evidence, Outcome, Recording
from audit.source import RawPage, Reading, Request

DAY = date(2021, 2, 4)
REQUEST = Request("H03", "sends", DAY)
AT = datetime(2021, 2, 4, 18, tzinfo=UTC)


@pytest.fixture
def evidence(tmp_path: Path) -> DayEvidence:
    return Evidence(tmp_path).day(DAY)


def began(evidence: DayEvidence, kind: str = "log_api", *, provisional: bool = False) -> Recording:
    return Recording(evidence, "run", REQUEST, kind, provisional=provisional)


def add(recording: Recording, cursor: str, after: str | None, rows: int = 10) -> str:
    body = f"page {len(recording.pages)} {cursor}".encode()
    page = RawPage(Request("H03", "sends", DAY, cursor), "http://localhost/", 200, AT, body)
    sha256 = recording.keep(body)
    recording.add(page, sha256, Reading(rows, after, 30, AT))
    return sha256


def attempt_of(
    evidence: DayEvidence, pages: int, outcome: Outcome | None, *, provisional: bool = False
) -> tuple[int, int]:
    """An attempt that brought so many pages and then ended so; None: killed with the next one in hand.

    Returns its id and its series.
    """
    recording = began(evidence, provisional=provisional)
    have = len(recording.pages)
    for number in range(have, have + pages):
        add(recording, str(number or ""), str(number + 1))
    if outcome is None:
        recording.keep(b"the next page")
    else:
        recording.end(outcome, "because", None if outcome == "complete" else "agency")
    return last_attempt(evidence)


def last_attempt(evidence: DayEvidence) -> tuple[int, int]:
    (found,) = evidence._rows("SELECT id, series FROM attempts ORDER BY id DESC LIMIT 1")
    return found


def test_the_same_bytes_are_kept_once(evidence: DayEvidence) -> None:
    body = b"trang 1 " * 1000
    assert evidence.keep(body) == evidence.keep(body) == hashlib.sha256(body).hexdigest()
    assert evidence.body(hashlib.sha256(body).hexdigest()) == body
    assert evidence._rows("SELECT count(*) FROM bodies") == [(1,)]
    assert evidence.path.stat().st_size < 100_000


def test_an_empty_body_is_a_body(evidence: DayEvidence) -> None:
    assert evidence.body(evidence.keep(b"")) == b""


def test_the_same_page_twice_is_one_page(evidence: DayEvidence) -> None:
    _, series = attempt_of(evidence, 2, None)
    again = began(evidence)
    add(again, "1", "2")
    again.end("complete")
    assert [(page.page_no, page.cursor, page.next_cursor) for page in evidence.pages(series)] == [
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
    _, series = attempt_of(evidence, 2, "failed")
    assert evidence.counted()[0].series == series


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
    first, series = attempt_of(evidence, pages, outcome)
    second, other_series = attempt_of(evidence, 0, None)
    assert (other_series == series) == goes_on
    assert second != first


def test_another_kind_of_source_begins_anew(evidence: DayEvidence) -> None:
    _, series = attempt_of(evidence, 2, "interrupted")
    began(evidence, "vxp").end("failed")
    assert last_attempt(evidence)[1] != series


def test_a_failed_step_leaves_nothing_half_done(evidence: DayEvidence) -> None:
    _, series = attempt_of(evidence, 1, None)
    recording = began(evidence)
    page = RawPage(Request("H03", "sends", DAY, "1"), "http://localhost/", 200, AT, b"")
    recording.add(page, "no such body", Reading(1, None, 1, AT))
    with pytest.raises(DataError, match="cannot be read or written"):
        recording.end("complete")
    assert len(evidence.pages(series)) == 1
    assert [attempt.outcome for attempt in evidence.attempts()] == [None]


def test_a_page_is_recorded_with_the_one_after_it_or_with_the_end(evidence: DayEvidence) -> None:
    recording = began(evidence)
    add(recording, "", "1")
    assert recording.keep(b"the second")
    assert len(evidence.pages(1)) == 1
    add(recording, "1", None)
    assert len(evidence.pages(1)) == 1
    recording.end("complete")
    assert [page.page_no for page in evidence.pages(1)] == [1, 2]


@pytest.mark.parametrize("is_held", [False, True])
def test_threads_commit_together_and_one_failure_is_its_own(evidence: DayEvidence, is_held: bool) -> None:
    def work(number: int) -> str:
        recording = Recording(evidence, "run", Request(f"H03.{number:02d}", "sends", DAY), "log_api", provisional=False)
        page = RawPage(Request("H03", "sends", DAY), "http://localhost/", 200, AT, b"")
        recording.add(page, "no such body" if number % 5 == 0 else recording.keep(b"body"), Reading(1, None, 1, AT))
        try:
            recording.end("complete")
        except DataError:
            return "failed"
        return "complete"

    with evidence.held() if is_held else nullcontext(), ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(work, range(40)))
    assert outcomes == ["failed" if number % 5 == 0 else "complete" for number in range(40)]
    assert len(evidence.counted()) == 32
    assert len(evidence.attempts()) == 32


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
