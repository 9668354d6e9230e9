"""T5 – Thiếu thành phần thể thức: the text of the main file lacks a component that every document must have.

Basis: NĐ 30/2020 Điều 8 khoản 2 điểm a, b, c, d, đ, g, i (forms: Phụ lục I); letter 814 item 4.
Population: documents by their first send in the period, of senders whose kind is not exempt (by default Party and mass
    organisations, which have forms of their own).
Breach: the text of the PDF lacks a component; extra = its letter, one finding each.
No breach: all stand there, however they are spelt or laid out. Undecided where the file is not at hand, cannot be read,
    or has no text that can be judged (a scan, letters of an old font), and where a page is a picture that may hold what
    the text lacks.
Reading: what might be the component is taken for it: a number is `Số:` with digits and a notation, the signer a
    position in capitals with a name below it, the subject `V/v …` or the name of a kind in capitals. Text that a tool
    stamped onto the page counts. Điểm e (content) cannot be missed by a machine; điểm h (seal) is K1 and K2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.facts.checked import VERIFIED
from audit.facts.components import missing_components
from audit.facts.populations import sent_documents
from audit.rule import Rule, Severity, Verdicts, findings, members

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed, with a finding for every component that is missing."""
    sent = sent_documents(facts)
    exempt = np.isin(facts.agencies.kinds()[sent.sender].astype(str), facts.policy.exempt.kinds)
    sent = sent.only(~exempt)
    missing = missing_components(facts)[sent.document]
    decided = ~pd.isna(missing)
    breach = decided & np.asarray(missing != "", dtype=bool)
    population = members(**sent.columns, decided=decided, breach=breach, severity=Severity.MEDIUM)
    found = [(member, letter) for member in np.flatnonzero(breach) for letter in missing[member]]
    member = np.array([member for member, _ in found], dtype=np.int64)
    extra = np.array([letter for _, letter in found], dtype=object)
    return Verdicts(population, findings(member, -1, extra, [{"checked": VERIFIED}] * len(found)))


RULE = Rule(code="T5", id="missing_component", severity=Severity.MEDIUM, member="document", judge=judge)
