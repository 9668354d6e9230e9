"""G2 – Văn bản không đến nơi nhận: sent, but never seen at the recipient.

Basis: letter 814 item 3; Công văn 807/VPCP-KSTT; NĐ 30/2020 Điều 18. The number of hours is policy.
Population: pairs, and messages of type 1 and 2, with a send that did not fail; deadline = the latest such send + [4
    h] elapsed. Not pairs with a failed receipt (N1) or a wrong recipient code (N9).
Breach: not arrived by `as_of`.
No breach: a receipt, a status or an undisputed `done` tells of the arrival, however late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.sending import sendings
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each
from audit.working_time import HOUR, NAT, NEVER

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a pair or message; the sender is blamed."""
    sent = sendings(facts)
    live = sent.live_sent_at != NAT
    deadline = np.where(live, sent.live_sent_at + facts.policy.limits.undelivered_hours * HOUR, NAT)
    sender = facts.pairs.sender[sent.pair]
    blamed = facts.blamed(sender, deadline, at_end=True)
    chosen = np.flatnonzero(facts.period.holds_deadline(deadline) & facts.agencies.tells(blamed, "sends", "statuses"))
    pair, sent_at, deadline = sent.pair[chosen], sent.live_sent_at[chosen], deadline[chosen]
    recipient = facts.pairs.recipient[pair]
    arrived = sent.arrived_at[chosen] < NEVER
    complete = facts.complete(sender[chosen], sent_at, deadline, ("sends", "statuses"))
    answering = facts.agencies.answerable(recipient, facts.day_of(deadline, at_end=True))
    for table in ("receipts", "statuses"):
        silent = ~facts.agencies.tells(answering, table)
        complete &= silent | facts.complete(recipient, sent_at, deadline, (table,))
    population = members(
        agency=blamed[chosen],
        decided=arrived | complete,
        breach=~arrived,
        anchored_at=deadline,
        severity=Severity.HIGH,
        document=facts.pairs.document[pair],
        recipient=recipient,
        counterpart=recipient,
        deadline_at=deadline,
        extra=sent.extra[chosen],
    )
    return one_finding_each(population)


RULE = Rule(code="G2", id="undelivered", severity=Severity.HIGH, member="pair", judge=judge)
