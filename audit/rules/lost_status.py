"""N12 – Trạng thái bị thất lạc: the recipient answered, but the sender's system does not know it.

Basis: QĐ 28/2018/QĐ-TTg Điều 6: status is updated automatically; NĐ 30/2020/NĐ-CP Phụ lục VI phần I mục III.1 điểm o.
    The hours are policy.
Population: events of code 02–06, 15, 16 in the recipient's own log whose sender is in scope; deadline = their time +
    [4 h]. Not pairs whose receipt matches no send (N13).
Breach: the sender's log has no message of that code of the pair. extra = the code.
No breach: it has one, whenever it came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.arrays import any_of, is_one_of
from audit.facts.receiving import unmatched_pairs
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each
from audit.working_time import HOUR

if TYPE_CHECKING:
    from audit.facts import Facts

_CODES = (2, 3, 4, 5, 6, 15, 16)
_CODE_TEXTS = np.array([f"{code:02d}" for code in range(max(_CODES) + 1)], dtype=object)


def judge(facts: Facts) -> Verdicts:
    """One member an event; the sender, whose system lost it, is blamed."""
    own, events, pairs = facts.own_events, facts.events, facts.pairs
    deadline = own.at + facts.policy.limits.lost_status_hours * HOUR
    sender = pairs.sender[own.pair]
    blamed = facts.blamed(sender, deadline, at_end=True)
    due = facts.period.holds_deadline(deadline) & facts.agencies.tells(blamed, "statuses")
    kept = np.flatnonzero(due & is_one_of(own.code, _CODES) & ~unmatched_pairs(facts)[own.pair])
    pair, recipient = own.pair[kept], pairs.recipient[own.pair[kept]]
    cells = len(pairs) * (max(_CODES) + 1)
    told = events.in_sender_log & (events.code >= 0)
    in_sender_log = any_of(cells, (events.pair * (max(_CODES) + 1) + events.code)[told])
    known = in_sender_log[pair * (max(_CODES) + 1) + own.code[kept]]
    day = facts.day_of(own.at[kept])
    told = facts.coverage.complete(sender[kept], day, day + 1, ("statuses",))
    told &= facts.coverage.complete(recipient, day, day + 1, ("statuses",))
    population = members(
        agency=blamed[kept],
        decided=known | told,
        breach=~known,
        anchored_at=deadline[kept],
        severity=Severity.MEDIUM,
        document=pairs.document[pair],
        recipient=recipient,
        counterpart=recipient,
        deadline_at=deadline[kept],
        extra=_CODE_TEXTS[own.code[kept]],
    )
    return one_finding_each(population)


RULE = Rule(code="N12", id="lost_status", severity=Severity.MEDIUM, member="event", judge=judge)
