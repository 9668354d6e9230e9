"""K5 – Văn bản không toàn vẹn: a signature does not hold, or the last one does not cover the file.

Basis: NĐ 30/2020 Điều 21 khoản 2 điểm a (integrity); TT 41/2017/TT-BTTTT Điều 4, until 14 November 2026; Luật Giao
    dịch điện tử 2023 Điều 22 khoản 3 điểm d (any change after signing must be detectable).
Population: documents by their first send in the period, whose main file is signed, of agencies whose system reports
    signatures. Unsigned documents are K1, documents without a file D1.
Breach: a signature with `intact` or `valid` false; the last of the list with `covers_file` false. A finding a
    certificate: extra = its serial, else the signature's position from 1.
No breach: later lawful seals change earlier revisions, so an earlier signature need not cover the file. Of a
    signature whose certificate is K4 only `covers_file` counts. Undecided where a flag that counts is not told,
    unless another is false.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.facts.certificates import certificate_faults
from audit.facts.checked import say_checked
from audit.facts.signing import any_of_documents, denied, main_signatures, named_faults, signed_documents, without_value
from audit.rule import Rule, Severity, Verdicts, findings, members

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    sent, told = signed_documents(facts)
    signatures, counted = main_signatures(facts), ~certificate_faults(facts).any
    denials = {
        "intact": counted & denied(facts, "intact"),
        "valid": counted & denied(facts, "valid"),
        "covers_file": signatures.is_last & denied(facts, "covers_file"),
    }
    fault = denials["intact"] | denials["valid"] | denials["covers_file"]
    unknown = counted & (without_value(facts, "intact") | without_value(facts, "valid"))
    unknown |= signatures.is_last & without_value(facts, "covers_file")
    broken = any_of_documents(facts, sent, fault)
    unclear = any_of_documents(facts, sent, unknown)
    population = members(**sent.columns, decided=told & (broken | ~unclear), breach=broken, severity=Severity.CRITICAL)
    found = named_faults(facts, sent, fault)
    reasons = {name: found.any(mask) for name, mask in denials.items()}
    detail: list[dict[str, object]] = [
        {"position": int(position), "reasons": [name for name, hit in reasons.items() if hit[place]]}
        for place, position in enumerate(signatures.position[found.first])
    ]
    return Verdicts(
        population, findings(found.member, -1, found.extra, say_checked(facts, sent.document[found.member], detail))
    )


RULE = Rule(code="K5", id="broken_integrity", severity=Severity.CRITICAL, member="document", judge=judge)
