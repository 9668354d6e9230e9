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
    mine = observed.counts[observed.counts["agency"].isin(agencies)]
    parts = [
        _of_counts(_with_province(mine, ["indicator"])),
        _of_durations(observed.durations[observed.durations["agency"].isin(agencies)]),
        _of_index(counts[counts["agency"].isin(agencies)], weight),
    ]
    found = pd.concat(parts, ignore_index=True)
    names = pd.MultiIndex.from_product([[PROVINCE, *agencies], INDICATORS], names=["agency", "indicator"])
    frame = found.set_index(["agency", "indicator"]).reindex(names)
    frame = _ranked(frame, list(agencies), policy).reset_index()
    return frame.astype({"agency": object, "indicator": object})[list(COLUMNS)]


def _with_province(frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The rows of the agencies, and their sums as those of the province."""
    sums = frame.drop(columns="agency").groupby(by, as_index=False).sum()
    return pd.concat([frame, sums.assign(agency=PROVINCE)], ignore_index=True)


def _of_counts(counts: pd.DataFrame) -> pd.DataFrame:
    is_share = counts["indicator"].isin(SHARES)
    denominator = counts["denominator"].where(is_share & (counts["denominator"] > 0))
    value = counts["numerator"].where(~is_share, counts["numerator"] / denominator)
    return counts.assign(value=value, denominator=denominator)


def _of_durations(durations: pd.DataFrame) -> pd.DataFrame:
    """Median, and the time within which 90 % were done (a time that occurred, so that the sentence is true)."""
    agencies, codes = pd.factorize(durations["agency"])
    indicators, names = pd.factorize(durations["indicator"])
    minutes, count = durations["minutes"].to_numpy(dtype=np.float64), durations["count"].to_numpy(dtype=np.int64)
    order = np.argsort(minutes, kind="stable")
    of_agencies = np.lexsort((minutes, agencies, indicators))
    bounds = np.flatnonzero(np.diff(indicators[of_agencies]) | np.diff(agencies[of_agencies])) + 1
    groups = [(str(codes[agencies[rows[0]]]), rows) for rows in np.split(of_agencies, bounds) if len(rows)]
    groups += [(PROVINCE, order[indicators[order] == number]) for number in range(len(names))]
    rows = []
    for agency, told in groups:
        indicator, ends = names[indicators[told[0]]], np.cumsum(count[told])
        size = int(ends[-1])
        # the values at the positions, counted from 1, that NumPy's median and inverted_cdf take
        low, high, ninth = minutes[told][np.searchsorted(ends, [(size + 1) // 2, size // 2 + 1, -(-9 * size // 10)])]
        for name, value in zip(TIMED[str(indicator)], ((low + high) / 2, ninth), strict=True):
            rows.append((agency, name, float(value), np.nan, float(size)))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(dict.fromkeys(COLUMNS[2:], "float64"))


def _of_index(counts: pd.DataFrame, weight: Mapping[str, int]) -> pd.DataFrame:
    both = _with_province(counts[["rule", "agency", "tested", "breaches"]], ["rule"])
    return compliance_index(both, weight).assign(indicator="compliance_index")


def _ranked(frame: pd.DataFrame, agencies: list[str], policy: Policy) -> pd.DataFrame:
    tested, coverage, index = (
        frame["value"].xs(name, level="indicator").reindex(agencies)
        for name in ("rank_tested", "coverage_share", "compliance_index")
    )
    found = ranks(index.where(may_be_ranked(tested.fillna(0), coverage, policy)))
    frame.loc[[(agency, "rank") for agency in agencies], "value"] = found.to_numpy()
    return frame
