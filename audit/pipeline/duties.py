"""What the ledger knows of the work that comes by itself: the facts that `audit.due` decides from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from audit.due import Facts, Failure, Job, Task, due, report_day
from audit.ledger import ReportRecord, RunRecord, alerts, reports, runs
from audit.period import DAY, LOCAL_ZONE, WEEK, Edition, Period, edition_of, local_day, parse_day, parse_week, week_of
from audit.pipeline.reporting import WEEKLY_PDF
from audit.pipeline.workspace import Workspace

COMMANDS: Final = ("daily", "weekly", "report", "deliver")
_NOT_DELIVERED: Final = 4
_CUT_OFF: Final = (None, 3)
"""How a run ended that was killed, or was ended by a signal or an error."""
ENDED_WELL: Final = frozenset({0, 1})
"""Done, or done with gaps that are named: gaps are asked for again with the days still open."""
ALERTS_AGAIN: Final = timedelta(minutes=15)
Report = tuple[Edition, date]
"""An edition and the first day of its period."""


def facts_of(workspace: Workspace) -> Facts:
    """What was done and what failed, by `serve`, cron or hand alike.

    A day is done when a `daily` of it ended, with or without gaps; a report when the ledger has one that looks from the
    end of its period or later. It is to be delivered again where its run said so, or made it and was cut off; nothing
    is where mail is switched off.
    """
    with workspace.ledger.begin() as connection:
        known = runs.runs_of(connection, COMMANDS)
        made = reports.latest_files(connection)
        cut_off = {run.run_id for run in known if _was_cut_off(run) and reports.reports_of_run(connection, run.run_id)}
    reported = {told for record in made if (told := _report_of(record)) is not None}
    done = {Task(edition, start) for edition, start in reported}
    failures: dict[Task, Failure] = {}
    undelivered: set[Report] = set()
    for run in known:
        task = task_of(run)
        if task is None or run.arguments.get("dry_run") or run.arguments.get("draft"):
            continue
        if task.edition is not None and run.arguments.get("deliver", True):  # `report` says whether it was to mail
            told = (task.edition, task.day)
            if run.exit_status in ENDED_WELL:
                undelivered.discard(told)
            elif run.exit_status == _NOT_DELIVERED or run.run_id in cut_off or _was_cut_off(run, "deliver"):
                undelivered.add(told)
        if run.exit_status in ENDED_WELL:
            failures.pop(task, None)
            if task.kind == "daily":
                done.add(task)
        else:
            before = failures.get(task)
            failures[task] = Failure(before.times + 1 if before else 1, run.ended_at or run.started_at)
    waiting = {task: failure for task, failure in failures.items() if task not in done}
    mails = workspace.settings.audit.mail.enabled
    return Facts(_first_day(known), frozenset(done), waiting, frozenset(undelivered & reported if mails else ()))


def _was_cut_off(run: RunRecord, *commands: str) -> bool:
    """Whether one of some commands (none named: one that makes reports) was killed, or broke off."""
    return run.exit_status in _CUT_OFF and run.command in (commands or ("weekly", "report"))


def alerts_wait(workspace: Workspace, now: datetime) -> bool:
    """Whether alerts or digests of today are to be sent again: not in the quiet hours, and not after the day.

    What could not be sent is tried again after `ALERTS_AGAIN`.
    """
    settings, here = workspace.settings.audit, now.astimezone(LOCAL_ZONE)
    if not settings.mail.enabled or settings.alert.is_quiet_at(here.time()):
        return False
    with workspace.ledger.begin() as connection:
        if not alerts.waiting_alerts(connection, here.date()).keys() & {"queued", "failed"}:
            return False
        tried = [run.started_at for run in runs.runs_of(connection, ("alert",)) if run.arguments.get("waiting")]
    return not tried or now - max(tried) >= ALERTS_AGAIN


def late_reports(workspace: Workspace) -> dict[Report, int]:
    """The reports that first came later than the day on which they were due, and by how many days; oldest first."""
    with workspace.ledger.begin() as connection:
        first_night = _first_day(runs.runs_of(connection, ("daily",)))
        made = reports.first_made(connection, WEEKLY_PDF)
    found = {}
    for (start, end), made_at in sorted(made.items(), key=lambda item: item[0]):
        days = _days_late(workspace, Period(start, end, end), first_night, local_day(made_at))
        edition = edition_of(Period(start, end, end))
        if edition is not None and days > 0:
            found[edition, start] = days
    return found


def days_late(workspace: Workspace, period: Period, today: date) -> int:
    """By how many days the report of a period comes late, or first came, if it is made on `today`; 0: in time."""
    with workspace.ledger.begin() as connection:
        first_night = _first_day(runs.runs_of(connection, ("daily",)))
        made_at = reports.first_made(connection, WEEKLY_PDF).get((period.start, period.end))
    return _days_late(workspace, period, first_night, local_day(made_at) if made_at else today)


def _days_late(workspace: Workspace, period: Period, first_night: date | None, made_on: date) -> int:
    """As `days_late`. A report of days before the first night's work was nobody's duty, so it is never late."""
    edition, schedule = edition_of(period), workspace.settings.audit.schedule
    if edition not in schedule.editions or first_night is None or period.end <= first_night:
        return 0
    if edition != "weekly" and period.start < first_night:
        return 0
    return max((made_on - report_day(edition, period.start, workspace.calendar, schedule)).days, 0)


def missed(workspace: Workspace, now: datetime) -> list[Job]:
    """What should have been done by now and was not, oldest first, also what failed a moment ago."""
    facts = replace(facts_of(workspace), failures={})
    return due(facts, now, workspace.calendar, workspace.settings.audit.schedule)


def task_of(run: RunRecord) -> Task | None:
    """The task that a run was about; None: other days than those of an edition."""
    told, began = run.arguments, local_day(run.started_at)
    if run.command == "daily":
        return Task("daily", parse_day(told["day"]) if told.get("day") else began - DAY)
    if run.command == "weekly":
        return Task("weekly", _week_told(told) or week_of(began - WEEK).start)
    first, last = parse_day(str(told["first_day"])), parse_day(str(told["last_day"]))
    edition = edition_of(Period(first, last + DAY, last + DAY)) if first <= last else None
    if edition is None:
        return None
    return Task("deliver", first, edition) if run.command == "deliver" else Task(edition, first)


def _week_told(told: Mapping[str, object]) -> date | None:
    """`--week` as the ledger keeps it: the week's name, or the period that it was parsed to, as text."""
    text = str(told.get("week") or "")
    if not text:
        return None
    if parsed := re.match(r"Period\(start=datetime\.date\((\d+), (\d+), (\d+)\)", text):
        return date(*(int(part) for part in parsed.groups()))
    return parse_week(text).start


def _report_of(record: ReportRecord) -> Report | None:
    """The edition of a report that looks from the end of its period or later; None: it is none of those."""
    edition = edition_of(record.period) if record.edition == WEEKLY_PDF else None
    return (edition, record.period.start) if edition and record.period.as_of >= record.period.end else None


def _first_day(known: list[RunRecord]) -> date | None:
    """The first day of which a night's work was tried; what was pulled by hand from before is nobody's duty."""
    days = [task.day for run in known if (task := task_of(run)) is not None and task.kind == "daily"]
    return min(days, default=None)
