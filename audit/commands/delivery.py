"""`deliver`: mail the reports of a period to those who are to get them."""

from __future__ import annotations

import argparse
from pathlib import Path

from audit.command import Command, Context, ExitStatus, UsageError, add_period


def _add_deliver(parser: argparse.ArgumentParser) -> None:
    add_period(parser)
    parser.add_argument("--dry-run", action="store_true", help="show who would get what; send and note nothing")
    parser.add_argument("--draft", metavar="DIR", type=Path, help="write the mails as .eml into this folder instead")


def _deliver(context: Context) -> ExitStatus:
    from audit.pipeline import delivering

    if not context.arguments.dry_run and not context.arguments.draft and not context.settings.audit.mail.enabled:
        raise UsageError("mail is switched off: [mail] enabled in audit.toml")
    with context.workspace.run("deliver", context.given()) as run:
        wanted = delivering.queue(context.workspace, context.period())
        if context.arguments.dry_run or context.arguments.draft:
            _show(context)
            run.exit_status = ExitStatus.DONE
            return ExitStatus.DONE
        done = delivering.send_due(context.workspace)
        run.counts |= {"sent": done.sent, "failed": done.failed, "doubtful": done.doubtful}
        run.exit_status = ExitStatus.NOT_DELIVERED if done.failed or done.doubtful else ExitStatus.DONE
    print(f"{wanted} files to deliver: {done.sent} sent now, {done.failed} failed, {done.doubtful} in doubt")
    return ExitStatus(run.exit_status)


def _show(context: Context) -> None:
    from audit.pipeline import delivering

    for number, parcel in enumerate(delivering.parcels(context.workspace), start=1):
        print(f"{parcel.recipient.address}  {', '.join(path.name for path in parcel.paths)}")
        if context.arguments.draft:
            context.arguments.draft.mkdir(parents=True, exist_ok=True)
            made = delivering.compose(context.workspace, parcel)
            (context.arguments.draft / f"{number:03d}.eml").write_bytes(made.as_bytes())


COMMANDS = (Command("deliver", "mail the reports of a period, each once", _deliver, _add_deliver, is_watched=True),)
