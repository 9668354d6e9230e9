"""R1 – Chưa trả lời yêu cầu thu hồi, cập nhật: a recall, update or request to take back that nobody answered.

Basis: NĐ 30/2020/NĐ-CP Điều 18 khoản 4 điểm b; QĐ 28/2018/QĐ-TTg Điều 9: the receiver acts and notifies that it has
    done so.
Population: messages (type 1, 2 or status 13) that arrived; deadline = the ack deadline of their arrival (24:00 of its
    effective day).
Breach: no answer (15, 16, 02, 03) by `as_of`. extra = `sent_at`.
No breach: answered, however late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.sending import instant_texts
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each
from audit.working_time import NEVER

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a message; the recipient is blamed."""
    messages, pairs = facts.messages, facts.pairs
    came = np.flatnonzero(messages.arrived_at < NEVER)
    arrived_at, pair = messages.arrived_at[came], messages.pair[came]
    deadline = facts.calendar.end_of_day(facts.calendar.effective_day(arrived_at))
    recipient = pairs.recipient[pair]
    blamed = facts.blamed(recipient, deadline, at_end=True)
    kept = facts.period.holds_deadline(deadline) & facts.agencies.tells(blamed, "receipts", "statuses")
    came, arrived_at, pair, deadline, recipient = (part[kept] for part in (came, arrived_at, pair, deadline, recipient))
    answered = messages.answered_at[came] < NEVER
    population = members(
        agency=blamed[kept],
        decided=answered | facts.complete(recipient, arrived_at, deadline, ("receipts", "statuses")),
        breach=~answered,
        anchored_at=deadline,
        severity=Severity.HIGH,
        document=pairs.document[pair],
        recipient=recipient,
        counterpart=pairs.sender[pair],
        deadline_at=deadline,
        extra=instant_texts(messages.sent_at[came]),
    )
    return one_finding_each(population)


RULE = Rule(code="R1", id="unanswered_recall", severity=Severity.HIGH, member="message", judge=judge)
