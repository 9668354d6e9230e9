"""K2 – Thiếu một chữ ký số (người có thẩm quyền hoặc cơ quan): one of the two parties has not signed.

Basis: NĐ 30/2020 Điều 5 khoản 1 (both signatures), Điều 13 khoản 7, Điều 17 khoản 2.
Population: documents by their first send in the period, whose main file is signed, of agencies whose system reports
    signatures. Unsigned documents are K1, documents without a file D1.
Breach: all signatures are of one party; extra = the missing one, `person` or `agency`.
No breach: both parties signed. Undecided where a party is not told and may be the missing one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.checked import say_checked
from audit.facts.signing import signed_documents, signing_times
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    sent, told = signed_documents(facts)
    times = signing_times(facts)
    person, agency = times.has_person[sent.document], times.has_agency[sent.document]
    both, unknown = person & agency, times.has_unknown[sent.document]
    missing = np.where(both, "", np.where(person, "agency", "person")).astype(object)
    population = members(
        **sent.columns, decided=told & (both | ~unknown), breach=~both, severity=Severity.CRITICAL, extra=missing
    )
    return one_finding_each(population, say_checked(facts, sent.document[population.breach]))


RULE = Rule(code="K2", id="missing_signing_party", severity=Severity.CRITICAL, member="document", judge=judge)
