"""The six figures of page 1: this period, the one before, better or worse, and whether the target is met."""

from dataclasses import dataclass
from typing import Literal

from reports import figure, text
from reports.figure import Figure
from reports.indicators import HEADLINES, INDICATORS, Indicator
from reports.reading import PROVINCE, Reading

Change = Literal["better", "worse", "same", "unknown"]

ARROWS: dict[Change, str] = {"better": "▲", "worse": "▼", "same": "=", "unknown": ""}
WORDS: dict[Change, str] = {"better": "tốt hơn", "worse": "kém hơn", "same": "không đổi", "unknown": ""}


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure beside that of the period before.

    Attributes:
        id: the indicator.
        title: its name.
        now, before: the figures, worded as in prose: the boxes of page 1 say the same as the sentences below them.
        change: better or worse in meaning, whatever the direction of the number.
        arrow, change_text: `▲`, `tốt hơn`; the word carries the meaning for who does not know the sign.
        difference: `tăng 1,2 điểm phần trăm`, `giảm 03`, `không đổi`; `""` where one side has no data.
        target: the wanted value; None where policy sets none.
        target_text: `mục tiêu 95,0%`, `""`.
        met: whether the target is met; None without a target or without data.
        met_text: `Đạt`, `Chưa đạt`, `""`.
    """

    id: str
    title: str
    now: Figure
    before: Figure
    change: Change
    arrow: str
    change_text: str
    difference: str
    target: Figure | None
    target_text: str
    met: bool | None

    @property
    def met_text(self) -> str:
        return "" if self.met is None else "Đạt" if self.met else "Chưa đạt"


def headlines(reading: Reading, agency: str = PROVINCE) -> tuple[Headline, ...]:
    """The six figures, in the order of page 1."""
    return tuple(headline(reading, indicator, agency) for indicator in HEADLINES)


def headline(reading: Reading, indicator: str, agency: str = PROVINCE) -> Headline:
    """One indicator as a headline."""
    kind = INDICATORS[indicator]
    told = reading.figure(indicator, agency), reading.previous_figure(indicator, agency)
    now, before = (figure.in_prose(each, kind.unit) for each in told)
    change = _change(kind, now, before)
    wanted = reading.inputs.targets.get(indicator)
    target = figure.in_prose(figure.target(wanted, kind.unit), kind.unit) if wanted is not None else None
    return Headline(
        id=indicator,
        title=kind.title,
        now=now,
        before=before,
        change=change,
        arrow=ARROWS[change],
        change_text=WORDS[change],
        difference=difference(kind, now, before),
        target=target,
        target_text=f"mục tiêu {target.text}" if target else "",
        met=_met(kind, now, target),
    )


def difference(kind: Indicator, now: Figure, before: Figure) -> str:
    """`tăng 1,2 điểm phần trăm`: the difference between the two printed numbers, so a reader can check it."""
    new, old = figure.printed(now, kind.unit), figure.printed(before, kind.unit)
    if new is None or old is None:
        return ""
    decimals = max(1, *(figure.decimals(each, kind.unit) for each in (now, before)))
    step = round(abs(new - old), decimals)
    if step == 0:
        return "không đổi"
    verb = "tăng" if new > old else "giảm"
    if kind.unit == "share":
        return f"{verb} {text.number(step, decimals)} điểm phần trăm"
    if kind.unit == "points":
        return f"{verb} {text.number(step, decimals)} điểm"
    return f"{verb} {text.count(step)}"


def _change(kind: Indicator, now: Figure, before: Figure) -> Change:
    new, old = figure.printed(now, kind.unit), figure.printed(before, kind.unit)
    if new is None or old is None or kind.better == "neither":
        return "unknown"
    if new == old:
        return "same"
    return "better" if (new > old) == (kind.better == "higher") else "worse"


def _met(kind: Indicator, now: Figure, target: Figure | None) -> bool | None:
    if target is None or target.value is None or now.value is None:
        return None
    return now.value >= target.value if kind.better == "higher" else now.value <= target.value
