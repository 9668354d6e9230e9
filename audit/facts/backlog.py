"""Documents that wait to be dealt with, ordinary (N5) and urgent (N6) ones, and their limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.arrays import Ints, Mask, any_of, are_first, is_false, is_one_of
from audit.facts.pairs import CHAIN_KINDS
from audit.rule import Severity, Verdicts, members, one_finding_each
from audit.working_time import NAT, NEVER

if TYPE_CHECKING:
    from audit.facts import Facts


def backlog(facts: Facts, chosen: Ints, limit: Ints, severity: Severity) -> Verdicts:
    """The verdicts of N5 and N6: open at `as_of` beyond the limit.

    Members are the pairs among `chosen` that were open (arrived, not completed) at some moment of the period up to
    `as_of`, neither refused nor recalled, at recipients whose system tells completion. They are anchored at the
    earlier of period end and `as_of`.

    Args:
        facts: the facts.
        chosen: pairs that arrived.
        limit: for each of them the instant by which it should be dealt with.
        severity: of every finding.
    """
    period, pairs = facts.period, facts.pairs
    arrived_at, completed_at = pairs.arrived_at[chosen], pairs.completed_at[chosen]
    recipient = pairs.recipient[chosen]
    anchor = np.full(len(chosen), period.closed_at)
    blamed = facts.blamed(recipient, anchor, at_end=True)
    since = np.maximum(arrived_at, period.start_at)
    was_open = (since < period.end_at) & (since <= period.as_of_at) & (completed_at > since)
    standing = (pairs.refused_at[chosen] == NEVER) & (pairs.recalled_at[chosen] == NEVER)
    kept = np.flatnonzero(
        was_open
        & standing
        & (blamed >= 0)
        & facts.agencies.flag("reports_completion")[blamed]
        & facts.agencies.tells(blamed, "receipts", "statuses")
    )
    pair, limit, is_open = chosen[kept], limit[kept], completed_at[kept] == NEVER
    in_time = limit >= period.as_of_at
    told = facts.complete(
        recipient[kept], arrived_at[kept], np.full(len(kept), period.as_of_at), ("receipts", "statuses")
    )
    population = members(
        agency=blamed[kept],
        decided=~is_open | in_time | told,
        breach=is_open & ~in_time,
        anchored_at=anchor[kept],
        severity=severity,
        document=pairs.document[pair],
        recipient=recipient[kept],
        counterpart=pairs.sender[pair],
        deadline_at=limit,
    )
    return one_finding_each(population)


def needs_no_reply(facts: Facts) -> Mask:
    """Pairs whose first receipt that tells it says that nothing has to be done (`needs_reply` false); of several at one
    instant all must say so.
    """
    receipts, size = facts.receipts, len(facts.pairs)
    needs_reply = receipts.frame["needs_reply"]
    row = np.flatnonzero(needs_reply.notna().to_numpy() & is_one_of(receipts.kind, CHAIN_KINDS))
    pair = facts.pair_of_receipts[row]
    needed = are_first(size, pair, receipts.came_at[row]) & ~is_false(needs_reply)[row]
    return any_of(size, pair) & ~any_of(size, pair[needed])


def due_or(facts: Facts, pair: Ints, otherwise: Ints) -> Ints:
    """The limit that registers tell for these pairs, else the policy's."""
    due = facts.due_at[pair]
    return np.where(due != NAT, due, otherwise)
