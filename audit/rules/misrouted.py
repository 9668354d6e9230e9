"""N9 – Gửi sai nơi nhận: sent to an agency that it does not concern, or to a code that is none.

Basis: NĐ 30/2020/NĐ-CP Điều 21 khoản 2 điểm b; QĐ 20/2020/QĐ-TTg (codes). The wording that says "wrong recipient" is
    policy.
Population: pairs by the first send, or by the refusal if that is later, or if no log in hand tells the send.
Breach: refused with such a reason (extra `refused`); the code has no form of a code (`malformed`); it is under the
    province's prefix and its first two groups have no valid entry in the registry (`unknown`).
No breach: refused for another reason; an agency outside the province that the registry does not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.routing import code_faults
from audit.rule import Rule, Severity, Verdicts, findings, members
from audit.working_time import NEVER

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a pair; the sender is blamed. A pair can be both refused and sent to a wrong code."""
    pairs = facts.pairs
    first, refused_at = pairs.first_message_at, pairs.refused_at
    sent, refused = first < NEVER, refused_at < NEVER
    anchor = np.where(sent & refused, np.maximum(first, refused_at), np.minimum(first, refused_at))
    sender, recipient = pairs.sender, pairs.recipient
    pair = np.flatnonzero(facts.period.holds_event(anchor))
    blamed = facts.blamed(sender[pair], anchor[pair], at_end=False)
    pair, blamed = pair[blamed >= 0], blamed[blamed >= 0]
    by_refusal, fault = facts.misrouted[pair], code_faults(facts)[pair]
    population = members(
        agency=blamed,
        decided=np.ones(len(pair), dtype=bool),
        breach=by_refusal | (fault != ""),
        anchored_at=anchor[pair],
        severity=Severity.MEDIUM,
        document=pairs.document[pair],
        recipient=recipient[pair],
        counterpart=recipient[pair],
    )
    by_reason, by_code = np.flatnonzero(by_refusal), np.flatnonzero(fault != "")
    member = np.concatenate([by_reason, by_code])
    extra = np.concatenate([np.full(len(by_reason), "refused", dtype=object), fault[by_code]])
    return Verdicts(population, findings(member, recipient[pair][member], extra))


RULE = Rule(code="N9", id="misrouted", severity=Severity.MEDIUM, member="pair", judge=judge)
