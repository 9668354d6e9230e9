"""What a finding about something that failed tells of the attempts: how many, when the last one was, its error code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.arrays import Ints, Mask, any_of, is_one_of
from audit.facts.pairs import CHAIN_KINDS
from audit.facts.sending import instant_texts
from audit.working_time import NAT

if TYPE_CHECKING:
    from audit.facts import Facts
    from audit.log_table import LogTable


def attempts_to_send(facts: Facts, pair: Ints) -> list[dict[str, object]]:
    """Of the sends of each pair: `attempts`, `last_at` and, where the log has one, `error_code`."""
    sends = facts.sends
    chain = is_one_of(sends.kind, CHAIN_KINDS)
    return _told(len(facts.pairs), pair, facts.pair_of_sends, chain, (sends.sent_at, sends.frame))


def attempts_to_receive(facts: Facts, pair: Ints) -> list[dict[str, object]]:
    """The same of the messages that each pair's recipient received in state fail."""
    receipts = facts.receipts
    failed_at = np.where(receipts.state_at != NAT, receipts.state_at, receipts.arrived_at)
    failed = receipts.failed & is_one_of(receipts.kind, CHAIN_KINDS)
    return _told(len(facts.pairs), pair, facts.pair_of_receipts, failed, (failed_at, receipts.frame))


def _told(size: int, pair: Ints, of_rows: Ints, counted: Mask, told: tuple[Ints, LogTable]) -> list[dict[str, object]]:
    """`told`: instants and rows, in order of time: the last row of a pair is its last attempt."""
    at, frame = told
    rows = np.flatnonzero(counted & any_of(size, pair)[of_rows])
    count, last = np.bincount(of_rows[rows], minlength=size), np.full(size, -1, dtype=np.int64)
    last[of_rows[rows]] = rows
    codes = frame.texts("error_code", last[pair]).tolist()
    known = (last[pair] >= 0) & (at[last[pair]] != NAT)
    instants = instant_texts(np.where(known, at[last[pair]], 0)).tolist()
    facts = zip(count[pair].tolist(), known.tolist(), instants, codes, strict=True)
    return [
        {"attempts": number}
        | ({"last_at": instant} if is_known else {})
        | ({"error_code": code} if code is not None else {})
        for number, is_known, instant, code in facts
    ]
