"""K3 – Sai thứ tự ký số: the agency signed before the authorised person.

Basis: NĐ 30/2020 Điều 32 khoản 2 điểm đ: the clerk puts the agency's signature only on a document already signed by
    the authorised person.
Population: documents by their first send in the period, whose main file is signed, of agencies whose system reports
    signatures. Unsigned documents are K1, documents without a file D1.
Breach: the agency's first signature is earlier than the signer's last. The signer's are the personal ones that bear
    `signer_name`; where none does, the first personal one of the list.
No breach: the agency signed at the same time or later. Other persons' signatures in between do not matter. Undecided
    where one party has not signed (K2) or a time that matters is missing (K6), unless the known times already show
    it.
Reading: of a file that was verified the order of its revisions counts, which no clock can feign: one signature may tell
    its time by a token, minutes late, and the next one by the signer's clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.arrays import known
from audit.facts.checked import checked_documents, say_checked
from audit.facts.day_texts import instant_text
from audit.facts.signing import signed_documents, signing_times
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    sent, told = signed_documents(facts)
    times = signing_times(facts)
    signer, sealed = times.signer_at[sent.document], times.sealed_at[sent.document]
    by_file = checked_documents(facts)[sent.document]
    early = np.where(by_file, times.sealed_first[sent.document], known(signer) & known(sealed) & (sealed < signer))
    has_both = times.has_person[sent.document] & times.has_agency[sent.document]
    population = members(
        **sent.columns,
        decided=told & (early | times.complete[sent.document] | (by_file & has_both)),
        breach=early,
        severity=Severity.HIGH,
    )
    found = population.breach
    detail: list[dict[str, object]] = [
        {"signer_signed_at": instant_text(signer_at), "agency_signed_at": instant_text(sealed_at)}
        for signer_at, sealed_at in zip(signer[found], sealed[found], strict=True)
    ]
    return one_finding_each(population, say_checked(facts, sent.document[found], detail))


RULE = Rule(code="K3", id="signing_order", severity=Severity.HIGH, member="document", judge=judge)
