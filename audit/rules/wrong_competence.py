"""Q1 – Ghi quyền hạn, chức vụ chưa đúng: the signing authority and the signer's position do not go together.

Basis: NĐ 30/2020 Điều 13 (who signs for whom) and Phụ lục I, phần I, II.7 (TM., KT., TL., TUQ., Q.).
Population: documents by their first send in the period, with `signer_position`. Documents signed TUQ. of a sender
    without a signers' register are left out unless something else is wrong.
Breach: each a finding: `KT.` and the position is no deputy's (extra `KT`); a deputy's position without `KT.`, `TUQ.`
    or `Q.` (`deputy`); `TL.` naming the signer's own position (`TL`); `TUQ.`, and the register has no authorisation
    of the signer in force on `issued_date` (`TUQ`).
No breach: `TM. ỦY BAN NHÂN DÂN; KT. CHỦ TỊCH` over PHÓ CHỦ TỊCH; a head without any prefix; a deputy under `TL. …;
    KT. …`. A prefix counts at the start of a line (lines end with `;` or a line break), with its dot, whatever its
    case.
Reading: a missing `signer_competence` has no lines. A deputy's title is one that starts with PHÓ.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.facts.populations import sent_documents
from audit.facts.signers import signer_facts
from audit.facts.texts import fold, holds_each, read_each
from audit.rule import Rule, Severity, Verdicts, findings, members

if TYPE_CHECKING:
    from audit.facts import Facts
    from audit.facts.arrays import Mask
    from audit.facts.populations import Documents

FAULTS = ("KT", "deputy", "TL", "TUQ")
_LINES = re.compile(r"[;\r\n]")


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    sent = sent_documents(facts)
    register = facts.registrations.frame
    position = sent.texts(read_each(register["signer_position"], fold))
    deputy = sent.true_of_entry(holds_each(register["signer_position"], lambda text: fold(text).startswith("phó")))
    replaces, authorised, acts, for_head = (_signs(facts, sent, prefix) for prefix in ("kt.", "tuq.", "q.", "tl."))
    signer = signer_facts(facts, sent)
    faults = np.column_stack(
        [
            replaces & ~deputy,
            deputy & ~(replaces | authorised | acts),
            for_head & _names_own_position(facts, sent, position),
            authorised & signer.has_register & signer.is_told & ~signer.authorised,
        ]
    )
    told = ~pd.isna(position)
    faults &= told[:, None]
    wrong = np.asarray(faults.any(axis=1))
    in_question = authorised & told & ~wrong
    untested, unclear = in_question & ~signer.has_register, in_question & signer.has_register & ~signer.is_told
    sent, faults, position = sent.only(~untested), faults[~untested], position[~untested]
    population = members(
        **sent.columns,
        decided=(told & ~unclear)[~untested],
        breach=wrong[~untested],
        severity=Severity.HIGH,
    )
    member, fault = np.nonzero(faults)
    competence, position = sent.texts(register["signer_competence"]), sent.texts(register["signer_position"])
    detail: list[dict[str, object]] = [
        {"signer_competence": competence[row], "signer_position": position[row]} for row in member
    ]
    return Verdicts(population, findings(member, -1, np.array(FAULTS, dtype=object)[fault], detail))


def lines(competence: str) -> list[str]:
    """The lines of a signing authority, folded."""
    return [fold(line) for line in _LINES.split(competence)]


def _signs(facts: Facts, sent: Documents, prefix: str) -> Mask:
    """Which documents have a line with this prefix."""
    column = facts.registrations.frame["signer_competence"]
    return sent.true_of_entry(holds_each(column, lambda text: any(line.startswith(prefix) for line in lines(text))))


def _names_own_position(facts: Facts, sent: Documents, position: np.ndarray) -> Mask:
    """Which documents are signed by order of the very position that signs."""
    competence = sent.texts(facts.registrations.frame["signer_competence"])
    own = np.zeros(len(sent), dtype=bool)
    asked = np.flatnonzero(~pd.isna(position) & ~pd.isna(competence))
    together = pd.Series(position[asked] + "\n" + competence[asked], dtype="str")
    own[asked] = holds_each(together, _orders_itself)
    return own


def _orders_itself(text: str) -> bool:
    position, _, competence = text.partition("\n")
    ordered = [line.removeprefix("tl.").strip() for line in lines(competence) if line.startswith("tl.")]
    return position in ordered


RULE = Rule(code="Q1", id="wrong_competence", severity=Severity.HIGH, member="document", judge=judge)
