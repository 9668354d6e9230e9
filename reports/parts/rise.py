"""Why there were more breaches than in the period before: in which rule group, at which agencies, and whether their
systems were down.

The log tells where and when, seldom why; where nothing in it explains the rise, the sentence says so, without a guess.
"""

from __future__ import annotations

import pandas as pd

from reports import text
from reports.reading import PROVINCE, Reading

_PLACES = 2
_FEWEST = 5
"""A rise of fewer is told by the two numbers alone: no group and no cause is worth a sentence."""


def rise(reading: Reading, agency: str = PROVINCE) -> str:
    """`Trong tuần có 252 vi phạm (tuần trước 31), tăng nhiều nhất ở nhóm nhận, xử lý văn bản (từ 05 lên 148), …`.

    The figures are those of the table by agency and rule group: members with a breach, each once a rule. `""` where
    nothing was breached, and no comparison where the period before was not judged.
    """
    now, before = _breaches(reading.inputs.outcomes, agency), _breaches(reading.inputs.previous_outcomes, agency)
    total = int(now.sum())
    if not total:
        return ""
    told = f"{reading.period.within} có {text.count(total)} vi phạm"
    if before.empty:
        return told + "."
    told += f" ({reading.period.before} {text.count(int(before.sum())) if before.sum() else 'không có'})"
    more = now.sub(before, fill_value=0)
    if more.sum() < _FEWEST:
        return told + "."
    group = str(more.groupby("group").sum().idxmax())
    title = reading.labels["groups"][group]
    grew = _from_to(_of_group(before, group), _of_group(now, group))
    told += f", tăng nhiều nhất ở nhóm {title[:1].lower()}{title[1:]} ({grew})"
    if agency != PROVINCE:
        return f"{told}; {_cause(reading, [agency])}."
    growth = more.groupby("agency").sum()
    worst = sorted(growth[growth > 0].index, key=lambda code: (-growth[code], text.sort_key(reading.name(code))))[
        :_PLACES
    ]
    sums = now.groupby("agency").sum()
    where = " và ".join(f"{reading.name(code)} ({text.count(int(sums[code]))})" for code in worst)
    return f"{told}, tại {where}; {_cause(reading, worst)}."


def _breaches(outcomes: pd.DataFrame, agency: str) -> pd.Series:
    """Breaches by agency and rule group."""
    rows = outcomes if agency == PROVINCE else outcomes[outcomes["agency"] == agency]
    return rows.groupby([rows["agency"], rows["code"].str[0].rename("group")])["breaches"].sum()


def _of_group(breaches: pd.Series, group: str) -> float:
    return float(breaches[breaches.index.get_level_values("group") == group].sum())


def _from_to(before: float, now: float) -> str:
    """`từ 05 lên 148`; where there was none before, only the number."""
    return f"từ {text.count(int(before))} lên {text.count(int(now))}" if before else text.count(int(now))


def _cause(reading: Reading, agencies: list[str]) -> str:
    """What else the audit saw at these agencies: interruptions; else that it is not known."""
    outages = reading.inputs.outages
    down = [code for code in agencies if (outages.loc[outages["agency"] == code, "outages"] > 0).any()]
    if not down:
        return "chưa rõ nguyên nhân"
    told = text.listed([reading.name(code) for code in down])
    return f"cùng kỳ, hệ thống của {told} bị gián đoạn"
