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
import pyarrow.compute as pc
from pandas.api.extensions import ExtensionArray

from audit.log import Log
from audit.tables import SCHEMAS, texts_in, to_frame, to_series

Ints = npt.NDArray[np.int64]

_FEW_PART: Final = 4
"""Of a column rather the rows are made than the whole where they are less than one in so many."""

_EVERYWHERE: Final = (
    *("agency", "log_day", "page", "page_no", "line", "changed_at", "deleted"),
    *("reference", "axis_key"),
)
HOT: Final[Mapping[str, tuple[str, ...]]] = {
    "sends": (
        *_EVERYWHERE,
        *("sender", "recipient", "attempt", "business_type", "sent_at", "state", "state_at", "error_code"),
    ),
    "receipts": (
        *_EVERYWHERE,
        *("sender", "recipient", "business_type", "arrived_at", "state", "state_at", "urgency", "needs_reply"),
        *("forwarded_at", "due_at", "completed_at", "returned_at", "return_reason", "file_key", "error_code"),
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
        return cls(name, _FrameColumns(rows.reset_index(drop=True)), len(rows), None)

    @classmethod
    def of_arrow(cls, name: str, rows: pa.Table) -> LogTable:
        """The rows of an Arrow table that has all columns."""
        return cls(name, _Columns(rows), rows.num_rows, None)

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, column: str) -> pd.Series:
        if column not in self._columns:
            return self.some([column], np.arange(self._size))[column]
        whole = self._columns[column]
        return whole if self._rows is None else pd.Series(whole.array.take(self._rows), copy=False)

    def some(self, columns: Sequence[str], rows: Ints) -> pd.DataFrame:
        """Columns of some rows, in their order; those not at hand are read from the files that hold the rows."""
        return pd.DataFrame(self.arrays(columns, rows), index=pd.RangeIndex(len(rows)), copy=False)

    def arrays(self, columns: Sequence[str], rows: Ints) -> dict[str, ExtensionArray]:
        """As `some`, without a frame around them."""
        at = _among_all(self._rows, rows)
        others = [name for name in columns if name not in self._columns]
        read = self._rest.read(others, at) if others and self._rest is not None else pd.DataFrame()
        return {name: read[name].array if name in read else self._at_hand(name, at) for name in columns}

    def _at_hand(self, column: str, at: Ints) -> ExtensionArray:
        if isinstance(self._columns, _Columns):
            return self._columns.some(column, at)
        return _array_of(self._columns[column], at)

    def whole(self) -> pd.DataFrame:
        """All columns of all rows."""
        return self.some(SCHEMAS[self.name].names, np.arange(self._size))

    def texts(self, column: str, rows: Ints) -> npt.NDArray[np.object_]:
        """The texts of some rows; None where the row is -1 or the text missing."""
        texts = np.full(len(rows), None, dtype=object)
        told = rows >= 0
        texts[told] = texts_in(self.arrays([column], rows[told])[column])
        return texts

    def row(self, row: int) -> Mapping[str, Any]:
        """All that one row says, by column."""
        names = SCHEMAS[self.name].names
        told = self.some(names, np.array([row]))
        return {name: told[name].iloc[0] for name in names}

    def take(self, rows: Ints) -> LogTable:
        """Some of the rows, in their order."""
        at = _among_all(self._rows, rows)
        return LogTable(self.name, self._columns, len(rows), self._rest, at)


class _FrameColumns(Mapping[str, pd.Series]):
    """The columns of a frame, each taken out when it is asked for."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def __getitem__(self, name: str) -> pd.Series:
        column: pd.Series = self._frame[name]
        return column

    def __contains__(self, name: object) -> bool:
        return name in self._frame.columns

    def __iter__(self) -> Iterator[str]:
        return map(str, self._frame.columns)

    def __len__(self) -> int:
        return len(self._frame.columns)


class _Columns(Mapping[str, pd.Series]):
    """Columns of an Arrow table in pandas, each made when it is first asked for, and then had once only."""

    def __init__(self, table: pa.Table) -> None:
        self._fields = {field.name: field for field in table.schema}
        self._had: dict[str, pa.ChunkedArray | pd.Series] = {name: table.column(name) for name in self._fields}
        self._size = table.num_rows

    def __getitem__(self, name: str) -> pd.Series:
        had = self._had[name]
        if not isinstance(had, pd.Series):
            had = self._had[name] = to_series(had, self._fields[name])
        return had

    def some(self, name: str, at: Ints) -> ExtensionArray:
        """Some of the rows, of which no column is made where they are few."""
        had = self._had[name]
        if isinstance(had, pd.Series) or len(at) * _FEW_PART > self._size:
            return _array_of(self[name], at)
        if had.num_chunks > 1:
            # a chunk a day: once copied together, Arrow finds a row without going through all days
            had = self._had[name] = pa.chunked_array([had.combine_chunks()], had.type)
        places, back = np.unique(at, return_inverse=True)
        return _array_of(to_series(_compact(had.take(pa.array(places))), self._fields[name]), back)

    def __contains__(self, name: object) -> bool:
        return name in self._had

    def __iter__(self) -> Iterator[str]:
        return iter(self._had)

    def __len__(self) -> int:
        return len(self._had)


def _among_all(rows: Ints | None, at: Ints) -> Ints:
    """Where the rows at some places of `rows` stand among all rows; None: `rows` are all."""
    return at if rows is None else rows[at]


def _array_of(column: pd.Series, rows: Ints) -> ExtensionArray:
    """Some rows of a column, without an index, which takes longer to make than the rows."""
    found: ExtensionArray = column.array.take(rows)
    return found


def _compact(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column whose dictionary holds the texts of its rows alone: that of a year's pages would be made for a few."""
    if not pa.types.is_dictionary(column.type):
        return column
    return column.cast(column.type.value_type).dictionary_encode()


@dataclass(frozen=True, slots=True)
class _Rest:
    """Where the rows of a table stand, and how to read more of them.

    Attributes:
        log, table: the log and the table's name.
        days: the log days that were read.
        ends: of every day how many rows it and those before it have.
        rows: positions of the rows among those of all days; None: all of them.
    """

    log: Log
    table: str
    days: Sequence[date]
    ends: Ints
    rows: Ints | None

    def read(self, columns: Sequence[str], at: Ints) -> pd.DataFrame:
        """Columns of some rows, in their order."""
        places, back = np.unique(_among_all(self.rows, at), return_inverse=True)
        starts = np.append(0, self.ends)
        bounds = np.searchsorted(places, starts)
        parts = [
            self.log.read_table(self.table, [day], columns).take(places[first:last] - start)
            for day, start, first, last in zip(self.days, starts, bounds, bounds[1:], strict=False)
            if first < last
        ]
        empty = pa.schema([SCHEMAS[self.table].field(name) for name in columns]).empty_table()
        return to_frame(pa.concat_tables([empty, *parts])).iloc[back].reset_index(drop=True)


class GroupedFrame:
    """The rows of a frame in groups.

    Args:
        frame: The rows.
        group: The group 0…count-1 of each of them; `count` is that of rows which nobody asks for.
        count: How many groups there are.

    Attributes:
        whole: All rows, by group.
    """

    def __init__(self, frame: pd.DataFrame, group: npt.NDArray[np.integer], count: int) -> None:
        order, bounds = _by_group(group, count + 1)
        self.whole: Final = frame.take(order)
        self._bounds = bounds.tolist()

    def group(self, number: int) -> pd.DataFrame:
        """The rows of one group, in their order; index 0…"""
        rows = self.whole.iloc[self._bounds[number] : self._bounds[number + 1]]
        return rows.reset_index(drop=True)


class GroupedRows:
    """The `HOT` columns of one table on some days, read at once, in groups of rows.

    The rows of a group lie together within each day, so that a group is slices of the days and is not copied together
    from all over them.

    Args:
        log, table, days: The log, the table's name, and the days in order.
        parts: The rows of each of them.
    """

    def __init__(self, log: Log, table: str, days: Sequence[date], parts: Sequence[DayInGroups]) -> None:
        self._log, self._name, self._days = log, table, days
        self._orders = [part.order for part in parts]
        self._bounds = [part.bounds.tolist() for part in parts]
        self._ends: Ints = np.cumsum([len(order) for order in self._orders], dtype=np.int64)
        empty = log.read_day(table, date.min, HOT[table], WORDS[table])
        # one dictionary for all days: made here once, not for every group
        self._whole = pa.concat_tables([empty, *(part.rows for part in parts)]).unify_dictionaries()
        batches = (batch for batch in self._whole.to_batches() if batch.num_rows)  # one a day that has rows
        self._batches = [next(batches) if len(order) else None for order in self._orders]

    def group(self, number: int) -> LogTable:
        """The rows of one group, in the order of `Log.read`."""
        slices, rows = [], []
        for batch, order, start, bounds in zip(self._batches, self._orders, self._starts, self._bounds, strict=True):
            first, last = bounds[number], bounds[number + 1]
            if batch is not None and first < last:
                slices.append(batch.slice(first, last - first))
                rows.append(order[first:last] + np.int64(start))
        return self._table(pa.Table.from_batches(slices, self._whole.schema), rows)

    def whole(self) -> LogTable:
        """The rows of all groups, those of a day by group."""
        return self._table(
            self._whole, [order + np.int64(start) for order, start in zip(self._orders, self._starts, strict=True)]
        )

    @property
    def _starts(self) -> list[int]:
        """Of every day how many rows those before it have."""
        return [0, *self._ends.tolist()][: len(self._ends)]

    def _table(self, table: pa.Table, rows: Sequence[Ints]) -> LogTable:
        among_all = np.concatenate([np.empty(0, dtype=np.int64), *rows])
        rest = _Rest(self._log, self._name, self._days, self._ends, among_all)
        return LogTable(self._name, _Columns(table), table.num_rows, rest)


@dataclass(frozen=True, slots=True)
class DayInGroups:
    """One day's rows of a table by group, within a group in their order.

    Attributes:
        rows: the rows.
        order: where each of them stands in the day's file.
        bounds: where each group begins, and at last where the last one ends.
    """

    rows: pa.Table
    order: npt.NDArray[np.int32]
    bounds: Ints

    @classmethod
    def of(cls, rows: pa.Table, group: npt.NDArray[np.uint8], count: int) -> DayInGroups:
        """The rows of a day, of each of which its group 0…count-1 is known."""
        order, bounds = _by_group(group, count)
        return cls(_taken(rows.combine_chunks(), order), order.astype(np.int32), bounds)

    def with_moved(self, rows: Ints, group: npt.NDArray[np.uint8]) -> DayInGroups:
        """The same rows, but some of them, told by where they stand in the day's file, in other groups."""
        sizes = np.diff(self.bounds)
        groups = np.empty(len(self.order), dtype=np.uint8)
        groups[self.order] = np.repeat(np.arange(len(sizes)), sizes)
        groups[rows] = group
        order, bounds = _by_group(groups, len(sizes))
        place = np.empty(len(order), dtype=np.int64)
        place[self.order] = np.arange(len(order))
        return DayInGroups(_taken(self.rows, place[order]), order.astype(np.int32), bounds)


def _taken(rows: pa.Table, places: Ints) -> pa.Table:
    """Some rows, at places that are known to be there: to look at each place first takes a third of the time."""
    return pc.take(rows, pa.array(places), boundscheck=False)


def _by_group(group: npt.NDArray[np.integer], count: int) -> tuple[Ints, Ints]:
    """The rows of each group after those of the one before, and where each group begins; at last where all end."""
    return np.argsort(group, kind="stable"), np.append(0, np.cumsum(np.bincount(group, minlength=count)))


def read_rows(log: Log, table: str, days: Sequence[date]) -> LogTable:
    """The `HOT` columns of some days, in the order of `Log.read`.

    Raises:
        DataError: A file has other columns than this version's: the log must be rebuilt.
    """
    wanted = sorted(set(days))
    parts = [read_day(log, table, day) for day in wanted]
    ends = np.cumsum([part.num_rows for part in parts], dtype=np.int64)
    whole = pa.concat_tables([log.read_day(table, date.min, HOT[table], WORDS[table]), *parts])
    return LogTable(table, _Columns(whole), whole.num_rows, _Rest(log, table, wanted, ends, None))


def read_day(log: Log, table: str, day: date, *, by_threads: bool = True) -> pa.Table:
    """The `HOT` columns of one day; `by_threads` as in `Log.read_day`."""
    return log.read_day(table, day, HOT[table], WORDS[table], by_threads=by_threads)
