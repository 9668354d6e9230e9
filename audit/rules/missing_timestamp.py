"""K7 – Chưa có dấu thời gian: a signature has no time-stamp token.

Basis: TT 41/2017/TT-BTTTT Điều 9 khoản 1 (a valid time stamp), repealed from 15 November 2026; after that policy
    `rules.missing_timestamp.after_law`.
Population: documents by their first send in the period and, unless policy says otherwise, before 15 November 2026,
    whose main file is signed, of agencies whose system reports signatures. Unsigned documents are K1, documents
    without a file D1.
Breach: a signature of the main file without `timestamp_at`. One finding a document.
No breach: every signature has one.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from audit.facts.checked import say_checked
from audit.facts.signing import main_signatures, signed_documents, without_value
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each
from audit.working_time import day_number

if TYPE_CHECKING:
    from audit.facts import Facts

LAW_ENDED_ON = date(2026, 11, 15)
"""The first day without TT 41/2017 (repealed by TT 59/2026/TT-BKHCN)."""


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    sent, told = signed_documents(facts)
    if not facts.policy.rule("missing_timestamp").after_law:
        under_law = facts.day_of(sent.anchored_at) < day_number(LAW_ENDED_ON)
        sent, told = sent.only(under_law), told[under_law]
    bare = main_signatures(facts).document[without_value(facts, "timestamp_at")]
    count = np.bincount(bare, minlength=len(facts.documents))[sent.document]
    population = members(**sent.columns, decided=told, breach=count > 0, severity=Severity.LOW)
    found = population.breach
    detail: list[dict[str, object]] = [{"signatures": number} for number in count[found].tolist()]
    return one_finding_each(population, say_checked(facts, sent.document[found], detail))


RULE = Rule(code="K7", id="missing_timestamp", severity=Severity.LOW, member="document", judge=judge)
