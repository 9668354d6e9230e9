"""Why there were more breaches than in the period before: in which rule group, at which agencies, and whether their
systems were down.

The log tells where and when, seldom why: the agencies named hold most of the group that grew, and where neither an
interruption nor one document explains it, the sentence says that nobody has, without a guess.
"""

from __future__ import annotations

import pandas as pd

from reports import text
from reports.reading import PROVINCE, Reading

_PLACES = 2
_CROWD = 3
"""Who is named holds this many times what it would if all agencies had as many: that is where to ask why."""
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
    growth = more.groupby("group").sum()
    most_grown = [str(each) for each in growth.index[growth == growth.max()]]
    if len(most_grown) > 1:
        return f"{told}{_tied(reading, most_grown, int(growth.max()))}."
    group = most_grown[0]
    title = reading.labels["groups"][group]
    grew = _from_to(_of_group(before, group), _of_group(now, group))
    told += f", tăng nhiều nhất ở nhóm {text.within(title)} ({grew})"
    where = _places(now, group) if agency == PROVINCE else {agency: int(_of_group(now, group))}
    worst = sorted(where, key=lambda code: (-where[code], text.sort_key(reading.name(code))))[:_PLACES]
    if agency == PROVINCE:
        most = "nhiều nhất " if len(where) > _PLACES else ""
        told += f", {most}tại {' và '.join(f'{reading.name(code)} ({text.count(where[code])})' for code in worst)}"
    named = sum(where[code] for code in worst)
    gathered = agency == PROVINCE and named * len(reading.agencies) >= _CROWD * len(worst) * sum(where.values())
    causes = _down(reading, worst), _one_document(reading, agency, group)
    cause = next((each for each in causes if each), "")
    if not (cause or gathered or growth[group] < _FEWEST or _is_explained(reading, worst, group)):
        cause = "cơ quan chưa giải trình"
    return f"{told}{f'; {cause}' if cause else ''}."


def _tied(reading: Reading, groups: list[str], growth: int) -> str:
    """`, tăng nhiều nhất ở nhóm trùng lặp và nhóm nhận, xử lý văn bản (mỗi nhóm thêm 03)`; `""` where more than two
    grew as much: then none stands out.
    """
    if len(groups) > _PLACES:
        return ""
    titles = [reading.labels["groups"][group] for group in groups]
    named = " và ".join(f"nhóm {text.within(title)}" for title in titles)
    return f", tăng nhiều nhất ở {named} (mỗi nhóm thêm {text.count(growth)})"


def _breaches(outcomes: pd.DataFrame, agency: str) -> pd.Series:
    """Breaches by agency and rule group."""
    rows = outcomes if agency == PROVINCE else outcomes[outcomes["agency"] == agency]
    return rows.groupby([rows["agency"], rows["code"].str[0].rename("group")])["breaches"].sum()


def _of_group(breaches: pd.Series, group: str) -> float:
    return float(breaches[breaches.index.get_level_values("group") == group].sum())


def _from_to(before: float, now: float) -> str:
    """`từ 05 lên 148`; where there was none before, only the number."""
    return f"từ {text.count(int(before))} lên {text.count(int(now))}" if before else text.count(int(now))


def _places(breaches: pd.Series, group: str) -> dict[str, int]:
    """Breaches of the group by agency, of those that have any."""
    own = breaches[breaches.index.get_level_values("group") == group]
    sums = own.groupby("agency").sum()
    return {str(code): int(number) for code, number in sums[sums > 0].items()}


def _down(reading: Reading, agencies: list[str]) -> str:
    """Which of these agencies' systems were down; `""` for none."""
    outages = reading.inputs.outages
    down = [code for code in agencies if (outages.loc[outages["agency"] == code, "outages"] > 0).any()]
    return f"cùng kỳ, hệ thống của {text.listed([reading.name(code) for code in down])} bị gián đoạn" if down else ""


def _found(reading: Reading, group: str) -> pd.DataFrame:
    """Findings of the group that the period itself has."""
    findings = reading.findings
    return findings[(findings["group"] == group) & findings["is_open"] & ~findings["is_carried"]]


def _one_document(reading: Reading, agency: str, group: str) -> str:
    """`đều của một văn bản`, where that is all that the group's findings are of."""
    rows = _found(reading, group)
    rows = rows if agency == PROVINCE else rows[rows["agency"] == agency]
    documents = rows[["sender_code", "document", "issued_on"]].drop_duplicates()
    is_one = len(rows) > 1 and len(documents) == 1 and documents["document"].iloc[0] and not rows["is_secret"].any()
    return "đều của một văn bản" if is_one else ""


def _is_explained(reading: Reading, agencies: list[str], group: str) -> bool:
    """Whether one of these agencies wrote something about such a finding: then nobody may be told that it did not."""
    rows = _found(reading, group)
    return bool((rows["agency"].isin(agencies) & (rows["note"] != "")).any())
