"""`alert`: look at the running day, and tell agencies what cannot wait for the night."""

from __future__ import annotations

import argparse
import logging
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from audit.command import Command, Context, ExitStatus, option_value

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)

TABLED = (
    "code",
    "agency",
    "number",
    "notation",
    "recipient",
    "topic",
    "urgency",
    "deadline_at",
    "subject",
    "finding_id",
)


def _instant(text: str) -> datetime:
    from audit.period import LOCAL_ZONE

    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=LOCAL_ZONE)).astimezone(UTC)


def _add_alert(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="show what would be told; send and note nothing")
    at = option_value(_instant, "an instant such as 2021-02-08T15:30")
    parser.add_argument("--at", metavar="T", type=at, help="look as at this instant of a running day (default: now)")
    text = "ask no system; only send what of today could not be sent before, digests too"
    parser.add_argument("--waiting", action="store_true", help=text)


def _alert(context: Context) -> ExitStatus:
    """0 done; 1 a system did not tell of its running day; 4 a mail did not go out."""
    from audit.pipeline import alerting
    from audit.pipeline.running_day import look

    now: datetime = context.arguments.at or datetime.now(UTC)
    workspace, sends = context.workspace, context.settings.audit.mail.enabled and not context.arguments.dry_run
    if not context.arguments.dry_run and alerting.is_quiet(workspace, now):
        logger.info("quiet hours: nothing is asked and nothing is sent")
        return ExitStatus.DONE
    if context.arguments.waiting:
        return _send_waiting(context, now) if sends else ExitStatus.DONE
    with workspace.run("alert", context.given()) as run:
        found = look(workspace, run, now)
        if not context.arguments.quiet:  # what `serve` starts writes into a journal, which no subject belongs into
            _show(alerting.pressing(found))
        run.exit_status = ExitStatus.GAPS if found.unanswered else ExitStatus.DONE
        if sends:
            queued = alerting.queue_running(workspace, run, found, now)
            done = alerting.send_alerts(workspace, found.day)
            run.counts |= {"queued": queued, "sent": done.sent, "failed": done.failed, "doubtful": done.doubtful}
            if done.failed:
                run.exit_status = ExitStatus.NOT_DELIVERED
            print(f"alerts: {queued} new, {done.sent} sent now, {done.failed} failed, {done.doubtful} in doubt")
        else:
            print("nothing was sent")
    return ExitStatus(run.exit_status)


def _send_waiting(context: Context, now: datetime) -> ExitStatus:
    from audit.period import local_day
    from audit.pipeline import alerting

    with context.workspace.run("alert", context.given()) as run:
        done = alerting.send_alerts(context.workspace, local_day(now))
        run.counts |= {"sent": done.sent, "failed": done.failed, "doubtful": done.doubtful}
        run.exit_status = ExitStatus.NOT_DELIVERED if done.failed else ExitStatus.DONE
    print(f"alerts: {done.sent} sent now, {done.failed} failed, {done.doubtful} in doubt")
    return ExitStatus(run.exit_status)


def _show(rows: pd.DataFrame) -> None:
    from audit.output import write_frame

    write_frame(rows[list(TABLED)], "table", sys.stdout)


COMMANDS = (
    Command("alert", "look at the running day where a source serves it; provisional alerts only", _alert, _add_alert),
)
