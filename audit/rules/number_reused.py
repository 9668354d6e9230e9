"""L2 – Trùng số, ký hiệu: a number and notation were given to a second document of the year.

Basis: NĐ 30/2020 Điều 15 khoản 1 (number and notation are unique in a year), Phụ lục VI, phần I, III.1 điểm h (the
    system warns of it), Điều 18 khoản 3 (a correction is made by an official letter, not by a second document).
Population: documents of the register issued in the period, sent or not, with number and notation.
Breach: an earlier document (by date of issue, then first send, then uid) of the sender and year has the same number
    and notation, and another subject (folded) or another main file (by hash), compared where both have it.
No breach: the same document registered again; another year; a message of type 2 or 3 of the later document was sent.
    Undecided where there is an earlier one and neither subject nor main file can be compared.
Reading: boards with series of their own have notations of their own, so they are never the same number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.facts.content import with_message
from audit.facts.day_texts import day_text
from audit.facts.populations import issued_documents
from audit.facts.recalls import REPLACEMENT, UPDATE
from audit.facts.reuse import numbered_alike
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    issued = issued_documents(facts)
    alike = numbered_alike(facts)
    issued = issued.only(alike.numbered[issued.document])
    corrected = with_message(facts, UPDATE, REPLACEMENT)[issued.document]
    other = alike.differs_from[issued.document]
    breach = (other >= 0) & ~corrected
    decided = corrected | ~alike.has_earlier[issued.document] | alike.comparable[issued.document] | breach
    population = members(**issued.columns, decided=decided, breach=breach, severity=Severity.HIGH)
    earlier = other[population.breach]
    keys, subjects = facts.keys.iloc[earlier], facts.entry_texts(earlier, "subject")
    detail: list[dict[str, object]] = [
        {
            "earlier_number": number,
            "earlier_notation": notation,
            "earlier_issued_on": day_text(day),
            "earlier_subject": subject,
        }
        for number, notation, day, subject in zip(
            keys["number"], keys["notation"], keys["issued_day"], subjects, strict=True
        )
    ]
    return one_finding_each(population, detail)


RULE = Rule(code="L2", id="number_reused", severity=Severity.HIGH, member="document", judge=judge)
