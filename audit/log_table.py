"""Many rows of one table of the log, of which a column is read only when somebody asks for it.

A year's judging looks at a dozen columns of millions of rows; of the texts, only at those of findings. What most
look at is read at once (`HOT`), and of every row where it stands in its file; any other column is read later, from
the files that hold the rows asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from audit.log import Log
from audit.tables import SCHEMAS, to_frame, to_series

Ints = npt.NDArray[np.int64]

_EVERYWHERE: Final = (
    *("agency", "log_day", "page", "page_no", "line", "changed_at", "deleted"),
    *("reference", "axis_key"),
)
HOT: Final[Mapping[str, tuple[str, ...]]] = {
    "sends": (*_EVERYWHERE, "sender", "recipient", "attempt", "business_type", "sent_at", "state", "state_at"),
    "receipts": (
        *_EVERYWHERE,
        *("sender", "recipient", "business_type", "arrived_at", "state", "state_at", "urgency", "needs_reply"),
        *("forwarded_at", "due_at", "completed_at", "returned_at", "return_reason", "file_key"),
    ),
    "statuses": (*_EVERYWHERE, "from_org", "to_org", "status_code", "at", "description"),
}
"""Columns of the large tables that the facts need of every row, or that findings need of rows anywhere."""
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "sends": (),
    "receipts": ("return_reason",),
    "statuses": ("description",),
}
"""Those of them that are free text, of few different ones: they come as categories."""


class LogTable:
    """Rows of one table: ``table[name]`` is a column, a pandas Series of `audit.tables`' types with index 0….

    Made by `read_rows`, or by `of` or `of_arrow` where all columns are at hand.
    """

    def __init__(
        self, name: str, columns: Mapping[str, pd.Series], size: int, rest: _Rest | None, rows: Ints | None = None
    ) -> None:
        self.name: Final = name
        self._columns: Final = columns
        self._size: Final = size
        self._rest: Final = rest
        self._rows: Final = rows

    @classmethod
    def of(cls, name: str, rows: pd.DataFrame | LogTable) -> LogTable:
        """The rows of a frame that has all columns."""
        if isinstance(rows, LogTable):
            return rows
        plain = rows.reset_index(drop=True)
        return cls(name, {str(column): plain[column] for column in plain.columns}, len(plain), None)

    @classmethod
    def of_arrow(cls, name: str, rows: pa.Table) -> LogTable:
        """The rows of an Arrow table that has all columns."""
        return cls(name, _Columns(rows), rows.num_rows, None)

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, column: str) -> pd.Series:
        if self._rows is None and column in self._columns:
            return self._columns[column]
        return self.some([column], np.arange(self._size))[column]

    def some(self, columns: Sequence[str], rows: Ints) -> pd.DataFrame:
        """Columns of some rows, in their order; those not at hand are read from the files that hold the rows."""
        at = rows if self._rows is None else self._rows[rows]
        found = {name: self._columns[name].take(at).array for name in columns if name in self._columns}
        others = [name for name in columns if name not in self._columns]
        if others and self._rest is not None:
            read = self._rest.read(others, at)
            found |= {name: read[name].array for name in others}
        return pd.DataFrame({name: found[name] for name in columns}, index=pd.RangeIndex(len(rows)), copy=False)

    def whole(self) -> pd.DataFrame:
        """All columns of all rows."""
        return self.some(SCHEMAS[self.name].names, np.arange(self._size))

    def texts(self, column: str, rows: Ints) -> npt.NDArray[np.object_]:
        """The texts of some rows; None where the row is -1 or the text missing."""
        texts = np.full(len(rows), None, dtype=object)
        told = rows >= 0
        found = self.some([column], rows[told])[column]
        texts[told] = found.astype(object).where(found.notna(), None).to_numpy(dtype=object)
        return texts

    def row(self, row: int) -> Mapping[str, Any]:
        """All that one row says, by column."""
        names = SCHEMAS[self.name].names
        told = self.some(names, np.array([row]))
        return {name: told[name].iloc[0] for name in names}

    def take(self, rows: Ints) -> LogTable:
        """Some of the rows, in their order."""
        at = rows if self._rows is None else self._rows[rows]
        return LogTable(self.name, self._columns, len(rows), self._rest, at)


class _Columns(Mapping[str, pd.Series]):
    """The columns of an Arrow table in pandas, each made when it is first asked for, and then had once only."""

    def __init__(self, table: pa.Table) -> None:
        self._fields = {field.name: field for field in table.schema}
        self._had: dict[str, pa.ChunkedArray | pd.Series] = {name: table.column(name) for name in self._fields}

    def __getitem__(self, name: str) -> pd.Series:
        had = self._had[name]
        if not isinstance(had, pd.Series):
            had = self._had[name] = to_series(had, self._fields[name])
        return had

    def __contains__(self, name: object) -> bool:
        return name in self._had

    def __iter__(self) -> Iterator[str]:
        return iter(self._had)

    def __len__(self) -> int:
        return len(self._had)


@dataclass(frozen=True, slots=True)
class _Rest:
    """Where the rows of a table stand, and how to read more of them.

    Attributes:
        log, table: the log and the table's name.
        days: the log days that were read.
        file, place: of every row the position of its day in `days`, and its own position in that day's file.
    """

    log: Log
    table: str
    days: Sequence[date]
    file: npt.NDArray[np.int32]
    place: npt.NDArray[np.int32]

    def read(self, columns: Sequence[str], rows: Ints) -> pd.DataFrame:
        """Columns of some rows, in their order."""
        order = np.argsort(self.file[rows], kind="stable")
        file, place = self.file[rows][order], self.place[rows][order]
        numbers, starts = np.unique(file, return_index=True)
        ends = np.append(starts[1:], len(file))
        parts = [
            self.log.read_table(self.table, [self.days[number]], columns).take(place[start:end])
            for number, start, end in zip(numbers, starts, ends[: len(starts)], strict=True)
        ]
        empty = pa.schema([SCHEMAS[self.table].field(name) for name in columns]).empty_table()
        found = to_frame(pa.concat_tables([empty, *parts]))
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        return found.iloc[back].reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of one log day.

    Attributes:
        rows: their `HOT` columns.
        file: position of the day among the days that were read.
        place: where each row stands in the day's file.
    """

    rows: pa.Table
    file: int
    place: npt.NDArray[np.int32]


def read_rows(log: Log, table: str, days: Sequence[date]) -> LogTable:
    """The rows of some days, in the order of `Log.read`.

    Raises:
        DataError: A file has other columns than this version's: the log must be rebuilt.
    """
    wanted = sorted(set(days))
    return joined(log, table, wanted, [read_day(log, table, wanted, number) for number in range(len(wanted))])


def read_day(log: Log, table: str, days: Sequence[date], number: int) -> Piece:
    """All rows of one of the days."""
    rows = log.read_day(table, days[number], HOT[table], WORDS[table])
    return Piece(rows, number, np.arange(rows.num_rows, dtype=np.int32))


def joined(log: Log, table: str, days: Sequence[date], pieces: Sequence[Piece]) -> LogTable:
    """The rows of the pieces, in their order."""
    empty = log.read_day(table, date.min, HOT[table], WORDS[table])
    rows = pa.concat_tables([empty, *(piece.rows for piece in pieces)])
    sizes = [piece.rows.num_rows for piece in pieces]
    file = np.repeat(np.array([piece.file for piece in pieces], dtype=np.int32), sizes)
    place = np.concatenate([np.empty(0, dtype=np.int32), *(piece.place for piece in pieces)])
    return LogTable(table, _Columns(rows), rows.num_rows, _Rest(log, table, days, file, place))
