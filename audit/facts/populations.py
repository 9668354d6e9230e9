"""The documents that a rule looks at, and who answers for them: those first sent, or those issued, in the period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from audit.array_records import taken
from audit.facts.arrays import Ints, Mask
from audit.facts.once import once
from audit.facts.texts import Texts

if TYPE_CHECKING:
    from audit.facts import Facts


@dataclass(frozen=True, slots=True)
class Documents:
    """Documents in the population of a rule, one row each.

    Attributes:
        document: index in `facts.documents`. sender: whose document it is.
        entry: its row of the register (`facts.registrations`), -1 where it is known by its sends alone.
        agency: who is blamed: the sender, after its end its successor.
        anchored_at: the instant that lies in the period.
    """

    document: Ints
    sender: Ints
    entry: Ints
    agency: Ints
    anchored_at: Ints

    def __len__(self) -> int:
        return len(self.document)

    @property
    def registered(self) -> Mask:
        """The sender's register tells of them. What is not registered lacks its facts."""
        return self.entry >= 0

    @property
    def columns(self) -> dict[str, Any]:
        """What `audit.rule.members` wants of every member."""
        return {"agency": self.agency, "document": self.document, "anchored_at": self.anchored_at}

    def only(self, wanted: Mask) -> Documents:
        """Some of them."""
        return taken(self, wanted)

    def of_entry(self, values: Ints, missing: int) -> Ints:
        """What an array with a value for each row of the register says of them; `missing` where there is no entry."""
        return np.append(values, missing)[self.entry]

    def true_of_entry(self, values: Mask) -> Mask:
        """As `of_entry`, False where there is no entry."""
        return np.append(values, False)[self.entry]

    def texts(self, column: pd.Series | Texts) -> Texts:
        """As `of_entry` for texts; None where there is no entry or no text."""
        values = np.append(np.asarray(column, dtype=object), np.full(1, None, dtype=object))
        values[pd.isna(values)] = None
        return np.asarray(values[self.entry])


@once
def sent_documents(facts: Facts) -> Documents:
    """Documents whose first send lies in the period: the population of groups T, Q, K, D and M.

    Those that no register tells of are among them: they lack the facts that a rule needs, and are not decided.
    """
    first = facts.documents.first_sent_at
    return _answered_for(facts, np.flatnonzero(facts.period.holds_event(first)), first)


@once
def issued_documents(facts: Facts) -> Documents:
    """Documents of the register issued in the period, sent or not: the population of L2 and L3."""
    issued = facts.calendar.start_of_day(facts.documents.issued_day)
    registered = facts.documents.entry >= 0
    return _answered_for(facts, np.flatnonzero(registered & facts.period.holds_event(issued)), issued)


def _answered_for(facts: Facts, document: Ints, anchored_at: Ints) -> Documents:
    """Those documents whose sender (after its end: its successor) is in scope and keeps `documents`."""
    sender, anchor = facts.documents.sender[document], anchored_at[document]
    agency = facts.blamed(sender, anchor, at_end=False)
    entry = facts.documents.entry[document]
    keeps = np.append(facts.registry.keeps("documents"), False)
    return Documents(document, sender, entry, agency, anchor).only((agency >= 0) & keeps[agency])
