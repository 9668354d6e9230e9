"""Runs of the program, and what is known of every agency, day and table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
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


_KEY: Final = ("agency", "day", "table")


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
    """Keep what is known of the agencies, days and tables of `frame` (columns of docs/architecture.md, Coverage).

    Rows that say what is kept already stay as they are, with the run that first said it.
    """
    if frame.empty:
        return
    told = _as_kept(frame[list(COVERAGE_COLUMNS)])
    known = _as_kept(coverage_between(connection, told["day"].min(), told["day"].max() + timedelta(days=1)))
    there = told.merge(known, on=[*_KEY], how="left", suffixes=("", "_known"), indicator="there")
    kept = there["there"].eq("both")
    same = kept.copy()
    for name in COVERAGE_COLUMNS:
        if name not in _KEY:
            same &= there[name].eq(there[f"{name}_known"]) | (there[name].isna() & there[f"{name}_known"].isna())
    rows = records(told[~same.to_numpy()].rename(columns={"table": "table_name"}))
    if not rows:
        return
    old = told.loc[(kept & ~same).to_numpy(), list(_KEY)].to_dict("records")
    if old:
        match = sa.and_(
            coverage.c.agency == sa.bindparam("of_agency"),
            coverage.c.day == sa.bindparam("of_day"),
            coverage.c.table_name == sa.bindparam("of_table"),
        )
        connection.execute(
            sa.delete(coverage).where(match), [{f"of_{name}": value for name, value in row.items()} for row in old]
        )
    connection.execute(sa.insert(coverage), [{**row, "run_id": run_id} for row in rows])


def _as_kept(frame: pd.DataFrame) -> pd.DataFrame:
    """Days as dates, missing texts as None: the same whether it comes from the evidence or from the ledger."""
    days = pd.to_datetime(frame["day"]).dt.date
    plain = frame.assign(day=days).astype(dict.fromkeys(("agency", "table", "state", "failed_at", "reason"), "object"))
    return plain.astype({"day": "object", "rows": "int64", "rejects": "int64", "pages": "int64"}).reset_index(drop=True)


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
