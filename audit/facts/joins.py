"""Rows of two sets that belong together, by integer keys: what pandas' joins find, without frames made for it."""

from __future__ import annotations

import numpy as np

from audit.facts.arrays import Ints, in_order, repeated


def joined(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """All pairs of a left and a right row with the same key, as positions: by the left row, and then by the right."""
    order = in_order(right)
    keys = right[order]
    first = np.searchsorted(keys, left)
    count = np.searchsorted(keys, left, side="right") - first
    of_left, nth = repeated(count)
    return of_left, order[first[of_left] + nth]


def latest_before(group: Ints, at: Ints, of_others: Ints, others_at: Ints, *, or_at: bool = False) -> Ints:
    """For each row the position, among the others, of the latest one of its group before it; -1 where there is none.

    Args:
        group: Of the rows.
        at: Their instants.
        of_others: Group of the others.
        others_at: Their instants; of two at once the one that stands later is the latest.
        or_at: Whether one at the same instant counts as before.
    """
    size = len(others_at)
    is_row = np.append(np.zeros(size, dtype=bool), np.ones(len(at), dtype=bool))
    groups, instants = np.append(of_others, group), np.append(others_at, at)
    order = np.lexsort((is_row if or_at else ~is_row, instants, groups))
    last = np.maximum.accumulate(np.where(is_row[order], -1, np.arange(len(order))))
    found = np.full(len(order), -1, dtype=np.int64)
    found[order] = np.where(last < 0, -1, order[last])
    before = found[size:]
    return np.where((before >= 0) & (groups[before] == group), before, -1)
