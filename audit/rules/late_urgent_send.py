"""G5 – Văn bản khẩn gửi chậm: an urgent document that did not go out at once.

Basis: QĐ 28/2018/QĐ-TTg Điều 6 and NĐ 30/2020/NĐ-CP Điều 18 khoản 1: immediately after signing. The minutes are policy.
Population: registered urgent documents with `signed_at` and electronic recipients; deadline = `signed_at` + [khẩn
    120, thượng khẩn 60, hoả tốc 30] minutes, day and night.
Breach: the first send to some recipient came after the deadline, or never.
No breach: every recipient was sent to by then. An urgent document without `signed_at` is judged by G3 and G4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.documents import HOA_TOC
from audit.facts.sending import dispatch, dispatch_facts
from audit.facts.urgency import urgent_deadline
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each
from audit.working_time import NAT, NEVER

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    sent = dispatch(facts)
    level = facts.documents.urgency[sent.document]
    signed_at = facts.documents.signed_at[sent.document]
    deadline = urgent_deadline(signed_at, level, facts.policy.limits.urgent_send_minutes)
    sender = facts.documents.sender[sent.document]
    blamed = facts.blamed(sender, deadline, at_end=True)
    chosen = np.flatnonzero(facts.period.holds_deadline(deadline) & facts.agencies.tells(blamed, "documents", "sends"))
    deadline, last = deadline[chosen], sent.last_first_send[chosen]
    in_time = last <= deadline
    complete = facts.complete(sender[chosen], signed_at[chosen], deadline, ("sends",))
    population = members(
        agency=blamed[chosen],
        decided=in_time | complete,
        breach=~in_time,
        anchored_at=deadline,
        severity=np.where(level[chosen] == HOA_TOC, Severity.CRITICAL, Severity.HIGH),
        document=sent.document[chosen],
        deadline_at=deadline,
        observed_at=np.where(last < NEVER, last, NAT),
    )
    broken = chosen[population.breach]
    return one_finding_each(
        population, dispatch_facts(facts, sent.document[broken], sent.recipients[broken], sent.missing[broken])
    )


RULE = Rule(code="G5", id="late_urgent_send", severity=Severity.HIGH, member="document", judge=judge, elapsed=True)
