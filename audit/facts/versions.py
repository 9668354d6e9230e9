"""Of rows with equal keys in one agency's log the newest wins (rules.md section 1, "Versions")."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from audit.facts.arrays import Ints, Mask, combine, days, instants, is_true, occur_in, whole_numbers
from audit.log_table import LogTable
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


def newest(table: LogTable, keys: list[Ints], as_of_day: int) -> Newest:
    """The newest version of every row as the log stood at `as_of`.

    The versions are gone through in the order of log day, page and line: the later one wins, unless both say when
    they changed and the earlier changed later. A row whose winning version says `deleted` is withdrawn.

    Args:
        table: rows of one table of the log.
        keys: the parts of the key, the log's agency among them, as integers.
        as_of_day: versions of this day and later ones do not exist yet.
    """
    log_day, key = days(table["log_day"]), combine(*keys)
    seen = log_day < as_of_day
    rivals = np.flatnonzero(_repeated(key, seen))
    winners, first_days = _winners(table, rivals, key[rivals], log_day[rivals])
    stays = seen & ~is_true(table["deleted"])
    first_day = log_day
    if len(rivals):
        deleted = ~stays[winners]
        stays[rivals] = False
        stays[winners[~deleted]] = True
        first_day[winners] = first_days
    rows = np.flatnonzero(stays)
    return Newest(rows, first_day[rows])


def _repeated(key: Ints, seen: Mask) -> Mask:
    """The seen rows whose key another seen row has, too: few, so they are not worth grouping all rows."""
    ordered = np.sort(key if seen.all() else key[seen])
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    return occur_in(key, twice) & seen


def _winners(table: LogTable, rivals: Ints, key: Ints, log_day: Ints) -> tuple[Ints, Ints]:
    """Of rows that have rivals the winners, and for each the earliest log day of its versions."""
    group, found = pd.factorize(key)
    of, size = np.asarray(group), len(found)
    first_days = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(first_days, of, log_day)
    if not size:
        return rivals, first_days
    changed = instants(table.some(["changed_at"], rivals)["changed_at"])
    order = np.lexsort((_places_in_pull(table, rivals, combine(of, log_day)), log_day, of))
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
    return rivals[by_change][last_of_group], first_days


def _places_in_pull(table: LogTable, rows: Ints, group_and_day: Ints) -> Ints:
    """Page and line of those rows which have a rival on their own day: only there do they decide."""
    group, found = pd.factorize(group_and_day)
    tied = np.flatnonzero((np.bincount(group, minlength=len(found)) > 1)[group])
    place = np.zeros(len(rows), dtype=np.int64)
    if len(tied):
        told = table.some(["page_no", "line"], rows[tied])
        place[tied] = (whole_numbers(told["page_no"], 0) << 32) + whole_numbers(told["line"], 0)
    return place
