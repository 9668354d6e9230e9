"""`daily`, `weekly`, `report`: what cron calls, and a report by hand."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from audit.command import (
    DAY_OPTION,
    Command,
    Context,
    ExitStatus,
    UsageError,
    add_as_of,
    add_engine,
    add_period,
    option_value,
)
from audit.errors import AuditError, ConfigError, LockedError
from audit.period import DAY, WEEK, Period, edition_of, parse_week, week_name, week_of

if TYPE_CHECKING:
    from audit.due import Job
    from audit.pipeline.jobs import Outcome
    from audit.pipeline.workspace import Run

logger = logging.getLogger(__name__)

_GRAVITY: Final = (ExitStatus.DONE, ExitStatus.GAPS, ExitStatus.NOT_DELIVERED, ExitStatus.INTERNAL)


def _add_daily(parser: argparse.ArgumentParser) -> None:
    text = "the local day to pull (default: yesterday, after every night that was missed before it)"
    parser.add_argument("--day", metavar="D", type=DAY_OPTION, help=text)
    add_engine(parser)


def _add_weekly(parser: argparse.ArgumentParser) -> None:
    week = option_value(parse_week, "an ISO week such as 2021-W05")
    text = "the ISO week to report (default: last week, after every report that was missed before it)"
    parser.add_argument("--week", metavar="W", type=week, help=text)
    add_as_of(parser)
    add_engine(parser)


def _daily(context: Context) -> ExitStatus:
    asked, yesterday = context.arguments.day, context.today - DAY
    if asked is not None and asked >= context.today:
        raise UsageError(f"--day: {asked} is not over yet")
    if asked is not None:
        return _day(context, asked)
    days = [job.task.day for job in _missed(context) if job.task.kind == "daily" and job.task.day != yesterday]
    return _in_turn([partial(_day, context, day) for day in [*days, yesterday]])


def _day(context: Context, day: date) -> ExitStatus:
    from audit.pipeline.jobs import daily

    with context.workspace.run("daily", {**context.given(), "day": day}) as run:
        outcome = daily(context.workspace, run, day)
        # none of a morning that is past
        has_digests = context.settings.audit.mail.enabled and day + DAY == context.today
        queued = _digests_queued(context, run, outcome) if has_digests else 0
        # a digest that did not go out is no reason to pull and judge the night again: what is queued is sent later
        run.exit_status = _status(outcome)
        told = not has_digests or _digests_sent(context, queued)
    _tell(outcome, f"{day}")
    return ExitStatus(run.exit_status) if told else ExitStatus.NOT_DELIVERED


def _weekly(context: Context) -> ExitStatus:
    arguments = context.arguments
    asked: Period | None = arguments.week
    week = asked or week_of(context.today - WEEK)
    last = partial(_reported, context, "weekly", replace(week, as_of=arguments.as_of or min(week.end, context.today)))
    if asked is not None or arguments.as_of is not None:
        return last()
    missed = [job.task.period for job in _missed(context) if job.task.kind != "deliver" and job.task.period is not None]
    before = [
        partial(_reported, context, "weekly" if edition_of(period) == "weekly" else "report", period)
        for period in missed
        if period != week
    ]
    return _in_turn([*before, last])


def _add_report(parser: argparse.ArgumentParser) -> None:
    add_period(parser)
    add_engine(parser)
    parser.add_argument("--deliver", action="store_true", help="then mail them, where mail is switched on")
    text = "also write the mails as drafts (.eml) beside the reports, to be looked over and sent by hand"
    parser.add_argument("--open-draft", action="store_true", help=text)


def _report(context: Context) -> ExitStatus:
    from audit.commands.delivery import write_drafts
    from audit.pipeline.reporting import folder_name

    period = context.period()
    status = _reported(context, "report", period)
    if context.arguments.open_draft:
        write_drafts(context, period, context.workspace.out / folder_name(period) / "thu")
    return status


def _reported(context: Context, command: str, period: Period) -> ExitStatus:
    from audit.pipeline.jobs import report

    if edition_of(period) is None:
        raise UsageError("--from, --to: reports are of a week from Monday, a month or a quarter")
    given: dict[str, object] = {"first_day": period.start, "last_day": period.last_day}
    if command == "weekly":
        given = {"week": week_name(period.start)}
    with context.workspace.run(command, {**context.given(), **given}) as run:
        outcome = report(context.workspace, run, period, context.today)
        asked = command == "weekly" or context.arguments.command == "weekly" or context.arguments.deliver
        delivers = asked and context.settings.audit.mail.enabled
        run.exit_status = ExitStatus.NOT_DELIVERED  # whatever cuts the delivery off: it is made up for
        if not delivers or _delivered(context, period):
            run.exit_status = _status(outcome)
    _tell(outcome, period.name())
    if run.counts["days_late"]:
        print(f"{period.name()}: {run.counts['days_late']} days late")
    return ExitStatus(run.exit_status)


def _missed(context: Context) -> list[Job]:
    from audit.pipeline.duties import missed

    return missed(context.workspace, datetime.now(UTC))


def _in_turn(steps: Sequence[Callable[[], ExitStatus]]) -> ExitStatus:
    """Do one after the other; a step that fails holds up none of the others, and the gravest status is told."""
    worst = ExitStatus.DONE
    for number, step in enumerate(steps, start=1):
        try:
            worst = max(worst, step(), key=_GRAVITY.index)
        except (ConfigError, LockedError):
            raise
        except AuditError as error:
            if number == len(steps):
                raise
            logger.error("%s", error)  # noqa: TRY400  # the ledger has it; what comes after goes on
            worst = ExitStatus.INTERNAL
    return worst


def _delivered(context: Context, period: Period) -> bool:
    """Mail the reports; whether everybody has everything."""
    from audit.pipeline import delivering

    delivering.queue(context.workspace, period)
    done = delivering.send_due(context.workspace, period)
    print(f"mail: {done.sent} files sent, {done.failed} failed, {done.doubtful} in doubt")
    return not (done.failed or done.doubtful)


def _digests_queued(context: Context, run: Run, outcome: Outcome) -> int:
    """Queue the digests of this morning; how many are new."""
    from audit.pipeline import alerting

    return alerting.queue_digests(context.workspace, run, outcome.told, context.today)


def _digests_sent(context: Context, queued: int) -> bool:
    """Mail the digests of this morning; whether none failed."""
    from audit.pipeline import alerting

    done = alerting.send_alerts(context.workspace, context.today)
    print(f"digests: {queued} new, {done.sent} sent now, {done.failed} failed, {done.doubtful} in doubt")
    return not done.failed


def _status(outcome: Outcome) -> ExitStatus:
    return ExitStatus.GAPS if outcome.has_gaps else ExitStatus.DONE


def _tell(outcome: Outcome, what: str) -> None:
    from audit.pipeline.reporting import AGENCY_BOOK, LETTER

    states = outcome.told.findings["state"].value_counts().sort_index()
    counts = ", ".join(f"{count} {state}" for state, count in states.items()) or "none"
    print(f"{what}: findings {counts}")
    for report in outcome.reports:
        if not report.agency and report.edition != LETTER:
            print(f"{report.path}  revision {report.revision}")
    if books := sum(report.edition == AGENCY_BOOK for report in outcome.reports):
        print(f"and {books} agencies' PDFs and books beside them")


_WATCHED: Final = partial(Command, is_watched=True)

COMMANDS = (
    _WATCHED(
        "daily", "pull yesterday and the days still open, and judge; what cron calls each night", _daily, _add_daily
    ),
    _WATCHED("weekly", "judge the week and make its reports; what cron calls on Monday", _weekly, _add_weekly),
    _WATCHED("report", "judge a week, month or quarter and make its reports", _report, _add_report),
)
