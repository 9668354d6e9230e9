"""N3 – Phản hồi trạng thái chậm: acknowledged, but not on the day it arrived.

Basis: NĐ 30/2020/NĐ-CP Điều 21 khoản 2 điểm c: on the same day.
Population: as N2.
Breach: the first status 02–06 came after 24:00 of the arrival's effective day.
No breach: acknowledged by then; or not at all, which is N2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.handling import arrivals, happened, left_out, told_until
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
    acknowledged_at = facts.pairs.acknowledged_at[pair]
    in_time = acknowledged_at <= deadline
    population = members(
        agency=blamed[chosen],
        decided=in_time | told_until(facts, pair, came.arrived_at[chosen], deadline),
        breach=~in_time & (acknowledged_at < NEVER),
        anchored_at=deadline,
        severity=Severity.MEDIUM,
        document=facts.pairs.document[pair],
        recipient=recipient[chosen],
        counterpart=facts.pairs.sender[pair],
        deadline_at=deadline,
        observed_at=happened(acknowledged_at),
    )
    return one_finding_each(population)


RULE = Rule(code="N3", id="late_acknowledgement", severity=Severity.MEDIUM, member="pair", judge=judge)
