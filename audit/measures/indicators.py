"""The indicators of agencies and of the province (rules.md section 3).

`observe` counts, `indicators` divides; between them the observations of shards are summed. New, resolved and still open
findings are not here: only the ledger knows them, and who lays out the report adds its rows to this frame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from audit.facts import Facts
from audit.facts.arrays import Ints, run_starts
from audit.measures import handling, papers, traffic
from audit.measures.counts import Observations
from audit.measures.days import TableDays
from audit.measures.index import compliance_index, may_be_ranked, ranks
from audit.measures.systems import availability
from audit.measures.together import tested_together
from audit.rule import Rule, Verdicts
from audit.settings import Policy

PROVINCE: Final = ""
"""In the column `agency`: all agencies together."""

COUNTED: Final = (
    "documents_sent",
    "documents_received",
    "pairs_sent",
    "undelivered",
    "backlog_open",
    "backlog_overdue",
    *(name for name, _, _ in handling.AGE_BANDS),
    "rank_tested",
)
"""Plain counts."""
SHARES: Final = (
    "arrived_share",
    "acknowledged_in_day_share",
    "availability",
    "coverage_share",
    "signed_both_share",
    "electronic_share",
)
"""Shares, 0 to 1."""
TIMED: Final = {
    "ack_minutes": ("ack_minutes_median", "ack_minutes_p90"),
    "forward_minutes": ("forward_minutes_median", "forward_minutes_p90"),
}
"""Durations in working minutes, and the indicators made of them."""
INDICATORS: Final = (
    "documents_sent",
    "documents_received",
    "pairs_sent",
    "arrived_share",
    "undelivered",
    "acknowledged_in_day_share",
    *TIMED["ack_minutes"],
    *TIMED["forward_minutes"],
    "backlog_open",
    "backlog_overdue",
    *(name for name, _, _ in handling.AGE_BANDS),
    "availability",
    "coverage_share",
    "signed_both_share",
    "electronic_share",
    "compliance_index",
    "rank",
    "rank_tested",
)
"""All indicators, in the order of the frame."""
COLUMNS: Final = ("agency", "indicator", "value", "numerator", "denominator")


def observe(
    facts: Facts, rules: tuple[Rule, ...], verdicts: Mapping[str, Verdicts], *, systems: bool = True
) -> Observations:
    """What the facts of one shard contribute.

    Args:
        facts: Of the shard.
        rules: The catalogue.
        verdicts: By rule id; indicators of rules that are switched off have no value.
        systems: Whether to count availability and coverage: exactly one shard does.
    """
    told = TableDays(facts)
    acknowledged, durations = handling.acknowledging(facts, verdicts)
    counts = [
        *traffic.traffic(facts, verdicts, told),
        *acknowledged,
        *handling.backlog(facts, verdicts, told),
        papers.signed_both(facts),
        papers.electronic(facts),
        tested_together(facts, rules, verdicts),
    ]
    if systems:
        counts += [availability(facts), told.coverage_share()]
    return Observations.of(counts, durations, facts.agencies.codes)


def indicators(
    observed: Observations, counts: pd.DataFrame, agencies: Sequence[str], weight: Mapping[str, int], policy: Policy
) -> pd.DataFrame:
    """The indicators of the province and of each agency.

    Args:
        observed: Of all shards together.
        counts: Tallies of all shards together (`audit.measures.outcomes`).
        agencies: Codes in scope, in the registry's order.
        weight: Of each rule, by id.
        policy: Limits of the ranking.

    Returns:
        `COLUMNS`: the province (agency ``""``) first, then the agencies, each with all `INDICATORS` in order. NaN
        where there are no data: no data is not compliance. Shares are 0 to 1, times working minutes. For a count the
        numerator is the value, for a time the denominator is how many. The province's values are those of all members
        together.
    """
    cells = _Cells(agencies)
    _count(cells, observed.counts)
    _time(cells, observed.durations[observed.durations["agency"].isin(agencies)])
    _index(cells, counts[counts["agency"].isin(agencies)], weight)
    _rank(cells, policy)
    return cells.frame()


class _Cells:
    """The indicators while they are worked out: of the province (row 0) and each agency value, numerator and
    denominator of each of `INDICATORS`; NaN where nothing is known.
    """

    def __init__(self, agencies: Sequence[str]) -> None:
        self.names: Final = np.array([PROVINCE, *agencies], dtype=object)
        self.value, self.numerator, self.denominator = np.full((3, len(self.names), len(INDICATORS)), np.nan)
        self._rows = pd.Index(self.names)

    def rows(self, agencies: pd.Series) -> Ints:
        """The row of each code; -1 for one that is not in scope."""
        return np.asarray(self._rows.get_indexer(pd.Index(agencies)), dtype=np.int64)

    def frame(self) -> pd.DataFrame:
        """`COLUMNS`."""
        columns = (
            np.repeat(self.names, len(INDICATORS)),
            np.tile(np.array(INDICATORS, dtype=object), len(self.names)),
            *(cells.ravel() for cells in (self.value, self.numerator, self.denominator)),
        )
        texts = {"agency": object, "indicator": object}
        return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True))).astype(texts)


def _count(cells: _Cells, counts: pd.DataFrame) -> None:
    """Counts and shares; the province's are those of all agencies in scope together."""
    row, column = cells.rows(counts["agency"]), pd.Index(INDICATORS).get_indexer(pd.Index(counts["indicator"]))
    mine = row > 0
    row, column = row[mine], column[mine]
    numerator, denominator = np.zeros((2, *cells.value.shape))
    numerator[row, column] = counts["numerator"].to_numpy()[mine]
    denominator[row, column] = counts["denominator"].to_numpy()[mine]
    told = np.zeros(cells.value.shape, dtype=bool)
    told[row, column] = True
    for of_all in (numerator, denominator):
        of_all[0] = of_all.sum(axis=0)
    told[0] = told.any(axis=0)
    is_share = np.isin(INDICATORS, SHARES)
    denominator = np.where(is_share & (denominator > 0), denominator, np.nan)
    cells.value[told] = np.where(is_share, numerator / denominator, numerator)[told]
    cells.numerator[told], cells.denominator[told] = numerator[told], denominator[told]


def _time(cells: _Cells, durations: pd.DataFrame) -> None:
    """Median, and the time within which 90 % were done (a time that occurred, so that the sentence is true)."""
    indicator, names = pd.factorize(durations["indicator"])
    minutes, count = durations["minutes"].to_numpy(dtype=np.float64), durations["count"].to_numpy(dtype=np.int64)
    agency = cells.rows(durations["agency"])
    # every duration is one of its agency's, and one of the province's
    group = np.append(indicator, indicator) * len(cells.names) + np.append(agency, np.zeros_like(agency))
    minutes, count = np.append(minutes, minutes), np.append(count, count)
    order = np.lexsort((minutes, group))
    group, minutes, ends = group[order], minutes[order], np.cumsum(count[order])
    first = np.flatnonzero(run_starts(group))
    before = np.append(0, ends)[first]
    size = np.diff(np.append(before, ends[-1:]))
    # the values at the positions, counted from 1, that NumPy's median and inverted_cdf take
    low, high, ninth = (
        minutes[np.searchsorted(ends, before + position)]
        for position in ((size + 1) // 2, size // 2 + 1, -(-9 * size // 10))
    )
    made_of = [[INDICATORS.index(made) for made in TIMED[str(name)]] for name in names]
    columns = np.array(made_of, dtype=np.int64).reshape(-1, 2)
    row, (median, within) = group[first] % len(cells.names), columns[group[first] // len(cells.names)].T
    cells.value[row, median], cells.value[row, within] = (low + high) / 2, ninth
    cells.denominator[row, median] = cells.denominator[row, within] = size


def _index(cells: _Cells, counts: pd.DataFrame, weight: Mapping[str, int]) -> None:
    """The compliance index; the province's is that of all members together, too."""
    told = counts[["rule", "agency", "tested", "breaches"]]
    together = told.groupby("rule", as_index=False)[["tested", "breaches"]].sum().assign(agency=PROVINCE)
    found = compliance_index(pd.concat([told, together], ignore_index=True), weight)
    at = cells.rows(found["agency"]), INDICATORS.index("compliance_index")
    for name in ("value", "numerator", "denominator"):
        getattr(cells, name)[at] = found[name].to_numpy()


def _rank(cells: _Cells, policy: Policy) -> None:
    tested, coverage, index = (
        pd.Series(cells.value[1:, INDICATORS.index(name)])
        for name in ("rank_tested", "coverage_share", "compliance_index")
    )
    cells.value[1:, INDICATORS.index("rank")] = ranks(index.where(may_be_ranked(tested.fillna(0), coverage, policy)))
