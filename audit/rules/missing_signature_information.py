"""K6 – Thiếu thông tin xác thực chữ ký số: a signature is told without what its verification needs.

Basis: NĐ 30/2020 Phụ lục I, phần I, II.8 điểm b (signing time); TT 41/2017/TT-BTTTT Điều 9 khoản 1, until 14 November
    2026; NĐ 68/2024/NĐ-CP Điều 7, from 15 August 2024 (subject, serial, provider, validity); letter 814 item 4.
Population: documents by their first send in the period, whose main file is signed, of agencies whose system reports
    signatures. Unsigned documents are K1, documents without a file D1.
Breach: a signature without subject, serial, issuer, either end of its validity, or signing time. One finding a
    document; the fields are listed in its detail.
No breach: every signature has them. A wrong value is another matter: K4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.checked import say_checked
from audit.facts.signing import any_of_documents, signed_documents, without_value
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each

if TYPE_CHECKING:
    from audit.facts import Facts

FIELDS = ("subject", "serial", "issuer", "valid_from", "valid_to", "signed_at")


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    sent, told = signed_documents(facts)
    lacking = np.column_stack([any_of_documents(facts, sent, without_value(facts, name)) for name in FIELDS])
    population = members(**sent.columns, decided=told, breach=np.asarray(lacking.any(axis=1)), severity=Severity.HIGH)
    found = lacking[population.breach]
    detail: list[dict[str, object]] = [{"fields": [FIELDS[place] for place in np.flatnonzero(row)]} for row in found]
    return one_finding_each(population, say_checked(facts, sent.document[population.breach], detail))


RULE = Rule(code="K6", id="missing_signature_information", severity=Severity.HIGH, member="document", judge=judge)
