"""K1 – Chưa ký số: the main file bears no digital signature.

Basis: NĐ 30/2020 Điều 5 khoản 1, Điều 13 khoản 7, Điều 17 khoản 2; QĐ 28/2018/QĐ-TTg: unsigned, a document sent on
    the axis is for information only.
Population: documents by their first send in the period, of agencies whose system reports signatures. Documents
    without a file are D1.
Breach: the main file (role main, else the only file) has no signature.
No breach: it has one. Undecided where `files`, the main file or its `signatures` are not told.
Reading: of several files of which none has the role main, nobody can tell which is the document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.facts.checked import say_checked
from audit.facts.signing import UNKNOWN, UNSIGNED, with_signatures_told
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    sent, state = with_signatures_told(facts)
    breach = state == UNSIGNED
    population = members(**sent.columns, decided=state != UNKNOWN, breach=breach, severity=Severity.CRITICAL)
    return one_finding_each(population, say_checked(facts, sent.document[breach]))


RULE = Rule(code="K1", id="unsigned", severity=Severity.CRITICAL, member="document", judge=judge)
