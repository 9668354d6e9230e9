"""What a command of the command line is. Its members are in `audit/commands/`, one file a group.

A command's module is imported for every `--help`, so it imports what it works with inside `run`.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from audit.period import Period, asked_period, parse_as_of, parse_day, today

if TYPE_CHECKING:
    from audit.pipeline.workspace import Workspace
    from audit.settings import Settings

Value = TypeVar("Value")

logger = logging.getLogger(__name__)

LOCAL = "local"
"""The engine that is this machine."""


class ExitStatus(IntEnum):
    """What a command tells the shell (design.md section 4)."""

    DONE = 0
    GAPS = 1
    CONFIG = 2
    INTERNAL = 3
    NOT_DELIVERED = 4
    LOCKED = 5


class UsageError(Exception):
    """What was asked for on the command line makes no sense; told like argparse tells it."""


@dataclass(frozen=True)
class Context:
    """What a command works with.

    Attributes:
        arguments: the parsed command line, global options included.
        today: the running local day.
    """

    arguments: argparse.Namespace
    today: date = field(default_factory=today)

    @cached_property
    def settings(self) -> Settings:
        """The settings.

        Raises:
            ConfigError: they are wrong.
        """
        from audit.settings import load_settings

        settings = load_settings(config_folder(self.arguments.config))
        engine = getattr(self.arguments, "engine", None)
        return settings if engine is None else settings.with_engine("" if engine == LOCAL else engine)

    @cached_property
    def workspace(self) -> Workspace:
        """The folders, with what the settings say about them. Nothing is written by opening it."""
        from audit.pipeline.workspace import Workspace

        storage = self.settings.audit.storage
        data = self.arguments.data or Path(storage.data)
        return Workspace(self.settings, data, self.arguments.out or Path(storage.out), quiet=self.arguments.quiet)

    def close(self) -> None:
        """Close what the command opened."""
        if "workspace" in vars(self):
            self.workspace.close()

    def period(self) -> Period:
        """The period asked for with `--from`, `--to` and `--as-of`.

        Raises:
            UsageError: it ends before it starts.
        """
        arguments = self.arguments
        try:
            return asked_period(arguments.first_day, arguments.last_day, arguments.as_of, self.today)
        except ValueError as error:
            raise UsageError(f"--to: {error}") from None

    def given(self) -> Mapping[str, Any]:
        """The command line's options that say something, for the ledger."""
        return {key: value for key, value in vars(self.arguments).items() if value is not None and not callable(value)}


@dataclass(frozen=True, slots=True)
class Command:
    """A command word.

    Attributes:
        name: the word.
        help: one line for `--help`.
        run: does the work and gives the exit status.
        add_arguments: declares the command's own options.
        is_watched: the operator is told of how things stand after it.
    """

    name: str
    help: str
    run: Callable[[Context], ExitStatus]
    add_arguments: Callable[[argparse.ArgumentParser], None] = lambda _parser: None
    is_watched: bool = False


def config_folder(given: Path | None) -> Path | None:
    """The folder that was named, else `config/` where there is one, else None: the shipped settings."""
    return given if given is not None or not Path("config").is_dir() else Path("config")


def option_value(parse: Callable[[str], Value], what: str) -> Callable[[str], Value]:
    """`parse` for argparse: a ValueError becomes a message that says what may stand there."""

    def checked(text: str) -> Value:
        try:
            return parse(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not {what}") from None

    return checked


DAY_OPTION = option_value(parse_day, "a day such as 2021-02-04")
AS_OF_OPTION = option_value(parse_as_of, "a day such as 2021-02-07 or an instant such as 2021-02-08T00:00:00+07:00")


def add_engine(parser: argparse.ArgumentParser) -> None:
    """`--engine`."""
    text = "where to judge: local, dask://HOST:PORT, or dask://local (default: as audit.toml says)"
    parser.add_argument("--engine", metavar="E", type=option_value(_engine, "local or dask://HOST:PORT"), help=text)


def _engine(text: str) -> str:
    if text != LOCAL and not text.startswith(("dask://", "dask+tls://")):
        raise ValueError(text)
    return text


def add_period(parser: argparse.ArgumentParser) -> None:
    """`--from`, `--to`, `--as-of`."""
    parser.add_argument("--from", dest="first_day", metavar="D", type=DAY_OPTION, required=True, help="first local day")
    parser.add_argument("--to", dest="last_day", metavar="D", type=DAY_OPTION, required=True, help="last local day")
    add_as_of(parser)


def add_as_of(parser: argparse.ArgumentParser) -> None:
    """`--as-of`."""
    text = "look as at the end of this local day (default: the end of the period, else of yesterday)"
    parser.add_argument("--as-of", dest="as_of", metavar="T", type=AS_OF_OPTION, help=text)
