"""Rows of the wire → tables of the log, and the rejects. Rows + rejects = rows received, always.

The rows of many pages of a table are turned at once: decoded by msgspec (`audit.records`), then column by column
(`audit.columns`). A row of which any part cannot be read, be it one signature of one file, is a reject as a whole, with
its first fault.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from audit.columns import ColumnReader, Nesting
from audit.normal_forms import NormalForms
from audit.normalise import Normaliser
from audit.records import ROWS, Fault, FileRow, SignatureRow, decode, excerpt, split
from audit.registry import Registry
from audit.tables import COLUMNS, ORIGIN, REJECTS, SCHEMAS, to_frame

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)  # odd: distinct lines of a page give distinct products
_NESTED_ROWS: Final[Mapping[str, type[msgspec.Struct]]] = {"files": FileRow, "signatures": SignatureRow}
_OWNERS: Final = "owners"
"""A nested table's column, not of the log: index of the document's row."""


class PageItems(NamedTuple):
    """The rows of one raw page."""

    page: str
    """SHA-256 of the raw page."""
    page_no: int
    """Position in the pull, from 1."""
    items: bytes
    """JSON array of the rows, as in the contract."""


@dataclass(frozen=True)
class Origin:
    """Whose log the pages are, and of which local day."""

    agency: str
    log_day: date


@dataclass(frozen=True)
class Conformed:
    """What became of the rows of some pages of one table."""

    tables: Mapping[str, pa.Table]
    """Tables of the log by name: documents come with files and signatures."""
    rejects: pa.Table
    """Rows that could not be read, in the order in which they came; schema `audit.tables.REJECTS`."""

    def frame(self, table: str) -> pd.DataFrame:
        """One of the tables, or ``rejects``, in pandas."""
        return to_frame(self.rejects if table == "rejects" else self.tables[table])


def conform(
    table: str, pages: Iterable[PageItems], origin: Origin, registry: Registry, normaliser: Normaliser
) -> Conformed:
    """As `conform_by`, of one agency's pages and where nothing was read before."""
    return conform_by(NormalForms(registry, normaliser), table, [(origin, page) for page in pages])


def conform_by(forms: NormalForms, table: str, pages: Sequence[tuple[Origin, PageItems]]) -> Conformed:
    """All rows of pages of `table` (one of the wire's four), in their order.

    Raises:
        msgspec.DecodeError, RecursionError: A page's `items` is not a JSON array; such a page must not be called a
        page.
    """
    batch = _Batch(table, pages)
    if not batch.rows:
        return batch.finish_empty()  # most logs of most weekends
    reader = ColumnReader(batch.rows, ROWS[table].__struct_fields__, batch.faults, forms)
    columns = batch.origin_columns() | reader.columns(COLUMNS[table])
    tables = {table: columns}
    if table == "documents":
        nested = _nested_rows(batch.rows)
        tables |= {name: _nested_columns(name, rows, columns, reader) for name, rows in nested.items()}
    return batch.finish(tables)


class _Batch:
    """The decoded rows of all pages, where each came from, and what is wrong with some."""

    def __init__(self, table: str, pages: Sequence[tuple[Origin, PageItems]]) -> None:
        self.table = table
        self.origins = [origin for origin, _ in pages]
        self.pages = [page for _, page in pages]
        self.rows: list[Any] = []
        self.faults: dict[int, Fault] = {}
        """By index in `rows`."""
        self._undecoded: list[tuple[int, int, Fault]] = []
        page_indexes: list[npt.NDArray[np.int32]] = []
        places: list[npt.NDArray[np.int32]] = []
        for index, page in enumerate(self.pages):
            decoded = decode(table, page.items)
            self.rows.extend(decoded.rows)
            self._undecoded.extend((index, place, fault) for place, fault in decoded.faults.items())
            page_indexes.append(np.full(len(decoded.rows), index, dtype=np.int32))
            places.append(np.asarray(decoded.places, dtype=np.int32))
        self._page = np.concatenate([np.empty(0, np.int32), *page_indexes])
        self._line = np.concatenate([np.empty(0, np.int32), *places]) + np.int32(1)

    def origin_columns(self) -> dict[str, pa.Array]:
        """The columns that say where a row comes from, and `document_row` for those that want it."""
        page_numbers = np.array([page.page_no for page in self.pages], dtype=np.int32)
        names = pa.array([page.page for page in self.pages], pa.string())
        agencies = pa.array([origin.agency for origin in self.origins], pa.string())
        days = np.array([origin.log_day for origin in self.origins], dtype="datetime64[D]")
        hashes = np.array(list(map(_page_hash, self.origins, self.pages)), dtype=np.uint64)
        rows = hashes[self._page] + self._line.astype(np.uint64) * _GOLDEN
        return {
            "agency": agencies.take(pa.array(self._page)).dictionary_encode(),
            "log_day": pa.array(days[self._page]),
            "page": names.take(pa.array(self._page)).dictionary_encode(),
            "page_no": pa.array(page_numbers[self._page]),
            "line": pa.array(self._line),
            "document_row": pa.array(rows.view(np.int64)),
        }

    def finish_empty(self) -> Conformed:
        """The tables of a log without a row that could be decoded."""
        names = ("documents", "files", "signatures") if self.table == "documents" else (self.table,)
        return Conformed({name: SCHEMAS[name].empty_table() for name in names}, self._rejects())

    def finish(self, tables: Mapping[str, Mapping[str, pa.Array]]) -> Conformed:
        """The tables, without the rows that have a fault and what belongs to them."""
        kept = np.ones(len(self.rows), dtype=np.bool_)
        kept[list(self.faults)] = False
        finished = {}
        for name, columns in tables.items():
            schema = SCHEMAS[name]
            table = pa.Table.from_arrays([columns[field.name] for field in schema], schema=schema)
            if self.faults:
                table = table.filter(pa.array(kept[columns[_OWNERS]] if _OWNERS in columns else kept))
            finished[name] = table
        return Conformed(finished, self._rejects())

    def _rejects(self) -> pa.Table:
        late = [(int(self._page[row]), int(self._line[row]) - 1, fault) for row, fault in self.faults.items()]
        faults = sorted(self._undecoded + late, key=lambda fault: fault[:2])
        raw = {index: split(self.pages[index].items) for index in {index for index, _, _ in faults}}
        return pa.Table.from_pylist(
            [
                {
                    "agency": self.origins[index].agency,
                    "log_day": self.origins[index].log_day,
                    "table": self.table,
                    "page": self.pages[index].page,
                    "page_no": self.pages[index].page_no,
                    "line": place + 1,
                    "reason": fault.reason,
                    "field": fault.field,
                    "excerpt": excerpt(raw[index][place]),
                }
                for index, place, fault in faults
            ],
            schema=REJECTS,
        )


def _page_hash(origin: Origin, page: PageItems) -> int:
    name = f"{origin.agency}|{origin.log_day}|{page.page_no}|{page.page}"
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


class _Nested(NamedTuple):
    """Files or signatures, and where they belong."""

    rows: list[Any]
    owners: list[int]
    paths: list[str]
    numbers: dict[str, list[int]]
    """Their positions, from 1, by column."""


def _nested_rows(documents: Sequence[Any]) -> dict[str, _Nested]:
    files = _Nested([], [], [], {"file_no": []})
    signatures = _Nested([], [], [], {"file_no": [], "signature_no": []})
    for owner, document in enumerate(documents):
        for file_no, file in enumerate(document.files or (), start=1):
            files.rows.append(file)
            files.owners.append(owner)
            files.paths.append(f"files[{file_no - 1}].")
            files.numbers["file_no"].append(file_no)
            for signature_no, signature in enumerate(file.signatures or (), start=1):
                signatures.rows.append(signature)
                signatures.owners.append(owner)
                signatures.paths.append(f"files[{file_no - 1}].signatures[{signature_no - 1}].")
                signatures.numbers["file_no"].append(file_no)
                signatures.numbers["signature_no"].append(signature_no)
    return {"files": files, "signatures": signatures}


def _nested_columns(
    table: str, nested: _Nested, documents: Mapping[str, pa.Array], reader: ColumnReader
) -> dict[str, pa.Array]:
    """The columns of files or signatures; where they come from is where their document's row does."""
    fields = _NESTED_ROWS[table].__struct_fields__
    own = ColumnReader(nested.rows, fields, reader.faults, reader.forms, Nesting(nested.owners, nested.paths))
    owners = pa.array(nested.owners, pa.int64())
    inherited = {name: documents[name].take(owners) for name in (*(column.name for column in ORIGIN), "document_row")}
    numbers = {name: pa.array(values, pa.int32()) for name, values in nested.numbers.items()}
    return own.columns(COLUMNS[table]) | inherited | numbers | {_OWNERS: owners}
