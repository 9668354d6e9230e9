"""M1 – Văn bản mật trên trục liên thông: a document that bears a state secret was sent on the axis.

Basis: QĐ 28/2018/QĐ-TTg Điều 1 khoản 2: the axis is not for state secrets.
Population: documents by their first send in the period.
Breach: the document's own row tells a secrecy other than `thuong`.
No breach: `thuong`, however written (`Thường`). Undecided where no secrecy is told: silence proves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.facts.populations import sent_documents
from audit.facts.texts import holds_each, without_accents
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each

if TYPE_CHECKING:
    from audit.facts import Facts

ORDINARY = "thuong"


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    sent = sent_documents(facts)
    secrecy = facts.registrations.frame["secrecy"]
    told = sent.true_of_entry(secrecy.notna().to_numpy(dtype=bool))
    ordinary = sent.true_of_entry(holds_each(secrecy, lambda text: without_accents(text) == ORDINARY))
    population = members(**sent.columns, decided=told, breach=~ordinary, severity=Severity.CRITICAL)
    found = sent.only(population.breach)
    return one_finding_each(population, [{"secrecy": text} for text in found.texts(secrecy)])


RULE = Rule(code="M1", id="secret_on_axis", severity=Severity.CRITICAL, member="document", judge=judge)
