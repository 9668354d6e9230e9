"""Of rows with equal keys in one agency's log the newest wins (rules.md section 1, "Versions")."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from audit.facts.arrays import Ints, combine, days, instants, is_true, whole_numbers
from audit.working_time import NAT


@dataclass(frozen=True, slots=True)
class Newest:
    """The winning rows.

    Attributes:
        rows: positions in the frame, in its order; withdrawn rows are left out.
        first_day: for each of them the earliest log day on which any version of it appeared.
    """

    rows: Ints
    first_day: Ints


def newest(frame: pd.DataFrame, keys: list[Ints], as_of_day: int) -> Newest:
    """The newest version of every row as the log stood at `as_of`.

    The versions are gone through in the order of log day, page and line: the later one wins, unless both say when
    they changed and the earlier changed later. A row whose winning version says `deleted` is withdrawn.

    Args:
        frame: rows of one table with `log_day`, `page_no`, `line`, `changed_at`, `deleted`.
        keys: the parts of the key, the log's agency among them, as integers.
        as_of_day: versions of this day and later ones do not exist yet.
    """
    log_day = days(frame["log_day"])
    seen = np.flatnonzero(log_day < as_of_day)
    key = combine(*[part[seen] for part in keys])
    group, _ = pd.factorize(key)
    size = int(group.max()) + 1 if len(group) else 0
    first_day = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(first_day, group, log_day[seen])
    winner = _winners(frame, seen, np.asarray(group), size)
    winner.sort()
    kept = winner[~is_true(frame["deleted"])[winner]]
    row_group = np.full(len(frame), -1, dtype=np.int64)
    row_group[seen] = group
    return Newest(kept, first_day[row_group[kept]])


def _winners(frame: pd.DataFrame, seen: Ints, group: Ints, size: int) -> Ints:
    count = np.bincount(group, minlength=size)
    alone = count[group] == 1
    rivals = seen[~alone]
    if not len(rivals):
        return np.asarray(seen[alone])
    of = group[~alone]
    changed = instants(frame["changed_at"])[rivals]
    page_no, line = whole_numbers(frame["page_no"], 0)[rivals], whole_numbers(frame["line"], 0)[rivals]
    order = np.lexsort((line, page_no, days(frame["log_day"])[rivals], of))
    rivals, of, changed = rivals[order], of[order], changed[order]
    # Going through them in order, a version that does not say when it changed always replaces what came before. So only
    # the versions from the last such one on matter, and among those the latest change wins, the later row at a tie.
    place = np.arange(len(rivals))
    last_untold = np.full(size, -1, dtype=np.int64)
    untold = changed == NAT
    np.maximum.at(last_untold, of[untold], place[untold])
    left = place >= last_untold[of]
    rivals, of, changed, place = rivals[left], of[left], changed[left], place[left]
    by_change = np.lexsort((place, changed, of))
    last_of_group = np.append(of[by_change][1:] != of[by_change][:-1], True)
    return np.concatenate([seen[alone], rivals[by_change][last_of_group]])
