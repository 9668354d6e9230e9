"""N12 – Trạng thái bị thất lạc: the recipient answered, but the sender's system does not know it.

Basis: QĐ 28/2018/QĐ-TTg Điều 6: status is updated automatically; NĐ 30/2020/NĐ-CP Phụ lục VI phần I mục III.1 điểm o. The hours are policy.
Population: events of code 02–06, 15, 16 in the recipient's own log whose sender is in scope; deadline = their time + [4 h]. Not pairs whose receipt
    matches no send (N13).
Breach: the sender's log has no message of that code of the pair. extra = the code.
No breach: it has one, whenever it came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.arrays import combine
from audit.facts.documents import text_of
from audit.facts.receiving import unmatched_pairs
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each
from audit.working_time import HOUR

if TYPE_CHECKING:
    from audit.facts import Facts

_CODES = (2, 3, 4, 5, 6, 15, 16)


def judge(facts: Facts) -> Verdicts:
    """One member an event; the sender, whose system lost it, is blamed. Both sides are in scope."""
    events, pairs = facts.events, facts.pairs
    own = np.flatnonzero(events.in_recipient_log & np.isin(events.code, _CODES))
    deadline = events.at[own] + facts.policy.limits.lost_status_hours * HOUR
    sender, recipient = pairs["sender"].to_numpy()[events.pair[own]], pairs["recipient"].to_numpy()[events.pair[own]]
    blamed = facts.blamed(sender, deadline, at_end=True)
    recipient_answers = facts.blamed(recipient, deadline, at_end=True) >= 0
    kept = (
        facts.period.holds_deadline(deadline)
        & (blamed >= 0)
        & recipient_answers
        & ~unmatched_pairs(facts)[events.pair[own]]
    )
    own, deadline, blamed, sender, recipient = (part[kept] for part in (own, deadline, blamed, sender, recipient))
    known = np.isin(
        combine(events.pair[own], events.code[own]), combine(events.pair, events.code)[events.in_sender_log]
    )
    day = facts.day_of(events.at[own])
    complete = facts.coverage.complete(sender, day, day + 1, ("statuses",)) & facts.coverage.complete(
        recipient, day, day + 1, ("statuses",)
    )
    frame = members(
        agency=blamed,
        decided=known | complete,
        breach=~known,
        anchored_at=deadline,
        severity=Severity.MEDIUM,
        document=pairs["document"].to_numpy()[events.pair[own]],
        recipient=recipient,
        counterpart=recipient,
        deadline_at=deadline,
        extra=text_of(facts.statuses.frame["status_code"], events.first[own]),
    )
    return one_finding_each(frame)


RULE = Rule(code="N12", id="lost_status", severity=Severity.MEDIUM, member="event", judge=judge, elapsed=True)
