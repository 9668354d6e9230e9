"""L3 – Trùng nội dung: the same file was issued again under another number.

Basis: letter 814 item 4 (no duplicate sending). How far back is looked is policy: `limits.duplicate_content_days`.
Population: documents of the register issued in the period, sent or not, whose main file has a hash. Replacements
    (sent as type 3) are left out: they may repeat what they replace.
Breach: another document of the sender, under another key, has the same main file and was issued within the limit
    before; on the same day the one with the smaller number, then notation, comes first.
No breach: the same key registered twice; the first document of a file; a file issued longer ago.
Reading: numbers are compared by value, those that are no number after them, missing ones last, and those by the id
    that the system gave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.facts.content import main_file_keys, with_message
from audit.facts.day_texts import day_text
from audit.facts.populations import issued_documents
from audit.facts.recalls import REPLACEMENT
from audit.facts.reuse import same_file_before
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    issued = issued_documents(facts)
    replacement = with_message(facts, REPLACEMENT)[issued.document]
    issued = issued.only(~replacement & (main_file_keys(facts)[issued.document] != 0))
    before = same_file_before(facts)[issued.document]
    population = members(**issued.columns, decided=before >= -1, breach=before >= 0, severity=Severity.LOW)
    keys = facts.keys.iloc[before[before >= 0]]
    detail: list[dict[str, object]] = [
        {"earlier_number": number, "earlier_notation": notation, "earlier_issued_on": day_text(day)}
        for number, notation, day in zip(keys["number"], keys["notation"], keys["issued_day"], strict=True)
    ]
    return one_finding_each(population, detail)


RULE = Rule(code="L3", id="duplicate_content", severity=Severity.LOW, member="document", judge=judge)
