"""Backup and restore: everything that a deployment is, in one file, taken while runs go on.

The ledger is copied first and everything else after it, so that the copy never knows less than its ledger says: pages
and rows that came in between are there without being noted, and the next run notes them. A report that was being
written anew while it was copied is left out and named; the run that writes it, or `report`, makes it again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from audit.backup_file import BackupWriter, Limits, Packed, is_name, read_backup, writing
from audit.code_version import code_digest
from audit.errors import DataError
from audit.ledger import FILE_NAME, Ledger, ReportRecord, reports, runs
from audit.ledger.database import sqlite_url
from audit.manifests import FOLDER as MANIFESTS
from audit.pipeline.reporting import folder_name
from audit.pipeline.running_day import FOLDER as RUNNING_DAY
from audit.pipeline.verifying import TRUST_FOLDER
from audit.pipeline.workspace import TOLD, Workspace, versions
from audit.working_folder import sweep, working_folder

ORDER: Final = (MANIFESTS, "evidence", "log")
"""Folders that are copied in this order, before the others: a log never knows pages that its evidence lacks."""
CONFIG_FOLDER: Final = "config.restored"
"""Where `restore` puts the settings, in the data folder: whether they are to be used, a person decides."""
_PASSING: Final = (".lock", ".lock.json", "-wal", "-shm", "-journal", ".new", ".part")
_NOT_KEPT: Final = frozenset({CONFIG_FOLDER, "heartbeat.json", FILE_NAME, "carried", TOLD, RUNNING_DAY})
_ROOM_LEFT: Final = 64 * 1024 * 1024
"""Bytes of the disk that a restore does not fill."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was written and read back.

    Attributes:
        files: what is in it, by name.
        left_out: what could not be taken along, a sentence each.
    """

    path: Path
    files: Mapping[str, Packed]
    left_out: tuple[str, ...]


def back_up(workspace: Workspace, path: Path) -> Backup:
    """Write a backup, then read it through and prove it; nothing takes the place of an older file before that.

    Raises:
        DataError: the ledger cannot be read, or the backup does not prove.
        OSError: the disk is full, or a file cannot be read.
    """
    left_out: list[str] = []
    with working_folder(workspace.data, "backup") as made, writing(path) as writer:
        ledger = _copied_ledger(workspace, made / FILE_NAME)
        writer.add(f"data/{FILE_NAME}", ledger)
        noted, written = _noted(ledger)
        for record in written:
            left_out += _add_report(workspace, writer, record)
        for name, source in _data_files(workspace, noted, path):
            reason = _add(writer, name, source, made)
            if reason and not name.startswith("data/judged/"):
                left_out.append(reason)
        folder = workspace.settings.folder
        for source in sorted([*folder.glob("*.toml"), *(folder / TRUST_FOLDER).glob("*.*")]):
            reason = _add(writer, f"config/{source.relative_to(folder)}", source, made)
            left_out += [reason] if reason else []
        about = {"made_at": datetime.now(UTC), "versions": versions(), "code": code_digest()}
        writer.finish(about | {"settings": workspace.settings.digest, "left_out": left_out})
    read_backup(path, Limits(sum(one.size for one in writer.files.values())))
    return Backup(path, dict(writer.files), tuple(left_out))


def restore(path: Path, data: Path, out: Path) -> dict[str, Any]:
    """Put a backup back: data into an empty folder, reports beside what is there, settings into `config.restored`.

    Everything is unpacked and proved before anything is put in place.

    Returns:
        the backup's contents.

    Raises:
        DataError: the data folder is not empty, a report would be overwritten, or the backup is not whole.
        OSError: the disk is full, or a file cannot be read.
    """
    data.mkdir(parents=True, exist_ok=True)
    sweep(data, "restore")
    there = sorted(entry.name for entry in data.iterdir() if not entry.name.startswith("run.lock"))
    if there:
        raise DataError(str(data), f"only an empty data folder can be restored into; {there[0]} is there")
    with working_folder(data, "restore") as unpacked:
        room = max(shutil.disk_usage(data).free - _ROOM_LEFT, 0)
        contents = read_backup(path, Limits(room), unpacked)
        targets = {name: _target(name, data, out) for name in contents["files"]}
        taken = sorted(str(target) for target in targets.values() if target.exists())
        if taken:
            raise DataError(taken[0], "this file would be overwritten")
        for name, target in sorted(targets.items(), key=lambda item: item[0] == f"data/{FILE_NAME}"):
            source, when = unpacked / name, int(contents["files"][name]["mtime_ns"])
            os.utime(source, ns=(when, when))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(source, target)
    return contents


def _copied_ledger(workspace: Workspace, target: Path) -> Path:
    """The ledger as it is at one moment, in a file: wherever it is kept."""
    if workspace.settings.audit.storage.database_url:
        return workspace.ledger.copy_to(target)
    return snapshot(workspace.data / FILE_NAME, target)


def restore_deployment(workspace: Workspace, path: Path) -> dict[str, Any]:
    """`restore` to where the settings want it: the ledger goes into their database, which must be empty.

    Raises:
        DataError, OSError: as `restore`; or something is in the database already.
    """
    on_server = bool(workspace.settings.audit.storage.database_url)
    if on_server:
        workspace.ledger.require_empty()
    contents = restore(path, workspace.data, workspace.out)
    if on_server:
        file = workspace.data / FILE_NAME
        workspace.ledger.fill_from(file)
        for left in file.parent.glob(f"{FILE_NAME}*"):
            left.unlink()
    return contents


def report_path(workspace: Workspace, record: ReportRecord) -> Path:
    """Where a report is now: under the folder of the reports, wherever that was when it was written."""
    folder = folder_name(record.period)
    parts = Path(record.path).parts
    if folder not in parts:
        return Path(record.path)
    return workspace.out.joinpath(*parts[len(parts) - 1 - parts[::-1].index(folder) :])


def _target(name: str, data: Path, out: Path) -> Path:
    top, _, rest = name.partition("/")
    return {"data": data, "reports": out, "config": data / CONFIG_FOLDER}[top] / rest


def snapshot(source: Path, target: Path) -> Path:
    """A database as it is at one moment, whoever writes to it meanwhile."""
    target.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
    except sqlite3.Error as error:
        raise DataError(source.name, f"it cannot be copied ({error})") from error
    return target


def _noted(ledger: Path) -> tuple[frozenset[str], list[ReportRecord]]:
    """What a copy of the ledger knows: the hashes of manifests, and what stands in each report's file."""
    opened = Ledger(sqlite_url(ledger))
    try:
        with opened.begin() as connection:
            noted = {str(run.counts["manifest"]) for run in runs.runs_of(connection) if "manifest" in run.counts}
            return frozenset(noted), reports.latest_files(connection)
    finally:
        opened.close()


def _add_report(workspace: Workspace, writer: BackupWriter, record: ReportRecord) -> list[str]:
    """Pack a report as the ledger knows it; a sentence where that is not to be had."""
    source = report_path(workspace, record)
    try:
        name = f"reports/{source.relative_to(workspace.out).as_posix()}"
    except ValueError:
        return [f"{record.path} is not in the folder of the reports"]
    if name in writer.files:
        return []
    if not source.is_file():
        return [f"{name} is not there any more"]
    is_known = hashlib.sha256(source.read_bytes()).hexdigest() == record.sha256
    if not is_known or writer.add(name, source).sha256 != record.sha256:
        return [f"{name} is not the report that the ledger knows: it was changed, or is being written anew"]
    return []


def _data_files(workspace: Workspace, noted: frozenset[str], backup: Path) -> Iterator[tuple[str, Path]]:
    """The files of the data folder with their names in the backup; manifests only as far as the ledger's copy knows."""
    chain = {manifest.path_name: manifest.sha256 for manifest in workspace.manifests.read()}
    out = workspace.out.resolve()
    apart = [out] if out.is_relative_to(workspace.data.resolve()) else []
    tops = {name: place for place, name in enumerate(ORDER)}

    def place(path: Path) -> tuple[int, Path]:
        return tops.get(path.relative_to(workspace.data).parts[0], len(tops)), path

    for path in sorted(_walked(workspace.data), key=place):
        parts = path.relative_to(workspace.data).parts
        if path.is_symlink() or not path.is_file() or path == backup or any(map(path.resolve().is_relative_to, apart)):
            continue
        if path.name.endswith(_PASSING) or (parts[0] == MANIFESTS and chain.get(path.name) not in noted):
            continue
        yield f"data/{'/'.join(parts)}", path


def _walked(data: Path) -> Iterator[Path]:
    """What lies in the data folder and is kept; folders of other runs come and go meanwhile."""
    for place, folders, names in os.walk(data, onerror=_unless_gone):
        if Path(place) == data:
            folders[:], names[:] = ([name for name in each if name not in _NOT_KEPT] for each in (folders, names))
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place, name) for name in names if not name.startswith("."))


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _add(writer: BackupWriter, name: str, source: Path, made: Path) -> str:
    """Pack a file; a sentence where that cannot be. A database is packed as it is at one moment, copied to `made`."""
    if not is_name(name):
        return f"{name!a} has a name that is too long for a backup, or has signs in it that no backup takes"
    try:
        if source.suffix == ".sqlite":
            when = source.stat().st_mtime_ns
            writer.add(name, snapshot(source, made / "day.sqlite"), mtime_ns=when)
        else:
            writer.add(name, source)
    except IsADirectoryError:
        return f"{name} is a folder"
    except (FileNotFoundError, DataError):
        if source.exists():
            raise
        return f"{name} went away while it was copied"
    return ""
