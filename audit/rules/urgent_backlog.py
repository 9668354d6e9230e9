"""N6 – Văn bản khẩn chưa giải quyết: an urgent document that waits beyond its limit.

Basis: NĐ 30/2020/NĐ-CP Điều 24 khoản 2: urgent documents are dealt with at once. The number of hours is policy.
Population: as N5, but urgent; limit = the due date, else arrival + [khẩn 24, thượng khẩn 8, hoả tốc 4] hours, day and
    night.
Breach: still open at `as_of`, and the limit is past.
No breach: completed, or the limit is still to come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.backlog import backlog, due_or, needs_no_reply
from audit.facts.documents import NOT_URGENT
from audit.facts.handling import arrivals
from audit.facts.urgency import urgent_deadline
from audit.rule import Rule, Severity, Verdicts
from audit.working_time import HOUR

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a pair; the recipient is blamed."""
    came = arrivals(facts)
    urgency = facts.pair_urgency[came.pair]
    chosen = np.flatnonzero((urgency > NOT_URGENT) & ~needs_no_reply(facts)[came.pair])
    pair = came.pair[chosen]
    limit = urgent_deadline(came.arrived_at[chosen], urgency[chosen], facts.policy.limits.urgent_backlog_hours, HOUR)
    return backlog(facts, pair, due_or(facts, pair, limit), Severity.CRITICAL)


RULE = Rule(code="N6", id="urgent_backlog", severity=Severity.CRITICAL, member="pair", judge=judge, elapsed=True)
