"""Agencies × rule groups: breaches of the period as numbers, the highest share of a rule of the group as a shade;
"not checked" is neither zero nor "nothing arose".

The share is a rule's own: over a whole group, one breach of each of ten rules that tested two documents would be
outweighed by a rule that tests every receipt. One breach of one case is all of them and says little, so few breaches do
not shade a cell as deep as their share.
"""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from reports import figure, text
from reports.figure import NOTHING, Figure
from reports.parts.gaps import code_ranges
from reports.reading import Reading

LEVELS = (0.0, 0.01, 0.03, 0.10, 0.25)
"""Breaches over tested above which the shade deepens by one step."""
FEW = ((1, 2), (4, 3))
"""Up to so many breaches of a rule, the shade is at most this deep."""
NONE_AROSE = "·"
PARTLY = "°"
State = Literal["checked", "partly", "unchecked", "none"]
_OFF_SCALE: dict[State, int] = {"unchecked": -1, "none": -2}


@dataclass(frozen=True, slots=True)
class Worst:
    """The rule with the deepest shade among those of a group at an agency; of equals the one with most breaches."""

    level: int
    breaches: float
    tested: float
    code: str


@dataclass(frozen=True, slots=True)
class Cell:
    """The breaches of a group of rules at an agency.

    Attributes:
        breaches: their number; unknown where nothing was tested.
        level: 0 (no breach) to 5 (worst) shades; −1: nothing could be checked; −2: nothing arose that could be.
        state: `partly`: some rules of the group could not be checked.
        worst: of the rule that shades the cell; None where there is no shade.
    """

    breaches: Figure
    level: int
    state: State
    worst: Worst | None = None

    @property
    def text(self) -> str:
        """As it is printed: the number, `0°`, `–`, `·`."""
        if self.state == "none":
            return NONE_AROSE
        return self.breaches.text + (PARTLY if self.state == "partly" else "")


@dataclass(frozen=True, slots=True)
class HeatRow:
    """An agency with a cell a group and their sum; `unchecked_text` names the rules that could not be checked
    (`Q2, K1–K7`), `connected`: it provides a log.
    """

    agency: str
    name: str
    cells: tuple[Cell, ...]
    total: Figure
    unchecked_text: str
    connected: bool


@dataclass(frozen=True, slots=True)
class Heatmap:
    """Rows by the sum of breaches, worst first; `totals` sums the columns; `shade` says what number and shade mean,
    with the deepest cell for example, `key` the shares behind the levels 0–5.
    """

    shade: str
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
    sums, untested = group_sums(reading.inputs.outcomes), unchecked_rules(reading)
    worst = worst_rules(reading.inputs.outcomes)
    rows = [_row(reading, code, groups, (sums, worst), untested.get(code, [])) for code in reading.agencies]
    rows.sort(key=lambda row: -(row.total.value if row.total.value is not None else -1.0))
    totals = tuple(
        figure.count(sum(breaches for (_, own), (_, breaches) in sums.items() if own == group)) for group in groups
    )
    everything = figure.count(sum(total.value or 0.0 for total in totals))
    titles = tuple(reading.labels["groups_short"][group] for group in groups)
    return Heatmap(_shade(rows, titles), _key(), groups, titles, tuple(rows), (*totals, everything))


def _shade(rows: list[HeatRow], titles: tuple[str, ...]) -> str:
    """What number and shade of a cell mean, before the key, and the deepest cell; on paper, page and sheet."""
    key = _key()
    told = (
        "Số trong ô: số vi phạm; độ đậm: tỷ lệ vi phạm của quy tắc có tỷ lệ cao nhất trong ô ("
        + "; ".join(f"{_up_to(most)} vi phạm không đậm quá “{key[deepest]}”" for most, deepest in FEW)
        + ")"
    )
    shaded = [
        (worst.level, worst.breaches, -place, f"{row.name}, cột “{title}” ({worst.code}: {_cases(worst)})")
        for place, row in enumerate(rows)
        for cell, title in zip(row.cells, titles, strict=True)
        if (worst := cell.worst)
    ]
    return f"{told}; ô đậm nhất: {max(shaded)[-1]}." if shaded else f"{told}."


def _up_to(most: int) -> str:
    return "01" if most == 1 else f"dưới {text.count(most + 1)}"


def _cases(worst: Worst) -> str:
    return f"{text.count(worst.breaches)} trong {text.count(worst.tested)} trường hợp"


def group_sums(outcomes: pd.DataFrame) -> dict[tuple[str, str], tuple[float, float]]:
    """(agency, group) → (tested, breaches)."""
    sums = outcomes.groupby([outcomes["agency"], outcomes["code"].str[0]], sort=False)[["tested", "breaches"]].sum()
    return {(str(key[0]), str(key[1])): (float(tested), float(breaches)) for key, tested, breaches in sums.itertuples()}


def worst_rules(outcomes: pd.DataFrame) -> dict[tuple[str, str], Worst]:
    """(agency, group) → the rule that shades the cell, where one has breaches."""
    found: dict[tuple[str, str], Worst] = {}
    broken = outcomes[(outcomes["breaches"] > 0) & (outcomes["tested"] > 0)]
    for agency, code, tested, breaches in broken[["agency", "code", "tested", "breaches"]].itertuples(index=False):
        this = Worst(level(breaches, tested), float(breaches), float(tested), str(code))
        key = (str(agency), this.code[0])
        if key not in found or (this.level, this.breaches) > (found[key].level, found[key].breaches):
            found[key] = this
    return found


def unchecked_rules(reading: Reading) -> dict[str, list[str]]:
    """Agency → codes of the rules that could not be checked at all, in the catalogue's order.

    A rule of which nothing was tested could not be checked where members lacked something, or where the agency's
    system or registers do not tell what the rule needs. Else nothing arose that it could have tested.
    """
    idle = reading.inputs.outcomes.loc[lambda rows: rows["tested"] == 0]
    order = {rule.code: place for place, rule in enumerate(reading.rules.values())}
    found: dict[str, list[str]] = {}
    for agency, code, left in zip(idle["agency"], idle["code"], idle["not_decided"], strict=True):
        known = reading.agencies.get(agency)
        if left > 0 or (known is not None and (not known.pulled or code in known.untested)):
            found.setdefault(str(agency), []).append(str(code))
    return {agency: sorted(codes, key=lambda code: order[code]) for agency, codes in found.items()}


def _row(
    reading: Reading,
    code: str,
    groups: tuple[str, ...],
    counted: tuple[dict[tuple[str, str], tuple[float, float]], dict[tuple[str, str], Worst]],
    unchecked: list[str],
) -> HeatRow:
    connected = reading.agencies[code].pulled
    sums, worst = counted
    cells = tuple(
        _cell(
            *sums.get((code, group), (0.0, 0.0)),
            worst.get((code, group)),
            lacks=not connected or any(rule[0] == group for rule in unchecked),
            connected=connected,
        )
        for group in groups
    )
    return HeatRow(code, reading.name(code), cells, _total(cells), code_ranges(unchecked), connected)


def _cell(tested: float, breaches: float, worst: Worst | None, *, lacks: bool, connected: bool) -> Cell:
    """Of an agency without a log only what others' logs prove counts: that they prove nothing is no zero."""
    if tested > 0 and (connected or breaches):
        return Cell(figure.count(breaches), worst.level if worst else 0, "partly" if lacks else "checked", worst)
    state: State = "unchecked" if lacks else "none"
    return Cell(NOTHING, _OFF_SCALE[state], state)


def _total(cells: tuple[Cell, ...]) -> Figure:
    known = [cell.breaches.value for cell in cells if cell.breaches.value is not None]
    if known:
        return figure.count(sum(known))
    return NOTHING if any(cell.state == "unchecked" for cell in cells) else Figure(None, NONE_AROSE)


def _key() -> tuple[str, ...]:
    limits = [text.share(limit).replace(",0", "") for limit in LEVELS]
    return ("0%", *(f"đến {limit}" for limit in limits[1:]), f"trên {limits[-1]}")


def level(breaches: float, tested: float) -> int:
    """0 for none, else 1–5 by the share of breaches among those tested; few breaches are no deep shade."""
    deepest = next((cap for most, cap in FEW if breaches <= most), len(LEVELS))
    return min(sum(breaches / tested > limit for limit in LEVELS), deepest)
