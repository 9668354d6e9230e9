"""Runs of the program, and what is known of every agency, day and table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import uuid4

import pandas as pd
import sqlalchemy as sa

from audit.ledger.database import frame_of, records
from audit.ledger.schema import coverage, runs

COVERAGE_COLUMNS: Final = ("agency", "day", "table", "state", "rows", "rejects", "pages", "failed_at", "reason")

_COLUMNS: Final = (
    *(runs.c.run_id, runs.c.command, runs.c.started_at, runs.c.ended_at),
    *(runs.c.exit_status, runs.c.counts, runs.c.arguments),
)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as the ledger knows it; `exit_status` and `ended_at` are None while it goes on, or if it was killed."""

    run_id: str
    command: str
    started_at: datetime
    ended_at: datetime | None
    exit_status: int | None
    counts: Mapping[str, Any]
    arguments: Mapping[str, Any]


def begin_run(
    connection: sa.Connection,
    command: str,
    arguments: Mapping[str, Any],
    settings_digest: str,
    versions: Mapping[str, str],
) -> str:
    """Note that a run begins.

    Returns:
        its id: the start in UTC and a few random digits, so that ids sort by time.
    """
    now = datetime.now(UTC)
    run_id = f"{now:%Y%m%dT%H%M%SZ}-{uuid4().hex[:6]}"
    row = {
        "run_id": run_id,
        "command": command,
        "arguments": _json(arguments),
        "started_at": now,
        "versions": dict(versions),
    }
    connection.execute(sa.insert(runs).values(**row, settings_digest=settings_digest, counts={}))
    return run_id


def end_run(connection: sa.Connection, run_id: str, exit_status: int, counts: Mapping[str, Any]) -> None:
    """Note how a run ended and what it counted."""
    values = {"ended_at": datetime.now(UTC), "exit_status": exit_status, "counts": _json(counts)}
    connection.execute(sa.update(runs).where(runs.c.run_id == run_id).values(values))


def last_runs(connection: sa.Connection, limit: int) -> list[RunRecord]:
    """The newest runs, newest first."""
    newest_first = (runs.c.started_at.desc(), runs.c.run_id.desc())
    return [RunRecord(*row) for row in connection.execute(sa.select(*_COLUMNS).order_by(*newest_first).limit(limit))]


def runs_of(connection: sa.Connection, commands: Sequence[str] | None = None) -> list[RunRecord]:
    """All runs of some commands, oldest first; None: of all commands."""
    statement = sa.select(*_COLUMNS).order_by(runs.c.started_at, runs.c.run_id)
    if commands is not None:
        statement = statement.where(runs.c.command.in_(commands))
    return [RunRecord(*row) for row in connection.execute(statement)]


def record_coverage(connection: sa.Connection, frame: pd.DataFrame, run_id: str) -> None:
    """Replace what is known of the agencies, days and tables of `frame` (columns of docs/architecture.md, Coverage)."""
    rows = records(frame[list(COVERAGE_COLUMNS)].rename(columns={"table": "table_name"}))
    if not rows:
        return
    for row in rows:
        row["day"] = row["day"].date() if isinstance(row["day"], datetime) else row["day"]
        row["run_id"] = run_id
    days = sorted({row["day"] for row in rows})
    agencies = {(row["agency"], row["day"], row["table_name"]) for row in rows}
    key = (coverage.c.agency, coverage.c.day, coverage.c.table_name)
    known = connection.execute(sa.select(*key).where(coverage.c.day.between(days[0], days[-1])))
    old = [dict(zip(("of_agency", "of_day", "of_table"), row, strict=True)) for row in known if tuple(row) in agencies]
    if old:
        match = sa.and_(
            coverage.c.agency == sa.bindparam("of_agency"),
            coverage.c.day == sa.bindparam("of_day"),
            coverage.c.table_name == sa.bindparam("of_table"),
        )
        connection.execute(sa.delete(coverage).where(match), old)
    connection.execute(sa.insert(coverage), rows)


def coverage_between(
    connection: sa.Connection, start: date, end: date, agencies: Sequence[str] | None = None
) -> pd.DataFrame:
    """The kept coverage of the local days `[start, end)`, by agency, day and table; `day` is a date."""
    columns = [
        coverage.c["table_name"].label("table") if name == "table" else coverage.c[name] for name in COVERAGE_COLUMNS
    ]
    statement = sa.select(*columns).where(coverage.c.day >= start, coverage.c.day < end)
    if agencies is not None:
        statement = statement.where(coverage.c.agency.in_(agencies))
    return frame_of(connection, statement.order_by(coverage.c.agency, coverage.c.day, coverage.c.table_name))


def _json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain JSON of the values; what JSON does not know becomes text."""
    plain: dict[str, Any] = json.loads(json.dumps(dict(values), default=str))
    return plain
