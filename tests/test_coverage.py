"""Coverage: one row an agency, day and table, and its state from the evidence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from audit.coverage import COLUMNS, coverage
from audit.errors import FailedAt
from audit.evidence import Evidence, Outcome, Recording
from audit.log import Log
from audit.registry import Registry
from audit.settings import Agency, load_settings
from audit.source import RawPage, Reading, Request

DAY, NEXT = date(2021, 2, 4), date(2021, 2, 5)
SOURCE = {"kind": "log_api", "base_url": "http://localhost", "token": "env:T"}


def registry_of(*agencies: dict[str, Any]) -> Registry:
    made = tuple(
        Agency.model_validate({"name": "x", "kind": "other", "source": SOURCE, **agency}) for agency in agencies
    )
    return Registry(load_settings().model_copy(update={"agencies": made}))


def attempt(
    evidence: Evidence,
    pages: int,
    outcome: Outcome | None,
    failed_at: FailedAt | None = None,
    reason: str = "",
    source: str = "",
) -> None:
    """An attempt at H03's sends of the day, ten rows a page."""
    day = evidence.day(DAY)
    recording = Recording(day, "run", Request("H03", "sends", DAY, source=source), "log_api", provisional=False)
    for number in range(len(recording.pages), len(recording.pages) + pages):
        cursor = f"{pages}-{number}"
        page = RawPage(Request("H03", "sends", DAY, cursor), "", 200, datetime(2021, 2, 5, tzinfo=UTC), cursor.encode())
        recording.add(page, recording.keep(page.body), Reading(10, cursor + "+", 99, page.fetched_at))
    if outcome is None:
        recording.keep(b"the page after which it was killed")
    else:
        recording.end(outcome, reason, failed_at)


def sends_of(frame: pd.DataFrame) -> tuple[Any, ...]:
    row = frame[(frame["agency"] == "H03") & (frame["table"] == "sends")].iloc[0]
    return (
        row["state"],
        row["rows"],
        row["pages"],
        None if pd.isna(row["failed_at"]) else row["failed_at"],
        row["reason"],
    )


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ([], ("missing", 0, 0, "ours", "no attempt was made")),
        ([(0, "failed", "ours", "credentials refused")], ("missing", 0, 0, "ours", "credentials refused")),
        ([(0, "failed", "agency", "not kept there")], ("missing", 0, 0, "agency", "not kept there")),
        ([(0, None, None, "")], ("missing", 0, 0, "ours", "the pull was broken off")),
        ([(2, "interrupted", "agency", "no answer in time")], ("partial", 20, 2, "agency", "no answer in time")),
        ([(2, None, None, "")], ("partial", 20, 2, "ours", "the pull was broken off")),
        ([(2, "complete", None, "")], ("complete", 20, 2, None, "")),
        ([(2, "failed", "agency", "refused"), (3, "complete", None, "")], ("complete", 30, 3, None, "")),
        # rule H2: at least one attempt failed at the agency
        (
            [(0, "failed", "agency", "refused"), (0, "failed", "ours", "stopped")],
            ("missing", 0, 0, "agency", "stopped"),
        ),
    ],
)
def test_state(tmp_path: Path, attempts: list[tuple[Any, ...]], expected: tuple[Any, ...]) -> None:
    evidence = Evidence(tmp_path)
    for one in attempts:
        attempt(evidence, *one)
    frame = coverage(registry_of({"code": "H03"}), evidence, Log(tmp_path / "log"), [DAY], NEXT)
    assert sends_of(frame) == expected


@pytest.mark.parametrize(
    ("agency", "reason"),
    [
        ({"valid_from": "2021-02-05"}, "the agency does not exist that day"),
        ({"valid_to": "2021-02-03"}, "the agency does not exist that day"),
        ({"pulled": False}, "the agency is not pulled"),
        ({"source": None}, "the agency is not pulled"),
        ({"tables": ("receipts",)}, "the agency does not keep the table"),
    ],
)
def test_what_is_not_due(tmp_path: Path, agency: dict[str, Any], reason: str) -> None:
    frame = coverage(registry_of({"code": "H03", **agency}), Evidence(tmp_path), Log(tmp_path), [DAY], NEXT)
    assert sends_of(frame) == ("not_due", 0, 0, None, reason)


def test_a_day_that_has_not_ended_is_not_due(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path)
    attempt(evidence, 1, "failed", "agency", "refused")
    frame = coverage(registry_of({"code": "H03"}), evidence, Log(tmp_path), [DAY], DAY)
    assert sends_of(frame) == ("not_due", 0, 0, None, "the day has not ended")


def test_every_agency_day_and_table_has_a_row_in_order(tmp_path: Path) -> None:
    frame = coverage(
        registry_of({"code": "H03"}, {"code": "H03.01"}), Evidence(tmp_path), Log(tmp_path), [NEXT, DAY], NEXT
    )
    assert tuple(frame.columns) == COLUMNS
    assert len(frame) == 2 * 2 * 4
    assert frame["agency"].tolist() == ["H03"] * 8 + ["H03.01"] * 8
    assert frame["day"].dt.date.tolist() == ([DAY] * 4 + [NEXT] * 4) * 2
    assert frame["table"].tolist()[:4] == ["documents", "sends", "receipts", "statuses"]
    assert frame["day"].dtype == "datetime64[s]"


def test_nothing_asked_is_nothing_told(tmp_path: Path) -> None:
    frame = coverage(registry_of({"code": "H03"}), Evidence(tmp_path), Log(tmp_path), [], NEXT)
    assert tuple(frame.columns) == COLUMNS
    assert frame.empty


AXIS = {"name": "truc", "kind": "vxp", "base_url": "http://localhost", "system_id": "s", "secret": "env:S"}
REGISTER = {"name": "so", "kind": "register_file", "path": "/in"}


@pytest.mark.parametrize(
    ("own", "axis", "expected"),
    [
        ((2, "complete"), (1, "complete"), ("complete", 30, 3, None, "")),
        ((2, "complete"), None, ("partial", 20, 2, "ours", "truc: no attempt was made")),
        ((2, "complete"), (1, "failed", "ours", "refused"), ("partial", 30, 3, "ours", "truc: refused")),
        ((0, "failed", "agency", "down"), (1, "complete"), ("partial", 10, 1, "agency", "down")),
        (
            (0, "failed", "agency", "down"),
            (0, "failed", "ours", "refused"),
            ("missing", 0, 0, "agency", "down; truc: refused"),
        ),
    ],
)
def test_a_table_of_two_logs_is_complete_where_both_are(
    tmp_path: Path, own: tuple[Any, ...], axis: tuple[Any, ...] | None, expected: tuple[Any, ...]
) -> None:
    evidence = Evidence(tmp_path)
    attempt(evidence, *own)
    if axis is not None:
        attempt(evidence, *axis, source="truc")
    registry = registry_of({"code": "H03", "more_sources": [AXIS]})
    assert sends_of(coverage(registry, evidence, Log(tmp_path / "log"), [DAY], NEXT)) == expected


def test_a_log_that_does_not_tell_a_table_is_not_waited_for(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path)
    attempt(evidence, 2, "complete")
    registry = registry_of({"code": "H03", "more_sources": [REGISTER]})
    assert sends_of(coverage(registry, evidence, Log(tmp_path / "log"), [DAY], NEXT))[0] == "complete"
