"""`serve`: the nightly and weekly work without cron."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.command import Command, Context, ExitStatus

if TYPE_CHECKING:
    from audit.pipeline.workspace import Workspace


def _serve(context: Context) -> ExitStatus:
    from audit.scheduling import serve

    def open_workspace() -> Workspace:
        """With the settings as they are now."""
        return Context(context.arguments).workspace

    workspace = context.workspace
    serve(open_workspace, _options(context), workspace.data, context.settings.audit.schedule.probe_minutes)
    return ExitStatus.DONE


def _options(context: Context) -> list[str]:
    """The global options as they were given, for the commands that it starts."""
    given = context.arguments
    pairs = {"--config": given.config, "--data": given.data, "--out": given.out, "--log-format": given.log_format}
    options = [word for name, value in pairs.items() if value is not None for word in (name, str(value))]
    return [*options, "--quiet"] if given.quiet else options


COMMANDS = (
    Command("serve", "do what daily, weekly and probe do, when it is due, until it is ended; instead of cron", _serve),
)
