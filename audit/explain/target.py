"""What a rule is asked about: a document, a pair, or one row of a pair; and what the facts say of it, one value at a
time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from audit.explain.step import AgencyName
from audit.facts import Facts
from audit.facts.arrays import Ints, combine, positions_in
from audit.working_time import NAT, NEVER, date_of

NONE: Final = -1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Target:
    """A member that a rule has, or might have had.

    Attributes:
        facts: of the period and `as_of`.
        document: index in `facts.documents`, NONE for what is about no document.
        recipient: index in `facts.agencies`, NONE where the rule looks at the whole document.
        pair: index in `facts.pairs`; NONE where nobody sent, received or answered anything.
        row: where a pair has several members: the receipt, send, event or message.
        extra: what tells those members apart, `""` where nothing does.
    """

    facts: Facts
    document: int = NONE
    recipient: int = NONE
    pair: int = NONE
    row: int = NONE
    extra: str = ""

    @property
    def sender(self) -> int:
        """Whose document it is."""
        return int(self.facts.documents.sender[self.document])

    @property
    def entry(self) -> int:
        """The document's row of the register, NONE where no register tells of it."""
        return int(self.facts.documents.entry[self.document])

    def of_pair(self, column: str) -> int:
        """A column of `facts.pairs`; NEVER where there is no pair."""
        return int(getattr(self.facts.pairs, column)[self.pair]) if self.pair != NONE else NEVER

    def of_document(self, column: str) -> int:
        """A column of `facts.documents`."""
        return int(getattr(self.facts.documents, column)[self.document])

    def registered(self, column: str) -> Any:
        """What the register tells in a column; None where it tells nothing."""
        if self.entry == NONE:
            return None
        value = cell(self.facts.registrations.frame, column, self.entry)
        return None if pd.api.types.is_scalar(value) and pd.isna(value) else value

    def at_row(self, row: int, extra: str = "") -> Target:
        """The member of the same pair that is about one of its rows."""
        return replace(self, row=row, extra=extra)


def cell(frame: pd.DataFrame, column: str, row: int) -> Any:
    """A value by its position."""
    value: Any = frame[column].iloc[row]
    return value


def pairs_of(facts: Facts, document: int, recipient: int | None = None) -> list[Target]:
    """The pairs of a document, or the one with a recipient; also the recipients of its register that nobody sent to."""
    of = facts.pairs.document
    known = {int(facts.pairs.recipient[pair]): int(pair) for pair in np.flatnonzero(of == document)}
    target = Target(facts, document)
    named = [*known, *(agency for agency in _listed_recipients(target) if agency not in known)]
    if recipient is not None:
        named = [recipient]
    return [replace(target, recipient=agency, pair=known.get(agency, NONE)) for agency in named]


def pair_of(facts: Facts, document: int, recipient: int) -> int:
    """The pair of a document and a recipient; NONE where there is none."""
    keys = combine(facts.pairs.document, facts.pairs.recipient)
    return int(positions_in(combine(one(document), one(recipient)), keys)[0])


def _listed_recipients(target: Target) -> list[int]:
    if target.entry == NONE:
        return []
    listed = target.facts.registrations.frame["recipients"].iloc[[target.entry]].list.flatten()
    return [int(agency) for agency in target.facts.agencies.indexes(listed) if agency != NONE]


def one(value: int) -> Ints:
    """A value as the facts, which are arrays, want it."""
    return np.array([value], dtype=np.int64)


def happened(at: int) -> bool:
    """Whether an instant is told and came."""
    return at not in (NAT, NEVER)


def instant(at: int) -> datetime | None:
    """An instant of the facts; None where it is missing or never came."""
    return _EPOCH + timedelta(microseconds=at) if happened(at) else None


def day(number: int) -> date:
    """A day of the facts."""
    return date_of(number)


def agency_name(facts: Facts, index: int) -> AgencyName:
    """An agency by its index."""
    code = str(facts.agencies.codes[index])
    known = 0 <= index < facts.agencies.registered
    return AgencyName(code, facts.registry.agency(code).name if known else "")
