"""Counts by agency that add up over shards: what every indicator is made of before anything is divided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.facts.arrays import Ints, Mask, run_starts

Floats = npt.NDArray[np.float64]

COUNT_COLUMNS: Final = ("agency", "indicator", "numerator", "denominator")
DURATION_COLUMNS: Final = ("agency", "indicator", "minutes", "count")


@dataclass(frozen=True, slots=True)
class Count:
    """One number of one indicator for every agency.

    Attributes:
        indicator: Its id.
        numerator: What is counted, by agency.
        denominator: Out of how much; None for plain counts.
        known: Where there are data at all; elsewhere the indicator has no value.
    """

    indicator: str
    numerator: Floats
    denominator: Floats | None
    known: Mask

    def columns(self, codes: np.ndarray) -> tuple[np.ndarray, ...]:
        """`COUNT_COLUMNS`, only agencies with data; the denominator of a plain count is 0."""
        there = np.flatnonzero(self.known)
        denominator = np.zeros(len(codes)) if self.denominator is None else self.denominator
        indicator = np.full(len(there), self.indicator, dtype=object)
        return codes[there].astype(object), indicator, self.numerator[there], denominator[there]


def per_agency(size: int, agency: Ints, which: Mask | None = None) -> Floats:
    """How often each agency 0…size-1 occurs; -1 is nobody."""
    counted = agency >= 0 if which is None else which & (agency >= 0)
    return np.bincount(agency[counted], minlength=size).astype(np.float64)


def plain(indicator: str, numerator: Floats, told: Mask) -> Count:
    """A count; it has a value where the log tells something, or something was counted."""
    return Count(indicator, numerator, None, told | (numerator > 0))


def share(indicator: str, numerator: Floats, denominator: Floats) -> Count:
    """A share; it has a value where there is something to divide by."""
    return Count(indicator, numerator, denominator, denominator > 0)


@dataclass(frozen=True, slots=True)
class Observations:
    """What one shard contributes to the indicators.

    Attributes:
        counts: `COUNT_COLUMNS`; agencies by code.
        durations: `DURATION_COLUMNS`: how many took how many working minutes, for medians.
    """

    counts: pd.DataFrame
    durations: pd.DataFrame

    @classmethod
    def of(cls, counts: Sequence[Count], durations: Sequence[pd.DataFrame], codes: np.ndarray) -> Observations:
        """The observations of one shard, agencies by code."""
        columns = map(np.concatenate, zip(*(count.columns(codes) for count in counts), strict=True))
        return cls(
            pd.DataFrame(dict(zip(COUNT_COLUMNS, columns, strict=True))),
            pd.concat(durations, ignore_index=True)[list(DURATION_COLUMNS)],
        )

    @classmethod
    def summed(cls, parts: Sequence[Observations]) -> Observations:
        """The observations of all shards together."""
        if len(parts) == 1:
            return parts[0]
        counts = pd.concat([part.counts for part in parts], ignore_index=True)
        return cls(
            counts.groupby(["agency", "indicator"], as_index=False, sort=True)[["numerator", "denominator"]].sum(),
            pd.concat([part.durations for part in parts], ignore_index=True),
        )


def durations(indicator: str, agency: Ints, minutes: Ints, codes: np.ndarray) -> pd.DataFrame:
    """`DURATION_COLUMNS` of single durations, none of them negative."""
    span = int(minutes.max(initial=0)) + 1
    ordered = np.sort(agency * span + minutes)
    starts = np.flatnonzero(run_starts(ordered))
    found = ordered[starts]
    return pd.DataFrame(
        {
            "agency": codes[found // span].astype(object),
            "indicator": indicator,
            "minutes": found % span,
            "count": np.diff(np.append(starts, len(ordered))),
        }
    )
