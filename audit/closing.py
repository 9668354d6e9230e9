"""Which rows of the log no later period needs: those of pairs (document, recipient) that are closed.

A judgement looks at what is anchored in its period, and at what is still open. A pair is closed as soon as nothing in
it can be anchored any more and its recipient is through with it: completed, refused, or told that nothing has to be
done. Pairs with recalls, updates or replacements are never closed, and neither is what stands open: those are few.

Everything is decided by the reference of a document alone, without its sender, and by the two sides of a pair without
an order: so all rows that could ever speak of one document stay or go together. What agencies with several sources
tell stays, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.facts.agencies import AgencyIndex
from audit.facts.arrays import (
    Ints,
    KeySet,
    Mask,
    any_of,
    combine,
    days,
    earliest,
    hashes,
    instants,
    is_false,
    text_keys,
)
from audit.facts.rows import Moment, Receipts, Sends, Statuses
from audit.log import Log
from audit.log_table import LogTable, read_rows
from audit.normalise import text_keys as keys_of_texts
from audit.registry import Registry
from audit.settings.policy import Limits
from audit.working_time import DAY, HOUR, MINUTE, NAT, NEVER, WorkingCalendar, day_number

TRAFFIC: Final = ("sends", "receipts", "statuses")
SIDES: Final = {
    "sends": ("sender", "recipient"),
    "receipts": ("sender", "recipient"),
    "statuses": ("from_org", "to_org"),
}
"""The two agencies of a row."""

_QUIET_DAYS: Final = 7
"""So many days without a row before a pair is closed: few rows come after that."""
_INSTANTS: Final = {
    "sends": ("sent_at", "state_at"),
    "receipts": ("arrived_at", "state_at", "forwarded_at", "due_at", "completed_at", "returned_at"),
    "statuses": ("at",),
    "documents": ("signed_at", "due_at"),
}
"""What rules are anchored by, or reckon deadlines from."""
_ASKING: Final = ("13", "15", "16")
_REFUSED, _COMPLETED = 2, 6


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must stay though it is closed: findings that are still open speak of it.

    Attributes:
        references: documents of which every row stays. pairs: pairs that stay.
        first_rows_of: documents of which the pair that was sent to first stays.
        register_from: the registers stay from this local day on; None: from the year of the line on.
    """

    references: Ints
    pairs: Ints
    first_rows_of: Ints
    register_from: int | None = None

    @classmethod
    def nothing(cls) -> Wanted:
        """Nothing stays that is closed."""
        none = np.empty(0, dtype=np.int64)
        return cls(none, none, none)


@dataclass(frozen=True, slots=True)
class Closed:
    """What of a log is closed.

    Attributes:
        references: documents all of whose pairs are closed.
        pairs: closed pairs of other documents. of_pairs: those documents, beside them.
    """

    references: Ints
    pairs: Ints
    of_pairs: Ints


def first_day_that_matters(calendar: WorkingCalendar, limits: Limits, day: int) -> int:
    """The first local day of which something may still be anchored on `day` or later.

    Deadlines are at most 24:00 of the second working day after, or some hours after; both of the longest are taken.
    """
    hours = [limits.undelivered_hours, limits.lost_status_hours]
    minutes = [
        *_levels(limits.urgent_send_minutes),
        *_levels(limits.urgent_forward_minutes),
        limits.early_status_minutes,
    ]
    longest = max(max(hours) * HOUR, max(minutes) * MINUTE)
    first = day - max(_QUIET_DAYS, -(-longest // DAY))
    while int(calendar.working_day_after(np.array([first]), 3)[0]) >= day:
        first -= 1
    return first


def _levels(limits: object) -> list[int]:
    return [int(getattr(limits, level)) for level in ("khan", "thuong_khan", "hoa_toc")]


def pair_keys(frame: pd.DataFrame | LogTable, table: str) -> Ints:
    """The pair of every row of a table of traffic, as one integer; whose document it is does not matter."""
    return _pair_keys(hashes(frame["reference"]), *(text_keys(frame[name]) for name in SIDES[table]))


def pair_key_of(reference: Ints, one: npt.NDArray[np.object_], other: npt.NDArray[np.object_]) -> Ints:
    """As `pair_keys`, of codes."""
    return _pair_keys(reference, *(keys_of_texts(np.asarray(codes, dtype=object)) for codes in (one, other)))


def _pair_keys(reference: Ints, one: Ints, other: Ints) -> Ints:
    return combine(reference, np.minimum(one, other), np.maximum(one, other))


@dataclass(frozen=True, slots=True)
class Line:
    """The day from which on periods begin, and the first day of which something may still be anchored then."""

    day: int
    at: int
    matters_day: int
    matters_at: int

    @classmethod
    def of(cls, calendar: WorkingCalendar, limits: Limits, day: date) -> Line:
        """The line before a local day."""
        number = day_number(day)
        matters = first_day_that_matters(calendar, limits, number)
        at, matters_at = calendar.start_of_day(np.array([number, matters])).tolist()
        return cls(number, at, matters, matters_at)


def find_closed(log: Log, line: Line, registry: Registry, wanted: Wanted) -> Closed:
    """What is closed in a log that holds only days before the line."""
    return _Closing(log, line, registry, wanted).found()


class _Closing:
    def __init__(self, log: Log, line: Line, registry: Registry, wanted: Wanted) -> None:
        self._line, self._wanted = line, wanted
        self._documents = log.read("documents")
        self._rows = {table: read_rows(log, table, log.days()) for table in TRAFFIC}
        rows = self._rows
        sides = [rows[table][name].cat.categories.tolist() for table in TRAFFIC for name in (*SIDES[table], "agency")]
        self._agencies = AgencyIndex(registry, sides)
        self._moment = Moment(line.day, line.at)
        keys = np.concatenate([pair_keys(rows[table], table) for table in TRAFFIC])
        of, self._keys = pd.factorize(keys)
        ends = np.cumsum([0, *(len(rows[table]) for table in TRAFFIC)])
        self._of = {table: np.asarray(of[ends[n] : ends[n + 1]], dtype=np.int64) for n, table in enumerate(TRAFFIC)}
        references = np.concatenate([hashes(rows[table]["reference"]) for table in TRAFFIC])
        self._reference = np.zeros(len(self._keys), dtype=np.int64)
        self._reference[of] = references

    def found(self) -> Closed:
        is_open = ~self._dealt_with() | self._special() | self._fresh()
        is_open |= KeySet(self._wanted.pairs).holds(self._keys)
        references, documents = self._reference, hashes(self._documents["reference"])
        held = KeySet(np.concatenate([self._wanted.references, documents[self._fresh_documents()]]))
        is_open |= held.holds(references)
        first_wanted = KeySet(self._wanted.first_rows_of).holds(references)
        still_open = KeySet(references[is_open | first_wanted]).holds(references)
        single = self._singly_registered(documents)
        parted = ~is_open & still_open & KeySet(single).holds(references) & ~self._sent_first()
        everything = np.unique(np.concatenate([references, documents]))
        kept = KeySet(np.concatenate([references[still_open], held.keys, self._wanted.first_rows_of]))
        return Closed(everything[~kept.holds(everything)], self._keys[parted], references[parted])

    def _dealt_with(self) -> Mask:
        """Completed, refused, or nothing to be done, by the newest versions of the rows."""
        size = len(self._keys)
        receipts = Receipts.read(self._rows["receipts"], self._agencies, self._moment)
        of = self._newest_of(receipts, "receipts")
        done = (receipts.completed_at != NAT) | (receipts.returned_at != NAT)
        needs_reply = receipts.frame["needs_reply"]
        needless = any_of(size, of[is_false(needs_reply)]) & ~any_of(size, of[~is_false(needs_reply)])
        statuses = Statuses.read(self._rows["statuses"], self._agencies, self._moment)
        answered = (statuses.code == _COMPLETED) | (statuses.code == _REFUSED)
        return any_of(size, of[done]) | needless | any_of(size, self._newest_of(statuses, "statuses")[answered])

    def _special(self) -> Mask:
        """Pairs with other messages than the document itself, with a row that was withdrawn, or told by two sources."""
        found = np.zeros(len(self._keys), dtype=bool)
        for table in ("sends", "receipts"):
            found[self._of[table][(self._rows[table]["business_type"] != 0).to_numpy(dtype=bool)]] = True
        asking = self._rows["statuses"]["status_code"].isin(_ASKING).to_numpy()
        found[self._of["statuses"][asking]] = True
        for table in TRAFFIC:
            rows = self._rows[table]
            gone = rows["deleted"].to_numpy(dtype=bool)
            found[self._of[table][gone | self._told_twice(rows)]] = True
        return found

    def _told_twice(self, frame: pd.DataFrame | LogTable) -> Mask:
        """Rows of agencies with several sources: what those tell is made one only when it is judged."""
        several = [agency.code for agency in self._agencies.registry.agencies if agency.more_sources]
        return np.asarray(frame["agency"].isin(several), dtype=bool)

    def _fresh(self) -> Mask:
        found = np.zeros(len(self._keys), dtype=bool)
        for table in TRAFFIC:
            found[self._of[table][self._is_fresh(self._rows[table], table)]] = True
        return found

    def _fresh_documents(self) -> Mask:
        issued = days(self._documents["issued_date"])
        fresh = self._is_fresh(self._documents, "documents") | (issued >= self._line.matters_day)
        return fresh | self._told_twice(self._documents)

    def _is_fresh(self, frame: pd.DataFrame | LogTable, table: str) -> Mask:
        found = days(frame["log_day"]) >= self._line.matters_day
        for name in _INSTANTS[table]:
            found |= instants(frame[name]) >= self._line.matters_at
        return np.asarray(found)

    def _singly_registered(self, documents: Ints) -> Ints:
        """Documents of one row in one register: their own word is all there is of them beside their pairs."""
        gone = self._documents["deleted"].to_numpy(dtype=bool)
        found, count = np.unique(documents, return_counts=True)
        return np.asarray(found[(count == 1) & ~KeySet(documents[gone]).holds(found)])

    def _sent_first(self) -> Mask:
        """Pairs to which their document was sent first: they tell when that was."""
        sends = Sends.read(self._rows["sends"], self._agencies, self._moment)
        of = self._newest_of(sends, "sends")
        first = earliest(len(self._keys), of, sends.sent_at)
        group, found = pd.factorize(self._reference)
        of_document = earliest(len(found), np.asarray(group), first)
        return np.asarray((first == of_document[group]) & (first < NEVER))

    def _newest_of(self, rows: Sends | Receipts | Statuses, table: str) -> Ints:
        """The pair of every newest row."""
        return np.asarray(pd.Index(self._keys).get_indexer(pd.Index(pair_keys(rows.frame, table))), dtype=np.int64)
