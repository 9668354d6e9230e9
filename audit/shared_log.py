"""A log on shared storage, which workers on other machines read: the only importer of fsspec.

The log itself stays where it is written, beside the evidence. `publish` copies those of its files to the shared folder
that are not there yet; a copy bears the size and time of the file in its name, and is never written again: so whoever
reads sees one state of the log, whatever happens to it meanwhile. Copies that no log has any more may be deleted.

Keys and endpoints are not our settings: they come as fsspec's file systems have them (for S3 the `AWS_…` variables).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any, Final
from weakref import finalize

import fsspec

from audit.log import Log
from audit.tables import LOG_TABLES

_NOT_WHOLE: Final = ".part"


class SharedLog(Log):
    """The published files of some days of a log: each is fetched once when it is first read.

    Args:
        url: the shared folder.
        names: of every (table, day) that has rows the name of its copy.
        sizes: of every copy its bytes.
    """

    def __init__(self, url: str, names: Mapping[tuple[str, date], str], sizes: Mapping[tuple[str, date], int]) -> None:
        super().__init__(Path("shared"))
        self._url, self._names, self._sizes = url, dict(names), dict(sizes)
        self._fetched: Path | None = None
        self._lock = Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        return SharedLog, (self._url, self._names, self._sizes)

    def path(self, table: str, day: date) -> Path:
        """Where the fetched copy is; a file that does not exist for a day without one."""
        name = self._names.get((table, day))
        with self._lock:
            if self._fetched is None:
                self._fetched = Path(tempfile.mkdtemp(prefix="audit-log-"))
                finalize(self, shutil.rmtree, self._fetched, ignore_errors=True)
            place = self._fetched / (name or f"{table}-{day}-none")
            if name is not None and not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                beside = place.with_suffix(".new")
                files, folder = _storage(self._url)
                files.get_file(f"{folder}/{name}", str(beside))
                beside.replace(place)
        return place

    def days(self) -> list[date]:
        """As `Log.days`."""
        return sorted({day for _, day in self._names})

    def size_bytes(self, tables: Iterable[str], days: Iterable[date]) -> int:
        """As `Log.size_bytes`; nothing is fetched for it."""
        wanted = set(tables)
        return sum(self._sizes.get((table, day), 0) for day in set(days) for table in wanted)


def publish(log: Log, days: Iterable[date], url: str) -> SharedLog:
    """Copy what the shared folder lacks of some days of a log, and give the log as it is read from there."""
    files, folder = _storage(url)
    names, sizes = {}, {}
    for table in LOG_TABLES:
        files.makedirs(f"{folder}/{table}", exist_ok=True)
        there = _names_in(files, f"{folder}/{table}")
        for day in days:
            path = log.path(table, day)
            if not path.exists():
                continue
            status = path.stat()
            name = f"{day.isoformat()}-{status.st_size:x}-{status.st_mtime_ns:x}.parquet"
            if name not in there:
                _put(files, path, f"{folder}/{table}/{name}")
            names[table, day], sizes[table, day] = f"{table}/{name}", status.st_size
    return SharedLog(url, names, sizes)


def _put(files: Any, path: Path, target: str) -> None:
    """Copy a file so that whoever lists the folder sees all of it or nothing."""
    if isinstance(getattr(files, "protocol", ""), str | tuple) and "file" in files.protocol:
        beside = f"{target}.{os.getpid()}{_NOT_WHOLE}"
        files.put_file(str(path), beside)
        files.mv(beside, target)
    else:  # object stores show an object when it is whole
        files.put_file(str(path), target)


def _names_in(files: Any, folder: str) -> set[str]:
    files.invalidate_cache()
    try:
        return {str(name).rpartition("/")[2] for name in files.ls(folder, detail=False)}
    except FileNotFoundError:  # object stores have no empty folders
        return set()


def _storage(url: str) -> tuple[Any, str]:
    files, folder = fsspec.core.url_to_fs(url)
    return files, str(folder).rstrip("/")
