"""D1 – Thiếu hoặc lỗi tệp đính kèm: files are missing, empty, or not what the recipient got.

Basis: NĐ 30/2020 Phụ lục I, phần I, III.1 điểm a (a document names its appendices); QĐ 28/2018/QĐ-TTg Điều 9 (the
    receiver checks completeness and integrity); letter 814 item 4.
Population: documents by their first send in the period.
Breach: each a finding: no file (extra `no_file`); a file of 0 bytes (`empty`); `declared_file_count`, the main file
    included, is more than there are files (`count`); a recipient's `received_file_sha256` is not that of the main
    file, and no update or replacement was sent to it (`hash`, with the recipient).
No breach: more files than declared; a stamp put on after the receipt; hashes of which one side is not told. Undecided
    where `files` is not told.
Reading: without any file there is nothing to count: `no_file` alone. A replacement is a send of type 3 to that
    recipient, of this document after a first send of type 0, or of one whose `replaces` names this one's uid or a
    message of it. A message that failed at the recipient proves nothing of the file (N1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.attachments import differently_received, file_counts
from audit.facts.populations import sent_documents
from audit.facts.signing import NO_FILE, file_states
from audit.rule import Rule, Severity, Verdicts, findings, members

if TYPE_CHECKING:
    from audit.facts import Facts

KINDS = ("no_file", "empty", "count")
HASH = "hash"


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    sent = sent_documents(facts)
    counts = file_counts(facts)
    none = file_states(facts)[sent.document] == NO_FILE
    files, declared = counts.files[sent.document], counts.declared[sent.document]
    told = sent.true_of_entry(facts.registrations.frame["has_files"].to_numpy(dtype=bool))
    faults = np.column_stack([none, counts.empty[sent.document] > 0, ~none & (declared > files)]) & told[:, None]
    pairs = differently_received(facts)
    place = np.full(len(facts.documents), -1, dtype=np.int64)
    place[sent.document] = np.arange(len(sent))
    pair_document = facts.pairs.document[pairs]
    pairs = pairs[place[pair_document] >= 0]
    hashed = place[facts.pairs.document[pairs]]
    breach = np.asarray(faults.any(axis=1))
    breach[hashed] = True
    population = members(**sent.columns, decided=told, breach=breach, severity=Severity.HIGH)
    member, kind = np.nonzero(faults)
    recipient = facts.pairs.recipient[pairs]
    extra = np.concatenate([np.array(KINDS, dtype=object)[kind], np.full(len(hashed), HASH, dtype=object)])
    detail: list[dict[str, object]] = [
        {"files": int(files[row]), "declared": int(declared[row]) or None} for row in member
    ]
    return Verdicts(
        population,
        findings(
            np.concatenate([member, hashed]),
            np.concatenate([np.full(len(member), -1), recipient]),
            extra,
            [*detail, *({} for _ in hashed)],
        ),
    )


RULE = Rule(code="D1", id="missing_attachment", severity=Severity.HIGH, member="document", judge=judge)
