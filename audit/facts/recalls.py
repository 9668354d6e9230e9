"""Messages about a document that is already on its way: recalls, updates and requests to take it back, and their
answers.

rules.md section 1, "Statuses": a status 02, 03, 15 or 16 answers a recall (a send of type 1 or 2, or status 13) when
it bears that message's axis id, or, where none bears it, when it is the recipient's first such status without an id
after the recall's arrival.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from audit.array_records import taken
from audit.facts.arrays import Ints, Mask, any_of, combine, earliest, first_rows, is_one_of, latest, positions_in
from audit.facts.coverage import Coverage
from audit.facts.joins import joined
from audit.facts.rows import Receipts, Sends
from audit.working_time import NAT, NEVER, WorkingCalendar

RECALL, UPDATE, REPLACEMENT, REQUEST = 1, 2, 3, 13
"""Business types 1, 2 and 3; status 13 is a message too."""
_ANSWERS = (2, 3, 15, 16)
_REFUSALS = (2, 16)


@dataclass(frozen=True, slots=True)
class Events:
    """Status events of all pairs, one row an event.

    Attributes:
        pair: the pair it speaks of. code: its code as a number, `rows.NO_CODE` where missing or unknown.
        at: the earliest time of its messages. first: position of that message in `Statuses`.
        axis: the id that one of its messages bears, 0 where none does.
        by_recipient: the pair's recipient issued it.
        in_recipient_log, in_sender_log: a message of it stands in that side's own log.
    """

    pair: Ints
    code: Ints
    code_key: Ints
    at: Ints
    first: Ints
    axis: Ints
    issuer: Ints
    by_recipient: Mask
    in_recipient_log: Mask
    in_sender_log: Mask

    def __len__(self) -> int:
        return len(self.pair)

    def take(self, rows: Ints) -> Events:
        """Some of the events."""
        return taken(self, rows)


@dataclass(frozen=True, slots=True)
class OwnEvents:
    """Events as the recipient's own log alone tells them of its own statuses, one row an event.

    Attributes:
        pair, code, at: As in `Events`, times of that log.
        first: Position of its first message in `Statuses`.
    """

    pair: Ints
    code: Ints
    at: Ints
    first: Ints


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages of type 1 and 2 and requests 13, one row a message.

    Attributes:
        sent_at: the first attempt. live_sent_at: the latest attempt that did not fail, NAT = none.
        done: an attempt is done. last_failed: the latest attempt failed.
        failed_receipt: the recipient received it in state fail.
        arrived_at: NEVER where it did not arrive. answered_at: NEVER where nobody answered.
        refused: answered 02 or 16.
    """

    pair: Ints
    kind: Ints
    sent_at: Ints
    live_sent_at: Ints
    done: Mask
    last_failed: Mask
    failed_receipt: Mask
    arrived_at: Ints
    answered_at: Ints
    refused: Mask


@dataclass(frozen=True, slots=True)
class Recalls:
    """Messages, and which events speak of them rather than of the document.

    Attributes:
        messages: all messages.
        answers: events that answer one, and so neither acknowledge nor refuse the document.
        elsewhere: events that bear the id of a message of type 1 or 2: of the document they say nothing.
    """

    messages: Messages
    answers: Mask
    elsewhere: Mask


class PairRows:
    """The pair of every send and receipt, and the day arithmetic of its recipient's log.

    Args:
        of_sends, of_receipts: the pairs.
        in_own_log: which receipts stand in the recipient's own log.
        recipient: of every pair.
        days: calendar and coverage.
    """

    def __init__(
        self,
        of_sends: Ints,
        of_receipts: Ints,
        in_own_log: Mask,
        recipient: Ints,
        days: tuple[WorkingCalendar, Coverage],
    ) -> None:
        self.of_sends = of_sends
        self.of_receipts = of_receipts
        self.in_own_log = in_own_log
        self.recipient = recipient
        self._calendar, self._coverage = days

    def recipient_would_know(self, pair: Ints, at: Ints) -> Mask:
        """The recipient's own receipts and statuses are complete on that instant's day and the next."""
        day = self._calendar.day_of(at).astype(np.int64)
        return self._coverage.complete(self.recipient[pair], day, day + 1, ("receipts", "statuses"))


@dataclass(frozen=True, slots=True)
class _Asked:
    """Messages of type 1 and 2: their attempts (`row` in the sends, `message`), and one row a message."""

    row: Ints
    message: Ints
    pair: Ints
    axis: Ints
    kind: Ints
    sent_at: Ints

    def __len__(self) -> int:
        return len(self.pair)


def find_recalls(sends: Sends, receipts: Receipts, events: Events, pairs: PairRows) -> Recalls:
    """All messages with their arrival and answer, and the events that answer them."""
    of_messages = [
        pairs.of_sends[is_one_of(sends.kind, (RECALL, UPDATE))],
        pairs.of_receipts[is_one_of(receipts.kind, (RECALL, UPDATE))],
        events.pair[events.code == REQUEST],
    ]
    if not any(map(len, of_messages)):
        return _none(len(events))
    near = np.flatnonzero(any_of(len(pairs.recipient), np.concatenate(of_messages))[events.pair])
    found = _find_recalls(sends, receipts, events.take(near), pairs)
    answers, elsewhere = (np.zeros(len(events), dtype=bool) for _ in range(2))
    answers[near], elsewhere[near] = found.answers, found.elsewhere
    return Recalls(found.messages, answers, elsewhere)


def _none(events: int) -> Recalls:
    """No message at all, as most days of most agencies have it."""
    times, marks = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool)
    messages = Messages(
        pair=times, kind=times, sent_at=times, live_sent_at=times, done=marks, last_failed=marks, failed_receipt=marks,
        arrived_at=times, answered_at=times, refused=marks,
    )  # fmt: skip
    return Recalls(messages, np.zeros(events, dtype=bool), np.zeros(events, dtype=bool))


def _find_recalls(sends: Sends, receipts: Receipts, events: Events, pairs: PairRows) -> Recalls:
    """As `find_recalls`, of the events of pairs with a message."""
    asked = _asked(sends, pairs.of_sends)
    received = _received(receipts, pairs, asked)
    requests = np.flatnonzero(events.code == REQUEST)
    none = np.zeros(len(requests), dtype=bool)
    attempts = _attempts(sends, asked)
    failed = receipts.failed[received.receipt]
    failed_receipt = any_of(len(asked), received.message[failed])
    came = np.where(failed, NAT, receipts.arrived_at[received.receipt])
    arrived_at = np.minimum.reduce(
        [
            earliest(len(asked), received.message, came),
            _first_bearing(events, asked, events.by_recipient),
            _told_by_sender(sends, asked, failed_receipt, pairs, _known_at_recipient(events, asked, received, pairs)),
        ]
    )
    messages = _Told(
        pair=np.concatenate([asked.pair, events.pair[requests]]),
        axis=np.concatenate([asked.axis, events.axis[requests]]),
        kind=np.concatenate([asked.kind, np.full(len(requests), REQUEST)]),
        arrived_at=np.concatenate(
            [arrived_at, np.where(events.in_recipient_log[requests], events.at[requests], NEVER)]
        ),
    )
    answered_at, refused, answers = _answers(events, messages)
    proved = np.where(messages.kind == REQUEST, NEVER, answered_at)
    return Recalls(
        Messages(
            pair=messages.pair,
            kind=messages.kind,
            sent_at=np.concatenate([asked.sent_at, events.at[requests]]),
            live_sent_at=np.concatenate([attempts.live_sent_at, events.at[requests]]),
            done=np.concatenate([attempts.done, none]),
            last_failed=np.concatenate([attempts.last_failed, none]),
            failed_receipt=np.concatenate([failed_receipt, none]),
            arrived_at=np.minimum(messages.arrived_at, proved),
            answered_at=answered_at,
            refused=refused,
        ),
        answers,
        elsewhere=_of_other_messages(sends, receipts, events, pairs),
    )


def _of_other_messages(sends: Sends, receipts: Receipts, events: Events, pairs: PairRows) -> Mask:
    sent = is_one_of(sends.kind, (RECALL, UPDATE)) & (sends.axis != 0)
    received = is_one_of(receipts.kind, (RECALL, UPDATE)) & (receipts.axis != 0)
    ids = [
        combine(pairs.of_sends[sent], sends.axis[sent]),
        combine(pairs.of_receipts[received], receipts.axis[received]),
    ]
    return np.asarray((events.axis != 0) & np.isin(combine(events.pair, events.axis), np.concatenate(ids)))


def _asked(sends: Sends, pair_of_sends: Ints) -> _Asked:
    row = np.flatnonzero((sends.kind == RECALL) | (sends.kind == UPDATE))
    message, size = _messages_of(sends, pair_of_sends, row)
    return _Asked(
        row=row,
        message=message,
        pair=_spread(size, message, pair_of_sends[row]),
        axis=_spread(size, message, sends.axis[row]),
        kind=_spread(size, message, sends.kind[row]),
        sent_at=earliest(size, message, sends.sent_at[row]),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told of every message, requests 13 among them, before its answers are looked for."""

    pair: Ints
    axis: Ints
    kind: Ints
    arrived_at: Ints


@dataclass(frozen=True, slots=True)
class _Received:
    """Receipts of messages, a row each; several messages may share one."""

    message: Ints
    receipt: Ints


@dataclass(frozen=True, slots=True)
class _Attempts:
    live_sent_at: Ints
    done: Mask
    last_failed: Mask


def _attempts(sends: Sends, asked: _Asked) -> _Attempts:
    """How the attempts of each message ended."""
    live = ~sends.failed[asked.row]
    last_failed = np.zeros(len(asked), dtype=bool)
    last_failed[asked.message] = sends.failed[asked.row]  # in the order of (sent_at, attempt): the last one stays
    return _Attempts(
        live_sent_at=latest(len(asked), asked.message[live], sends.sent_at[asked.row][live]),
        done=any_of(len(asked), asked.message[sends.done_at[asked.row] != NAT]),
        last_failed=last_failed,
    )


def _messages_of(sends: Sends, pair_of_sends: Ints, asked: Ints) -> tuple[Ints, int]:
    """The message of every attempt: same pair, type and axis id; without an id a new one begins where the attempts
    begin again.
    """
    pair, kind, axis = pair_of_sends[asked], sends.kind[asked], sends.axis[asked]
    order = np.lexsort((sends.attempt[asked], sends.sent_at[asked], axis, kind, pair))
    attempt = sends.attempt[asked][order]
    begins_again = np.append(True, attempt[1:] <= attempt[:-1]) & (axis[order] == 0)
    serial = np.empty(len(asked), dtype=np.int64)
    serial[order] = np.cumsum(begins_again)
    message, found = pd.factorize(combine(pair, kind, axis, np.where(axis == 0, serial, 0)))
    return np.asarray(message, dtype=np.int64), len(found)


def _spread(size: int, group: Ints, value: Ints) -> Ints:
    """The value that all rows of a group share."""
    shared = np.zeros(size, dtype=np.int64)
    shared[group] = value
    return shared


def _received(receipts: Receipts, pairs: PairRows, asked: _Asked) -> _Received:
    """Which receipt is of which message: by the axis id, or by type where one side has none."""
    mine = np.flatnonzero((receipts.kind == RECALL) | (receipts.kind == UPDATE))
    message, place = joined(asked.pair, pairs.of_receipts[mine])
    receipt = mine[place]
    sent_axis, axis = asked.axis[message], receipts.axis[receipt]
    same_id = (sent_axis == axis) & (axis != 0)
    no_id = (sent_axis == 0) | (axis == 0)
    fits = same_id | (no_id & (asked.kind[message] == receipts.kind[receipt]))
    return _Received(message[fits], receipt[fits])


def _first_bearing(events: Events, asked: _Asked, which: Mask) -> Ints:
    """When each message's id first stands in one of these events; NEVER where it does not."""
    bearing = which & (events.axis != 0)
    key = combine(asked.pair, asked.axis)
    table = pd.unique(key)
    position = positions_in(combine(events.pair, events.axis)[bearing], table)
    first = np.append(earliest(len(table), position[position >= 0], events.at[bearing][position >= 0]), NEVER)
    return np.where(asked.axis != 0, first[positions_in(key, table)], NEVER)


def _known_at_recipient(events: Events, asked: _Asked, received: _Received, pairs: PairRows) -> Mask:
    """Whether the recipient's log knows of a message.

    rules.md says of pairs what a complete log that knows nothing means. Of a message the log knows something where it
    has a receipt of it, or a status of its own after the sending that bears the message's id or could answer it
    (reading: a log always knows the pair of a recall, so else no lost recall could ever be found).
    """
    own = events.in_recipient_log & events.by_recipient
    could_answer = np.flatnonzero(own & is_one_of(events.code, _ANSWERS) & (events.axis == 0))
    message, answer = joined(asked.pair, events.pair[could_answer])
    answered = message[events.at[could_answer[answer]] >= asked.sent_at[message]]
    by_receipt = any_of(len(asked), received.message[pairs.in_own_log[received.receipt]])
    return by_receipt | (_first_bearing(events, asked, own) < NEVER) | any_of(len(asked), answered)


def _told_by_sender(sends: Sends, asked: _Asked, failed_receipt: Mask, pairs: PairRows, known: Mask) -> Ints:
    """When the sender's `done` says that a message arrived, unless the recipient's complete log knows nothing of it."""
    done = np.flatnonzero((sends.done_at[asked.row] != NAT) & ~failed_receipt[asked.message])
    at, message = sends.done_at[asked.row[done]], asked.message[done]
    silent = pairs.recipient_would_know(asked.pair[message], at) & ~known[message]
    return earliest(len(asked), message[~silent], at[~silent])


def _answers(events: Events, messages: _Told) -> tuple[Ints, Mask, Mask]:
    """When each message was answered, whether by a refusal, and which events are answers."""
    size = len(messages.pair)
    candidates = np.flatnonzero(is_one_of(events.code, _ANSWERS) & events.by_recipient)
    message, place = joined(messages.pair, events.pair[candidates])
    event = candidates[place]
    at, named, axis = events.at[event], events.axis[event], messages.axis[message]
    in_time = at > messages.arrived_at[message]
    by_id = (axis != 0) & (axis == named) & ((messages.kind[message] != REQUEST) | in_time)
    answered_by_id = any_of(size, message[by_id])
    without = np.flatnonzero((named == 0) & in_time & ~answered_by_id[message])
    without = without[np.lexsort((event[without], at[without], message[without]))]
    first = first_rows(size, message[without])
    chosen = np.append(np.flatnonzero(by_id), without[first[first >= 0]])
    refusals = is_one_of(events.code[event[chosen]], _REFUSALS)
    return (
        earliest(size, message[chosen], at[chosen]),
        any_of(size, message[chosen[refusals]]),
        any_of(len(events), event[chosen]),
    )
