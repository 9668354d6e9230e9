"""Where an agency drops its files for us: a folder of this machine, or one on an SFTP server.

What lies there says little of when it is whole, so that is asked for here: a place without any file tells nothing, and
of a place that is not a day's own only a file written after the day's end shows that the day has been dropped. What is
in it is told in short (`mark_of`), by which a complete day is asked for again without reading a file.
"""

from __future__ import annotations

import hashlib
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from audit.dropped_files import DAY_MARK, UNFINISHED, DroppedFile, files_of, is_dated, read_file
from audit.errors import TransientSourceError
from audit.instants import end_of, is_within
from audit.settings import SourceSettings
from audit.sftp import SCHEME, SftpFolder

NO_FILE: Final = "no file of the day yet"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file of the place."""

    name: str
    written_at: datetime | None
    """UTC; None where it cannot be told."""
    size: int | None

    def is_after(self, day: date) -> bool:
        """Whether it was written when the day was over."""
        return self.written_at is not None and self.written_at >= end_of(day)


class DropPlace(ABC):
    """The files of an agency. For one thread; close it.

    Attributes:
        is_dated: Whether each day has a place of its own.
    """

    def __init__(self, agency: str, path: str) -> None:
        self._agency: Final = agency
        self._path: Final = path
        self.is_dated: Final = is_dated(path)

    def files(self, day: date) -> list[Dropped]:
        """The files of the place of a day, by name; of all days where the place is not the day's own.

        Raises:
            TransientSourceError: There is none yet, or the place cannot be looked at now.
            PermanentSourceError: The place cannot be looked at.
        """
        found = self._all(day)
        if not found:
            raise TransientSourceError(self._agency, NO_FILE)
        return found

    def written_on(self, files: Sequence[Dropped], day: date) -> list[Dropped]:
        """Those of the files that are of a day because they were written on it; all where the place is the day's."""
        if self.is_dated:
            return list(files)
        return [file for file in files if file.written_at is not None and is_within(file.written_at, day)]

    @abstractmethod
    def _all(self, day: date) -> list[Dropped]:
        """As `files`; empty where there is none."""

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
        super().__init__(agency, path)
        self._found: dict[str, DroppedFile] = {}

    def _all(self, day: date) -> list[Dropped]:
        files = files_of(self._agency, self._path, day)
        self._found = dict(zip(_names([file.path for file in files]), files, strict=True))
        return [Dropped(name, file.written_at, file.size) for name, file in sorted(self._found.items())]

    def read(self, day: date, name: str, bytes_max: int) -> bytes | None:  # noqa: ARG002  # `files` looked at the day
        return read_file(self._agency, self._found[name], bytes_max)

    def label(self, day: date, name: str = "") -> str:  # noqa: ARG002  # a name says enough
        return name or Path(self._path).name

    def close(self) -> None:
        pass


class SftpPlace(DropPlace):
    """A folder, file or pattern on a server."""

    def __init__(self, agency: str, source: SourceSettings) -> None:
        super().__init__(agency, source.path)
        self._folder: Final = SftpFolder(agency, source)

    def _all(self, day: date) -> list[Dropped]:
        found = self._folder.files(self._of(day))
        return [Dropped(file.name, file.written_at, file.size) for file in found if not _is_unwanted(file.name)]

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


def mark_of(files: Sequence[Dropped]) -> str:
    """What stands for the files as they are: how many, when the latest was written, and a digest of what is listed."""
    listed = [(file.name, _text(file.written_at), file.size) for file in files]
    digest = hashlib.sha256(json.dumps(listed).encode()).hexdigest()
    return f"{len(files)};{_latest(files)};{digest[:32]}"


def has_news(files: Sequence[Dropped], mark: str) -> bool:
    """Whether there is something new since the mark was taken; that files were only cleared away is nothing new."""
    if mark == mark_of(files):
        return False
    parts = mark.split(";")
    if len(parts) != 3 or not parts[0].isdecimal():
        return True
    return len(files) >= int(parts[0]) or _latest(files) > parts[1]


def _latest(files: Sequence[Dropped]) -> str:
    return max((_text(file.written_at) for file in files), default="")


def _text(at: datetime | None) -> str:
    return "" if at is None else at.isoformat(timespec="microseconds")


def _names(paths: Sequence[Path]) -> list[str]:
    """What tells files of one place apart: their names, or with their folders where a pattern found a name twice."""
    names = [path.name for path in paths]
    if len(set(names)) == len(names):
        return names
    root = os.path.commonpath([path.parent for path in paths])
    return [path.relative_to(root).as_posix() for path in paths]


def _is_unwanted(name: str) -> bool:
    return name.startswith((".", "~$")) or name.lower().endswith(UNFINISHED)
