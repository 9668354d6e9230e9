"""What the ledger knows of daily and weekly work: the facts that `audit.due` decides from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from audit.due import Facts, Failure, Kind, Task, report_day
from audit.ledger import RunRecord, reports, runs
from audit.period import DAY, WEEK, Period, local_day, parse_day, parse_week, week_of
from audit.pipeline.reporting import WEEKLY_PDF
from audit.pipeline.workspace import Workspace

KINDS: Final[tuple[Kind, ...]] = ("daily", "weekly", "deliver")
_NOT_DELIVERED: Final = 4
ENDED_WELL: Final = frozenset({0, 1})
"""Done, or done with gaps that are named: gaps are asked for again with the days still open."""
_MADE: Final = ENDED_WELL | {_NOT_DELIVERED}


def facts_of(workspace: Workspace) -> Facts:
    """What was done and what failed, by `serve`, cron or hand alike.

    A day is done when a `daily` of it ended, with or without gaps; a week's report when the ledger has one that looks
    from its end or later.
    """
    with workspace.ledger.begin() as connection:
        known = runs.runs_of(connection, KINDS)
        made = [record.period for record in reports.latest_files(connection) if record.edition == WEEKLY_PDF]
    reported = {period.start for period in made if _is_whole_week(period)}
    done = {Task("weekly", week) for week in reported}
    failures: dict[Task, Failure] = {}
    undelivered: set[date] = set()
    for run in known:
        task = task_of(run)
        if task is None:
            continue
        if task.kind != "daily" and run.exit_status is not None:
            (undelivered.add if run.exit_status == _NOT_DELIVERED else undelivered.discard)(task.day)
        if run.exit_status in ENDED_WELL:
            failures.pop(task, None)
            if task.kind == "daily":
                done.add(task)
        else:
            before = failures.get(task)
            failures[task] = Failure(before.times + 1 if before else 1, run.ended_at or run.started_at)
    waiting = {task: failure for task, failure in failures.items() if task not in done}
    return Facts(_first_day(known), frozenset(done), waiting, frozenset(undelivered & reported))


def late_reports(workspace: Workspace) -> dict[date, int]:
    """The weeks whose report came later than the day on which it was due, and by how many days; oldest first."""
    schedule = workspace.settings.audit.schedule
    with workspace.ledger.begin() as connection:
        known = runs.runs_of(connection, ("weekly",))
    found: dict[date, int] = {}
    for run in known:
        task = task_of(run)
        if task is not None and run.exit_status in _MADE:
            days = (local_day(run.started_at) - report_day(task.day, workspace.calendar, schedule)).days
            found.setdefault(task.day, days)
    return {week: days for week, days in sorted(found.items()) if days > 0}


def task_of(run: RunRecord) -> Task | None:
    """The task that a run was about; None: a delivery of other days than a week."""
    told, began = run.arguments, local_day(run.started_at)
    if run.command == "daily":
        return Task("daily", parse_day(told["day"]) if told.get("day") else began - DAY)
    if run.command == "weekly":
        return Task("weekly", _week_told(told) or week_of(began - WEEK).start)
    first, last = parse_day(str(told["first_day"])), parse_day(str(told["last_day"]))
    return Task("deliver", first) if last - first == timedelta(days=6) and first.isoweekday() == 1 else None


def _week_told(told: Mapping[str, object]) -> date | None:
    """`--week` as the ledger keeps it: the week's name, or the period that it was parsed to, as text."""
    text = str(told.get("week") or "")
    if not text:
        return None
    if text.startswith("Period("):
        year, month, day = (int(part) for part in text.partition("datetime.date(")[2].partition(")")[0].split(","))
        return date(year, month, day)
    return parse_week(text).start


def _is_whole_week(period: Period) -> bool:
    week = week_of(period.start)
    return (period.start, period.end) == (week.start, week.end) and period.as_of >= week.end


def _first_day(known: list[RunRecord]) -> date | None:
    """The first day of which a night's work was tried; what was pulled by hand from before is nobody's duty."""
    days = [task.day for run in known if (task := task_of(run)) is not None and task.kind == "daily"]
    return min(days, default=None)
