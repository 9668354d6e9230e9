"""Q3 – Người ký khác chủ chứng thư số: none of the personal signatures is of the person who signs.

Basis: NĐ 30/2020 Điều 13 khoản 7 (the authorised person signs digitally). Which titles are dropped is policy.
Population: documents by their first send in the period, whose main file is signed, of agencies whose system reports
    signatures. Unsigned documents are K1, documents without a file D1.
Breach: there are personal signatures with a subject, and the common name of none of them equals `signer_name`.
No breach: one is the signer's: equal as NFC, folded, white space folded, the titles Ông, Bà, GS., PGS., TS., ThS.
    dropped. Undecided without `signer_name`, or without a personal signature that has a subject.
Reading: a subject without attributes is itself the name; one with attributes and no common name is nobody's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.arrays import any_of, first_rows
from audit.facts.checked import say_checked
from audit.facts.documents import text_of
from audit.facts.names import common_name
from audit.facts.signing import PERSON, by_signer, main_signatures, signed_documents, without_value
from audit.facts.texts import read_each
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    sent, told = signed_documents(facts)
    signatures = main_signatures(facts)
    personal = np.flatnonzero((signatures.party == PERSON) & ~without_value(facts, "subject"))
    size = len(facts.documents)
    named = any_of(size, signatures.document[personal])[sent.document]
    matched = any_of(size, signatures.document[by_signer(facts)])[sent.document]
    signer = facts.registrations.frame["signer_name"]
    has_name = sent.true_of_entry(signer.notna().to_numpy(dtype=bool))
    population = members(
        **sent.columns, decided=told & named & has_name, breach=named & ~matched, severity=Severity.HIGH
    )
    found = sent.only(population.breach)
    first = personal[first_rows(size, signatures.document[personal])[found.document]]
    subject = facts.frames.signatures["subject"].iloc[signatures.row[first]].reset_index(drop=True)
    holder = text_of(subject, np.arange(len(first))), read_each(subject, common_name)
    told_of = zip(found.texts(signer), *holder, strict=True)
    detail: list[dict[str, object]] = [
        {"signer_name": name, "subject": text, "common_name": common} for name, text, common in told_of
    ]
    return one_finding_each(population, say_checked(facts, found.document, detail))


RULE = Rule(code="Q3", id="signer_certificate_mismatch", severity=Severity.HIGH, member="document", judge=judge)
