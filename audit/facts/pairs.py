"""What happened to every pair (document, recipient): arrival, acknowledgement, forwarding, completion, refusal
(rules.md section 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from audit.facts.arrays import Ints, Mask, any_of, are_first, combine, distinct, earliest, is_one_of, latest, occur_in
from audit.facts.recalls import RECALL, REQUEST, Events, PairRows, Recalls
from audit.facts.rows import Receipts, Sends
from audit.working_time import NAT, NEVER

CHAIN_KINDS = (0, 3)
"""Messages that carry the document itself: new, and replacement (which is a document of its own)."""


_CELLS_MOST = 1 << 27
"""Largest table of (document, recipient) that is worth its memory; beyond it the pairs are sorted."""


@dataclass(frozen=True)
class Sides:
    """Of every pair its document (index in `facts.documents`), and recipient and sender (indexes of agencies)."""

    document: Ints
    recipient: Ints
    sender: Ints

    def __len__(self) -> int:
        return len(self.document)


@dataclass(frozen=True)
class Sent:
    """What its chain of sends tells of every pair.

    Attributes:
        first_sent_at: NEVER = not sent. first_message_at: of a message of any type.
        live_sent_at: latest send that did not fail, NAT = none.
        any_done: a send is done. last_failed: the latest one failed.
    """

    first_sent_at: Ints
    first_message_at: Ints
    live_sent_at: Ints
    any_done: Mask
    last_failed: Mask


@dataclass(frozen=True)
class Handled:
    """What became of every pair at its recipient.

    Attributes:
        arrived_at, acknowledged_at, forwarded_at, completed_at, refused_at: instants or NEVER.
        recalled_at: arrival of the first recall that was not refused, or NEVER.
        due_at: NAT = none told by a receipt.
        failed_receipt: a receipt failed.
        told_by_sender_only: there is no other trace of the arrival than the sender's `done`.
    """

    arrived_at: Ints
    acknowledged_at: Ints
    forwarded_at: Ints
    completed_at: Ints
    refused_at: Ints
    recalled_at: Ints
    due_at: Ints
    failed_receipt: Mask
    told_by_sender_only: Mask


@dataclass(frozen=True)
class Pairs(Handled, Sent, Sides):
    """All pairs (document, recipient), in that order."""

    @classmethod
    def of(cls, sides: Sides, sent: Sent, handled: Handled) -> Pairs:
        """The pairs of which all that is told."""
        return cls(**vars(sides), **vars(sent), **vars(handled))


class PairNumbers:
    """The numbers of pairs (document, recipient): 0… in the order of document and recipient.

    Args:
        documents: of the rows that make the pairs, an array a table.
        recipients: beside them.
        agencies: how many there are.
    """

    def __init__(self, documents: list[Ints], recipients: list[Ints], agencies: int) -> None:
        self._agencies = agencies
        cells = list(map(self._cells, documents, recipients))
        size = max((int(cell.max(initial=-1)) + 1 for cell in cells), default=0)
        self._number: npt.NDArray[np.int32] | None = None
        if size <= _CELLS_MOST:
            number = np.zeros(size + 1, dtype=np.int32)
            for cell in cells:
                number[cell] = 1
            self._held = np.flatnonzero(number)
            number[self._held] = np.arange(1, len(self._held) + 1)
            self._number = number
        else:
            self._held = distinct(np.concatenate([distinct(cell) for cell in cells]))

    def sides(self, sender_of: Ints) -> Sides:
        """Who sends what to whom, of every pair; `sender_of` tells whose each document is."""
        document = self._held // self._agencies
        return Sides(document, recipient=self._held % self._agencies, sender=sender_of[document])

    def of(self, documents: Ints, recipients: Ints) -> Ints:
        """The pair of each document and recipient; -1 where there is none, or one of the two is -1."""
        cells = self._cells(documents, recipients)
        if self._number is not None:
            # the last cell is nobody's
            cells[(cells >= len(self._number)) | (cells < 0)] = len(self._number) - 1
            return self._number[cells].astype(np.int64) - 1
        places = np.minimum(np.searchsorted(self._held, cells), len(self._held) - 1)
        return np.where(self._held[places] == cells, places, -1)

    def _cells(self, documents: Ints, recipients: Ints) -> Ints:
        cells = documents * self._agencies
        cells += recipients
        cells[(documents < 0) | (recipients < 0)] = -1
        return cells


def sent(size: int, sends: Sends, of_sends: Ints) -> Sent:
    """What the sends tell of so many pairs; `of_sends` is the pair of each."""
    chain = np.flatnonzero(is_one_of(sends.kind, CHAIN_KINDS))
    of = of_sends[chain]
    live = ~sends.failed[chain]
    last_failed = np.zeros(size, dtype=bool)
    last_failed[of] = sends.failed[chain]  # in the order of the chain: the last assignment stays
    return Sent(
        first_sent_at=earliest(size, of, sends.sent_at[chain]),
        first_message_at=earliest(size, of_sends, sends.sent_at),
        live_sent_at=latest(size, of[live], sends.sent_at[chain][live]),
        any_done=any_of(size, of[sends.done_at[chain] != NAT]),
        last_failed=last_failed,
    )


def handled(sends: Sends, receipts: Receipts, events: Events, recalls: Recalls, rows: PairRows) -> Handled:
    """What receipts and events tell of the pairs of `rows`."""
    size = len(rows.recipient)
    mine = np.flatnonzero(is_one_of(receipts.kind, CHAIN_KINDS))
    of_receipts = rows.of_receipts[mine]
    counted = speaks_of_document(size, events, recalls)
    first_of = {code: _first_event(size, events, counted & (events.code == code)) for code in (1, 2, 3, 4, 5, 6)}
    acknowledged = np.minimum.reduce([first_of[code] for code in (2, 3, 4, 5, 6)])
    traced = np.minimum.reduce(
        [
            first_of[1],
            earliest(size, of_receipts, np.where(receipts.failed[mine], NAT, receipts.arrived_at[mine])),
            acknowledged,
        ]
    )
    by_sender = _told_by_sender(size, sends, receipts, events, rows, mine)
    completed_by_receipt = earliest(size, of_receipts, receipts.completed_at[mine])
    forwarded_by_receipt = earliest(size, of_receipts, receipts.forwarded_at[mine])
    messages = recalls.messages
    takes_back = is_one_of(messages.kind, (RECALL, REQUEST)) & ~messages.refused & (messages.arrived_at < NEVER)
    return Handled(
        arrived_at=np.minimum(traced, by_sender),
        acknowledged_at=acknowledged,
        forwarded_at=np.minimum.reduce(
            [first_of[4], first_of[5], first_of[6], forwarded_by_receipt, completed_by_receipt]
        ),
        completed_at=np.minimum(first_of[6], completed_by_receipt),
        refused_at=np.minimum(first_of[2], earliest(size, of_receipts, receipts.returned_at[mine])),
        recalled_at=earliest(size, messages.pair[takes_back], messages.arrived_at[takes_back]),
        due_at=_first_due(size, receipts, of_receipts, mine),
        failed_receipt=any_of(size, of_receipts[receipts.failed[mine]]),
        told_by_sender_only=(traced == NEVER) & (by_sender < NEVER),
    )


def _first_event(size: int, events: Events, which: Mask) -> Ints:
    return earliest(size, events.pair[which], events.at[which])


def speaks_of_document(size: int, events: Events, recalls: Recalls) -> Mask:
    """Events that say something of the document itself, and not only of a recall or update."""
    only_answers = recalls.answers & ~_answers_and_acknowledges(size, events, recalls.answers)
    return ~only_answers & ~recalls.elsewhere


def _answers_and_acknowledges(size: int, events: Events, answers: Mask) -> Mask:
    """An id-less 02 or 03 that answers a recall of a document that had no status 02–06 before: it is both."""
    handling = (events.code >= 2) & (events.code <= 6)
    before = _first_event(size, events, handling & ~answers)
    both = answers & (events.axis == 0) & is_one_of(events.code, (2, 3)) & (events.at <= before[events.pair])
    first = _first_event(size, events, both)
    return np.asarray(both & (events.at == first[events.pair]))


def _told_by_sender(size: int, sends: Sends, receipts: Receipts, events: Events, rows: PairRows, carried: Ints) -> Ints:
    """`state_at` of a done send, where nothing speaks against it.

    Against it speak a receipt of that message in state fail, and a recipient's own log that is complete on that day
    and the next and knows neither receipt nor status of the pair. Where either side has no axis id, the pair tells
    which message a receipt is of.
    """
    done = np.flatnonzero((sends.done_at != NAT) & is_one_of(sends.kind, CHAIN_KINDS))
    of = rows.of_sends[done]
    failed = carried[receipts.failed[carried]]
    of_failed = rows.of_receipts[failed]
    same_id = occur_in(combine(of, sends.axis[done]), combine(of_failed, receipts.axis[failed]))
    failed_without_id = any_of(size, of_failed[receipts.axis[failed] == 0])[of]
    any_failed = any_of(size, of_failed)[of]
    refuted = same_id | failed_without_id | (any_failed & (sends.axis[done] == 0))
    known = any_of(size, rows.of_receipts[rows.in_own_log]) | any_of(size, events.pair[events.in_recipient_log])
    silent = rows.recipient_would_know(of, sends.done_at[done]) & ~known[of]
    believed = ~(refuted | silent)
    return earliest(size, of[believed], sends.done_at[done][believed])


def _first_due(size: int, receipts: Receipts, of_receipts: Ints, mine: Ints) -> Ints:
    """The limit that the recipient's register tells: that of the first message which has one; of several at one instant
    the earliest.
    """
    told = receipts.due_at[mine] != NAT
    pair, row = of_receipts[told], mine[told]
    first = are_first(size, pair, receipts.came_at[row])
    due = earliest(size, pair[first], receipts.due_at[row[first]])
    return np.where(due < NEVER, due, NAT)
