"""A province's traffic as arrays: documents, the messages that carried them, what recipients registered and answered.

Drawn by numpy from one seed, so that a year of five million pairs takes a minute, where the simulator, which knows what
a breach looks like on the wire, would take hours. Plausible, not clever: every rule of the bench's twelve meets members
and breaches, and most documents keep every rule.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.working_time import DAY, HOUR, MINUTE, NAT, SECOND
from bench.world import World

Ints = npt.NDArray[np.int64]

SEED: Final = 814
RECIPIENTS_MOST: Final = 35
SERIES: Final = 4
"""Kinds of notation of a sender: letters, decisions, notices, reports."""
SUBJECTS: Final = 4_000

OFFSET: Final = 7 * HOUR
"""Local time less UTC."""
_STRIDES: Final = np.array([1, 3, 5, 7, 9, 11, 13, 15, 17, 19])
"""Prime to the number of possible recipients (116 = 4 · 29), so that a document's recipients differ."""


class Fate(IntEnum):
    """What becomes of a pair."""

    NORMAL = 0
    FAILED = 1
    RETRIED = 2
    UNDER_WAY = 3
    LOST = 4
    FAILED_RECEIPT = 5
    REFUSED = 6
    RECALLED = 7
    SENT_TWICE = 8
    UNANSWERED = 9
    ANSWERED_LATE = 10
    NEVER_DONE = 11
    STATUS_LOST = 12


_SHARES: Final = {
    Fate.FAILED: 3e-4,
    Fate.RETRIED: 2e-3,
    Fate.UNDER_WAY: 4e-4,
    Fate.LOST: 4e-4,
    Fate.FAILED_RECEIPT: 3e-4,
    Fate.REFUSED: 2e-3,
    Fate.RECALLED: 5e-4,
    Fate.SENT_TWICE: 5e-4,
    Fate.UNANSWERED: 1e-3,
    Fate.ANSWERED_LATE: 3e-3,
    Fate.NEVER_DONE: 3e-3,
    Fate.STATUS_LOST: 1e-3,
}
NOTHING_ARRIVES: Final = (Fate.FAILED, Fate.UNDER_WAY, Fate.LOST, Fate.FAILED_RECEIPT)


@dataclass(frozen=True, slots=True)
class Rows:
    """Arrays of one length."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def take(self, rows: Ints | slice) -> Self:
        """Some of the rows."""
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))

    @classmethod
    def joined(cls, parts: list[Self]) -> Self:
        """All rows of the parts."""
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))


@dataclass(frozen=True, slots=True)
class Documents(Rows):
    """One row a document. `number` of 0 is missing (T1); `form`: 0 good, 1 malformed, 2 of another kind (T2);
    `parties`: who signed, 0 both, 1 nobody (K1), 2 only the person (K2).
    """

    sender: Ints
    day: Ints
    series: Ints
    number: Ints
    subject: Ints
    signed_at: Ints
    urgency: Ints
    form: Ints
    parties: Ints
    lacks_position: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sends(Rows):
    """One row an attempt; `state` 0 done, 1 fail, 2 processing; `message` names the axis id."""

    document: Ints
    recipient: Ints
    message: Ints
    attempt: Ints
    kind: Ints
    sent_at: Ints
    state: Ints
    state_at: Ints


@dataclass(frozen=True, slots=True)
class Receipts(Rows):
    """One row a version of a receipt; NAT = nothing told; `reason` -1 none; `at`: when the row was written."""

    document: Ints
    recipient: Ints
    message: Ints
    kind: Ints
    arrived_at: Ints
    failed: Ints
    needs_reply: Ints
    registered_at: Ints
    forwarded_at: Ints
    due_at: Ints
    completed_at: Ints
    returned_at: Ints
    reason: Ints
    at: Ints


@dataclass(frozen=True, slots=True)
class Statuses(Rows):
    """One row a status in one log; `in_senders`: 1 in the sender's log, 0 in the recipient's; `reason` -1 none."""

    document: Ints
    recipient: Ints
    message: Ints
    code: Ints
    at: Ints
    in_senders: Ints
    reason: Ints


@dataclass(frozen=True, slots=True)
class Pairs(Rows):
    """One row a pair: who was sent what, when, as which message, and what becomes of it."""

    document: Ints
    recipient: Ints
    fate: Ints
    message: Ints
    sent_at: Ints


@dataclass(frozen=True, slots=True)
class Sending:
    """Documents and their messages; `messages` is how many there are."""

    documents: Documents
    pairs: Pairs
    sends: Sends
    messages: int


def draw_sending(rng: np.random.Generator, world: World) -> Sending:
    """The documents of the world's days, and how they were sent."""
    documents = _documents(rng, world)
    pairs, sends, messages = _sends(rng, world, documents)
    return Sending(documents, pairs, sends, messages)


def local_day(at: Ints) -> Ints:
    """The local day of instants."""
    return (at + OFFSET) // DAY


def end_of_day(at: Ints) -> Ints:
    """The last microsecond of the local day of instants."""
    return (local_day(at) + 1) * DAY - OFFSET - 1


def _documents(rng: np.random.Generator, world: World) -> Documents:
    size = world.scale.days * world.scale.documents
    weights = 1 / (np.arange(world.senders) + 8)
    sender = rng.choice(world.senders, size, p=weights / weights.sum())
    day = np.repeat(world.working_days, world.scale.documents)
    signed_at = day * DAY - OFFSET + 450 * MINUTE + rng.integers(0, 8 * 3600, size) * SECOND
    order = np.lexsort((signed_at, day))
    series = rng.choice(SERIES, size, p=[0.7, 0.1, 0.1, 0.1])
    frame = pd.DataFrame({"sender": sender, "series": series, "day": day}).iloc[order]
    by_series = frame.groupby(["sender", "series"], sort=False)
    number = by_series.cumcount().to_numpy() + 1
    first_of_day = (frame.groupby(["sender", "series", "day"], sort=False).cumcount() == 0).to_numpy()
    reused = first_of_day & (number > 1) & (rng.random(size) < 0.004)
    rate = rng.random(size)
    urgency = np.select([rate < 0.04, rate < 0.045, rate < 0.046], [1, 2, 3], 0)
    return Documents(
        sender=sender[order],
        day=day[order],
        series=series[order],
        number=np.where(rng.random(size) < 0.002, 0, number - reused),
        subject=rng.integers(0, SUBJECTS, size),
        signed_at=signed_at[order],
        urgency=urgency,
        form=rng.choice(3, size, p=[0.99, 0.004, 0.006]),
        parties=rng.choice(3, size, p=[0.992, 0.004, 0.004]),
        lacks_position=rng.random(size) < 0.004,
    )


def _sends(rng: np.random.Generator, world: World, documents: Documents) -> tuple[Pairs, Sends, int]:
    size = len(documents)
    count = np.clip(rng.poisson(20, size), 3, RECIPIENTS_MOST)
    document = np.repeat(np.arange(size), count)
    nth = np.arange(len(document)) - np.repeat(np.cumsum(count) - count, count)
    others = world.senders - 1
    stride, first = rng.choice(_STRIDES, size)[document], rng.integers(0, others, size)[document]
    recipient = (documents.sender[document] + 1 + (first + nth * stride) % others) % world.senders
    delay = rng.integers(5, np.array([90, 60, 50, 24])[documents.urgency]) * MINUTE
    rate = rng.random(size)
    delay = delay + np.select([rate < 0.004, rate < 0.008], [3 * DAY, DAY], 0)
    sent_at = (documents.signed_at + delay)[document] + rng.integers(0, 50, len(document)) * SECOND
    fate = rng.choice(13, len(document), p=[1 - sum(_SHARES.values()), *_SHARES.values()])
    fate[documents.number[document] == 0] = Fate.NORMAL
    message = np.arange(len(document))
    pairs = Pairs(document, recipient, fate, message, sent_at)
    state = np.select([np.isin(fate, (Fate.FAILED, Fate.RETRIED)), fate == Fate.UNDER_WAY], [1, 2], 0)
    state_at = np.where(state == 2, NAT, sent_at + 5 * SECOND)
    parts = [Sends(document, recipient, message, np.ones_like(message), message * 0, sent_at, state, state_at)]
    messages = len(message)
    for wanted, kind, later, attempt, new in (
        (Fate.RETRIED, 0, 20 * MINUTE, 2, False),
        (Fate.RECALLED, 1, DAY, 1, True),
        (Fate.SENT_TWICE, 0, DAY, 1, True),
    ):
        rows = np.flatnonzero(fate == wanted)
        again = pairs.take(rows)
        named = messages + np.arange(len(rows)) if new else again.message
        messages += len(rows) * new
        at, ones = again.sent_at + later, np.ones_like(rows)
        parts.append(
            Sends(again.document, again.recipient, named, ones * attempt, ones * kind, at, ones * 0, at + 5 * SECOND)
        )
    return pairs, Sends.joined(parts), messages
