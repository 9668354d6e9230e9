"""How the deployment stands: last runs, coverage, late sources, disk, database, queue. Looks only; touches nothing."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from audit.heartbeat import last_beat
from audit.ledger import FILE_NAME, Connection, reports, runs
from audit.lock import holder_of
from audit.pipeline.duties import ENDED_WELL, late_reports, task_of
from audit.pipeline.workspace import Workspace

RUNS_TOLD: Final = 10
DAYS_LOOKED_AT: Final = 28
"""Coverage and lateness are told of these last days."""
DISK_SHARE_LOW: Final = 0.05
"""Less free space than this share of the disk is a trouble."""
HEARTBEAT_OLD_S: Final = 300
"""`serve` beats every minute; where it beat longer ago and did not say that it ended, it is dead."""
NIGHTS_MISSED: Final = 2
"""So many days without a night's work that ended are a trouble."""
LATE_TOLD: Final = 4
"""Late reports are told of the last weeks."""


def standing(workspace: Workspace, today: date) -> dict[str, Any]:
    """How things stand, as plain values.

    Returns:
        `troubles` (sentences; empty when all is well), `running` (who holds the lock), `runs`, `coverage` (agencies'
        days by state), `late_sources` (agency, last complete day, days behind), `disk`, `database`, `queue` (deliveries
        by state), `heartbeat` (of `serve`, with its age; None where it never ran), `last_done` (daily and weekly: the
        day or week that was done last, and when it ended), `late_reports` (week and days late).
    """
    told: dict[str, Any] = {"troubles": [], "running": holder_of(workspace.data) or None, "disk": _disk(workspace.data)}
    told["heartbeat"] = last_beat(workspace.data, datetime.now(UTC))
    if workspace.settings.audit.storage.database_url or (workspace.data / FILE_NAME).exists():
        with workspace.ledger.begin() as connection:
            told |= {"database": {"state": "ok", "place": workspace.ledger.place}} | _ledger(
                connection, workspace, today
            )
        late = list(late_reports(workspace).items())[-LATE_TOLD:]
        told["late_reports"] = [{"week": week, "days_late": days} for week, days in late]
    else:
        told |= {"database": {"state": "absent", "place": str(workspace.data / FILE_NAME)}}
        told |= {"runs": [], "coverage": {}, "late_sources": [], "queue": {}}
        told |= {"last_done": {"daily": None, "weekly": None}, "late_reports": []}
    told["troubles"] = _troubles(told, today)
    return told


def _ledger(connection: Connection, workspace: Workspace, today: date) -> dict[str, Any]:
    start = today - timedelta(days=DAYS_LOOKED_AT)
    coverage = runs.coverage_between(connection, date.min, today)
    recent = coverage[[day >= start for day in coverage["day"]]] if len(coverage) else coverage
    waiting = Counter(delivery.state for delivery in reports.due_deliveries(connection))
    waiting += Counter(delivery.state for delivery in reports.doubtful_deliveries(connection))
    return {
        "runs": [_run(run) for run in runs.last_runs(connection, RUNS_TOLD)],
        "coverage": {str(state): int(count) for state, count in recent["state"].value_counts().sort_index().items()},
        "late_sources": _late_sources(coverage, workspace),
        "queue": dict(sorted(waiting.items())),
        "last_done": {command: _last_done(connection, command) for command in ("daily", "weekly")},
    }


def _last_done(connection: Connection, command: str) -> dict[str, Any] | None:
    """The newest day or week of which a run ended, with or without gaps, and when that was."""
    done = [run for run in runs.runs_of(connection, (command,)) if run.exit_status in ENDED_WELL]
    tasks = [(task.day, run.ended_at) for run in done if (task := task_of(run)) is not None]
    newest = max(tasks, key=lambda one: one[0], default=None)
    return None if newest is None else {"day": newest[0], "ended_at": newest[1]}


def _run(run: runs.RunRecord) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "command": run.command,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "exit_status": run.exit_status,
    }


def _late_sources(coverage: pd.DataFrame, workspace: Workspace) -> list[dict[str, Any]]:
    """Pulled agencies whose last complete day is not the newest day that any agency has."""
    due = coverage[coverage["state"] != "not_due"]
    if not len(due):
        return []
    newest = max(due["day"])
    whole = due.assign(complete=due["state"] == "complete").groupby(["agency", "day"])["complete"].all()
    last = whole[whole].reset_index().groupby("agency")["day"].max().to_dict()
    registry = workspace.registry
    late = [code for code in np.array(registry.codes)[registry.pulled] if last.get(code, date.min) < newest]
    return [
        {
            "agency": code,
            "last_complete_day": last.get(code),
            "days_behind": last.get(code) and (newest - last[code]).days,
        }
        for code in late
    ]


def _disk(folder: Path) -> dict[str, int]:
    existing = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    usage = shutil.disk_usage(existing)
    return {"free_bytes": usage.free, "total_bytes": usage.total}


def _troubles(told: dict[str, Any], today: date) -> list[str]:
    troubles = [
        f"{late['agency']} has no complete log since {late['last_complete_day'] or 'ever'}"
        for late in told["late_sources"]
    ]
    ended = [run for run in told["runs"] if run["ended_at"] is not None]
    if ended and ended[0]["exit_status"]:
        troubles.append(f"the last run ({ended[0]['command']}) ended with status {ended[0]['exit_status']}")
    if told["disk"]["free_bytes"] < DISK_SHARE_LOW * told["disk"]["total_bytes"]:
        troubles.append("the disk is nearly full")
    if told["queue"].get("sending"):
        troubles.append(f"{told['queue']['sending']} deliveries were cut off; whether they went out is not known")
    beat, night = told["heartbeat"], told["last_done"]["daily"]
    if beat and not beat.get("ended") and beat["age_seconds"] > HEARTBEAT_OLD_S:
        troubles.append(f"the service has not been heard of for {beat['age_seconds'] // 60} minutes")
    if night and (today - night["day"]).days > NIGHTS_MISSED:
        troubles.append(f"no night's work has ended since the one of {night['day']}")
    return troubles
