"""The command line: parses, sets up logging and signals, runs a command, turns what went wrong into an exit status."""

from __future__ import annotations

import argparse
import logging
import os
import pkgutil
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Final

from audit import commands
from audit.command import Command, Context, ExitStatus, UsageError
from audit.confinement import without_core_dumps
from audit.errors import AuditError, ConfigError, LockedError
from audit.logging_setup import set_up_logging

logger = logging.getLogger(__name__)

FILE_MASK: Final = 0o027
"""Files 0640, folders 0750: logs and reports hold what officials write to each other."""

ORDER: Final = (
    "demo", "daily", "weekly", "pull", "judge", "report", "deliver", "rebuild", "alert", "serve", "findings",
    "measures", "coverage", "explain", "rules", "check-config", "status", "verify", "backup", "restore", "try-source",
    "import-notes", "probe",
)  # fmt: skip
"""The order in which `--help` lists the commands; one that is not named here comes last."""


_NOT_WATCHED: Final = (ExitStatus.CONFIG, ExitStatus.LOCKED)
"""Nothing was done: the settings could not be read, or another run tells."""


class Terminated(BaseException):
    """A signal asked the run to end; not an Exception, so that only `main` catches it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: the words after the program's name; None: the process's own.

    Returns:
        the exit status: one of `ExitStatus`, or 128 + the signal that ended the run.
    """
    os.umask(FILE_MASK)
    without_core_dumps()
    every = find_commands()
    arguments = build_parser(every).parse_args(argv)
    set_up_logging(arguments.log_format, quiet=arguments.quiet)
    signal.signal(signal.SIGTERM, _terminate)
    context = Context(arguments)
    try:
        status = int(every[arguments.command].run(context))
        sys.stdout.flush()
    except Exception as error:  # noqa: BLE001  # the one place where anything may come up
        status = _status_of(error)
    except (Terminated, KeyboardInterrupt) as stop:
        number = stop.number if isinstance(stop, Terminated) else signal.SIGINT
        logger.error("ended by signal %d; what was done so far is kept, the next run goes on from there", number)  # noqa: TRY400
        status = 128 + number
    try:
        if every[arguments.command].is_watched and status not in _NOT_WATCHED and status < 128:
            _watch(context, status)
    finally:
        context.close()
    return status


def _watch(context: Context, status: int) -> None:
    from audit.pipeline.watching import watch  # noqa: PLC0415  # so that --help stays fast

    try:
        watch(context.workspace, context.arguments.command, status, context.today)
    except Terminated:
        logger.error("ended by a signal before the operator was told")  # noqa: TRY400


def _status_of(error: Exception) -> int:
    """Tell what went wrong, and the exit status that stands for it."""
    match error:
        case UsageError():
            print(f"run_audit.py: error: {error}", file=sys.stderr)
            return ExitStatus.CONFIG
        case ConfigError():
            print(error, file=sys.stderr)
            return ExitStatus.CONFIG
        case LockedError():
            logger.error("another run is going on: %s", error)
            return ExitStatus.LOCKED
        case BrokenPipeError():
            # Whoever reads our output has seen enough; Python would complain once more when it closes it.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return ExitStatus.DONE
        case AuditError():
            logger.error("%s", error)
            return ExitStatus.INTERNAL
        case _:
            logger.critical("internal error", exc_info=error)
            return ExitStatus.INTERNAL


def find_commands() -> dict[str, Command]:
    """The commands of the modules in `audit/commands/`, in the order of `--help`."""
    found: dict[str, Command] = {}
    for module in pkgutil.iter_modules(commands.__path__):
        for command in import_module(f"{commands.__name__}.{module.name}").COMMANDS:
            found[command.name] = command
    places = {name: place for place, name in enumerate(ORDER)}
    return dict(sorted(found.items(), key=lambda item: (places.get(item[0], len(places)), item[0])))


def build_parser(every: dict[str, Command]) -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="run_audit.py",
        description="Audit of the electronic exchange of documents between the agencies of a province.",
        epilog="Exit status: 0 done and coverage complete, 1 done with gaps, 2 configuration wrong (nothing touched), "
        "3 internal error, 4 made but not delivered, 5 another run holds the lock.",
    )
    _add_globals(parser)
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in every.values():
        subparser = subparsers.add_parser(command.name, help=command.help, description=command.help)
        _add_globals(subparser, after_the_word=True)
        command.add_arguments(subparser)
    return parser


def _add_globals(parser: argparse.ArgumentParser, *, after_the_word: bool = False) -> None:
    """The options that every command has, before the command word and after it."""
    group = parser.add_argument_group("global options")

    def add(name: str, default: object, **given: object) -> None:
        # after the word, an option that is not given must not undo the one given before it
        group.add_argument(name, default=argparse.SUPPRESS if after_the_word else default, **given)  # type: ignore[arg-type]

    add("--config", None, type=Path, metavar="DIR", help="folder of settings (default: config/)")
    add("--data", None, type=Path, metavar="DIR", help="folder of evidence, log and ledger (default: var/)")
    add("--out", None, type=Path, metavar="DIR", help="folder of the reports (default: out/)")
    add("--quiet", False, action="store_true", help="warnings and errors only")
    add("--log-format", "text", choices=("text", "json"), help="form of the log lines on the standard error")


def _terminate(number: int, _frame: FrameType | None) -> None:
    """Ends the run by `Terminated`, once.

    A service manager may signal twice, its group and its main process: what is ending must not be ended in the midst
    of it. The signal stays ignored to the end, because Python would undo a handler before the process has ended.
    """
    if signal.signal(number, signal.SIG_IGN) is not signal.SIG_IGN:
        raise Terminated(number)
