"""Workbooks of strangers, read in child processes with bounds (`audit.confined_child`).

A few kilobytes can be a sheet of a hundred million cells, and openpyxl has read all of it before it can be asked how
many there are. Sheets come back as plain values; days and times, which the wire between the processes does not know,
as text with their kind.
"""

from __future__ import annotations

import atexit
import sys
from datetime import date, datetime, time
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Final

import msgspec

from audit.confined_child import ChildLostError, ConfinedChild, ConfinedChildren, serve
from audit.confinement import Bounds
from audit.sources.register_file.sheets import Cell, Sheet, UnreadableFileError, read_workbook
from audit.streamed import cores

SECONDS: Final = 60
MEMORY_BYTES: Final = 1536 * 1024 * 1024
READERS_MAX: Final = min(max(cores(), 2), 4)
"""Children at once: an agency whose workbook takes all its time holds one, and leaves another for everybody else."""
_MODULE: Final = "audit.sources.register_file.workbooks"
_KINDS: Final[dict[str, type[datetime | date | time]]] = {"at": datetime, "day": date, "clock": time}

_readers: Final = ConfinedChildren(partial(ConfinedChild, _MODULE, 2 * SECONDS), READERS_MAX)
atexit.register(_readers.close)


class Told(msgspec.Struct, frozen=True):
    """What the child says of a workbook: its sheets, or why it cannot be read."""

    sheets: list[tuple[str, list[list[Any]]]] = []
    refusal: str = ""


def sheets_of(body: bytes, wanted: str = "") -> list[Sheet]:
    """The sheets of a workbook; only the `wanted` one where a name is given.

    Raises:
        UnreadableFileError: it is none, or larger than any register.
        DataError: no child can be started; no file is at fault.
    """
    try:
        told = msgspec.msgpack.decode(_readers.ask(msgspec.msgpack.encode((wanted, body))), type=Told)
    except (ChildLostError, msgspec.DecodeError) as error:
        raise UnreadableFileError("a workbook that takes more time or memory than any register") from error
    if told.refusal:
        raise UnreadableFileError(told.refusal)
    return [Sheet(name, [[_cell(value) for value in row] for row in rows]) for name, rows in told.sheets]


def answer(task: bytes) -> bytes:
    """In the child: what a workbook holds."""
    wanted, body = msgspec.msgpack.decode(task, type=tuple[str, bytes])
    try:
        sheets = read_workbook(body, wanted)
    except UnreadableFileError as error:
        return msgspec.msgpack.encode(Told(refusal=str(error)))
    except MemoryError:
        return msgspec.msgpack.encode(Told(refusal="a workbook that takes more memory than any register"))
    return msgspec.msgpack.encode(
        Told([(name, [[_wire(cell) for cell in row] for row in rows]) for name, rows in sheets])
    )


def _wire(cell: object) -> Any:
    match cell:
        case datetime():
            return ["at", cell.isoformat()]
        case date():
            return ["day", cell.isoformat()]
        case time():
            return ["clock", cell.isoformat()]
        case int() if cell.bit_length() > 63:
            return str(cell)
        case None | str() | int() | float():
            return cell
        case _:
            return str(cell)  # a duration, an error


def _cell(value: Any) -> Cell:
    if not isinstance(value, list):
        plain: Cell = value
        return plain
    kind, text = value
    read: Cell = _KINDS[kind].fromisoformat(text)
    return read


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])), answer, Bounds(MEMORY_BYTES, SECONDS))
