"""A figure: the number for computing and for Excel, and its finished Vietnamese text. Both are made once, here."""

import math
from dataclasses import dataclass

from reports import text
from reports.indicators import Unit


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` as Excel shows it (shares 0–1, delays in working hours), None where there is no data; `text` as it is
    printed.
    """

    value: float | None
    text: str

    @property
    def known(self) -> bool:
        """Whether there is data at all."""
        return self.value is not None


NOTHING = Figure(None, text.NO_DATA_CELL)


def count(value: float) -> Figure:
    """A whole number for tables: `1.234`."""
    return NOTHING if _missing(value) else Figure(float(value), text.number(value))


def share(value: float) -> Figure:
    """A share; its text never rounds to a lie (`text.share_decimals`)."""
    return NOTHING if _missing(value) else Figure(float(value), text.share(value))


def points(value: float) -> Figure:
    """The compliance index, one decimal: `93,4`; less than everything is never printed as `100,0`."""
    if _missing(value):
        return NOTHING
    return Figure(float(value), text.number(text.index_points(value), text.share_decimals(value / 100)))


def working_hours(minutes: float) -> Figure:
    """Working minutes as hours, one decimal: `3,5`."""
    return NOTHING if _missing(minutes) else Figure(float(minutes) / 60, text.number(float(minutes) / 60, 1))


def of_unit(value: float, unit: Unit) -> Figure:
    """The figure of an indicator's value in its unit."""
    if unit == "share":
        return share(value)
    if unit == "points":
        return points(value)
    if unit == "working_minutes":
        return working_hours(value)
    return count(value)


def in_prose(figure: Figure, unit: Unit) -> Figure:
    """The figure as it stands beside words: counts below ten with a zero (`tuần trước 05`)."""
    return Figure(figure.value, text.count(figure.value)) if figure.known and unit == "count" else figure


def target(value: float, unit: Unit) -> Figure:
    """A wanted value: as `of_unit`, without a decimal that says nothing (`95%`)."""
    made = of_unit(value, unit)
    return Figure(made.value, made.text.replace(",0", "") if unit in ("share", "points") else made.text)


def printed(figure: Figure, unit: Unit) -> float | None:
    """The number that the text shows (percent for shares): differences are taken between what the reader sees."""
    if figure.value is None:
        return None
    if unit == "share":
        return text.share_percent(figure.value)
    if unit == "points":
        return text.index_points(figure.value)
    steps: int = 10 ** decimals(figure, unit)
    return round(figure.value * steps + 1e-9) / steps


def decimals(figure: Figure, unit: Unit) -> int:
    """How many decimals the text has."""
    if figure.value is None or unit in ("count", "rank", "flag"):
        return 0
    if unit == "working_minutes":
        return 1
    return text.share_decimals(figure.value if unit == "share" else figure.value / 100)


def _missing(value: float | None) -> bool:
    return value is None or math.isnan(value)
