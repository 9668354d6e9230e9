"""Agencies × rule groups: breaches of the period as numbers, their share as a shade; "not checked" is neither zero
nor empty.
"""

from dataclasses import dataclass

import pandas as pd

from reports import figure, text
from reports.figure import NOTHING, Figure
from reports.reading import Reading

LEVELS = (0.0, 0.01, 0.03, 0.10, 0.25)
"""Breaches over tested above which the shade deepens by one step."""


@dataclass(frozen=True, slots=True)
class Cell:
    """`breaches` is printed; `level` 0 (no breach) to 5 (worst) shades; −1: nothing could be checked, `None` figure."""

    breaches: Figure
    level: int


@dataclass(frozen=True, slots=True)
class HeatRow:
    """An agency with a cell a group and their sum."""

    agency: str
    name: str
    cells: tuple[Cell, ...]
    total: Figure


@dataclass(frozen=True, slots=True)
class Heatmap:
    """Rows by the sum of breaches, worst first; `totals` sums the columns; `key` tells the shares behind the levels
    0–5.
    """

    key: tuple[str, ...]
    groups: tuple[str, ...]
    titles: tuple[str, ...]
    rows: tuple[HeatRow, ...]
    totals: tuple[Figure, ...]


def heatmap(reading: Reading) -> Heatmap:
    """The map over all agencies in scope and all groups that have a rule."""
    groups = tuple(
        group for group in reading.labels["groups"] if any(rule.group == group for rule in reading.rules.values())
    )
    sums = group_sums(reading.inputs.outcomes)
    rows = [_row(reading, code, groups, sums) for code in reading.agencies]
    rows.sort(key=lambda row: -(row.total.value if row.total.value is not None else -1.0))
    totals = tuple(
        figure.count(sum(breaches for (_, own), (_, breaches) in sums.items() if own == group)) for group in groups
    )
    everything = figure.count(sum(total.value or 0.0 for total in totals))
    return Heatmap(
        _key(),
        groups,
        tuple(reading.labels["groups_short"][group] for group in groups),
        tuple(rows),
        (*totals, everything),
    )


def group_sums(outcomes: pd.DataFrame) -> dict[tuple[str, str], tuple[float, float]]:
    """(agency, group) → (tested, breaches)."""
    sums = outcomes.groupby([outcomes["agency"], outcomes["code"].str[0]], sort=False)[["tested", "breaches"]].sum()
    return {(str(key[0]), str(key[1])): (float(tested), float(breaches)) for key, tested, breaches in sums.itertuples()}


def _row(
    reading: Reading, code: str, groups: tuple[str, ...], sums: dict[tuple[str, str], tuple[float, float]]
) -> HeatRow:
    cells = []
    for group in groups:
        tested, breaches = sums.get((code, group), (0.0, 0.0))
        cells.append(Cell(figure.count(breaches), level(breaches / tested)) if tested > 0 else Cell(NOTHING, -1))
    known = [cell.breaches.value for cell in cells if cell.breaches.value is not None]
    return HeatRow(code, reading.name(code), tuple(cells), figure.count(sum(known)) if known else NOTHING)


def _key() -> tuple[str, ...]:
    limits = [text.share(limit).replace(",0", "") for limit in LEVELS]
    return ("0%", *(f"đến {limit}" for limit in limits[1:]), f"trên {limits[-1]}")


def level(rate: float) -> int:
    """0 for none, else 1–5 by the share of breaches among those tested."""
    return sum(rate > limit for limit in LEVELS)
