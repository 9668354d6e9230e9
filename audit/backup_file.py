"""The file of a backup: a tar archive packed with zstd, whose last entry names every other with its size and SHA-256.

Any system can open it (``tar --zstd -xf``). We read it ourselves and as a stranger's: only plain files, only under the
known tops, no absolute names, no ``..``, no links, nothing longer than its header says, no more than the limits allow.
Python's own reader takes extended headers of any length into the memory before it can be asked; ours knows none.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import zstandard

from audit.errors import DataError

FORMAT: Final = 1
CONTENTS: Final = "contents.json"
TOPS: Final = frozenset({"data", "reports", "config"})

_BLOCK: Final = tarfile.BLOCKSIZE
_CHUNK: Final = 1024 * 1024
_NAME_MAX: Final = 100
"""Bytes; longer names would need extended headers."""
_CONTENTS_MAX: Final = 512 * 1024 * 1024
_WINDOW_MAX: Final = 1 << 27
_LEVEL: Final = 9


@dataclass(frozen=True, slots=True)
class Packed:
    """A file as it was packed."""

    size: int
    sha256: str
    mtime_ns: int

    def as_json(self) -> dict[str, Any]:
        """As it stands in the contents."""
        return {"size": self.size, "sha256": self.sha256, "mtime_ns": self.mtime_ns}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may hold before it is refused."""

    bytes_max: int
    files_max: int = 1_000_000


@dataclass(slots=True)
class BackupWriter:
    """Writes the entries of one backup; see `writing`."""

    _tar: tarfile.TarFile
    files: dict[str, Packed] = field(default_factory=dict)

    def add(self, name: str, path: Path, *, mtime_ns: int | None = None) -> Packed:
        """Pack a file as it is now; one that is replaced meanwhile is packed as it was.

        Raises:
            OSError: it cannot be read.
            DataError: the name cannot stand in a backup.
        """
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            hashed = _Hashed(file)
            self._tar.addfile(self._header(name, status.st_size), hashed)  # type: ignore[arg-type]  # reads only
        packed = Packed(status.st_size, hashed.sha256, status.st_mtime_ns if mtime_ns is None else mtime_ns)
        self.files[name] = packed
        return packed

    def finish(self, about: Mapping[str, Any]) -> None:
        """Write the contents: the last entry."""
        told = {"format": FORMAT, **about, "files": {name: one.as_json() for name, one in self.files.items()}}
        body = json.dumps(told, ensure_ascii=False, sort_keys=True, default=str).encode()
        self._tar.addfile(self._header(CONTENTS, len(body)), io.BytesIO(body))

    def _header(self, name: str, size: int) -> tarfile.TarInfo:
        if name != CONTENTS:
            _check(name)
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o640
        return entry


@contextmanager
def writing(path: Path) -> Iterator[BackupWriter]:
    """Write a backup beside its place, and put it there when the block ends well.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    try:
        with (
            beside.open("wb") as file,
            zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).stream_writer(file, closefd=False) as packed,
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.GNU_FORMAT, encoding="utf-8") as tar,
        ):
            yield BackupWriter(tar)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def read_backup(path: Path, limits: Limits, folder: Path | None = None) -> dict[str, Any]:
    """Read a backup through and prove every file by its size and hash.

    Args:
        path: the backup.
        limits: how much it may hold.
        folder: where the files are put; None: nowhere, it is only proved.

    Returns:
        its contents: what `BackupWriter.finish` was told, and `files`.

    Raises:
        DataError: it is no backup, is damaged, or holds what no backup may hold. Files put so far remain.
        OSError: it cannot be read, or a file cannot be written.
    """
    found: dict[str, Packed] = {}
    room = limits.bytes_max
    try:
        with path.open("rb") as file, _unpacking(file) as stream:
            for name, size in _entries(path, stream):
                if name == CONTENTS:
                    return _proved(path, _exactly(path, stream, size, _CONTENTS_MAX), found)
                room -= size
                if room < 0 or len(found) >= limits.files_max:
                    raise DataError(path.name, "the backup holds more than there is room for")
                if name in found:
                    raise DataError(path.name, f"{name} stands twice in the backup")
                found[name] = _take(path, stream, size, None if folder is None else folder / name)
    except zstandard.ZstdError as error:
        raise DataError(path.name, "this is no backup, or a damaged one") from error
    raise DataError(path.name, "the backup ends before its contents")


def _unpacking(file: IO[bytes]) -> zstandard.ZstdDecompressionReader:
    return zstandard.ZstdDecompressor(max_window_size=_WINDOW_MAX).stream_reader(file, closefd=False)


def _entries(path: Path, stream: IO[bytes]) -> Iterator[tuple[str, int]]:
    """Name and size of each entry; whoever takes one reads its bytes to the end of the last block."""
    while (block := stream.read(_BLOCK)) and block.strip(b"\0"):
        try:
            entry = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
        except (tarfile.TarError, ValueError) as error:
            raise DataError(path.name, "the backup is damaged: an entry without a header") from error
        if entry.type != tarfile.REGTYPE or entry.linkname or entry.size < 0:
            raise DataError(path.name, "the backup holds something that is no plain file")
        if entry.name != CONTENTS:
            _check(entry.name)
        yield entry.name, entry.size


def is_name(name: str) -> bool:
    """Whether a file of a backup can be called so: below a known top, no way elsewhere, not hidden, printable."""
    top, *rest = name.split("/")
    return (
        (top in TOPS and bool(rest) and all(part and not part.startswith(".") for part in rest))
        and (name.isprintable() and "\\" not in name)
        and len(name.encode()) <= _NAME_MAX
    )


def _check(name: str) -> None:
    if not is_name(name):
        raise DataError(ascii(name[:_NAME_MAX]), "no file of a backup is called so")


def _take(path: Path, stream: IO[bytes], size: int, target: Path | None) -> Packed:
    digest, left = hashlib.sha256(), size
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") if target is not None else io.BytesIO() as out:
        while left:
            chunk = stream.read(min(_CHUNK, left))
            if not chunk:
                raise DataError(path.name, "the backup ends within a file")
            digest.update(chunk)
            left -= len(chunk)
            if target is not None:
                out.write(chunk)
    stream.read(-size % _BLOCK)
    return Packed(size, digest.hexdigest(), 0)


def _exactly(path: Path, stream: IO[bytes], size: int, most: int) -> bytes:
    if size > most:
        raise DataError(path.name, "the contents of the backup are too large")
    body = stream.read(size)
    if len(body) != size:
        raise DataError(path.name, "the backup ends within its contents")
    return body


def _proved(path: Path, body: bytes, found: Mapping[str, Packed]) -> dict[str, Any]:
    try:
        told = json.loads(body)
        if told["format"] != FORMAT:
            raise DataError(path.name, "the backup was written by a newer version of this program")
        files = {name: Packed(one["size"], one["sha256"], one["mtime_ns"]) for name, one in told["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(path.name, "the contents of the backup cannot be read") from error
    wrong = sorted(
        name
        for name in files.keys() | found.keys()
        if name not in files
        or name not in found
        or (files[name].size, files[name].sha256) != (found[name].size, found[name].sha256)
    )
    if wrong:
        raise DataError(path.name, f"{wrong[0]} is not what the backup's contents say ({len(wrong)} files in all)")
    contents: dict[str, Any] = told
    return contents


class _Hashed:
    """A reader that hashes what goes through it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        chunk = self._file.read(size)
        self._digest.update(chunk)
        return chunk

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()
