"""N7 – Giải quyết quá hạn: dealt with after the due date.

Basis: NĐ 30/2020/NĐ-CP Điều 24 khoản 2; the due date is the recipient's, else the sender's.
Population: pairs with a due date, not refused, not recalled, completed in the period, at recipients whose system
    tells completion.
Breach: completed after the due date (a date means its 24:00).
No breach: completed by then; without a due date nothing is late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.rule import Rule, Severity, Verdicts, members, one_finding_each
from audit.working_time import NAT, NEVER

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a pair; the recipient is blamed."""
    pairs = facts.pairs
    completed_at, due_at = pairs.completed_at, facts.due_at
    recipient = pairs.recipient
    standing = (pairs.refused_at == NEVER) & (pairs.recalled_at == NEVER)
    pair = np.flatnonzero(facts.period.holds_event(completed_at) & (due_at != NAT) & standing)
    blamed = facts.blamed(recipient[pair], completed_at[pair], at_end=False)
    kept = (blamed >= 0) & facts.agencies.flag("reports_completion")[blamed]
    pair, blamed = pair[kept], blamed[kept]
    population = members(
        agency=blamed,
        decided=np.ones(len(pair), dtype=bool),
        breach=completed_at[pair] > due_at[pair],
        anchored_at=completed_at[pair],
        severity=Severity.HIGH,
        document=pairs.document[pair],
        recipient=recipient[pair],
        counterpart=pairs.sender[pair],
        deadline_at=due_at[pair],
        observed_at=completed_at[pair],
    )
    return one_finding_each(population)


RULE = Rule(code="N7", id="late_processing", severity=Severity.HIGH, member="pair", judge=judge)
