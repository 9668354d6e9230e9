"""N5 – Văn bản tồn đọng: a document that waits beyond its limit.

Basis: letter 814 item 1; NĐ 30/2020/NĐ-CP Điều 24 khoản 2. "Tồn đọng" is defined by no law: the number of days is
    policy.
Population: pairs, not urgent, that arrived, were open at some moment of the period, are not refused, not recalled and
    not marked as needing no reply; limit = the due date, else the end of the [10th] working day after the arrival's
    effective day. Not recipients whose system cannot tell completion (`reports_completion`).
Breach: still open at `as_of`, and the limit is past.
No breach: completed (late is N7), or the limit is still to come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.backlog import backlog, due_or, needs_no_reply
from audit.facts.documents import NOT_URGENT
from audit.facts.handling import arrivals
from audit.rule import Rule, Severity, Verdicts

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a pair; the recipient is blamed."""
    came = arrivals(facts)
    chosen = np.flatnonzero((facts.pair_urgency[came.pair] <= NOT_URGENT) & ~needs_no_reply(facts)[came.pair])
    pair = came.pair[chosen]
    last_day = facts.calendar.working_day_after(came.effective_day[chosen], facts.policy.limits.backlog_working_days)
    return backlog(facts, pair, due_or(facts, pair, facts.calendar.end_of_day(last_day)), Severity.HIGH)


RULE = Rule(code="N5", id="backlog", severity=Severity.HIGH, member="pair", judge=judge)
