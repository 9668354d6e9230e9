"""`serve`: the nightly and weekly work without cron."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from audit.command import Command, Context, ExitStatus
from audit.errors import LockedError

if TYPE_CHECKING:
    from audit.pipeline.workspace import Workspace


logger = logging.getLogger(__name__)


def _add_serve(parser: argparse.ArgumentParser) -> None:
    text = "do what is due now, also what was missed, and end; for cron, every few minutes"
    parser.add_argument("--once", action="store_true", help=text)


def _serve(context: Context) -> ExitStatus:
    from audit.scheduling import serve, serve_once

    def open_workspace() -> Workspace:
        """With the settings as they are now."""
        return Context(context.arguments).workspace

    workspace = context.workspace
    if context.arguments.once:
        return _once(lambda: serve_once(open_workspace, _options(context), workspace.data))
    schedule = context.settings.audit.schedule
    serve(open_workspace, _options(context), workspace.data, schedule.probe_minutes, schedule.alert_minutes)
    return ExitStatus.DONE


def _once(look: Callable[[], int]) -> ExitStatus:
    """Where the last look still works, there is nothing to complain of: cron mails every line that it gets."""
    try:
        return ExitStatus(look())
    except LockedError as error:
        logger.info("the last look still works: %s", error)
        return ExitStatus.LOCKED


def _options(context: Context) -> list[str]:
    """The global options as they were given, for the commands that it starts."""
    given = context.arguments
    pairs = {"--config": given.config, "--data": given.data, "--out": given.out, "--log-format": given.log_format}
    options = [word for name, value in pairs.items() if value is not None for word in (name, str(value))]
    return [*options, "--quiet"] if given.quiet else options


COMMANDS = (
    Command(
        "serve", "do all that is due, when it is due, until it is ended; --once: now, for cron", _serve, _add_serve
    ),
)
