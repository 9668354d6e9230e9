"""Secrets by reference: ``env:NAME`` or ``file:/path``. The settings never hold one, so nothing that prints settings can.

`Reference` is what the settings hold, `Secret` what `Reference.resolve` brings; its value shows in no repr, no log, no pickle.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from audit.errors import ConfigError, Mistake
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

    def resolve(self, key: str = "secret") -> Secret:
        """The secret, white space around it dropped.

        Args:
            key: Name of the setting, for the message.

        Raises:
            ConfigError: The variable is not set, the file cannot be read, others than its owner may read it, or it holds nothing.
        """
        kind, _, place = self.partition(":")
        value = _from_environment(self, place, key) if kind == "env" else _from_file(self, Path(place), key)
        if not value:
            raise _unusable(self, key, "a secret that is not empty")
        if any(ord(letter) < 32 for letter in value):
            raise _unusable(self, key, "a secret of one line, without control characters")
        return Secret(value)


def _from_environment(reference: str, name: str, key: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise _unusable(reference, key, "an environment variable that is set")
    return value.strip()


def _from_file(reference: str, path: Path, key: str) -> str:
    try:
        with path.open("rb") as file:
            # asked of the open file, not of the name: what is checked is what is read
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise _unusable(reference, key, "a file that only its owner may read (chmod 600)")
            return file.read(_SECRET_MAX).decode("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise _unusable(reference, key, "a text file that can be read") from None


def _unusable(reference: str, key: str, allowed: str) -> ConfigError:
    return ConfigError((Mistake("agencies.toml" if key != "mail.password" else "audit.toml", key, reference, allowed),))
