"""K4 – Chứng thư số không hợp lệ: a signature was made with a certificate that was not good at that moment.

Basis: NĐ 30/2020 Điều 21 khoản 2 điểm a (authenticity); NĐ 130/2018/NĐ-CP Điều 9, from 15 August 2024 NĐ
    68/2024/NĐ-CP Điều 7 (validity, provider). Which issuers are the state's own is policy:
    `certificates.accepted_issuers`.
Population: documents by their first send in the period, whose main file is signed, of agencies whose system reports
    signatures. Unsigned documents are K1, documents without a file D1.
Breach: the signing time lies outside the certificate's validity; or it was revoked at or before the signing; or its
    issuer, folded and without accents, holds none of the accepted names. A finding a certificate: extra = its serial,
    else the signature's position from 1.
No breach: valid on both ends of its term, revoked later. What is missing is K6 and leaves the document undecided,
    unless another fault is proved. The issuer is judged by its name: that a verified chain does not lead to the CA of
    that name is told in the detail, in `explain` and in the report's notes, and is no breach of this rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.facts.arrays import instants
from audit.facts.certificates import certificate_faults
from audit.facts.checked import say_checked
from audit.facts.day_texts import instant_text
from audit.facts.signing import any_of_documents, main_signatures, named_faults, signed_documents
from audit.rule import Rule, Severity, Verdicts, findings, members

if TYPE_CHECKING:
    from audit.facts import Facts
    from audit.facts.signing import NamedFaults


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    sent, told = signed_documents(facts)
    faults = certificate_faults(facts)
    faulty = any_of_documents(facts, sent, faults.any)
    unclear = any_of_documents(facts, sent, ~faults.told & ~faults.any)
    population = members(**sent.columns, decided=told & (faulty | ~unclear), breach=faulty, severity=Severity.CRITICAL)
    found = named_faults(facts, sent, faults.any)
    return Verdicts(
        population,
        findings(
            found.member, -1, found.extra, say_checked(facts, sent.document[found.member], _details(facts, found))
        ),
    )


def _details(facts: Facts, found: NamedFaults) -> list[dict[str, object]]:
    faults, signatures = certificate_faults(facts), main_signatures(facts)
    reasons = {
        "outside_validity": found.any(faults.outside_validity),
        "revoked": found.any(faults.revoked),
        "foreign_issuer": found.any(faults.foreign_issuer),
    }
    untrusted = found.any(faults.untrusted_chain)
    part = facts.frames.signatures.iloc[signatures.row[found.first]]
    times = [instants(part[name]) for name in ("signed_at", "valid_from", "valid_to", "revoked_at")]
    issuer = part["issuer"].astype(object).where(part["issuer"].notna(), None)
    return [
        {
            "position": int(position),
            "reasons": [reason for reason, hit in reasons.items() if hit[place]],
            "signed_at": instant_text(times[0][place]),
            "valid_from": instant_text(times[1][place]),
            "valid_to": instant_text(times[2][place]),
            "revoked_at": instant_text(times[3][place]),
            "issuer": name,
        }
        | ({"remarks": ["untrusted_chain"]} if untrusted[place] else {})
        for place, (position, name) in enumerate(zip(signatures.position[found.first], issuer, strict=True))
    ]


RULE = Rule(code="K4", id="invalid_certificate", severity=Severity.CRITICAL, member="document", judge=judge)
