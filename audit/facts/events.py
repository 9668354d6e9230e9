"""Status messages as events: the union of both logs, each event once (rules.md section 1, "Statuses")."""

from __future__ import annotations

import numpy as np
import pandas as pd

from audit.facts.arrays import Ints, combine, earliest, run_starts

_PASSES = 32


def same_events(pair: Ints, code_key: Ints, at: Ints, window: int) -> Ints:
    """The event of every status message, as the position of the event's first message.

    The same code of the same pair less than `window` microseconds after the first of them is the same event, at the
    earliest time; the next one begins a new event.
    """
    event, left = _of_first(pair, code_key, at, window)
    if not len(left):
        return event
    group = combine(pair[left], code_key[left])
    left = left[np.lexsort((at[left], group))]
    group = combine(pair, code_key)
    for _ in range(_PASSES):
        if not len(left):
            return event
        of = group[left]
        begins = run_starts(of)
        first = left[begins][np.cumsum(begins) - 1]
        same = (at[left] - at[first] < window) | (left == first)
        event[left[same]] = first[same]
        left = left[~same]
    _one_by_one(event, group, at, left, window)
    return event


def _of_first(pair: Ints, code_key: Ints, at: Ints, window: int) -> tuple[Ints, Ints]:
    """The event of the messages that belong to the first one of their pair and code, and the messages left over.

    Nearly all do: where both logs tell of an event they tell the same time.
    """
    places, codes = pd.factorize(code_key)
    group = pair * len(codes) + places
    size = int(group.max(initial=-1)) + 1
    first_at = earliest(size, group, at)[group]
    leading = np.flatnonzero(at == first_at)
    first = np.full(size, -1, dtype=np.int64)
    first[group[leading[::-1]]] = leading[::-1]
    event = first[group]
    return event, np.flatnonzero(at - first_at >= window)


def _one_by_one(event: Ints, group: Ints, at: Ints, left: Ints, window: int) -> None:
    """What no honest log holds: one pair with dozens of events of one code. Linear, so that a hostile log cannot stop
    the judge.
    """
    first = -1
    for row in left.tolist():
        if first < 0 or group[row] != group[first] or at[row] - at[first] >= window:
            first = row
        event[row] = first
