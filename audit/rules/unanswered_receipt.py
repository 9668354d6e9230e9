"""N2 – Chưa phản hồi trạng thái: arrived, and the recipient said nothing.

Basis: NĐ 30/2020/NĐ-CP Điều 21 khoản 2 điểm c: the recipient notifies the sender on the same day; QĐ 28/2018/QĐ-TTg
    Điều 9.
Population: pairs that arrived; deadline = 24:00 of the arrival's effective day. Not pairs refused as misrouted (N9)
    or recalled before the deadline.
Breach: not acknowledged (no status 02–06) by `as_of`.
No breach: acknowledged, however late (late is N3); a status 01 alone is technical and acknowledges nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.handling import arrivals, left_out, told_until
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each
from audit.working_time import NEVER

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a pair; the recipient is blamed."""
    came = arrivals(facts)
    recipient = facts.pairs.recipient[came.pair]
    blamed = facts.blamed(recipient, came.acknowledge_by, at_end=True)
    due = facts.period.holds_deadline(came.acknowledge_by) & facts.agencies.tells(blamed, "receipts", "statuses")
    chosen = np.flatnonzero(due & ~left_out(facts, came.pair, came.acknowledge_by))
    pair, deadline = came.pair[chosen], came.acknowledge_by[chosen]
    acknowledged = facts.pairs.acknowledged_at[pair] < NEVER
    population = members(
        agency=blamed[chosen],
        decided=acknowledged | told_until(facts, pair, came.arrived_at[chosen], deadline),
        breach=~acknowledged,
        anchored_at=deadline,
        severity=Severity.HIGH,
        document=facts.pairs.document[pair],
        recipient=recipient[chosen],
        counterpart=facts.pairs.sender[pair],
        deadline_at=deadline,
    )
    return one_finding_each(population)


RULE = Rule(code="N2", id="unanswered_receipt", severity=Severity.HIGH, member="pair", judge=judge)
