"""T2 – Số, ký hiệu chưa đúng thể thức: number and notation fit no form, or the notation names another kind.

Basis: NĐ 30/2020 Phụ lục I, phần I, II.3 (digits, two at least; `/` and `-` without blanks) and Phụ lục III, mục I
    (the abbreviations). Party and mass organisations have forms of their own: policy `exempt.kinds`.
Population: documents by their first send in the period, of senders whose kind is not exempt. Without number or
    notation (that is T1) it is not decided.
Breach: `number/notation`, the number padded to two digits, case kept, fits none of the forms typed (`15/QĐ-SNV`),
    letter (`15/SNV-VP`), normative (`15/2021/QĐ-UBND`): extra `syntax`. Or it fits, and its kind is not the
    abbreviation of `doc_type`: extra `kind`.
No breach: a form fits, and `doc_type` is of its kind, missing or unknown. The sender's own notations count as organ
    parts however they are spelt; what begins with one is a letter, unless `doc_type` has an abbreviation and the
    typed form fits. A failed match is a warning to look, never proof.
Reading: a letter's kind is none, and so is the abbreviation of Công văn: a decision under a letter's notation, or a
    Công văn under `QĐ-`, is of the wrong kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.facts.notation import Form, notations
from audit.facts.populations import sent_documents
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each

if TYPE_CHECKING:
    from audit.facts import Facts

SYNTAX, KIND = "syntax", "kind"


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    register, read = facts.registrations.frame, notations(facts)
    present = (register["number"].notna() & register["notation"].notna()).to_numpy(dtype=bool)
    sent = sent_documents(facts)
    exempt = np.isin(facts.agencies.kinds()[sent.sender].astype(str), facts.policy.exempt.kinds)
    sent = sent.only(~exempt)
    present_here = sent.true_of_entry(present)
    syntax = sent.true_of_entry((read.form == Form.NONE) | ~read.fits_number)
    other_kind = sent.true_of_entry(~pd.isna(read.wanted_kind) & (read.kind != read.wanted_kind))
    population = members(
        **sent.columns,
        decided=present_here,
        breach=syntax | other_kind,
        severity=Severity.LOW,
        extra=np.where(syntax, SYNTAX, np.where(other_kind, KIND, "")),
    )
    found = sent.only(population.breach)
    told = zip(found.texts(register["doc_type"]), found.texts(read.kind), found.texts(read.wanted_kind), strict=True)
    return one_finding_each(
        population, [{"doc_type": doc_type, "kind": kind, "wanted_kind": wanted} for doc_type, kind, wanted in told]
    )


RULE = Rule(code="T2", id="malformed_notation", severity=Severity.LOW, member="document", judge=judge)
