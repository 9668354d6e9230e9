"""A log in shards by sender: all rows that speak of a document are in one shard, so that shards can be judged apart.

Whose document a status speaks of depends on which of its two sides has a document, send or receipt of that key
(rules.md section 1, "Document key"). Nearly always it is the obvious side. The few statuses of which the other side
may have the key are decided here, as `audit.facts.identity` decides them, by the rows of those keys alone.

The log is read once, day by day, and only what the facts need of every row (`audit.log_table.HOT`).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Final, TypedDict, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from audit.facts.agencies import AgencyIndex
from audit.facts.arrays import Ints, KeySet, combine, distinct, hashes, looked_up
from audit.facts.register_rows import with_own_rows
from audit.facts.rows import Moment, Receipts, Registrations, Sends
from audit.log import Log
from audit.log_table import DayInGroups, GroupedFrame, GroupedRows, LogTable, read_day
from audit.registry import Registry

_READERS: Final = 2
LARGE_TABLES: Final = ("sends", "receipts", "statuses")
_SMALL: Final = ("documents", "files", "signatures")

_ASKS: Final = "13"

Found = TypeVar("Found")


class ShardTables(TypedDict):
    """The tables of one shard."""

    documents: pd.DataFrame
    files: pd.DataFrame
    signatures: pd.DataFrame
    sends: LogTable
    receipts: LogTable
    statuses: LogTable


class ShardedLog:
    """Some days of a log in `count` shards.

    Args:
        log: The log.
        days: Its days.
        count: How many shards, at most 255.
        registry: The agencies.
        moment: From when the log is seen: what is known then decides whose document a status speaks of.

    Raises:
        DataError: A file has other columns than this version's: the log must be rebuilt.
    """

    def __init__(self, log: Log, days: Sequence[date], count: int, registry: Registry, moment: Moment) -> None:
        self.count: Final = count
        self._log = log
        self._days = sorted(set(days))
        self._registry = registry
        self._moment = moment
        with ThreadPoolExecutor(_READERS) as pool:
            small = with_own_rows(*pool.map(lambda table: log.read(table, self._days), _SMALL))
        self._senders = _Senders(registry.codes, small[0]["sender"], count)
        self._small = dict(zip(_SMALL, self._in_shards(*small), strict=True))
        del small  # not kept beside its copy
        self._rows: dict[str, GroupedRows] = {}
        documents = self._small["documents"].whole
        keys = [combine(self._senders.of_series(documents["sender"]), hashes(documents["reference"]))]
        for table in ("sends", "receipts"):
            self._rows[table], keys_of_days = self._read_all_by_sender(table)
            keys += keys_of_days
        self._rows["statuses"] = self._read_all_statuses(KeySet(np.concatenate(keys)))
        # what reading needed in between: a fifth of a year's memory, which every fork would count as its own
        pa.default_memory_pool().release_unused()

    def tables(self, shard: int) -> ShardTables:
        """The rows of one shard."""
        documents, files, signatures = (self._small[table].group(shard) for table in _SMALL)
        sends, receipts, statuses = (self._rows[table].group(shard) for table in LARGE_TABLES)
        return ShardTables(
            documents=documents,
            files=files,
            signatures=signatures,
            sends=sends,
            receipts=receipts,
            statuses=statuses,
        )

    def _in_shards(self, documents: pd.DataFrame, *parts: pd.DataFrame) -> list[GroupedFrame]:
        """The documents by shard, and their files and signatures, each where its document is."""
        shard = self._senders.shard_of(self._senders.of_series(documents["sender"]))
        rows = pd.Index(documents["document_row"])
        of_document = np.append(shard, self.count)  # the last one is that of rows without a document, which nobody asks
        return [
            GroupedFrame(documents, shard, self.count),
            *(GroupedFrame(part, of_document[rows.get_indexer(part["document_row"])], self.count) for part in parts),
        ]

    def _each_day(self, table: str, read: Callable[[pa.Table], Found]) -> list[Found]:
        with ThreadPoolExecutor(_READERS) as pool:
            return list(pool.map(lambda day: read(read_day(self._log, table, day, by_threads=False)), self._days))

    def _read_all_by_sender(self, table: str) -> tuple[GroupedRows, list[Ints]]:
        """All sends or receipts, and of each day the keys of the documents that they speak of."""
        found = self._each_day(table, self._read_by_sender)
        return GroupedRows(self._log, table, self._days, [day.in_shards for day in found]), [day.keys for day in found]

    def _read_by_sender(self, rows: pa.Table) -> _DayRows:
        sender = self._senders.of(rows.column("sender"))
        in_shards = DayInGroups.of(rows, self._senders.shard_of(sender), self.count)
        return _DayRows(in_shards, distinct(combine(sender, _reference(rows))))

    def _read_all_statuses(self, known: KeySet) -> GroupedRows:
        found = self._each_day("statuses", lambda rows: self._read_statuses(rows, known))
        doubtful = [day.doubtful for day in found if len(day.doubtful.rows)]
        moved = iter(self._moved(doubtful) if doubtful else [])
        days = [day.in_shards.with_moved(*next(moved)) if len(day.doubtful.rows) else day.in_shards for day in found]
        return GroupedRows(self._log, "statuses", self._days, days)

    def _read_statuses(self, rows: pa.Table, known: KeySet) -> _DayStatuses:
        to_org, from_org = (self._senders.of(rows.column(name)) for name in ("to_org", "from_org"))
        asks = np.asarray(pc.equal(rows.column("status_code").cast(pa.string()), _ASKS).fill_null(False))
        owner, other = np.where(asks, from_org, to_org), np.where(asks, to_org, from_org)
        reference = _reference(rows)
        unsure = np.flatnonzero(known.holds(combine(other, reference)) & (other != owner))
        return _DayStatuses(
            DayInGroups.of(rows, self._senders.shard_of(owner), self.count),
            _Doubtful(unsure, reference[unsure], owner[unsure], other[unsure]),
        )

    def _moved(self, days: Sequence[_Doubtful]) -> list[tuple[Ints, npt.NDArray[np.uint8]]]:
        """Of each day the rows that are their other side's, which has the key while the obvious one has not; and in
        which shard they are.
        """
        agencies = AgencyIndex(self._registry, [self._senders.codes()])
        index = agencies.indexes(pd.Series(self._senders.codes(), dtype=object))
        of_owner = [combine(index[day.owner], day.reference) for day in days]
        of_other = [combine(index[day.other], day.reference) for day in days]
        known = self._known(KeySet(np.concatenate([*of_owner, *of_other])), agencies)
        moves = [~known.holds(mine) & known.holds(theirs) for mine, theirs in zip(of_owner, of_other, strict=True)]
        return [
            (day.rows[moving], self._senders.shard_of(day.other[moving]))
            for day, moving in zip(days, moves, strict=True)
        ]

    def _known(self, asked: KeySet, agencies: AgencyIndex) -> KeySet:
        """Which of the keys a document, send or receipt bears at the moment from which the log is seen."""
        documents = self._small["documents"].whole
        mine = asked.holds(combine(agencies.indexes(documents["sender"]), hashes(documents["reference"])))
        found = [Registrations.read(documents[mine].reset_index(drop=True), agencies, self._moment).keyed().key]
        for table, rows in (("sends", Sends), ("receipts", Receipts)):
            whole = self._rows[table].whole()
            mine = asked.holds(combine(agencies.indexes(whole["sender"]), hashes(whole["reference"])))
            found.append(rows.read(whole.take(np.flatnonzero(mine)), agencies, self._moment).keyed().key)
        return KeySet(np.concatenate(found))


@dataclass(frozen=True, slots=True)
class _DayRows:
    """Sends or receipts of a day in shards, and the distinct keys of the documents that they speak of."""

    in_shards: DayInGroups
    keys: Ints


@dataclass(frozen=True, slots=True)
class _Doubtful:
    """Statuses of a day of which it is not sure whose document they speak of.

    Attributes:
        rows: where they stand in the day's file.
        reference: the rest of the document key.
        owner, other: the obvious side, and the other one.
    """

    rows: Ints
    reference: Ints
    owner: Ints
    other: Ints


@dataclass(frozen=True, slots=True)
class _DayStatuses:
    """The statuses of a day in the shards of the obvious sides, and those that may be in another one's."""

    in_shards: DayInGroups
    doubtful: _Doubtful


class _Senders:
    """Numbers for agency codes, and the shard of each: those with the most documents first, to the emptiest shard.

    Senders without documents share few shards: who they are must be read from texts all over the log.
    """

    def __init__(self, codes: Sequence[str], of_documents: pd.Series, count: int) -> None:
        self._numbers = {code: number for number, code in enumerate(codes)}
        self._count = count
        self._lock = Lock()
        self._shards: dict[str, int] = {}
        filled = np.zeros(count, dtype=np.int64)
        for code, documents in of_documents.astype(object).value_counts().sort_index(kind="stable").items():
            self._shards[str(code)] = documents
        for code in sorted(self._shards, key=lambda code: (-self._shards[code], code)):
            shard = int(filled.argmin())
            filled[shard] += self._shards[code]
            self._shards[code] = shard

    def codes(self) -> list[str]:
        """All codes, by number."""
        return list(self._numbers)

    def of(self, column: pa.ChunkedArray) -> Ints:
        """The number of every code of a column without missing ones."""
        parts = [
            looked_up(self._table(chunk.dictionary.to_pylist()), chunk.indices.to_numpy()) for chunk in column.chunks
        ]
        return np.concatenate([np.empty(0, dtype=np.int64), *parts])

    def of_series(self, column: pd.Series) -> Ints:
        """As `of`, of a categorical series."""
        return looked_up(self._table(column.cat.categories.tolist()), column.cat.codes.to_numpy())

    def shard_of(self, numbers: Ints) -> npt.NDArray[np.uint8]:
        """The shard of every number."""
        few = max(self._count // 4, 1)
        with self._lock:
            codes = self.codes()
        shards = [self._shards.get(code, zlib.crc32(code.encode()) % few) for code in codes]
        return np.array(shards, dtype=np.uint8)[numbers]

    def _table(self, codes: Sequence[str]) -> Ints:
        with self._lock:
            return np.array([self._numbers.setdefault(code, len(self._numbers)) for code in codes], dtype=np.int64)


def _reference(rows: pa.Table) -> Ints:
    return np.asarray(rows.column("reference").to_numpy(), dtype=np.int64)
