"""N13 – Văn bản đến không khớp nơi gửi: received, but the sender's log knows no such send.

Basis: NĐ 30/2020/NĐ-CP Điều 22 khoản 1: the register of incoming documents is complete and exact.
Population: receipts of type 0 and 3 in the period whose sender is in scope.
Breach: the sender's log has no send of the pair.
No breach: it has one. Undecided where the sender's log has gaps from the issue date (at most [30] days before) to the
    arrival.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.facts.receiving import matching
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a receipt; the recipient is blamed."""
    found = matching(facts)
    recipient = facts.receipts.recipient[found.row]
    blamed = facts.blamed(recipient, found.received_at, at_end=False)
    kept = facts.period.holds_event(found.received_at) & (blamed >= 0)
    row, matched = found.row[kept], found.matched[kept]
    population = members(
        agency=blamed[kept],
        decided=matched | found.told[kept],
        breach=~matched,
        anchored_at=found.received_at[kept],
        severity=Severity.LOW,
        document=facts.pairs.document[facts.pair_of_receipts[row]],
        recipient=recipient[kept],
        counterpart=facts.receipts.sender[row],
        observed_at=found.received_at[kept],
    )
    return one_finding_each(population)


RULE = Rule(code="N13", id="unmatched_receipt", severity=Severity.LOW, member="receipt", judge=judge)
