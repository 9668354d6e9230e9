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
from typing import Final, NamedTuple

ZIP_MAGIC: Final = b"PK\x03\x04"
EMPTY_ZIP_MAGIC: Final = b"PK\x05\x06"
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


def unpack(body: bytes, bytes_max: int, entries_max: int = 100_000) -> list[Entry]:
    """The files of an archive, in its order; folders are left out.

    Args:
        body: The archive.
        bytes_max: Most bytes of all files together, unpacked; what comes after that is an entry without body.
        entries_max: Most files.

    Raises:
        BadArchiveError: It is no archive, or has more files.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if len(infos) > entries_max:
                raise BadArchiveError(f"an archive of more than {entries_max} files")
            entries = []
            for info in infos:
                content = _content(archive, info, bytes_max)
                bytes_max -= len(content or b"")
                entries.append(Entry(info.filename, content))
            return entries
    except BadArchiveError:
        raise
    except _FAILURES as error:
        raise BadArchiveError("it is no archive that can be read") from error


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes | None:
    content = bytearray()
    try:
        with archive.open(info) as file:
            while chunk := file.read(min(_CHUNK, most + 1 - len(content))):
                content += chunk
                if len(content) > most:
                    return None
    except _FAILURES:
        return None
    return bytes(content)
