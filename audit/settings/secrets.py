"""Secrets by reference: ``env:NAME`` or ``file:/path``. The settings hold no secret, so nothing that prints them can.

`Reference` is what the settings hold, `Secret` what `Reference.resolve` brings; its value shows in no repr, no pickle.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from audit.errors import ConfigError
from audit.settings.base import refuse

_ALLOWED = 'a reference, "env:NAME" or "file:/path"; never the secret itself'
_ENVIRONMENT = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*")
_FILE = re.compile(r"file:/\S.*")
_SECRET_MAX = 64 * 1024


class Secret:
    """A secret's value. Ask `reveal` at the place that sends it, and nowhere else."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(hidden)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> Any:
        raise TypeError("a secret is not pickled; pass the reference on")


class Reference(str):
    """Where a secret is kept: an environment variable or a file that only its owner reads."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls._read)

    @classmethod
    def _read(cls, value: Any) -> Reference:
        if not isinstance(value, str) or not (_ENVIRONMENT.fullmatch(value) or _FILE.fullmatch(value)):
            raise refuse(_ALLOWED)
        return cls(value)

    def resolve(self, key: str = "secret", file: str = "agencies.toml", *, lines: bool = False) -> Secret:
        """The secret, white space around it dropped.

        Args:
            key: The setting that holds the reference, for the message.
            file: The settings file in which it stands, for the message.
            lines: It may have several lines, as a private key has.

        Raises:
            ConfigError: The variable is not set; the file cannot be read, or others than its owner may read it; there
                is nothing in it, or more than a line.
        """
        kind, _, place = self.partition(":")
        try:
            value = _from_environment(place) if kind == "env" else _from_file(Path(place))
            if not value or not all(line.isprintable() for line in (value.splitlines() if lines else [value])):
                raise _UnusableError("a secret of one line that is not empty")
        except _UnusableError as error:
            raise ConfigError.of(file, key, self, str(error)) from None
        return Secret(value)


class _UnusableError(ValueError):
    """The reference leads to no secret; the text says what it should lead to, never what it leads to."""


def _from_environment(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise _UnusableError("an environment variable that is set")
    return value.strip()


def _from_file(path: Path) -> str:
    try:
        # without waiting for a writer, where the name is a pipe's
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            # asked of the open file, not of its name: what is checked is what is read
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise _UnusableError("a file that only its owner may read (chmod 600)")
            return file.read(_SECRET_MAX).decode("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise _UnusableError("a text file that can be read") from None
