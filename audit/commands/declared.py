"""`import-statistics`: what the hub's statistics declare of a period, beside which the logs' own counts are shown."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from audit.command import DAY_OPTION, Command, Context, ExitStatus, UsageError

logger = logging.getLogger(__name__)

TOLD_MOST = 20
"""Lines and organs that could not be taken over are told one by one up to so many; their number is told always."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="the hub's export: .xlsx, .csv or its JSON")
    text = "local day of the file"
    parser.add_argument("--from", dest="first_day", metavar="D", type=DAY_OPTION, required=True, help=f"first {text}")
    parser.add_argument("--to", dest="last_day", metavar="D", type=DAY_OPTION, required=True, help=f"last {text}")


def _import_statistics(context: Context) -> ExitStatus:
    """0: every line was taken over; 1: some were not."""
    from audit.pipeline.declaring import import_statistics
    from audit.sources.register_file.sheets import UnreadableFileError

    arguments = context.arguments
    if arguments.last_day < arguments.first_day:
        raise UsageError("--to: before --from")
    with context.workspace.run("import-statistics", context.given()) as run:
        run.exit_status = ExitStatus.CONFIG
        try:
            done = import_statistics(context.workspace, run, arguments.file, arguments.first_day, arguments.last_day)
        except UnreadableFileError as error:
            raise UsageError(f"{arguments.file}: {error}") from None
        except OSError as error:
            raise UsageError(f"{arguments.file} cannot be read ({error.strerror})") from None
        run.exit_status = ExitStatus.GAPS if done.rejects or done.strangers else ExitStatus.DONE
    for line, reason in done.rejects[:TOLD_MOST]:
        logger.warning("%s, line %d: %s", arguments.file.name, line, reason)
    for organ in done.strangers[:TOLD_MOST]:
        logger.warning("%s: %.80r is no agency of the registry", arguments.file.name, organ)
    left = f"{len(done.rejects)} lines could not be read, {len(done.strangers)} organs are not in the registry"
    print(f"declared counts of {done.agencies} agencies taken over; {left}")
    return ExitStatus(run.exit_status)


COMMANDS = (
    Command(
        "import-statistics",
        "take over the hub's statistics of a period, to be shown beside the logs' own counts",
        _import_statistics,
        _add_arguments,
    ),
)
