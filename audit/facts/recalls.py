"""Messages about a document that is already on its way: recalls, updates and requests to take it back, and their answers.

rules.md section 1, "Statuses": a status 02, 03, 15 or 16 answers a recall (a send of type 1 or 2, or status 13) when it bears that
message's axis id, or, where none bears it, when it is the recipient's first such status without an id after the recall's arrival.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from audit.facts.arrays import Ints, Mask, any_of, combine, earliest, latest
from audit.facts.coverage import Coverage
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
    """Messages, and which events answer them (and so neither acknowledge nor refuse the document)."""

    messages: Messages
    answers: Mask


class PairRows:
    """The pair of every send and receipt, and the day arithmetic of its recipient's log."""

    def __init__(
        self, of_sends: Ints, of_receipts: Ints, recipient: Ints, calendar: WorkingCalendar, coverage: Coverage
    ) -> None:
        self.of_sends = of_sends
        self.of_receipts = of_receipts
        self.recipient = recipient
        self._calendar = calendar
        self._coverage = coverage

    def recipient_would_know(self, pair: Ints, at: Ints) -> Mask:
        """The recipient's own receipts and statuses are complete on that instant's day and the next."""
        day = self._calendar.day_of(at).astype(np.int64)
        return self._coverage.complete(self.recipient[pair], day, day + 1, ("receipts", "statuses"))


def find_recalls(sends: Sends, receipts: Receipts, events: Events, pairs: PairRows) -> Recalls:
    """All messages with their arrival and answer, and the events that answer them."""
    asked = np.flatnonzero((sends.kind == RECALL) | (sends.kind == UPDATE))
    message_of, count = _messages_of(sends, pairs.of_sends, asked)
    requests = np.flatnonzero(events.code == REQUEST)
    size = count + len(requests)
    pair = np.concatenate([_spread(count, message_of, pairs.of_sends[asked]), events.pair[requests]])
    axis = np.concatenate([_spread(count, message_of, sends.axis[asked]), events.axis[requests]])
    kind = np.concatenate([_spread(count, message_of, sends.kind[asked]), np.full(len(requests), REQUEST)])
    sent_at = np.concatenate([earliest(count, message_of, sends.sent_at[asked]), events.at[requests]])
    live = ~sends.failed[asked]
    live_sent_at = np.concatenate([latest(count, message_of[live], sends.sent_at[asked][live]), events.at[requests]])
    received = _received(receipts, pairs, pair[:count], axis[:count], kind[:count])
    failed_receipt = any_of(size, received["message"].to_numpy()[receipts.failed[received["receipt"].to_numpy()]])
    done = sends.done_at[asked] != NAT
    arrived_at = np.full(size, NEVER, dtype=np.int64)
    arrived_at[:count] = np.minimum.reduce(
        [
            earliest(count, received["message"].to_numpy(), _arrivals(receipts, received["receipt"].to_numpy())),
            _first_bearing(events, pair[:count], axis[:count]),
            _told_by_sender(sends, asked, message_of, failed_receipt, pairs, events, received, pair, axis, sent_at),
        ]
    )
    arrived_at[count:] = np.where(events.in_recipient_log[requests], events.at[requests], NEVER)
    answered_at, refused, answers = _answers(events, pair, axis, kind, arrived_at)
    last_failed = np.zeros(size, dtype=bool)
    last_failed[message_of] = sends.failed[asked]  # in the order of (sent_at, attempt): the last assignment stays
    messages = Messages(
        pair=pair,
        kind=kind,
        sent_at=sent_at,
        live_sent_at=live_sent_at,
        done=any_of(size, message_of[done]),
        last_failed=last_failed,
        failed_receipt=failed_receipt,
        arrived_at=np.minimum(arrived_at, np.where(kind == REQUEST, NEVER, answered_at)),
        answered_at=answered_at,
        refused=refused,
    )
    return Recalls(messages, answers)


def _messages_of(sends: Sends, pair_of_sends: Ints, asked: Ints) -> tuple[Ints, int]:
    """The message of every attempt: same pair, type and axis id; without an id a new one begins where the attempts begin again."""
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


def _received(receipts: Receipts, pairs: PairRows, pair: Ints, axis: Ints, kind: Ints) -> pd.DataFrame:
    """Which receipt is of which message: by the axis id, or by type where one side has none."""
    mine = np.flatnonzero((receipts.kind == RECALL) | (receipts.kind == UPDATE))
    of_receipts = pd.DataFrame(
        {"receipt": mine, "pair": pairs.of_receipts[mine], "axis": receipts.axis[mine], "kind": receipts.kind[mine]}
    )
    of_messages = pd.DataFrame({"message": np.arange(len(pair)), "pair": pair, "axis": axis, "kind": kind})
    both = of_messages.merge(of_receipts, on="pair", suffixes=("", "_received"))
    same_id = both["axis"] == both["axis_received"]
    no_id = (both["axis"] == 0) | (both["axis_received"] == 0)
    fits = (same_id & (both["axis"] != 0)) | (no_id & (both["kind"] == both["kind_received"]))
    return both.loc[fits, ["message", "receipt"]]


def _arrivals(receipts: Receipts, rows: Ints) -> Ints:
    return np.where(receipts.failed[rows], NAT, receipts.arrived_at[rows])


def _first_bearing(events: Events, pair: Ints, axis: Ints) -> Ints:
    """The recipient's first event that bears the message's id: an answer proves the arrival."""
    bearing = (events.axis != 0) & events.by_recipient
    return _first_of_key(combine(pair, axis), axis != 0, combine(events.pair, events.axis)[bearing], events.at[bearing])


def _first_of_key(wanted: Ints, valid: Mask, key: Ints, at: Ints) -> Ints:
    table = pd.unique(wanted)
    position = pd.Index(table).get_indexer(key)
    first = earliest(len(table), position[position >= 0], at[position >= 0])
    return (
        np.where(valid, first[pd.Index(table).get_indexer(wanted)], NEVER)
        if len(table)
        else np.empty(0, dtype=np.int64)
    )


def _told_by_sender(
    sends: Sends,
    asked: Ints,
    message_of: Ints,
    failed_receipt: Mask,
    pairs: PairRows,
    events: Events,
    received: pd.DataFrame,
    pair: Ints,
    axis: Ints,
    sent_at: Ints,
) -> Ints:
    """When the sender's `done` says that a message arrived, unless the recipient's complete log knows nothing of it.

    rules.md says this of pairs; of a message the recipient's log knows something where it has a receipt of it, or a status of its
    own after the sending that bears the message's id or could answer it (my reading: else no lost recall could ever be found).
    """
    count = len(np.unique(message_of))
    known = any_of(count, received["message"].to_numpy())
    own = events.in_recipient_log & events.by_recipient
    known |= (
        _first_of_key(
            combine(pair[:count], axis[:count]),
            axis[:count] != 0,
            combine(events.pair, events.axis)[own],
            events.at[own],
        )
        < NEVER
    )
    could_answer = np.flatnonzero(own & np.isin(events.code, _ANSWERS) & (events.axis == 0))
    pairs_of = pd.DataFrame({"message": np.arange(count), "pair": pair[:count], "sent_at": sent_at[:count]})
    answered = pairs_of.merge(
        pd.DataFrame({"pair": events.pair[could_answer], "at": events.at[could_answer]}), on="pair"
    )
    known |= any_of(count, answered.loc[answered["at"] >= answered["sent_at"], "message"].to_numpy())
    done = np.flatnonzero((sends.done_at[asked] != NAT) & ~failed_receipt[message_of])
    at = sends.done_at[asked[done]]
    unknown = pairs.recipient_would_know(pairs.of_sends[asked[done]], at) & ~known[message_of[done]]
    return earliest(count, message_of[done][~unknown], at[~unknown])


def _answers(events: Events, pair: Ints, axis: Ints, kind: Ints, arrived_at: Ints) -> tuple[Ints, Mask, Mask]:
    """When each message was answered, whether by a refusal, and which events are answers."""
    size = len(pair)
    candidates = np.flatnonzero(np.isin(events.code, _ANSWERS) & events.by_recipient)
    of_events = pd.DataFrame(
        {
            "event": candidates,
            "pair": events.pair[candidates],
            "at": events.at[candidates],
            "id": events.axis[candidates],
        }
    )
    of_messages = pd.DataFrame(
        {"message": np.arange(size), "pair": pair, "axis": axis, "kind": kind, "arrived_at": arrived_at}
    )
    both = of_messages.merge(of_events, on="pair")
    in_time = both["at"] >= both["arrived_at"]
    by_id = both[(both["axis"] != 0) & (both["axis"] == both["id"]) & ((both["kind"] != REQUEST) | in_time)]
    answered_by_id = any_of(size, by_id["message"].to_numpy())
    without = both[(both["id"] == 0) & in_time & ~answered_by_id[both["message"].to_numpy()]]
    without = without.sort_values(["message", "at", "event"]).drop_duplicates("message")
    chosen = pd.concat([by_id, without]).sort_values(["message", "at", "event"])
    answered_at = earliest(size, chosen["message"].to_numpy(), chosen["at"].to_numpy())
    first = chosen.drop_duplicates("message")
    refused = any_of(size, first["message"].to_numpy()[np.isin(events.code[first["event"].to_numpy()], _REFUSALS)])
    return answered_at, refused, any_of(len(events), chosen["event"].to_numpy())
