"""T1 – Thiếu thông tin văn bản: a required field of the register is missing.

Basis: NĐ 30/2020 Điều 16 khoản 1 and Phụ lục VI, phần II, mục I (what is registered of an outgoing document); letter
    814 item 4. Which fields are required is policy: `required.fields`.
Population: documents by their first send in the period.
Breach: at least one required field is missing: null, blank or a placeholder; for `page_count` also 0; a `number` of
    14 digits that reads as a timestamp. One finding; the fields are listed in its detail.
No breach: every required field is told. A document without a file is D1.
Reading: `recipients` without any code is missing, whether the list is absent or empty. A document that no register
    tells of lacks all its facts and is not decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.populations import sent_documents
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each

if TYPE_CHECKING:
    from audit.facts import Facts
    from audit.facts.arrays import Mask


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    sent = sent_documents(facts)
    fields = facts.policy.required.fields
    lacking = np.zeros((len(sent), len(fields)), dtype=bool)
    for place, name in enumerate(fields):
        lacking[:, place] = sent.true_of_entry(_missing(facts, name))
    breach = np.asarray(lacking.any(axis=1))
    population = members(**sent.columns, decided=sent.registered, breach=breach, severity=Severity.MEDIUM)
    found = lacking[population.breach]
    return one_finding_each(population, [{"fields": [fields[place] for place in np.flatnonzero(row)]} for row in found])


def _missing(facts: Facts, name: str) -> Mask:
    """Which entries of the register lack a field."""
    frame = facts.registrations.frame
    if name == "recipients":
        return np.asarray(frame[name].list.len().fillna(0).to_numpy(dtype=np.int64) == 0)
    missing = frame[name].isna().to_numpy(dtype=bool)
    if name == "page_count":
        missing = missing | (frame[name] == 0).fillna(value=False).to_numpy(dtype=bool)
    return np.asarray(missing)


RULE = Rule(code="T1", id="missing_information", severity=Severity.MEDIUM, member="document", judge=judge)
