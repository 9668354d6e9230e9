"""N8 – Từ chối không nêu lý do: a document was refused and the sender does not learn why.

Basis: NĐ 30/2020/NĐ-CP Điều 21 khoản 2 điểm b; QĐ 28/2018/QĐ-TTg: who refuses answers for it and replies to the sender.
Population: refusals (first of status 02 and `returned_at` of a pair) in the period. A 02 that answers a recall
    refuses no document.
Breach: no reason, or only the status' own name ([placeholders] reasons).
No breach: the status or the register gives a reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.refusals import with_reason
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a refused pair; the recipient is blamed."""
    pairs = facts.pairs
    refused_at, recipient = pairs.refused_at, pairs.recipient
    pair = np.flatnonzero(facts.period.holds_event(refused_at))
    blamed = facts.blamed(recipient[pair], refused_at[pair], at_end=False)
    pair, blamed = pair[blamed >= 0], blamed[blamed >= 0]
    population = members(
        agency=blamed,
        decided=np.ones(len(pair), dtype=bool),
        breach=~with_reason(facts)[pair],
        anchored_at=refused_at[pair],
        severity=Severity.MEDIUM,
        document=pairs.document[pair],
        recipient=recipient[pair],
        counterpart=pairs.sender[pair],
        observed_at=refused_at[pair],
    )
    return one_finding_each(population)


RULE = Rule(code="N8", id="refusal_without_reason", severity=Severity.MEDIUM, member="pair", judge=judge)
