"""`daily`, `weekly`, `report`: what cron calls, and a report by hand."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from audit.command import DAY_OPTION, Command, Context, ExitStatus, UsageError, add_as_of, add_period, option_value
from audit.period import DAY, Period, parse_week, week_of

if TYPE_CHECKING:
    from audit.pipeline.jobs import Outcome


def _add_daily(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--day", metavar="D", type=DAY_OPTION, help="the local day to pull (default: yesterday)")


def _add_weekly(parser: argparse.ArgumentParser) -> None:
    week = option_value(parse_week, "an ISO week such as 2021-W05")
    parser.add_argument("--week", metavar="W", type=week, help="the ISO week to report (default: last week)")
    add_as_of(parser)


def _daily(context: Context) -> ExitStatus:
    from audit.pipeline.jobs import daily

    day = context.arguments.day or context.today - DAY
    if day >= context.today:
        raise UsageError(f"--day: {day} is not over yet")
    with context.workspace.run("daily", context.given()) as run:
        outcome = daily(context.workspace, run, day)
        run.exit_status = _status(outcome)
    _tell(outcome, f"{day}")
    return ExitStatus(run.exit_status)


def _weekly(context: Context) -> ExitStatus:
    arguments = context.arguments
    week: Period = arguments.week or week_of(context.today - 7 * DAY)
    as_of = arguments.as_of or min(week.end, context.today)
    return _reported(context, "weekly", Period(week.start, week.end, as_of))


def _report(context: Context) -> ExitStatus:
    return _reported(context, "report", context.period())


def _reported(context: Context, command: str, period: Period) -> ExitStatus:
    from audit.pipeline.jobs import report
    from audit.pipeline.report_inputs import edition_of

    if edition_of(period) is None:
        raise UsageError("--from, --to: reports are of a week from Monday, a month or a quarter")
    with context.workspace.run(command, context.given()) as run:
        outcome = report(context.workspace, run, period)
        run.exit_status = _status(outcome)
        if command == "weekly" and context.settings.audit.mail.enabled and not _delivered(context, period):
            run.exit_status = ExitStatus.NOT_DELIVERED
    _tell(outcome, period.name())
    return ExitStatus(run.exit_status)


def _delivered(context: Context, period: Period) -> bool:
    """Mail the reports; whether everybody has everything."""
    from audit.pipeline import delivering

    delivering.queue(context.workspace, period)
    done = delivering.send_due(context.workspace)
    print(f"mail: {done.sent} files sent, {done.failed} failed, {done.doubtful} in doubt")
    return not (done.failed or done.doubtful)


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
        print(f"and {books} books, one an agency, beside them")


COMMANDS = (
    Command(
        "daily", "pull yesterday and the days still open, and judge; what cron calls each night", _daily, _add_daily
    ),
    Command("weekly", "judge the week and make its reports; what cron calls on Monday", _weekly, _add_weekly),
    Command("report", "judge a week, month or quarter and make its reports", _report, add_period),
)
