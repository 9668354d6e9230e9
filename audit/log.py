"""The log: Parquet by table and day, all agencies of a day in one file, sorted by agency, replaced atomically.

``<root>/<table>/<YYYY-MM-DD>.parquet``, the rejects under ``<root>/rejects/``. The evidence is the original: the log
may be deleted and made again at any time, byte for byte. A file of a day and table exists as soon as the day was
conformed, with no rows if there were none.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from audit.errors import DataError
from audit.tables import SCHEMAS, WORD, to_frame

# Arrow's own allocator asks the system for fresh memory in large blocks, and to have them cleared takes longer than to
# read the columns that they are for (measured on a year: 4.2 s against 0.6 s).
pa.set_memory_pool(pa.system_memory_pool())

ROW_GROUP_ROWS: Final = 65_536
"""Rows are written once so many are gathered: small agencies share a row group, and a large one does not fill the
memory."""
COMPRESSION: Final = "zstd"

_WRITER_OPTIONS: Final = MappingProxyType(
    {"compression": COMPRESSION, "version": "2.6", "write_statistics": ["agency"]}
)
_ENCODINGS: Final = MappingProxyType({"axis_doc_id": "DELTA_LENGTH_BYTE_ARRAY", "axis_key": "PLAIN"})
"""Columns of which hardly a value comes twice: a dictionary of them takes longer to make and to read, and more room."""


class Log:
    """The tables of all days under one folder; the folder need not exist."""

    def __init__(self, root: Path) -> None:
        self.root: Final = root

    def path(self, table: str, day: date) -> Path:
        """Where the rows of `table` and `day` are, or would be. Raises KeyError for a table that is none."""
        SCHEMAS[table]  # the name becomes part of a path
        return self.root / table / f"{day.isoformat()}.parquet"

    def days(self) -> list[date]:
        """The days that were conformed, in order."""
        return sorted({date.fromisoformat(path.stem) for path in self.root.glob("*/????-??-??.parquet")})

    def digests(self, day: date) -> dict[str, str]:
        """SHA-256 of each table's file of a day; ``""`` where there is none."""
        found = {}
        for table in SCHEMAS:
            path = self.path(table, day)
            found[table] = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
        return found

    def size_bytes(self, tables: Iterable[str], days: Iterable[date]) -> int:
        """Size of the files of some tables and days."""
        paths = (self.path(table, day) for day in days for table in tables)
        return sum(path.stat().st_size for path in paths if path.exists())

    def read(
        self,
        table: str,
        days: Iterable[date] | None = None,
        columns: Sequence[str] | None = None,
        agency: str | None = None,
    ) -> pd.DataFrame:
        """Rows of a table, by day, agency, page and line; types as in `audit.tables`, also where there are no rows.

        Args:
            table: One of the log's tables, or ``rejects``.
            days: Local days of the log; None: all. Days without a file have no rows.
            columns: The columns wanted, and their order; None: all. Only these are read from the disk.
            agency: Canonical code of the agency whose log it is; None: all.

        Raises:
            DataError: A file has other columns than this version's: the log must be rebuilt.
        """
        return to_frame(self.read_table(table, days, columns, agency))

    def read_table(
        self,
        table: str,
        days: Iterable[date] | None = None,
        columns: Sequence[str] | None = None,
        agency: str | None = None,
    ) -> pa.Table:
        """As `read`, in Arrow."""
        schema = SCHEMAS[table]
        if columns is not None:
            schema = pa.schema([schema.field(name) for name in columns])
        paths = [self.path(table, day) for day in sorted(set(self.days() if days is None else days))]
        parts = [self._read_file(table, path, schema.names, agency) for path in paths if path.exists()]
        return pa.concat_tables([schema.empty_table(), *parts])

    def read_day(
        self, table: str, day: date, columns: Sequence[str], words: Sequence[str] = (), *, by_threads: bool = True
    ) -> pa.Table:
        """Columns of one day's rows, in Arrow.

        Args:
            table: One of the log's tables.
            day: Local day of the log; without a file it has no rows.
            columns: The columns wanted, and their order.
            words: Those of them whose texts come once each, as the codes of a dictionary: a tenth of the work.
            by_threads: Whether Arrow reads several columns at once; not where several days are read at once.
        """
        wanted = [SCHEMAS[table].field(name) for name in columns]
        schema = pa.schema([field.with_type(WORD) if field.name in words else field for field in wanted])
        path = self.path(table, day)
        if not path.exists():
            return schema.empty_table()
        with pq.ParquetFile(path, read_dictionary=list(words)) as file:
            _check(file, table, path, words)
            rows = file.read(columns=list(columns), use_threads=by_threads)
        return rows if rows.schema.equals(schema) else rows.cast(schema)

    def replace(self, day: date, agency: str, tables: Mapping[str, pa.Table]) -> None:
        """Puts the rows of one agency's log of a day in the place of what is there, for the given tables only."""
        for name, rows in tables.items():
            others = self.read_table(name, [day])
            codes = others.column("agency").cast(pa.string())
            before, after = others.filter(pc.less(codes, agency)), others.filter(pc.greater(codes, agency))
            with self.writing(day, [name]) as writer:
                for part in (before, rows, after):
                    writer.add({name: part})

    @contextmanager
    def writing(self, day: date, tables: Sequence[str] = tuple(SCHEMAS)) -> Iterator[DayWriter]:
        """Writes a day anew: agencies are added in the order of their codes, and take the old files' place at the end.

        An error inside leaves the old files. Each file is replaced atomically; a crash between two of them leaves a day
        that is conformed again, since the marker of what it was made from is written after all (see ``rebuild.py``).
        """
        writer = DayWriter({table: self.path(table, day) for table in tables})
        try:
            yield writer
            writer.finish()
        finally:
            writer.discard()

    @staticmethod
    def _read_file(table: str, path: Path, columns: Sequence[str], agency: str | None) -> pa.Table:
        with pq.ParquetFile(path) as file:
            _check(file, table, path)
            if agency is None:
                return file.read(columns=list(columns))
        return pq.read_table(path, columns=list(columns), filters=[("agency", "=", agency)], partitioning=None)


def _check(file: pq.ParquetFile, table: str, path: Path, words: Sequence[str] = ()) -> None:
    wanted = SCHEMAS[table]
    for name in words:
        wanted = wanted.set(wanted.get_field_index(name), wanted.field(name).with_type(WORD))
    if not file.schema_arrow.equals(wanted):
        raise DataError(path.name, f"the {table} were written by another version: run rebuild")


class DayWriter:
    """Writes the Parquet files of one day beside the old ones. Use `Log.writing`."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = paths
        self._pending: dict[str, list[pa.Table]] = {table: [] for table in paths}
        self._pending_rows = dict.fromkeys(paths, 0)
        self._writers: dict[str, pq.ParquetWriter] = {}

    def add(self, tables: Mapping[str, pa.Table]) -> None:
        """Appends rows, tables by name; those of an agency never after those of a later one."""
        for table, rows in tables.items():
            self._pending[table].append(rows)
            self._pending_rows[table] += rows.num_rows
            if self._pending_rows[table] >= ROW_GROUP_ROWS:
                self._write(table)

    def finish(self) -> None:
        """Completes all files and puts them in place."""
        for table in self._paths:
            self._write(table)
            self._writers.pop(table).close()
        for path in self._paths.values():
            _persist(_beside(path))
            _beside(path).replace(path)

    def discard(self) -> None:
        """Closes and deletes what was not put in place."""
        for writer in self._writers.values():
            writer.close()
        for path in self._paths.values():
            _beside(path).unlink(missing_ok=True)

    def _write(self, table: str) -> None:
        schema, path = SCHEMAS[table], self._paths[table]
        if table not in self._writers:
            path.parent.mkdir(parents=True, exist_ok=True)
            encodings = {name: _ENCODINGS[name] for name in schema.names if name in _ENCODINGS}
            others = [_path_of(field) for field in schema if field.name not in encodings]
            options = {"use_dictionary": others, "column_encoding": encodings, **_WRITER_OPTIONS}
            self._writers[table] = pq.ParquetWriter(_beside(path), schema, **options)
        # dictionaries are merged and compacted, so that the bytes depend on the rows alone
        rows = pa.concat_tables([schema.empty_table(), *self._pending[table]]).unify_dictionaries().combine_chunks()
        self._pending[table], self._pending_rows[table] = [], 0
        if rows.num_rows:
            self._writers[table].write_table(rows, row_group_size=ROW_GROUP_ROWS)


def _path_of(column: pa.Field) -> str:
    """The name that Parquet knows a column's values by."""
    return f"{column.name}.list.element" if pa.types.is_list(column.type) else column.name


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _persist(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
