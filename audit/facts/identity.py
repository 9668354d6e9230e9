"""Which document every row of the log speaks of (rules.md section 1, "Document key")."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.facts.arrays import Ints, Mask, combine, first_rows, hashes
from audit.log_table import LogTable


@dataclass(frozen=True, slots=True)
class Keyed:
    """The rows of a table as the identity of documents needs them.

    Attributes:
        sender: index of the agency whose document it is.
        reference: the rest of the document key (tables.py).
        frame: the rows themselves.
    """

    sender: Ints
    reference: Ints
    frame: pd.DataFrame | LogTable

    @property
    def key(self) -> Ints:
        """The document key as one integer."""
        return combine(self.sender, self.reference)

    def of(self, rows: Ints) -> Keyed:
        """Some of the rows, to look at their keys."""
        return Keyed(self.sender[rows], self.reference[rows], self.frame)

    def uid_keys(self, rows: Ints) -> Ints:
        """The agency's own document id of some rows, as a hash; 0 where missing."""
        some = self.frame.some(["uid_key"], rows) if isinstance(self.frame, LogTable) else self.frame.iloc[rows]
        return hashes(some["uid_key"])


@dataclass(frozen=True, slots=True)
class KeyedStatuses:
    """Status messages, of which it is still open whose document they speak of.

    Attributes:
        to_org: the statuses, read as speaking of the addressee's document.
        from_org: the same, read as speaking of the issuer's.
        asks: the status is a 13.
    """

    to_org: Keyed
    from_org: Keyed
    asks: Mask


@dataclass(frozen=True, slots=True)
class Registered:
    """What tells two entries of the outgoing register apart, a row each.

    Attributes:
        uid: the agency's own document id, None where missing.
        first_day: the earliest log day of the entry.
        own_log: the row stands in the log of the sender itself.
        content: folded subject and hash of the main file, each None where missing.
        place: rises with log day, page and line of the entry's newest version.
    """

    uid: npt.NDArray[np.object_]
    first_day: Ints
    place: Ints
    own_log: Mask
    content: npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Identity:
    """Documents as integers 0…size-1.

    Attributes:
        size: how many documents there are.
        sender: for each document whose it is.
        of_registered, of_sends, of_receipts, of_statuses: the document of every row.
        by_issuer: of every status, whether the document is its issuer's.
        entry: for each document its row of the outgoing register, -1 where there is none.
        twin: for each document that shares its key with an earlier one its own `document_uid`, else "".
    """

    size: int
    sender: Ints
    of_registered: Ints
    of_sends: Ints
    of_receipts: Ints
    of_statuses: Ints
    by_issuer: Mask
    entry: Ints
    twin: npt.NDArray[np.object_]


def identify(
    registered: Keyed, about: Callable[[], Registered], sends: Keyed, receipts: Keyed, statuses: KeyedStatuses
) -> Identity:
    """Give every document a number and every row its document.

    Rows whose document stands in no register still have one: it is known by its key alone.

    `about` tells of the entries of the register, and is asked only where several of them have one key.
    """
    keys = _Keys()
    of_registered, of_sends, of_receipts = (keys.numbers(table.key) for table in (registered, sends, receipts))
    by_issuer, of_statuses = _of_statuses(statuses, keys)
    size = len(keys)
    sender = np.empty(size, dtype=np.int64)
    for table, of_rows in ((sends, of_sends), (receipts, of_receipts), (registered, of_registered)):
        sender[of_rows] = table.sender
    strangers = np.flatnonzero(of_statuses >= keys.before_statuses)
    sender[of_statuses[strangers]] = np.where(by_issuer, statuses.from_org.sender, statuses.to_org.sender)[strangers]
    per_key = np.bincount(of_registered, minlength=size)
    entry, twin, of_twin = first_rows(size, of_registered), [], []
    shared = per_key > 1
    if shared.any():
        split = _split(registered, about(), of_registered, shared)
        twin, of_twin = split.twin, split.twin_entries
        entry[split.keys] = split.entries
        for of_rows, table in ((of_sends, sends), (of_receipts, receipts), (of_statuses, statuses.to_org)):
            touched = np.flatnonzero(shared[of_rows])
            uids = table.uid_keys(touched).tolist()
            told = zip(of_rows[touched].tolist(), uids, strict=True)
            of_rows[touched] = [split.document_of.get((key, uid), key) for key, uid in told]
    sender = np.concatenate([sender, registered.sender[np.array(of_twin, dtype=np.int64)]])
    return Identity(
        size=len(sender),
        sender=sender,
        of_registered=of_registered,
        of_sends=of_sends,
        of_receipts=of_receipts,
        of_statuses=of_statuses,
        by_issuer=by_issuer,
        entry=np.concatenate([entry, np.array(of_twin, dtype=np.int64)]),
        twin=np.array([""] * size + twin, dtype=object),
    )


class _Keys:
    """Numbers for keys, in the order in which they first come.

    Attributes:
        before_statuses: how many keys there were before the statuses came.
    """

    def __init__(self) -> None:
        self._tables: list[pd.Index] = []
        self._size = 0
        self.before_statuses = 0

    def __len__(self) -> int:
        return self._size

    def find(self, keys: Ints) -> Ints:
        """The number of every key, -1 where it never came."""
        found = np.full(len(keys), -1, dtype=np.int64)
        left, first = np.arange(len(keys)), 0
        for table in self._tables:
            here = np.asarray(table.get_indexer(pd.Index(keys if len(left) == len(keys) else keys[left])))
            found[left] = np.where(here >= 0, here + first, -1)
            left, first = left[here < 0], first + len(table)
            if not len(left):
                break
        return found

    def numbers(self, keys: Ints) -> Ints:
        """The number of every key, new ones included."""
        found = self.find(keys)
        new = np.flatnonzero(found < 0)
        if len(new):
            places, table = pd.factorize(keys[new])
            found[new] = places + self._size
            self._tables.append(pd.Index(table))
            self._size += len(table)
        return found


def _of_statuses(statuses: KeyedStatuses, keys: _Keys) -> tuple[Mask, Ints]:
    """Of every status whether it speaks of a document of its issuer, and the document's number.

    The document of a status is that of `to_org` (of a 13, which the sender asks: of `from_org`), unless no document,
    send or receipt of that agency bears the key and one of the other side does.
    """
    keys.before_statuses = len(keys)
    document = keys.find(statuses.to_org.key)
    by_issuer = np.zeros(len(document), dtype=bool)
    open_ones = np.flatnonzero(statuses.asks | (document < 0))
    if len(open_ones):
        issuers, asks = statuses.from_org.of(open_ones).key, statuses.asks[open_ones]
        of_addressee, of_issuer = document[open_ones], keys.find(issuers)
        chosen = np.where(asks, (of_issuer >= 0) | (of_addressee < 0), (of_addressee < 0) & (of_issuer >= 0))
        by_issuer[open_ones] = chosen
        of_document = np.where(chosen, issuers, statuses.to_org.of(open_ones).key)
        document[open_ones] = keys.numbers(of_document)
    return by_issuer, document


@dataclass(frozen=True, slots=True)
class _Split:
    """What became of keys that several entries of the register share.

    Attributes:
        keys, entries: those keys, and of each the entry that describes its first document.
        twin, twin_entries: the uids of second documents, numbered from the end of the keys, and their entries.
        document_of: (key, hash of the uid) → document.
    """

    keys: list[int]
    entries: list[int]
    twin: list[str]
    twin_entries: list[int]
    document_of: dict[tuple[int, int], int]


def _split(registered: Keyed, about: Registered, of_registered: Ints, shared: Mask) -> _Split:
    """Tell the documents of shared keys apart; `of_registered` takes the second ones' numbers."""
    doubles, found = _Doubles(about), _Split([], [], [], [], {})
    uid_keys = registered.uid_keys(np.arange(len(of_registered)))
    for key, rows in _rows_by_key(of_registered, shared):
        for place, cluster in enumerate(doubles.clusters(rows)):
            document = key if place == 0 else len(shared) + len(found.twin)
            if place:
                found.twin.append(str(about.uid[cluster[0]]))
                found.twin_entries.append(doubles.describing(cluster))
            else:
                found.keys.append(key)
                found.entries.append(doubles.describing(cluster))
            of_registered[cluster] = document
            found.document_of.update(((key, int(uid_keys[row])), document) for row in cluster)
    return found


def _rows_by_key(key_of_row: Ints, wanted: Mask) -> list[tuple[int, Ints]]:
    rows = np.flatnonzero(wanted[key_of_row])
    rows = rows[np.argsort(key_of_row[rows], kind="stable")]
    keys, starts = np.unique(key_of_row[rows], return_index=True)
    return [(int(key), part) for key, part in zip(keys, np.split(rows, starts[1:]), strict=True)]


class _Doubles:
    """Several entries of one key: one document, or two that bear the same number?"""

    def __init__(self, about: Registered) -> None:
        self._uid = about.uid
        self._about = about

    def clusters(self, rows: Ints) -> list[list[int]]:
        """The entries of one key, a list a document, the first document first (earliest log day, then uid).

        Different ids alone are not two documents: a subject or main file that differs makes them two.
        """
        order = sorted(
            rows,
            key=lambda row: (self._about.first_day[row], str(self._uid[row] or ""), not self._about.own_log[row], row),
        )
        clusters: list[list[int]] = []
        for row in order:
            same = next((cluster for cluster in clusters if self._same(cluster, row)), None)
            if same is None:
                clusters.append([int(row)])
            else:
                same.append(int(row))
        return clusters

    def describing(self, cluster: list[int]) -> int:
        """The entry that speaks for the document: the sender's own log first, then the one later in the log."""
        return max(cluster, key=lambda row: (self._about.own_log[row], self._about.place[row]))

    def _same(self, cluster: list[int], row: int) -> bool:
        if any(self._uid[member] == self._uid[row] for member in cluster):
            return True
        told = zip(self._about.content[cluster[0]], self._about.content[row], strict=True)
        return all(one is None or other is None or one == other for one, other in told)
