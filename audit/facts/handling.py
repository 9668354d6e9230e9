"""What the rules of group N share: pairs that arrived, their recipients, and the day by whose end they must be
acknowledged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audit.facts.arrays import Ints, Mask
from audit.facts.once import once
from audit.working_time import DAY, NAT, NEVER

if TYPE_CHECKING:
    from audit.facts import Facts


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Pairs that arrived, one row each.

    Attributes:
        pair: the pair. arrived_at: its arrival. effective_day: the working day on which it counts as arrived.
        acknowledge_by: the deadline for acknowledging it, 24:00 of that day (NĐ 30/2020 Điều 21 khoản 2 điểm c).
    """

    pair: Ints
    arrived_at: Ints
    effective_day: Ints
    acknowledge_by: Ints


@once
def arrivals(facts: Facts) -> Arrivals:
    """All pairs that arrived by `as_of`."""
    arrived_at = facts.pairs.arrived_at
    pair = np.flatnonzero(arrived_at < NEVER)
    day = facts.calendar.effective_day(arrived_at[pair]).astype(np.int64)
    return Arrivals(pair, arrived_at[pair], day, facts.calendar.end_of_day(day))


def left_out(facts: Facts, pair: Ints, deadline: Ints) -> Mask:
    """Pairs that N2–N4 leave out: refused as misrouted (N9), or recalled before the deadline."""
    return facts.misrouted[pair] | (facts.pairs.recalled_at[pair] < deadline)


def told_until(facts: Facts, pair: Ints, arrived_at: Ints, deadline: Ints) -> Mask:
    """Whether the recipient's receipts and statuses are complete from the arrival to the deadline.

    One day more where only the sender's `done` tells of the arrival: the recipient's row may be of the day after.
    """
    by_sender_only = facts.pairs.told_by_sender_only[pair]
    recipient = facts.pairs.recipient[pair]
    return facts.complete(recipient, arrived_at, deadline + by_sender_only * DAY, ("receipts", "statuses"))


def happened(at: Ints) -> Ints:
    """Instants as the findings want them: NAT where it never happened."""
    return np.where(at < NEVER, at, NAT)
