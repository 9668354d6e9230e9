"""D2 – Tệp kèm chưa ký số cơ quan: a PDF beside the main file lacks the agency's signature.

Basis: NĐ 30/2020 Phụ lục I, phần I, II.8 điểm b and III.1 điểm d: an appendix in a file of its own is signed by the
    agency, each file.
Population: documents by their first send in the period with a PDF beside the main file, of agencies whose system
    reports signatures, or of which such a PDF was verified.
Breach: such a PDF has no signature of the agency; extra = the file's name, else its position from 1.
No breach: every one has it. Files of other formats need none. Undecided where `files` or the main file is not told,
    or where a PDF's `signatures` or the party of one of them is not told and no other PDF is a breach.
Reading: a PDF is a file of that content type or name. Whether the main file is signed does not matter here (K1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.facts.arrays import any_of, combine, first_rows
from audit.facts.attachments import pdf_files
from audit.facts.checked import is_checked, say_which
from audit.facts.populations import sent_documents
from audit.facts.signing import sealed_files
from audit.facts.texts import keys_of
from audit.rule import Rule, Severity, Verdicts, findings, members

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    size, files = len(facts.documents), facts.files[facts.files["document"] >= 0]
    document, row = files["document"].to_numpy(), files["row"].to_numpy()
    beside = pdf_files(facts)[row] & ~files["is_main"].to_numpy()
    has_main = any_of(size, document[files["is_main"].to_numpy()])
    sealed, can_tell = (part[row] for part in sealed_files(facts))
    fault = beside & ~sealed & can_tell & has_main[document]
    has_pdf, unclear = any_of(size, document[beside]), any_of(size, document[beside & ~can_tell]) | ~has_main
    sent = sent_documents(facts)
    told = sent.true_of_entry(facts.registrations.frame["has_files"].to_numpy(dtype=bool))
    checked = any_of(size, document[beside & is_checked(facts.frames.files)[row]])
    reports = facts.agencies.flag("reports_signatures")[sent.agency] | checked[sent.document]
    wanted = reports & (has_pdf[sent.document] | ~told)
    sent, told = sent.only(wanted), told[wanted]
    breach = any_of(size, document[fault])[sent.document]
    population = members(
        **sent.columns, decided=told & (breach | ~unclear[sent.document]), breach=breach, severity=Severity.HIGH
    )
    place = np.full(size, -1, dtype=np.int64)
    place[sent.document] = np.arange(len(sent))
    faulty = np.flatnonzero(fault & (place[document] >= 0))
    member, extra = place[document[faulty]], _names(facts, row[faulty])
    once = first_rows(*_distinct(member, extra))
    number = facts.frames.files["file_no"].to_numpy()[row[faulty]]
    detail: list[dict[str, object]] = [{"position": int(number[one])} for one in once]
    own = is_checked(facts.frames.files)[row[faulty[once]]]
    return Verdicts(population, findings(member[once], -1, extra[once], say_which(facts, own, detail)))


def _names(facts: Facts, row: np.ndarray) -> np.ndarray:
    """The files' names, else their positions."""
    part = facts.frames.files.iloc[row]
    return np.where(part["name"].isna(), part["file_no"].astype(str).astype(object), part["name"].astype(object))


def _distinct(member: np.ndarray, extra: np.ndarray) -> tuple[int, np.ndarray]:
    """How many different (member, extra) there are, and which one each row is."""
    of, names = pd.factorize(combine(member, keys_of(extra)))
    return len(names), np.asarray(of)


RULE = Rule(code="D2", id="unsigned_attachment", severity=Severity.HIGH, member="document", judge=judge)
