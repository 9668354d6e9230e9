"""How the deployment stands: last runs, coverage, late sources, disk, database, queue. Looks only; touches nothing."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from audit.due import Task
from audit.heartbeat import last_beat
from audit.ledger import FILE_NAME, Connection, alerts, reports, runs
from audit.lock import holder_of
from audit.period import EDITIONS, LOCAL_ZONE, local_day
from audit.pipeline.duties import COMMANDS, ENDED_WELL, late_reports, missed, task_of
from audit.pipeline.troubles import troubles
from audit.pipeline.workspace import Workspace

RUNS_TOLD: Final = 10
DAYS_LOOKED_AT: Final = 28
"""Coverage and lateness are told of these last days."""
KINDS: Final = ("daily", *EDITIONS)
LATE_TOLD: Final = 4
"""Late reports are told of the last weeks."""


def standing(workspace: Workspace, today: date) -> dict[str, Any]:
    """How things stand, as plain values.

    Returns:
        `troubles` (sentences; empty when all is well) and `trouble_kinds`, `running` (who holds the lock), `runs`,
        `coverage` (agencies' days by state), `late_sources` (agency, last complete day, days behind), `disk`,
        `database`, `queue`, `in_doubt` (deliveries cut off), `alerts` (mails by state),
        `heartbeat` (of `serve`, with its age; None where it never ran),
        `last_done` (daily and each edition: the day or period that was done last, by its first day, and when it ended),
        `late_reports` (made too late: edition, first day, days late), `overdue_reports` (not made yet),
        `reports_with_gaps` (edition, first day, agencies and their days without a whole log), `calendar_years`; `found`
        holds the troubles in both languages (`Trouble`).
    """
    told: dict[str, Any] = {"running": holder_of(workspace.data) or None, "disk": _disk(workspace.data)}
    told["heartbeat"] = last_beat(workspace.data, datetime.now(UTC))
    told["calendar_years"] = sorted(int(year) for year in workspace.settings.calendar.days_off)
    if workspace.settings.audit.storage.database_url or (workspace.data / FILE_NAME).exists():
        with workspace.ledger.begin() as connection:
            told |= {"database": {"state": "ok", "place": workspace.ledger.place}} | _ledger(
                connection, workspace, today
            )
        told |= _reports(workspace, today)
    else:
        told |= {"database": {"state": "absent", "place": str(workspace.data / FILE_NAME)}}
        told |= {
            "runs": [],
            "coverage": {},
            "late_sources": [],
            "queue": {},
            "in_doubt": [],
            "alerts": {},
            "reports_with_gaps": [],
        }
        told |= {"last_done": dict.fromkeys(KINDS), "late_reports": [], "overdue_reports": []}
    told["found"] = troubles(told, today)
    told["troubles"] = [one.english for one in told["found"]]
    told["trouble_kinds"] = [one.kind for one in told["found"]]
    return told


def _reports(workspace: Workspace, today: date) -> dict[str, list[dict[str, Any]]]:
    """The reports that came late, and those that should be there by now and are not."""
    late = list(late_reports(workspace).items())[-LATE_TOLD:]
    tonight = datetime.combine(today, time.min, LOCAL_ZONE)
    overdue = [job for job in missed(workspace, tonight) if job.task.kind in EDITIONS]
    return {
        "late_reports": [{"edition": edition, "start": start, "days_late": days} for (edition, start), days in late],
        "overdue_reports": [
            {"edition": job.task.kind, "start": job.task.day, "days_late": (today - local_day(job.due_at)).days}
            for job in overdue
        ],
    }


def _ledger(connection: Connection, workspace: Workspace, today: date) -> dict[str, Any]:
    start = today - timedelta(days=DAYS_LOOKED_AT)
    coverage = runs.coverage_between(connection, date.min, today)
    recent = coverage[[day >= start for day in coverage["day"]]] if len(coverage) else coverage
    waiting = Counter(delivery.state for delivery in reports.due_deliveries(connection))
    known = ((task_of(run), run) for run in runs.runs_of(connection, COMMANDS))
    tasks = [(task, run) for task, run in known if task is not None]
    doubtful = reports.doubtful_deliveries(connection)
    waiting += Counter(delivery.state for delivery in doubtful)
    return {
        "runs": [_run(run) for run in runs.last_runs(connection, RUNS_TOLD)],
        "coverage": {str(state): int(count) for state, count in recent["state"].value_counts().sort_index().items()},
        "late_sources": _late_sources(coverage, workspace),
        "queue": dict(sorted(waiting.items())),
        "in_doubt": [
            {
                "id": one.delivery_id,
                "recipient": one.recipient,
                "file": Path(one.report.path).name,
                "first_day": one.report.period.start,
                "last_day": one.report.period.last_day,
            }
            for one in doubtful
        ],
        "alerts": alerts.waiting_alerts(connection, today),
        "last_done": {kind: _last_done(tasks, kind) for kind in KINDS},
        "reports_with_gaps": _with_gaps(tasks, today),
    }


Tasks = Sequence[tuple[Task, runs.RunRecord]]


def _last_done(tasks: Tasks, kind: str) -> dict[str, Any] | None:
    """The newest day or period of which a run ended, with or without gaps, and when that was."""
    done = [(task.day, run.ended_at) for task, run in tasks if task.kind == kind and run.exit_status in ENDED_WELL]
    newest = max(done, key=lambda one: one[0], default=None)
    return None if newest is None else {"day": newest[0], "ended_at": newest[1]}


def _with_gaps(tasks: Tasks, today: date) -> list[dict[str, Any]]:
    """The reports of the last weeks whose latest making had gaps."""
    latest = {task: run for task, run in tasks if task.kind in EDITIONS and "gaps" in run.counts}
    return [
        {
            "edition": task.kind, "start": task.day, "agencies": len(run.counts["gaps"]),
            "days": sum(len(days) for days in run.counts["gaps"].values()),
        }
        for task, run in latest.items()
        if run.counts["gaps"] and (today - local_day(run.started_at)).days <= DAYS_LOOKED_AT
    ]  # fmt: skip


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
