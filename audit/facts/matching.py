"""Which rows of an agency's several logs are of the same thing: the same sending, receipt, status, or entry.

Equal ids of the axis (of a document: equal ids) decide where both rows have one. Where one has none, as in a register
or a message without its envelope, the nearest in time is the same, each once: a second attempt is not the first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from audit.facts.arrays import Ints
from audit.facts.joins import joined
from audit.working_time import HOUR, MINUTE, NAT

APART_MOST = 12 * HOUR
"""Rows of the same thing may tell times so far apart: clocks and habits differ."""
SAME_SENDING = 30 * MINUTE
"""What was sent again later is another attempt."""
SAME_STATUS = 2 * MINUTE
"""Status messages have no id of their own: those of the same code are one within so much (rules.md, *Statuses*)."""
_BY_ID, _BY_TIME = 0, 1
_UNTIMED = APART_MOST


@dataclass(frozen=True, slots=True)
class Candidates:
    """The newest rows of each source.

    Attributes:
        base: Key of the thing, without what only some sources know.
        rank: Of the row's source: 0 tells most.
        id: Hash of the id by which it is known, 0 where the source does not know it.
        at: When it happened, NAT where the source does not know it.
        apart: How far apart the times of the same thing may be.
    """

    base: Ints
    rank: Ints
    id: Ints
    at: Ints
    apart: int = APART_MOST


def same_things(rows: Candidates) -> Ints:
    """A number for each row, the same for rows of the same thing: the position of its row of lowest rank."""
    group = np.arange(len(rows.base), dtype=np.int64)
    for rank in np.unique(rows.rank)[1:]:
        mine, others = np.flatnonzero(rows.rank == rank), np.flatnonzero(rows.rank < rank)
        of_mine, of_others = joined(rows.base[mine], rows.base[others])
        row, other = mine[of_mine], others[of_others]
        tier, apart = _closeness(rows, row, other)
        fits = apart <= rows.apart
        row, thing = row[fits], group[other[fits]]
        order = np.lexsort((thing, row, apart[fits], tier[fits]))
        row, thing = row[order], thing[order]
        while len(row):
            # the closest of all is sure; what is the closest of both its sides is as sure
            sure = ~(pd.Series(row).duplicated() | pd.Series(thing).duplicated()).to_numpy()
            group[row[sure]] = thing[sure]
            left = ~(np.isin(row, row[sure]) | np.isin(thing, thing[sure]))
            row, thing = row[left], thing[left]
    return group


def _closeness(rows: Candidates, row: Ints, other: Ints) -> tuple[Ints, Ints]:
    """How sure it is that two rows are of the same thing: the smaller, the surer; beyond `apart` it is not."""
    both = (rows.id[row] != 0) & (rows.id[other] != 0)
    same = both & (rows.id[row] == rows.id[other])
    timed = (rows.at[row] != NAT) & (rows.at[other] != NAT)
    apart = np.where(timed, np.abs(rows.at[row] - rows.at[other]), min(_UNTIMED, rows.apart))
    never = rows.apart + 1
    return np.where(same, _BY_ID, _BY_TIME), np.where(same, np.minimum(apart, rows.apart), np.where(both, never, apart))
