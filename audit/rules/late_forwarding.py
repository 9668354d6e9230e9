"""N4 – Chuyển giao chậm: accepted, but not passed on to whom it concerns in time.

Basis: NĐ 30/2020/NĐ-CP Điều 23 khoản 1: on the same day, at the latest the next working day; urgent ones at once (the
    minutes are policy).
Population: pairs acknowledged by `as_of`, not refused; deadline = 24:00 of the next working day after the arrival's
    effective day, for urgent documents arrival + [khẩn 120, thượng khẩn 60, hoả tốc 30] minutes. Not pairs refused as
    misrouted or recalled before the deadline, nor recipients whose system cannot tell forwarding
    (`reports_forwarding`).
Breach: no status 04–06, `forwarded_at` or `completed_at` by the deadline.
No breach: forwarded by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.documents import NOT_URGENT
from audit.facts.handling import arrivals, happened, left_out, told_until
from audit.facts.urgency import urgent_deadline
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each
from audit.working_time import NEVER

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a pair; the recipient is blamed."""
    came = arrivals(facts)
    pairs = facts.pairs
    urgency = facts.pair_urgency[came.pair]
    urgent = urgency > NOT_URGENT
    by_day = facts.calendar.end_of_day(facts.calendar.next_working_day(came.effective_day))
    by_minute = urgent_deadline(came.arrived_at, urgency, facts.policy.limits.urgent_forward_minutes)
    deadline = np.where(urgent, by_minute, by_day)
    recipient = pairs.recipient[came.pair]
    blamed = facts.blamed(recipient, deadline, at_end=True)
    accepted = (pairs.acknowledged_at[came.pair] < NEVER) & (pairs.refused_at[came.pair] == NEVER)
    due = facts.period.holds_deadline(deadline) & facts.agencies.tells(blamed, "receipts", "statuses")
    due &= facts.agencies.flag("reports_forwarding")[blamed]
    chosen = np.flatnonzero(due & accepted & ~left_out(facts, came.pair, deadline))
    pair, deadline = came.pair[chosen], deadline[chosen]
    forwarded_at = pairs.forwarded_at[pair]
    in_time = forwarded_at <= deadline
    population = members(
        agency=blamed[chosen],
        decided=in_time | told_until(facts, pair, came.arrived_at[chosen], deadline),
        breach=~in_time,
        anchored_at=deadline,
        severity=np.where(urgent[chosen], Severity.HIGH, Severity.MEDIUM),
        document=pairs.document[pair],
        recipient=recipient[chosen],
        counterpart=pairs.sender[pair],
        deadline_at=deadline,
        observed_at=happened(forwarded_at),
    )
    return one_finding_each(population)


RULE = Rule(code="N4", id="late_forwarding", severity=Severity.MEDIUM, member="pair", judge=judge)
