"""When messages were received, as N1 and N13 anchor them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audit.facts.arrays import Ints, Mask, any_of, is_one_of
from audit.facts.pairs import CHAIN_KINDS

if TYPE_CHECKING:
    from audit.facts import Facts


def received_at(facts: Facts) -> tuple[Ints, Ints]:
    """Receipts of type 0 and 3, and when each came."""
    row = np.flatnonzero(is_one_of(facts.receipts.kind, CHAIN_KINDS))
    return row, facts.receipts.came_at[row]


@dataclass(frozen=True, slots=True)
class Matching:
    """Receipts of type 0 or 3 against the log of their sender, which is in scope and told; one row a receipt.

    Attributes:
        row: the receipt. received_at: its anchor.
        matched: the sender's log has a send of the pair. told: the sender's log is complete over the days that would
            hold it.
    """

    row: Ints
    received_at: Ints
    matched: Mask
    told: Mask


def matching(facts: Facts) -> Matching:
    """Which receipts have a send; the needed days run from the issue date, at most [30] days before the arrival, to
    the arrival.
    """
    row, received = received_at(facts)
    sender = facts.blamed(facts.receipts.sender[row], received, at_end=False)
    told = facts.agencies.tells(sender, "sends")
    row, received = row[told], received[told]
    pair = facts.pair_of_receipts[row]
    own = facts.keeps_log_of(facts.sends.log, facts.sends.sender, facts.sends.log_day)
    matched = any_of(len(facts.pairs), facts.pair_of_sends[own])[pair]
    day = facts.day_of(received)
    issued = facts.issued_day[facts.pairs.document[pair]]
    since = np.clip(issued, day - facts.policy.limits.unmatched_days, day)
    return Matching(row, received, matched, facts.coverage.complete(facts.receipts.sender[row], since, day, ("sends",)))


def unmatched_pairs(facts: Facts) -> Mask:
    """Pairs that N13 reports, in whatever period."""
    found = matching(facts)
    blamed = facts.blamed(facts.receipts.recipient[found.row], found.received_at, at_end=False)
    reported = ~found.matched & found.told & (blamed >= 0)
    return any_of(len(facts.pairs), facts.pair_of_receipts[found.row[reported]])
