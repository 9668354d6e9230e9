"""Archives: several raw files in one body, packed by us or by strangers, and unpacked within limits.

Where one page of a source is made of several answers or files, they are kept together as a ZIP archive whose bytes
follow from its content alone; anything can open it. Archives of strangers are read the same way: how large a file may
become is decided by what comes out while it is unpacked, never by what the archive says of itself.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

ZIP_MAGIC: Final = b"PK\x03\x04"
EMPTY_ZIP_MAGIC: Final = b"PK\x05\x06"
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""zipfile unpacks the others without a limit: some hundred bytes are gigabytes at the first read."""
_MADE_AT: Final = (1980, 1, 1, 0, 0, 0)
_PLAIN_MODE: Final = 0o600 << 16
_CHUNK: Final = 64 * 1024
_FAILURES: Final = (
    zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, RuntimeError, NotImplementedError, struct.error,
    IndexError, OverflowError,
)  # fmt: skip
"""What zipfile raises for damaged, encrypted and exotic archives; RuntimeError is its word for a password."""


class Entry(NamedTuple):
    """A file of an archive."""

    name: str
    body: bytes | None
    """None: it cannot be unpacked, or is too large."""


class BadArchiveError(ValueError):
    """The bytes are no archive that can be read, or hold more than is allowed."""


class TooManyFilesError(BadArchiveError):
    """An archive of more files than are allowed."""


@dataclass(slots=True)
class Allowance:
    """Bytes that may still come out; one for all archives that are unpacked one after another."""

    left: int


def is_archive(body: bytes) -> bool:
    """Whether it begins like a ZIP archive, whatever its name says."""
    return body.startswith((ZIP_MAGIC, EMPTY_ZIP_MAGIC))


def pack(entries: Iterable[tuple[str, bytes]]) -> bytes:
    """A ZIP archive of named bodies, in the given order; equal entries give equal bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, body in entries:
            info = zipfile.ZipInfo(name, _MADE_AT)
            info.external_attr = _PLAIN_MODE
            archive.writestr(info, body)
    return made.getvalue()


def unpack(body: bytes, bytes_max: int | Allowance, entries_max: int = 100_000) -> list[Entry]:
    """The files of an archive, in its order; folders are left out.

    Args:
        body: The archive.
        bytes_max: Most bytes of all files together, unpacked; what comes after that is an entry without body. What
            came out counts, whether it became a body or not.
        entries_max: Most files.

    Raises:
        BadArchiveError: It is no archive.
        TooManyFilesError: It has more files.
    """
    allowance = bytes_max if isinstance(bytes_max, Allowance) else Allowance(bytes_max)
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if len(infos) > entries_max:
                raise TooManyFilesError(f"an archive of more than {entries_max} files")
            entries = []
            packed_left = len(body)
            for info in infos:
                # together they are no larger than the archive, but where the same bytes are named again and again
                is_within = info.compress_size <= packed_left
                packed_left -= info.compress_size if is_within else 0
                entries.append(Entry(info.filename, _content(archive, info, allowance) if is_within else None))
            return entries
    except BadArchiveError:
        raise
    except _FAILURES as error:
        raise BadArchiveError("it is no archive that can be read") from error


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, allowance: Allowance) -> bytes | None:
    # what says itself that it is too large is not begun, so that it costs the others nothing
    if info.file_size > allowance.left or info.compress_type not in _METHODS:
        return None
    content = bytearray()
    try:
        with archive.open(info) as file:
            while True:
                asked = min(_CHUNK, allowance.left + 1)
                allowance.left -= asked  # a read that fails does not tell how much came out
                chunk = file.read(asked)
                allowance.left += asked - len(chunk)
                if not chunk:
                    return bytes(content)
                content += chunk
                if allowance.left < 0:
                    return None
    except _FAILURES:
        return None
