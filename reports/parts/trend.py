"""Twelve periods of the leading indicators with their targets: the charts' points and the sheet "Xu hướng"."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from reports import figure, period, text
from reports.figure import Figure
from reports.indicators import HEADLINES, INDICATORS, Indicator
from reports.reading import PROVINCE, Reading

CHARTED = HEADLINES
TABLED = (*CHARTED, "findings_new", "findings_resolved", "findings_open", "coverage_share")


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
    return tuple(_series(reading, indicator, starts, values) for indicator in TABLED)


def _series(reading: Reading, indicator: str, starts: list[date], values: dict[tuple[date, str], float]) -> Series:
    kind = INDICATORS[indicator]
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


def as_date(value: object) -> date:
    """A `date` from whatever a frame holds for a day."""
    return pd.Timestamp(value).date()  # type: ignore[arg-type]
