"""Where an agency drops its files for us: a folder of this machine, or one on an SFTP server."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from audit.dropped_files import DAY_MARK, UNFINISHED, files_of, is_dated, read_file
from audit.instants import is_within
from audit.settings import SourceSettings
from audit.sftp import SCHEME, SftpFolder


class DropPlace(ABC):
    """The files of an agency. For one thread; close it."""

    @abstractmethod
    def names(self, day: date, *, by_time: bool) -> list[str]:
        """The names of a day's files, in order.

        Args:
            day: Local day.
            by_time: Where the place is not the day's own, take only files written on that day; else all.

        Raises:
            TransientSourceError, PermanentSourceError: The place cannot be looked at.
        """

    @abstractmethod
    def read(self, day: date, name: str, bytes_max: int) -> bytes | None:
        """The bytes of one of them; None where it has more than `bytes_max`. Raises as `names`."""

    @abstractmethod
    def label(self, day: date, name: str = "") -> str:
        """What the evidence calls the place, or a file in it; without secrets."""

    @abstractmethod
    def close(self) -> None:
        """Lets go of connections."""


class LocalPlace(DropPlace):
    """A folder, file or pattern of this machine."""

    def __init__(self, agency: str, path: str) -> None:
        self._agency, self._path = agency, path
        self._found: dict[str, Path] = {}

    def names(self, day: date, *, by_time: bool) -> list[str]:
        found = files_of(self._agency, self._path, day, by_time=by_time)
        self._found = {file.name: file for file in found}
        return sorted(self._found)

    def read(self, day: date, name: str, bytes_max: int) -> bytes | None:  # noqa: ARG002  # `names` looked at the day
        return read_file(self._agency, self._found[name], bytes_max)

    def label(self, day: date, name: str = "") -> str:  # noqa: ARG002  # a name says enough
        return name or Path(self._path).name

    def close(self) -> None:
        pass


class SftpPlace(DropPlace):
    """A folder, file or pattern on a server."""

    def __init__(self, agency: str, source: SourceSettings) -> None:
        self._path: Final = source.path
        self._folder: Final = SftpFolder(agency, source)

    def names(self, day: date, *, by_time: bool) -> list[str]:
        found = self._folder.files(self._of(day))
        if by_time and not is_dated(self._path):
            found = [file for file in found if file.written_at is not None and is_within(file.written_at, day)]
        return [file.name for file in found if not _is_unwanted(file.name)]

    def read(self, day: date, name: str, bytes_max: int) -> bytes | None:
        return self._folder.read(self._of(day), name, bytes_max)

    def label(self, day: date, name: str = "") -> str:
        parts = urlsplit(self._of(day))
        return f"{SCHEME}://{parts.netloc}{parts.path}" + (f"#{name}" if name else "")

    def close(self) -> None:
        self._folder.close()

    def _of(self, day: date) -> str:
        return self._path.replace(DAY_MARK, day.isoformat())


def open_place(agency: str, source: SourceSettings) -> DropPlace:
    """The place of a source's ``path``. Raises ConfigError where a secret or key cannot be read."""
    return SftpPlace(agency, source) if source.is_sftp else LocalPlace(agency, source.path)


def _is_unwanted(name: str) -> bool:
    return name.startswith((".", "~$")) or name.lower().endswith(UNFINISHED)
