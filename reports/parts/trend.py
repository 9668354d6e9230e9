"""Twelve periods of the leading indicators with their targets: the charts' points and the sheet "Xu hướng"."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from reports import figure, period, text
from reports.figure import Figure
from reports.indicators import HEADLINES, INDICATORS, Indicator
from reports.reading import PROVINCE, Reading

CHARTED = HEADLINES
BREACHES = "breaches"
"""Breaches of a period, as its tables by rule and agency count them: no measure, but what the ledger keeps beside."""
TABLED = (*CHARTED, BREACHES, "findings_new", "findings_resolved", "findings_open", "coverage_share")


@dataclass(frozen=True, slots=True)
class Point:
    """A period's value; `figure.value` is None where there is no data, and the line breaks there."""

    start: date
    tick: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Series:
    """One indicator over time."""

    indicator: Indicator
    points: tuple[Point, ...]
    target: Figure | None
    unit: str
    """What a point stands for: `tuần`, `tháng`, `quý`."""

    @property
    def has_gaps(self) -> bool:
        """Whether a period has no data."""
        return not all(point.figure.known for point in self.points)

    @property
    def title(self) -> str:
        """The indicator's name."""
        return self.indicator.title

    @property
    def target_text(self) -> str:
        """`mục tiêu 95%`, `""`."""
        return f"mục tiêu {self.target.text}" if self.target else ""

    @property
    def summary(self) -> str:
        """What the chart shows, in words, for who hears instead of sees it."""
        told = ", ".join(
            f"{self.unit} {point.tick} {f'là {point.figure.text}' if point.figure.known else text.NO_DATA}"
            for point in self.points
        )
        return f"{self.title}: {told}{'; ' * bool(self.target)}{self.target_text}."


def trend(reading: Reading, agency: str = PROVINCE) -> tuple[Series, ...]:
    """A series an indicator of `TABLED`, all over the same periods, oldest first."""
    history = reading.inputs.history
    mine = history[history["agency"] == agency]
    starts = sorted({as_date(start) for start in history["period_start"]})[-12:]
    values = {
        (as_date(start), indicator): float(value)
        for start, indicator, value in mine[["period_start", "indicator", "value"]].itertuples(index=False)
    }
    values |= _breaches(reading, agency, starts)
    return tuple(_series(reading, indicator, starts, values) for indicator in TABLED)


def _breaches(reading: Reading, agency: str, starts: list[date]) -> dict[tuple[date, str], float]:
    """Those of this period and the one before, as everything else in the report counts them."""
    inputs = reading.inputs
    before = [start for start in starts if start < inputs.start][-1:]
    found = {}
    for start, outcomes in ((inputs.start, inputs.outcomes), *((each, inputs.previous_outcomes) for each in before)):
        own = outcomes if agency == PROVINCE else outcomes[outcomes["agency"] == agency]
        if reading.gives_log and len(own) and own["tested"].sum():
            found[start, BREACHES] = float(own["breaches"].sum())
    return found


def _series(reading: Reading, indicator: str, starts: list[date], values: dict[tuple[date, str], float]) -> Series:
    kind = _breaches_of(reading) if indicator == BREACHES else INDICATORS[indicator]
    points = tuple(
        Point(
            start,
            period.tick(reading.inputs.edition, start),
            figure.of_unit(values.get((start, indicator), float("nan")), kind.unit),
        )
        for start in starts
    )
    wanted = reading.inputs.targets.get(indicator)
    target = figure.target(wanted, kind.unit) if wanted is not None else None
    return Series(kind, points, target, reading.period.unit)


def _breaches_of(reading: Reading) -> Indicator:
    return Indicator(BREACHES, f"Vi phạm {reading.period.within.lower()}", "count", "lower", "Tổng số vi phạm")


def followed_since(series: tuple[Series, ...]) -> str:
    """The tick of the period from which on it is known what was found and mended, where the periods before it were
    measured all the same; `""` where nothing else is lacking that a dash could mean, or something else is.
    """
    whole = [each for each in series if not each.has_gaps]
    partly = [[point.figure.known for point in each.points] for each in series if each.has_gaps]
    if not whole or not partly or any(known != partly[0] for known in partly):
        return ""
    first = partly[0].index(True) if True in partly[0] else 0
    return whole[0].points[first].tick if first and all(partly[0][first:]) else ""


def as_date(value: object) -> date:
    """A `date` from whatever a frame holds for a day."""
    return pd.Timestamp(value).date()  # type: ignore[arg-type]
