"""T3 – Ngày ban hành bất hợp lý: the date on the document fits neither its signature nor its sending.

Basis: NĐ 30/2020 Điều 8 khoản 2 điểm d (date of issue), Điều 18 khoản 1 (issued on the day of signing, at the latest
    the next working day).
Population: documents by their first send in the period. The day of signing is the local day of the last signature of
    the main file that bears the signer's name, else that of `signed_at`.
Breach: `issued_date` after the local day of the first send (extra `future`); before the day of signing (`antedated`);
    later than the next working day after it (`postdated`). One finding each.
No breach: the day of signing, or a day up to the next working day after it, and not after the sending.
Reading: without a day of signing only `future` can be found, and nothing else is decided. A personal signature of
    another name (Q3) says nothing of the signer's day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.day_texts import day_text
from audit.facts.populations import sent_documents
from audit.facts.signing import signed_by_name_at
from audit.rule import Rule, Severity, Verdicts, findings, members
from audit.working_time import NAT, NO_DAY

if TYPE_CHECKING:
    from audit.facts import Facts

KINDS = ("future", "antedated", "postdated")


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    sent = sent_documents(facts)
    issued = facts.documents.issued_day[sent.document]
    by_name = signed_by_name_at(facts)[sent.document]
    signed_at = np.where(by_name != NAT, by_name, facts.documents.signed_at[sent.document])
    signed = np.where(signed_at == NAT, NO_DAY, facts.day_of(signed_at))
    sent_on = facts.day_of(sent.anchored_at)
    dated, both = issued != NO_DAY, (issued != NO_DAY) & (signed != NO_DAY)
    latest = facts.calendar.next_working_day(signed)
    faults = np.column_stack([dated & (issued > sent_on), both & (issued < signed), both & (issued > latest)])
    breach = sent.registered & faults.any(axis=1)
    population = members(
        **sent.columns, decided=sent.registered & (both | breach), breach=breach, severity=Severity.MEDIUM
    )
    member, kind = np.nonzero(faults & breach[:, None])
    detail: list[dict[str, object]] = [
        {"issued_on": day_text(issued[row]), "signed_on": day_text(signed[row]), "sent_on": day_text(sent_on[row])}
        for row in member
    ]
    return Verdicts(population, findings(member, -1, np.array(KINDS, dtype=object)[kind], detail))


RULE = Rule(code="T3", id="wrong_date", severity=Severity.MEDIUM, member="document", judge=judge)
