"""`deliver`: mail the reports of a period to those who are to get them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from audit.command import Command, Context, ExitStatus, UsageError, add_period

if TYPE_CHECKING:
    from audit.period import Period


def _add_deliver(parser: argparse.ArgumentParser) -> None:
    add_period(parser)
    parser.add_argument("--dry-run", action="store_true", help="show who would get what; send and note nothing")
    parser.add_argument("--draft", metavar="DIR", type=Path, help="write the mails as .eml into this folder instead")
    text = "note what became of a delivery in doubt, by its number in --dry-run: sent, or failed (sent again)"
    parser.add_argument(
        "--settle", nargs=2, action="append", metavar=("ID", "sent|failed"), help=f"{text}; send nothing now"
    )


def _deliver(context: Context) -> ExitStatus:
    from audit.pipeline import delivering

    arguments, period = context.arguments, context.period()
    if arguments.settle:
        return _settle(context, [_settled(number, state) for number, state in arguments.settle])
    if arguments.dry_run or arguments.draft:
        _show(context)
        if arguments.draft:
            write_drafts(context, period, arguments.draft)
        return ExitStatus.DONE
    if not context.settings.audit.mail.enabled:
        raise UsageError("mail is switched off: [mail] enabled in audit.toml")
    with context.workspace.run("deliver", context.given()) as run:
        wanted = delivering.queue(context.workspace, period)
        done = delivering.send_due(context.workspace, period)
        run.counts |= {"sent": done.sent, "failed": done.failed, "doubtful": done.doubtful, "too_big": done.too_big}
        run.exit_status = ExitStatus.NOT_DELIVERED if done.failed or done.doubtful else ExitStatus.DONE
    print(f"{wanted} files to deliver: {done.sent} sent now, {done.failed} failed, {done.doubtful} in doubt")
    if done.too_big:
        print(f"{done.too_big} files are too large for a mail; their recipients were told where to get them")
    return ExitStatus(run.exit_status)


def _settled(number: str, state: str) -> tuple[int, str]:
    if not number.isdecimal() or state not in ("sent", "failed"):
        raise UsageError("--settle: the number of a delivery, and sent or failed")
    return int(number), state


def _settle(context: Context, told: Sequence[tuple[int, str]]) -> ExitStatus:
    """0: noted; 1: of some numbers no delivery of the period is in doubt."""
    from audit.pipeline import delivering

    with context.workspace.run("settle", context.given()) as run:
        run.exit_status = ExitStatus.DONE
        for number, state in told:
            if delivering.settle(context.workspace, context.period(), number, "sent" if state == "sent" else "failed"):
                print(f"{number}: {state}")
            else:
                print(f"{number}: no delivery of this period is in doubt under this number")
                run.exit_status = ExitStatus.GAPS
    return ExitStatus(run.exit_status)


def _show(context: Context) -> None:
    """Who would get what: address, state, edition, file; one line a file; then what is in doubt, by its number."""
    from audit.pipeline import delivering

    for recipient, report, state in delivering.planned(context.workspace, context.period()):
        size = f"{report.size_bytes / 1024:,.0f} KiB"
        print(f"{recipient.address}  {state:<7}  {report.edition:<13}  {size:>10}  {Path(report.path).name}")
    for one in delivering.in_doubt(context.workspace, context.period()):
        print(f"in doubt, number {one.delivery_id}: {one.recipient}  {Path(one.report.path).name}")


def write_drafts(context: Context, period: Period, folder: Path) -> None:
    """Write the mails of a period as drafts into a folder, and tell where."""
    from audit.pipeline import delivering

    folder.mkdir(parents=True, exist_ok=True)
    for number, mail in enumerate(delivering.drafts(context.workspace, period), start=1):
        path = folder / f"thu-{number:03d}.eml"
        path.write_bytes(mail.as_bytes())
        print(f"{path}  {mail['To'] or '(no recipient)'}")


COMMANDS = (Command("deliver", "mail the reports of a period, each once", _deliver, _add_deliver, is_watched=True),)
