"""Trends across a merger: what an agency's past looks like together with those that it took over.

A judgement leaves every document with the agency of its day, and so do the ledger and every figure of a period. Only
the line of a trend may go on into the past: there the successor stands for all who merged into it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from audit.measures.index import compliance_index
from audit.measures.indicators import COUNTED, SHARES
from audit.registry import Registry
from audit.working_time import day_number

ADDED: Final = frozenset({*COUNTED, "findings_new", "findings_resolved", "findings_open"})
"""Counts, which add up; shares are divided anew, the index is made anew, and times cannot be put together."""
_INDEX: Final = "compliance_index"


def taken_over(registry: Registry, day: date) -> dict[str, list[str]]:
    """Of every agency that took others over by a day, itself and those, in the registry's order."""
    every = np.arange(len(registry.codes), dtype=np.int32)
    heirs = registry.successor_on(every, np.full(len(every), day_number(day), dtype=np.int32))
    found: dict[str, list[str]] = defaultdict(list)
    for code, heir in zip(registry.codes, heirs.tolist(), strict=True):
        if heir >= 0:
            found[registry.codes[heir]].append(code)
    return {heir: codes for heir, codes in found.items() if codes != [heir]}


def followed(
    indicators: pd.DataFrame, measures: pd.DataFrame | None, groups: Mapping[str, list[str]], weight: Mapping[str, int]
) -> pd.DataFrame:
    """The kept indicators of a past period, those of successors together with those of whom they took over.

    Args:
        indicators: agency, indicator, value, numerator, denominator, as they were kept.
        measures: rule, agency, tested, breaches of the same period; None: were not kept, and there is no index.
        groups: as `taken_over` tells.
        weight: of each rule in the index, by id.
    """
    parts = [indicators[~indicators["agency"].isin(list(groups))]]
    for heir, codes in groups.items():
        mine = indicators[indicators["agency"].isin(codes)]
        if len(mine):
            together = _together(mine, None if measures is None else measures[measures["agency"].isin(codes)], weight)
            parts.append(together.assign(agency=heir))
    return pd.concat(parts, ignore_index=True)


def _together(mine: pd.DataFrame, measures: pd.DataFrame | None, weight: Mapping[str, int]) -> pd.DataFrame:
    """The indicators of several agencies as of one."""
    by_name = mine.groupby("indicator", sort=False)
    sums = by_name[["value", "numerator", "denominator"]].sum(min_count=1)
    alone = (by_name["value"].count() == 1) & (sums.index != "rank")
    is_share = sums.index.isin(SHARES)
    value = sums["value"].where(sums.index.isin(ADDED) | alone)
    value = value.mask(is_share, sums["numerator"] / sums["denominator"].where(sums["denominator"] > 0))
    found = sums.assign(value=value)
    if _INDEX in found.index:
        found.loc[_INDEX] = _index(measures, weight)
    return found.reset_index()


def _index(measures: pd.DataFrame | None, weight: Mapping[str, int]) -> list[float]:
    """The compliance index of all members together: value, numerator, denominator; NaN where nothing was tested."""
    if measures is None:
        return [np.nan] * 3
    counts = measures.groupby("rule", as_index=False)[["tested", "breaches"]].sum().assign(agency="")
    index = compliance_index(counts, weight)[["value", "numerator", "denominator"]]
    return [float(value) for value in index.iloc[0]] if len(index) else [np.nan] * 3
