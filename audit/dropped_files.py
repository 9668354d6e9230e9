"""Files that an agency drops into a folder of ours: which ones are of a day, and their bytes within limits.

``path`` of a source is a folder, a file, or a pattern (``*.xlsx``); ``{day}`` in it stands for the local day,
``YYYY-MM-DD``. Without ``{day}`` a folder holds the files of all days. Files that are still being written (``.part``,
``.tmp``) and hidden ones are not looked at, nor are those whose name or time nobody can note down (no UTF-8, years
beyond 9999). Symbolic links are not followed, as far as the settings do not name them whole: who may drop a file must
not make us read another one. So each folder below is opened in the one above it, and no path is looked up whole that
may have become another since it was looked at.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, Final

from audit.errors import PermanentSourceError, TransientSourceError

UNFINISHED: Final = (".part", ".tmp", ".crdownload", ".filepart")
DAY_MARK: Final = "{day}"
_WILD: Final = frozenset("*?[")
_FOLDER: Final = os.O_DIRECTORY | getattr(os, "O_PATH", os.O_RDONLY)
"""With O_PATH, which Linux has, a folder on the way need not be one that we may list."""


@dataclass(frozen=True, slots=True)
class DroppedFile:
    """A regular file of the place."""

    path: Path
    fixed: Path
    """What the settings name whole of the path; no link is followed below it."""
    written_at: datetime
    """UTC."""
    size: int


def is_dated(path: str) -> bool:
    """Whether a source's path names a place of each day's own."""
    return DAY_MARK in path


def files_of(agency: str, path: str, day: date) -> list[DroppedFile]:
    """The files of the place of a day, by name; of all days where the place is not the day's own.

    Args:
        agency: Canonical code, for errors.
        path: As in the settings.
        day: Local day.

    Raises:
        TransientSourceError: The place is not there (yet).
        PermanentSourceError: We may not look into it.
    """
    place = path.replace(DAY_MARK, day.isoformat())
    try:
        fixed = _fixed(path)
        found = _regular(_candidates(agency, Path(place), fixed), fixed)
    except PermissionError as error:
        raise PermanentSourceError(agency, "the folder may not be read by us", failed_at="ours") from error
    except OSError as error:
        raise TransientSourceError(agency, "the folder cannot be read", failed_at="ours") from error
    return sorted(found, key=lambda file: file.path.name)


def read_file(agency: str, file: DroppedFile, bytes_max: int) -> bytes | None:
    """The bytes of a file; None where it has more than `bytes_max`.

    Raises:
        TransientSourceError: It went away, is no regular file any more, or cannot be read now.
        PermanentSourceError: We may not read it.
    """
    try:
        with _opened(file.path.parent, file.fixed) as folder, _opened_file(file.path.name, folder) as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise FileNotFoundError
            body = opened.read(bytes_max + 1)
    except PermissionError as error:
        raise PermanentSourceError(agency, "a file may not be read by us", failed_at="ours") from error
    except OSError as error:
        raise TransientSourceError(agency, "a file cannot be read", failed_at="ours") from error
    return None if len(body) > bytes_max else body


@contextmanager
def _opened(folder: Path, fixed: Path) -> Iterator[int]:
    """A folder of files, reached without a link below the fixed part; NotADirectoryError where one is in the way."""
    first = fixed if folder.is_relative_to(fixed) else folder
    place = os.open(first, _FOLDER)
    try:
        for name in folder.relative_to(first).parts:
            above, place = place, os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=place)
            os.close(above)
        yield place
    finally:
        os.close(place)


def _opened_file(name: str, folder: int) -> BinaryIO:
    """Whatever stands there but a link, without waiting for one who writes to it."""

    def there(name: str, flags: int) -> int:
        return os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)

    return open(name, "rb", opener=there)


def _fixed(path: str) -> Path:
    """What the settings name whole; who drops files has a say in all that is below."""
    parts = Path(path).parts
    is_open = (DAY_MARK in part or _WILD & set(part) for part in parts)
    return Path(*parts[: next((number for number, one in enumerate(is_open) if one), len(parts))])


def _is_linked(path: Path, fixed: Path) -> bool:
    """Whether the way to a file, below the fixed part, leads over a link."""
    return any(one.is_symlink() for one in (path, *path.parents) if one != fixed and one.is_relative_to(fixed))


def _candidates(agency: str, place: Path, fixed: Path) -> list[Path]:
    if _WILD & set(str(place)):
        anchor = Path(place.anchor or ".")
        return list(anchor.glob(str(place.relative_to(place.anchor) if place.anchor else place)))
    if _is_linked(place, fixed):
        return []
    if place.is_dir():
        return list(place.iterdir())
    if not place.exists():
        raise TransientSourceError(agency, "the folder or file of the day is not there")
    return [place]


def _regular(candidates: list[Path], fixed: Path) -> list[DroppedFile]:
    found: list[DroppedFile] = []
    for folder, paths in groupby(filter(_is_utf8, candidates), key=lambda path: path.parent):
        with suppress(NotADirectoryError), _opened(folder, fixed) as place:
            found += (file for path in paths if (file := _file(path, fixed, place)) is not None)
    return found


def _file(path: Path, fixed: Path, folder: int) -> DroppedFile | None:
    """The file of an open folder; None where it is none, or unwanted."""
    if path.name.startswith((".", "~$")) or path.name.lower().endswith(UNFINISHED):
        return None
    status = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
    written_at = _time(status.st_mtime)
    if not stat.S_ISREG(status.st_mode) or written_at is None:
        return None
    return DroppedFile(path, fixed, written_at, status.st_size)


def _is_utf8(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _time(timestamp: float) -> datetime | None:
    """None where it is a time of no year that we can write."""
    try:
        return datetime.fromtimestamp(timestamp, UTC)
    except (ValueError, OverflowError, OSError):
        return None
