"""Tested documents and pairs together: what decides whether an agency may be ranked (rules.md section 3).

My reading: distinct documents and distinct pairs of which any rule decided something at the agency. A document counts
once however many rules looked at it, and so does a pair, at each agency that is answerable for it; receipts, messages
and statuses count as their pair.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from audit.facts import Facts
from audit.facts.arrays import Ints, combine
from audit.measures.counts import Count, Floats, per_agency, plain
from audit.rule import Rule, Verdicts

CELLS_MAX = 1 << 28
"""Most (document, recipient) cells for which a table of flags is kept: 256 MiB a side."""


def tested_together(facts: Facts, rules: tuple[Rule, ...], verdicts: Mapping[str, Verdicts]) -> Count:
    """rank_tested, of the document's sender and of the pair's recipient."""
    seen = _Seen(facts)
    for rule in rules:
        if rule.id in verdicts:
            members = verdicts[rule.id].members
            decided = np.flatnonzero(members.decided & (members.document >= 0))
            agency, document, recipient = (
                column[decided] for column in (members.agency, members.document, members.recipient)
            )
            seen.add(agency, document, np.full(len(decided), -1) if rule.member == "document" else recipient)
    return plain("rank_tested", seen.counts(), np.zeros(len(facts.agencies), dtype=bool))


class _Seen:
    """Distinct (agency, document, recipient), recipient -1 being the document itself.

    Nearly all are of the document's sender or of the recipient: those are flags in tables of (document, recipient). The
    rest, of successors mostly, are hashed.
    """

    def __init__(self, facts: Facts) -> None:
        self._sender = facts.documents.sender
        # one column more: recipient -1 is the first
        self._width = len(facts.agencies) + 1
        cells = len(self._sender) * self._width
        self._is_dense = cells <= CELLS_MAX
        self._of_sender = np.zeros(cells if self._is_dense else 0, dtype=bool)
        self._of_recipient = np.zeros(cells if self._is_dense else 0, dtype=bool)
        self._others: list[tuple[Ints, Ints]] = []
        """Agency and hash of the rest."""

    def add(self, agency: Ints, document: Ints, recipient: Ints) -> None:
        """Note some, known ones among them or not."""
        by_sender = (agency == self._sender[document]) & self._is_dense
        by_recipient = (agency == recipient) & ~by_sender & self._is_dense
        cell = document * self._width + (recipient + 1)
        self._of_sender[cell[by_sender]] = True
        self._of_recipient[cell[by_recipient]] = True
        rest = np.flatnonzero(~(by_sender | by_recipient))
        if len(rest):
            self._others.append((agency[rest], combine(agency[rest], document[rest], recipient[rest])))

    def counts(self) -> Floats:
        """How many of each agency."""
        size = self._width - 1
        shape = (len(self._sender), self._width) if self._is_dense else (0, self._width)
        of_documents = self._of_sender.reshape(shape).sum(axis=1)
        by_sender = np.bincount(self._sender[: len(of_documents)], weights=of_documents, minlength=size)
        by_recipient = self._of_recipient.reshape(shape).sum(axis=0)[1:]
        nothing = np.empty(0, dtype=np.int64)
        agency = np.concatenate([nothing, *(agency for agency, _ in self._others)])
        _, first = np.unique(np.concatenate([nothing, *(key for _, key in self._others)]), return_index=True)
        rest = per_agency(size, agency[first])
        return np.asarray(by_sender + by_recipient + rest, dtype=np.float64)
