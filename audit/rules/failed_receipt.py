"""N1 – Văn bản nhận lỗi: a message came in broken and was not received again.

Basis: letter 814 item 1; NĐ 30/2020/NĐ-CP Điều 21 khoản 2; QĐ 28/2018/QĐ-TTg Điều 9.
Population: receipts of type 0 and 3, by `arrived_at`, else `state_at`, else the log day.
Breach: state `fail`, no later receipt of the pair is done, and nothing else tells of an arrival.
No breach: received again, or acknowledged all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.arrays import latest
from audit.facts.attempts import attempts_to_receive
from audit.facts.receiving import received_at
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each
from audit.working_time import NAT, NEVER

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a receipt; the recipient is blamed."""
    receipts, pairs = facts.receipts, facts.pairs
    row, anchor = received_at(facts)
    last_done = latest(len(pairs), facts.pair_of_receipts[row], receipts.done_at[row])
    blamed = facts.blamed(receipts.recipient[row], anchor, at_end=False)
    kept = facts.period.holds_event(anchor) & facts.agencies.tells(blamed, "receipts", "statuses")
    row, anchor, blamed = row[kept], anchor[kept], blamed[kept]
    pair = facts.pair_of_receipts[row]
    failed = receipts.failed[row]
    failed_at = np.where(receipts.state_at[row] == NAT, anchor, receipts.state_at[row])
    mended = (pairs.arrived_at[pair] < NEVER) | (last_done[pair] > failed_at)
    told = facts.complete(
        receipts.recipient[row], anchor, np.full(len(row), facts.period.as_of_at), ("receipts", "statuses")
    )
    population = members(
        agency=blamed,
        decided=~failed | mended | told,
        breach=failed & ~mended,
        anchored_at=anchor,
        severity=Severity.HIGH,
        document=pairs.document[pair],
        recipient=receipts.recipient[row],
        counterpart=receipts.sender[row],
    )
    return one_finding_each(population, attempts_to_receive(facts, pair[population.breach]))


RULE = Rule(code="N1", id="failed_receipt", severity=Severity.HIGH, member="receipt", judge=judge)
