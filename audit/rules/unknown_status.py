"""N11 – Mã trạng thái không quy định: a status whose code nobody can read.

Basis: the status codes of the national axis (01 02 03 04 05 06 13 15 16); NĐ 30/2020/NĐ-CP Phụ lục VI phần I mục III.1.
Population: status messages in the period; the same code of the same pair within [2 min] in both logs is one message.
Breach: the code is none of the nine; extra = the code, `missing` where there is none.
No breach: a known code, whatever its description says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.rows import NO_CODE
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a status message; the agency that issued it is blamed."""
    events, pairs = facts.events, facts.pairs
    chosen = np.flatnonzero(facts.period.holds_event(events.at))
    blamed = facts.blamed(events.issuer[chosen], events.at[chosen], at_end=False)
    chosen, blamed = chosen[blamed >= 0], blamed[blamed >= 0]
    pair = events.pair[chosen]
    unknown = events.code[chosen] == NO_CODE
    extra = np.full(len(chosen), "", dtype=object)
    codes = facts.statuses.frame.texts("status_code", events.first[chosen[unknown]])
    extra[unknown] = [code if code is not None else "missing" for code in codes]
    sender, recipient = pairs.sender[pair], pairs.recipient[pair]
    population = members(
        agency=blamed,
        decided=np.ones(len(chosen), dtype=bool),
        breach=unknown,
        anchored_at=events.at[chosen],
        severity=Severity.LOW,
        document=pairs.document[pair],
        recipient=recipient,
        counterpart=np.where(events.by_recipient[chosen], sender, recipient),
        observed_at=events.at[chosen],
        extra=extra,
    )
    return one_finding_each(population)


RULE = Rule(code="N11", id="unknown_status", severity=Severity.LOW, member="status", judge=judge)
