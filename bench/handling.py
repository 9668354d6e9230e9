"""What recipients registered and answered of the bench's traffic, in both logs."""

from __future__ import annotations

import numpy as np

from audit.working_time import DAY, HOUR, MINUTE, NAT, SECOND
from bench.traffic import (
    NOTHING_ARRIVES,
    OFFSET,
    Documents,
    Fate,
    Ints,
    Pairs,
    Receipts,
    Statuses,
    end_of_day,
    local_day,
)

BY_STATUS, BY_RECEIPT, NOTHING_TO_DO, NEVER_DONE = range(4)
"""How a pair is completed: a status 06, the recipient's register; or it needs no reply, or nobody did anything."""


def draw_handling(rng: np.random.Generator, documents: Documents, pairs: Pairs) -> tuple[Receipts, Statuses]:
    """The receipts and statuses of all pairs."""
    return _Handling(rng, documents, pairs).rows()


class _Handling:
    """When each pair arrived, was answered, forwarded and completed."""

    def __init__(self, rng: np.random.Generator, documents: Documents, pairs: Pairs) -> None:
        self.pairs = pairs
        fate, size = pairs.fate, len(pairs)
        urgent = documents.urgency[pairs.document] > 0
        self.arrived_at = pairs.sent_at + rng.integers(8, 120, size) * SECOND
        self.arrived_at += np.where(fate == Fate.RETRIED, 20 * MINUTE, 0)
        self.answered_at = self.arrived_at + rng.integers(60, np.where(urgent, 300, 2_400)) * SECOND
        self.answered_at += np.where(fate == Fate.ANSWERED_LATE, 3 * DAY, 0)
        self.forwarded_at = self.answered_at + rng.integers(5, np.where(urgent, 10, 200)) * MINUTE
        hours = np.where(urgent, rng.integers(5, 60, size) * MINUTE, rng.integers(24, 150, size) * HOUR)
        self.completed_at = self.forwarded_at + hours
        mode = rng.choice(3, size, p=[0.5, 0.2, 0.3])
        mode[urgent & (mode == NOTHING_TO_DO)] = BY_STATUS
        mode[np.isin(fate, (Fate.NEVER_DONE, Fate.UNANSWERED, Fate.REFUSED, Fate.RECALLED))] = NEVER_DONE
        self.mode = mode
        rate = rng.random(size)
        limit = np.select([rate < 0.05, rate < 0.052], [9 * DAY, 3 * DAY], 0)
        self.due_at = np.where((limit == 0) | urgent, NAT, local_day(self.arrived_at) * DAY - OFFSET + limit)
        self.came = ~np.isin(fate, NOTHING_ARRIVES)
        self.refused = self.came & (fate == Fate.REFUSED)
        self.answered = self.came & ~self.refused & (fate != Fate.UNANSWERED)
        self.reason = np.where(self.refused, rng.choice(3, size, p=[0.5, 0.4, 0.1]), -1)

    def rows(self) -> tuple[Receipts, Statuses]:
        pairs = self.pairs
        first = np.flatnonzero(self.came)
        failed = np.flatnonzero(pairs.fate == Fate.FAILED_RECEIPT)
        late = pairs.fate == Fate.ANSWERED_LATE
        changed = np.select([self.mode == BY_RECEIPT, late], [self.completed_at, self.forwarded_at], self.arrived_at)
        later = np.flatnonzero(self.came & (local_day(changed) > local_day(self.arrived_at)))
        again, recalls = _messages_after(pairs, self.arrived_at)
        receipts = [
            self._receipts(first, end_of_day(self.arrived_at[first])),
            self._receipts(failed, end_of_day(pairs.sent_at[failed])),
            self._receipts(later, end_of_day(changed[later])),
            again,
            recalls,
        ]
        statuses = [
            self._told(self.answered, 3, self.answered_at),
            self._told(self.refused, 2, self.answered_at),
            self._told(self.came & (self.mode == BY_STATUS), 6, self.completed_at),
            _answers(recalls),
        ]
        return Receipts.joined(receipts), Statuses.joined(statuses)

    def _receipts(self, rows: Ints, until: Ints) -> Receipts:
        """The receipts of some pairs as they stood at an instant each."""

        def told(at: Ints, which: np.ndarray) -> Ints:
            return np.where(which[rows] & (at[rows] <= until), at[rows], NAT)

        return Receipts(
            document=self.pairs.document[rows],
            recipient=self.pairs.recipient[rows],
            message=self.pairs.message[rows],
            kind=np.zeros(len(rows), dtype=np.int64),
            arrived_at=np.where(self.came[rows], self.arrived_at[rows], NAT),
            failed=(~self.came[rows]).astype(np.int64),
            needs_reply=(self.mode[rows] != NOTHING_TO_DO).astype(np.int64),
            registered_at=told(self.answered_at, self.answered),
            forwarded_at=told(self.forwarded_at, self.answered),
            due_at=self.due_at[rows],
            completed_at=told(self.completed_at, self.came & (self.mode == BY_RECEIPT)),
            returned_at=told(self.answered_at, self.refused),
            reason=self.reason[rows],
            at=until,
        )

    def _told(self, which: np.ndarray, code: int, at: Ints) -> Statuses:
        """A status in both logs; in the recipient's only where it is to be lost (rule N12)."""
        pairs, rows = self.pairs, np.flatnonzero(which)
        kept = rows[pairs.fate[rows] != Fate.STATUS_LOST]
        both = np.concatenate([rows, kept])
        return Statuses(
            document=pairs.document[both],
            recipient=pairs.recipient[both],
            message=pairs.message[both],
            code=np.full(len(both), code),
            at=at[both],
            in_senders=np.repeat([0, 1], [len(rows), len(kept)]),
            reason=self.reason[both],
        )


def _messages_after(pairs: Pairs, arrived_at: Ints) -> tuple[Receipts, Receipts]:
    """Receipts of the second message of documents sent twice, and of recalls; messages as `draw_sending` names them."""
    recalled, twice = (np.flatnonzero(pairs.fate == fate) for fate in (Fate.RECALLED, Fate.SENT_TWICE))
    recalls = _plain(pairs, recalled, 1, len(pairs), arrived_at)
    return _plain(pairs, twice, 0, len(pairs) + len(recalled), arrived_at), recalls


def _plain(pairs: Pairs, rows: Ints, kind: int, first_message: int, arrived_at: Ints) -> Receipts:
    """Receipts, a day after the first, of which nothing more is told."""
    zeros = np.zeros(len(rows), dtype=np.int64)
    none, at = zeros + NAT, arrived_at[rows] + DAY
    return Receipts(
        document=pairs.document[rows],
        recipient=pairs.recipient[rows],
        message=first_message + np.arange(len(rows)),
        kind=zeros + kind,
        arrived_at=at,
        failed=zeros,
        needs_reply=zeros,
        registered_at=none,
        forwarded_at=none,
        due_at=none,
        completed_at=none,
        returned_at=none,
        reason=zeros - 1,
        at=at,
    )


def _answers(recalls: Receipts) -> Statuses:
    """Every recall is agreed to (15), an hour after it arrived."""
    size = len(recalls)
    twice = [np.concatenate([column, column]) for column in (recalls.document, recalls.recipient, recalls.message)]
    at = np.concatenate([recalls.arrived_at, recalls.arrived_at]) + HOUR
    return Statuses(*twice, np.full(2 * size, 15), at, np.repeat([0, 1], size), np.full(2 * size, -1))
