"""Which document every row of the log speaks of (rules.md section 1, "Document key")."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.facts.arrays import Ints, Mask, combine, first_rows, positions_in


@dataclass(frozen=True, slots=True)
class Keyed:
    """The rows of a table as the identity of documents needs them.

    Attributes:
        sender: index of the agency whose document it is.
        reference: the rest of the document key (tables.py).
        uid: the agency's own document id, None where missing.
    """

    sender: Ints
    reference: Ints
    uid: npt.NDArray[np.object_]

    @property
    def key(self) -> Ints:
        """The document key as one integer."""
        return combine(self.sender, self.reference)


@dataclass(frozen=True, slots=True)
class Registered:
    """What tells two entries of the outgoing register apart, a row each.

    Attributes:
        first_day: the earliest log day of the entry.
        own_log: the row stands in the log of the sender itself.
        content: folded subject and hash of the main file, each None where missing.
        place: rises with log day, page and line of the entry's newest version.
    """

    first_day: Ints
    place: Ints
    own_log: Mask
    content: npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Identity:
    """Documents as integers 0…size-1.

    Attributes:
        size: how many documents there are.
        of_registered, of_sends, of_receipts, of_statuses: the document of every row.
        entry: for each document its row of the outgoing register, -1 where there is none.
        twin: for each document that shares its key with an earlier one its own `document_uid`, else "".
    """

    size: int
    of_registered: Ints
    of_sends: Ints
    of_receipts: Ints
    of_statuses: Ints
    entry: Ints
    twin: npt.NDArray[np.object_]


def identify(registered: Keyed, about: Registered, sends: Keyed, receipts: Keyed, statuses: Keyed) -> Identity:
    """Give every document a number and every row its document.

    Rows whose document stands in no register still have one: it is known by its key alone.
    """
    tables = (registered, sends, receipts, statuses)
    key_of_row, keys = pd.factorize(np.concatenate([table.key for table in tables]))
    ends = np.cumsum([len(table.sender) for table in tables])
    of_registered, of_sends, of_receipts, of_statuses = (np.asarray(part) for part in np.split(key_of_row, ends[:-1]))
    size = len(keys)
    per_key = np.bincount(of_registered, minlength=size)
    entry = first_rows(size, of_registered)
    twin: list[str] = []
    twin_entries: list[int] = []
    shared = np.flatnonzero(per_key > 1)
    if len(shared):
        doubled = _Doubles(registered.uid, about)
        uid_of_doubles: dict[tuple[int, str], int] = {}
        for key, rows in _rows_by_key(of_registered, per_key > 1):
            for place, cluster in enumerate(doubled.clusters(rows)):
                document = key if place == 0 else size + len(twin)
                if place:
                    twin.append(str(registered.uid[cluster[0]]))
                    twin_entries.append(doubled.describing(cluster))
                else:
                    entry[key] = doubled.describing(cluster)
                of_registered[cluster] = document
                uid_of_doubles.update(((key, registered.uid[row]), document) for row in cluster)
        for of_rows, table in ((of_sends, sends), (of_receipts, receipts), (of_statuses, statuses)):
            touched = np.flatnonzero(per_key[of_rows] > 1)
            of_rows[touched] = [uid_of_doubles.get((of_rows[row], table.uid[row]), of_rows[row]) for row in touched]
    return Identity(
        size=size + len(twin),
        of_registered=of_registered,
        of_sends=of_sends,
        of_receipts=of_receipts,
        of_statuses=of_statuses,
        entry=np.concatenate([entry, np.array(twin_entries, dtype=np.int64)]),
        twin=np.array([""] * size + twin, dtype=object),
    )


def _rows_by_key(key_of_row: Ints, wanted: Mask) -> list[tuple[int, Ints]]:
    rows = np.flatnonzero(wanted[key_of_row])
    rows = rows[np.argsort(key_of_row[rows], kind="stable")]
    keys, starts = np.unique(key_of_row[rows], return_index=True)
    return [(int(key), part) for key, part in zip(keys, np.split(rows, starts[1:]), strict=True)]


class _Doubles:
    """Several entries of one key: one document, or two that bear the same number?"""

    def __init__(self, uid: npt.NDArray[np.object_], about: Registered) -> None:
        self._uid = uid
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


def status_side(to_org: Keyed, from_org: Keyed, asks: Mask, known_keys: Ints) -> Mask:
    """True where a status speaks of a document of its `from_org`.

    The document of a status is that of `to_org` (of a 13, which the sender asks: of `from_org`), unless no document,
    send or receipt of that agency bears the key and one of the other side does.

    Args:
        to_org: the statuses, read as speaking of the addressee's document.
        from_org: the same, read as speaking of the issuer's.
        asks: the status is a 13.
        known_keys: distinct keys of all documents, sends and receipts.
    """
    known_to = positions_in(to_org.key, known_keys) >= 0
    known_from = positions_in(from_org.key, known_keys) >= 0
    return np.where(asks, known_from | ~known_to, ~known_to & known_from)
