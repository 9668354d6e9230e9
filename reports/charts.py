"""Line charts as SVG: geometry is computed here, drawing is a Jinja2 template (the choice and its reason:
docs/bieu-do.md).

Coordinates are CSS pixels (1/96 inch). A missing value breaks the line and leaves a hatched column, so that no data
is not read as zero. The last value and the target are written beside their marks; there is no legend to look up.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from reports import text
from reports.parts.trend import Series
from reports.rendering import environment

WIDTH, HEIGHT = 306, 212
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 50, 32, 23
_FOOT = 10
"""Between the axis and the lowest value: what lies on the lowest value, a target of 0 or a line at 100 %, would else be
one with the axis.
"""
_LABEL = 13
_STEPS = (1, 2, 5, 10)
_GAP_TOLD = 95
"""Height, from axis to top, from which on a gap's column has room for "chưa có dữ liệu"; else "chưa có" must do."""
_LOOKS = 8
"""How often a third of the chart is looked at for the line."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of the line: position, text, and whether its value is written beside it."""

    x: float
    y: float
    text: str
    last: bool


@dataclass(frozen=True, slots=True)
class Target:
    """The target's line and its label: place, side from which the text runs, text."""

    y: float
    label_x: float
    label_y: float
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """The geometry of one chart.

    Attributes:
        title: the indicator.
        summary: the chart in words, for the tag tree.
        runs: SVG path data, one an unbroken run of values.
        marks: all points with a value.
        gaps: x of the periods without data.
        ticks: (x, text) on the time axis.
        grid: (y, text) of the value axis.
        rules: y of the lines across the chart: those of the grid, but where the target's line runs.
        target: None where there is none.
        step: distance of two periods.
    """

    title: str
    summary: str
    runs: tuple[str, ...]
    marks: tuple[Mark, ...]
    gaps: tuple[float, ...]
    ticks: tuple[tuple[float, str], ...]
    grid: tuple[tuple[float, str], ...]
    rules: tuple[float, ...]
    target: Target | None
    step: float
    height: int = HEIGHT
    width: int = WIDTH
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP

    @property
    def bottom(self) -> int:
        """Where the time axis lies."""
        return self.height - _BOTTOM

    @property
    def gap_text(self) -> str:
        """What stands in the column of a period without data."""
        return text.NO_DATA if self.bottom - self.top >= _GAP_TOLD else "chưa có"


def line_chart(series: Series, height: int = HEIGHT) -> Markup:
    """The series as one `<svg>`: inline in a page, an image of its own in a PDF."""
    drawn = environment().get_template("line.svg.j2").render(chart=line(series, height))
    return Markup(drawn)  # noqa: S704 - rendered with autoescape; otherwise the page would escape it a second time


def line(series: Series, height: int = HEIGHT) -> Line:
    """The geometry of a series."""
    scale = 100.0 if series.indicator.unit == "share" else 1.0
    values = [None if point.figure.value is None else point.figure.value * scale for point in series.points]
    target = None if series.target is None or series.target.value is None else series.target.value * scale
    low, high, step = _axis(
        [value for value in [*values, target] if value is not None],
        top=100.0 if scale == 100 or series.indicator.unit == "points" else None,
    )
    pitch = (WIDTH - _LEFT - _RIGHT) / max(len(values) - 1, 1)
    xs = [_LEFT + pitch * index for index in range(len(values))]

    def y(value: float) -> float:
        return _TOP + (height - _TOP - _BOTTOM - _FOOT) * (1 - (value - low) / (high - low))

    gaps = tuple(x for x, value in zip(xs, values, strict=True) if value is None)
    known = [index for index, value in enumerate(values) if value is not None]
    marks = tuple(Mark(xs[i], y(values[i] or 0.0), series.points[i].figure.text, i == known[-1]) for i in known)
    unit, grid = "%" if scale == 100 else "", _grid(low, high, step)
    return Line(
        title=series.title,
        summary=series.summary,
        runs=tuple(_runs(xs, [None if value is None else y(value) for value in values])),
        marks=marks,
        gaps=gaps,
        ticks=tuple((x, point.tick) for x, point in zip(xs, series.points, strict=True)),
        grid=tuple((y(value), text.number(value, 0 if step >= 1 else 1) + unit) for value in grid),
        rules=tuple(y(value) for value in grid if target is None or abs(value - target) > step / 100),
        target=None if target is None else Target(y(target), *_label(y(target), marks, gaps), series.target_text),
        step=pitch,
        height=height,
    )


def _axis(values: list[float], top: float | None) -> tuple[float, float, float]:
    """A round axis with at most four steps round all values; shares and the index never pass 100, counts start at 0."""
    if not values:
        return 0.0, 1.0, 1.0
    low, high = (min(values), max(values)) if top else (0.0, max(values))
    span = max(high - low, 1.0 if top else 4.0)
    magnitude = 10.0 ** math.floor(math.log10(span / 3))
    step = next(size * magnitude for size in _STEPS if span / (size * magnitude) <= 3.2)
    if not top:
        step = max(math.ceil(step), 1.0)
    floor, ceiling = math.floor(low / step) * step, math.ceil(high / step) * step
    if top:  # a flat line has room below it, never a label above 100
        ceiling = min(ceiling, top)
        floor = max(min(floor, ceiling - 2 * step), 0.0)
    return floor, max(ceiling, floor + 2 * step), step


def _grid(low: float, high: float, step: float) -> list[float]:
    return [low + step * index for index in range(round((high - low) / step) + 1)]


def _runs(xs: list[float], ys: list[float | None]) -> list[str]:
    runs: list[list[str]] = [[]]
    for x, y in zip(xs, ys, strict=True):
        if y is None:
            runs.append([])
        else:
            runs[-1].append(f"{x:.1f} {y:.1f}")
    return [f"M{' L'.join(run)}" for run in runs if len(run) > 1]


def _label(target: float, marks: tuple[Mark, ...], gaps: tuple[float, ...]) -> tuple[float, float, str]:
    """Where the target's label stands: over its line, in that third of the chart where the values keep clear of it,
    and where no gap is labelled.

    Over a line that runs along the top there are no values, but the title at its left.

    Returns:
        x, y, and the side from which the text runs (`start`, `middle`, `end`).
    """
    width = (WIDTH - _LEFT - _RIGHT) / 3
    places = [(_LEFT + 3.0, "start"), (_LEFT + width * 1.5, "middle"), (WIDTH - _RIGHT - 3.0, "end")]
    if target < _TOP + _LABEL:
        return places[-1][0], target - 5, places[-1][1]
    room = []
    for third in range(3):
        begins = _LEFT + third * width
        heights = [_height(marks, begins + width * step / _LOOKS) for step in range(_LOOKS + 1)]
        is_open = not any(begins <= x <= begins + width for x in gaps)
        room.append(is_open * min((abs(y - target + 7) for y in heights if y is not None), default=float(HEIGHT)))
    best = max(range(3), key=lambda third: min(room[third], 20.0) - third * 0.1)
    return places[best][0], target - 4, places[best][1]


def _height(marks: tuple[Mark, ...], x: float) -> float | None:
    """Where the line is at `x`; None beside it. Over a gap, where there is none, as if it went on."""
    for one, other in pairwise(marks):
        if one.x <= x <= other.x:
            return one.y + (other.y - one.y) * (x - one.x) / (other.x - one.x)
    return next((mark.y for mark in marks if mark.x == x), None)
