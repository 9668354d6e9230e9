"""Whom to call: the few agencies with the gravest open items, each with its reason and what it must do at once.

Sentences name the agencies with most of one kind; these come before others of the same gravity, so that who is named on
page 1 is also to be called.
"""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from reports import figure, text
from reports.figure import Figure
from reports.readable import FIRST_RULE
from reports.reading import Reading, is_urgent

_REASONS, _ACTIONS = 2, 2
CHOICE = (
    "chọn: có văn bản mật; nhiều nhất lượt gửi lỗi, không đến; nhiều nhất lượt chưa phản hồi; rồi việc nghiêm trọng, "
    "cao nặng nhất"
)
"""By what the agencies are chosen, as the reader is told."""
MOST = 4
"""Agencies to call: what fits page 1 and can be telephoned in a morning. Every medium shows the same."""
_NAMED = (("G1", "G2"), ("N2",))
"""The kinds of which a sentence names the agency with most: not those of requests to recall or update."""


@dataclass(frozen=True, slots=True)
class Call:
    """An agency to call.

    Attributes:
        reason: the gravest two kinds of what it must mend, with their counts and the longest delay.
        action: what it must do at once about them, an imperative without a full stop.
        work: open findings that it must mend.
        grave, topical: among these the critical and high ones; those of a priority topic among the latter.
    """

    agency: str
    name: str
    reason: str
    action: str
    work: Figure
    grave: Figure
    topical: Figure


@dataclass(frozen=True, slots=True)
class Kind:
    """Findings of which prose speaks together: their rule, the word for them (`readable`, column kind), how many."""

    rule: str
    kind: str
    size: int


def calls(reading: Reading, most: int = MOST) -> tuple[Call, ...]:
    """Agencies with critical or high findings to mend, gravest first; at most `most`, none when there are none."""
    items = reading.open_items[reading.open_items["is_curable"]]
    grave = items[is_urgent(items)]
    with_grave = set(grave["agency"])
    order = [code for code in by_gravity(reading) if code in with_grave]
    named = _named(grave, order)
    chosen = [code for code in order if code in named][:most]
    chosen += [code for code in order if code not in named][: most - len(chosen)]
    totals = items.groupby("agency").size()
    return tuple(
        _call(reading, code, grave[grave["agency"] == code], int(totals[code])) for code in order if code in chosen
    )


def _named(grave: pd.DataFrame, order: list[str]) -> set[str]:
    """Who has most of a kind that sentences tell, and who sent a secret; of equals the one first in order."""
    found = set(grave.loc[grave["rule"] == FIRST_RULE, "agency"])
    for kinds in _NAMED:
        counts = grave.loc[grave["kind"].isin(kinds), "agency"].value_counts().to_dict()
        if counts:
            found.add(min(counts, key=lambda code: (-counts[code], order.index(str(code)))))
    return {str(code) for code in found}


def _call(reading: Reading, code: str, grave: pd.DataFrame, total: int) -> Call:
    return Call(
        agency=code,
        name=reading.name(code),
        reason=reason(reading, grave),
        action=text.sentence("; ".join(actions(reading, grave)[:_ACTIONS])),
        work=figure.count(total),
        grave=figure.count(len(grave)),
        topical=figure.count(int((grave["topic"] != "").sum())),
    )


def actions(reading: Reading, rows: pd.DataFrame, leading: Collection[str] = ()) -> list[str]:
    """`gửi lại 05 lượt gửi lỗi`, one a kind, gravest first; before all others the kinds in `leading`."""
    order = sorted(gravest_kinds(rows), key=lambda each: each.kind not in leading)
    return [_action(reading, each) for each in order]


def _action(reading: Reading, found: Kind) -> str:
    info = reading.rules[found.rule]
    phrase = reading.labels["action"].get(found.kind)
    if phrase:
        return phrase.format(n=text.count(found.size))
    return f"{text.within(info.remedy)} ({text.count(found.size)})"


def reason(reading: Reading, findings: pd.DataFrame, most: int = _REASONS) -> str:
    """`22 văn bản đến chưa phản hồi trạng thái (chậm lâu nhất 3 ngày làm việc); 05 lượt gửi lỗi`, gravest first."""
    phrases: list[str] = []
    for found in gravest_kinds(findings)[:most]:
        phrase = f"{text.count(found.size)} {counted(reading, found.rule, found.kind)}"
        rows = findings[findings["kind"] == found.kind]
        if not phrases and rows["delay_minutes"].notna().any():
            late = str(rows.at[rows["delay_minutes"].idxmax(), "delay_text"])
            phrase += f" ({'chậm lâu nhất' if found.size > 1 else 'chậm'} {late})" if late else ""
        phrases.append(phrase)
    return text.sentence("; ".join(phrases))


def counted(reading: Reading, rule: str, kind: str) -> str:
    """What is counted when findings of a kind are told in prose: `lượt gửi lỗi`."""
    info = reading.rules[rule]
    title = text.within(info.title)
    return reading.labels["counted"].get(kind) or (title if title.startswith("văn bản") else f"văn bản {title}")


def by_gravity(reading: Reading) -> list[str]:
    """Agencies with open findings: most weight of critical and high ones to mend first (those of a priority topic
    count twice), then of all to mend.
    """
    items = reading.open_items
    weight = items["weight"] * (items["topic"].ne("").astype("int64") + 1) * items["is_curable"]
    everything = {str(code): int(total) for code, total in weight.groupby(items["agency"]).sum().items()}
    grave = weight.where(is_urgent(items), 0).groupby(items["agency"]).sum().to_dict()
    secrets = items.loc[items["rule"] == FIRST_RULE, "agency"].value_counts().to_dict()
    return sorted(
        everything,
        key=lambda code: (-secrets.get(code, 0), -grave[code], -everything[code], text.sort_key(reading.name(code))),
    )


def gravest_kinds(findings: pd.DataFrame) -> list[Kind]:
    """The kinds of the findings, a secret on the axis first, then most weight."""
    groups = findings.groupby(["kind", "rule"], sort=True)["weight"].agg(["sum", "size"])
    kinds = zip(groups.index, groups["sum"], groups["size"], strict=True)
    order = sorted(kinds, key=lambda each: (each[0][1] != FIRST_RULE, -each[1]))
    return [Kind(str(rule), str(kind), int(size)) for (kind, rule), _, size in order]
