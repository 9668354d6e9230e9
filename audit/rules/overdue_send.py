"""G4 – Gửi quá hạn hoặc chưa gửi: not sent to every recipient by the end of the next working day.

Basis: NĐ 30/2020/NĐ-CP Điều 18 khoản 1; Điều 4 khoản 2 điểm c.
Population: as G3; deadline = 24:00 of the next working day after D.
Breach: the first send to some recipient came after the deadline, or never.
No breach: every recipient was sent to by then (perhaps late: G3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.sending import counted_in_days, dispatch, dispatch_facts
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each
from audit.working_time import NAT, NEVER

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    sent = dispatch(facts)
    day = facts.documents.counted_day[sent.document]
    deadline = facts.calendar.end_of_day(facts.calendar.next_working_day(day))
    sender = facts.documents.sender[sent.document]
    blamed = facts.blamed(sender, deadline, at_end=True)
    due = facts.period.holds_deadline(deadline) & facts.agencies.tells(blamed, "documents", "sends")
    chosen = np.flatnonzero(due & counted_in_days(facts, sent.document))
    deadline, last = deadline[chosen], sent.last_first_send[chosen]
    in_time = last <= deadline
    complete = facts.complete(sender[chosen], facts.calendar.start_of_day(day[chosen]), deadline, ("sends",))
    population = members(
        agency=blamed[chosen],
        decided=in_time | complete,
        breach=~in_time,
        anchored_at=deadline,
        severity=Severity.HIGH,
        document=sent.document[chosen],
        deadline_at=deadline,
        observed_at=np.where(last < NEVER, last, NAT),
    )
    broken = chosen[population.breach]
    return one_finding_each(
        population, dispatch_facts(facts, sent.document[broken], sent.recipients[broken], sent.missing[broken])
    )


RULE = Rule(code="G4", id="overdue_send", severity=Severity.HIGH, member="document", judge=judge)
