"""Q4 – Ký hiệu của cơ quan khác: the organ part of the notation is none of the sender's.

Basis: NĐ 30/2020 Điều 4 khoản 2 điểm a; Phụ lục I, phần I, II.3 (each agency's head sets its abbreviations, so the
    registry lists them: `notations`).
Population: documents by their first send in the period, of senders that list their notations.
Breach: the notation can be read, and its organ part (letter: the first part; typed: the part after the kind) is not
    among the sender's own, compared without case.
No breach: the organ is one of them, or one of them with a unit behind a dash. Undecided where the notation is missing
    (T1) or cannot be read (T2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.facts.arrays import combine, first_rows
from audit.facts.notation import Form, notations, own_notations
from audit.facts.populations import sent_documents
from audit.facts.texts import fold
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each

if TYPE_CHECKING:
    from audit.facts import Facts
    from audit.facts.arrays import Mask
    from audit.facts.populations import Documents


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    everything, read = sent_documents(facts), notations(facts)
    lists = np.array([bool(own_notations(facts, agency)) for agency in range(len(facts.agencies))], dtype=bool)
    sent = everything.only(lists[everything.sender])
    readable = sent.true_of_entry((read.form != Form.NONE) & read.fits_number)
    organ = sent.texts(read.organ)
    population = members(
        **sent.columns, decided=readable, breach=~_is_own(facts, sent, organ), severity=Severity.MEDIUM
    )
    found = np.flatnonzero(population.breach)
    return one_finding_each(
        population, [{"organ": organ[row], "notations": list(own_notations(facts, sent.sender[row]))} for row in found]
    )


def _is_own(facts: Facts, sent: Documents, organ: np.ndarray) -> Mask:
    """Which organs are among their senders' notations, each distinct pair looked at once."""
    codes, _ = pd.factorize(organ)
    place, pairs = pd.factorize(combine(sent.sender, codes.astype(np.int64)))
    example = first_rows(len(pairs), np.asarray(place))
    own = [_lists(own_notations(facts, sent.sender[row]), organ[row]) for row in example.tolist()]
    return np.array([*own, False], dtype=bool)[place]


def _lists(own: tuple[str, ...], organ: str | None) -> bool:
    text = fold(organ or "")
    return any(text == fold(one) or text.startswith(f"{fold(one)}-") for one in own)


RULE = Rule(code="Q4", id="foreign_notation", severity=Severity.MEDIUM, member="document", judge=judge)
