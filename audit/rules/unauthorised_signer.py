"""Q2 – Người ký không có trong danh sách: the signer is not in the sender's register of signers.

Basis: NĐ 30/2020 Điều 4 khoản 2 điểm a, Điều 13. The register (`signers.toml`) is the province's own.
Population: documents by their first send in the period, of senders that have a register of signers.
Breach: `signer_name` has no entry in force on `issued_date`.
No breach: an entry of that name is in force, whatever its position. Undecided without name or date (that is T1).
Reading: names are compared as in Q3: folded, titles dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.facts.populations import sent_documents
from audit.facts.signers import signer_facts
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    everything = sent_documents(facts)
    sent = everything.only(signer_facts(facts, everything).has_register)
    signer = signer_facts(facts, sent)
    population = members(**sent.columns, decided=signer.is_told, breach=~signer.listed, severity=Severity.HIGH)
    found = sent.only(population.breach)
    register = facts.registrations.frame
    told = zip(found.texts(register["signer_name"]), found.texts(register["signer_position"]), strict=True)
    return one_finding_each(population, [{"signer_name": name, "signer_position": position} for name, position in told])


RULE = Rule(code="Q2", id="unauthorised_signer", severity=Severity.HIGH, member="document", judge=judge)
