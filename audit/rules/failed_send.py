"""G1 – Văn bản gửi lỗi: every attempt to send failed.

Basis: letter 814 items 1 and 3; NĐ 30/2020 Điều 4 khoản 2 điểm d (follow the status of sending), Điều 14 khoản 4.
Population: pairs by their first send in the period, and each message of type 1 and 2 by its own. Not pairs with a
    failed receipt (N1) or a wrong recipient code (N9).
Breach: no send is done, the latest one failed, and nothing tells of an arrival.
No breach: a later attempt is done or still under way; the recipient's log tells of the arrival.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.attempts import attempts_to_send
from audit.facts.documents import NOT_URGENT
from audit.facts.sending import sendings
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each
from audit.working_time import NEVER

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a pair or message; the sender is blamed."""
    sent = sendings(facts)
    sender = facts.pairs.sender[sent.pair]
    blamed = facts.blamed(sender, sent.sent_at, at_end=False)
    chosen = np.flatnonzero(facts.period.holds_event(sent.sent_at) & facts.agencies.tells(blamed, "sends", "statuses"))
    pair, anchor = sent.pair[chosen], sent.sent_at[chosen]
    fulfilled = sent.done[chosen] | (sent.arrived_at[chosen] < NEVER)
    complete = facts.complete(
        sender[chosen], anchor, np.full(len(chosen), facts.period.as_of_at), ("sends", "statuses")
    )
    urgent = facts.pair_urgency[pair] > NOT_URGENT
    population = members(
        agency=blamed[chosen],
        decided=fulfilled | complete,
        breach=~fulfilled & sent.last_failed[chosen],
        anchored_at=anchor,
        severity=np.where(urgent, Severity.CRITICAL, Severity.HIGH),
        document=facts.pairs.document[pair],
        recipient=facts.pairs.recipient[pair],
        counterpart=facts.pairs.recipient[pair],
        extra=sent.extra[chosen],
    )
    broken = population.breach
    attempts = attempts_to_send(facts, pair[broken])
    # Of a message of type 1 or 2 the pair's sends say nothing.
    of_message = population.extra[broken] != ""
    return one_finding_each(population, [{} if skip else told for skip, told in zip(of_message, attempts, strict=True)])


RULE = Rule(code="G1", id="failed_send", severity=Severity.HIGH, member="pair", judge=judge)
