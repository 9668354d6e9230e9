"""Whom to call: the few agencies with the gravest open items or without a log, each with its reason in words."""

from dataclasses import dataclass

import pandas as pd

from reports import figure, text
from reports.figure import Figure
from reports.readable import FIRST_RULE
from reports.reading import Reading

_REASONS = 2


@dataclass(frozen=True, slots=True)
class Call:
    """An agency to call: `reason` is the gravest two kinds of open findings with their counts and the longest delay."""

    agency: str
    name: str
    reason: str
    grave: Figure
    open: Figure
    topical: Figure


def calls(reading: Reading, most: int = 6) -> tuple[Call, ...]:
    """Agencies with critical or high open findings, gravest first; at most `most`, none when there are none."""
    items = reading.open_items
    grave = items[items["severity_rank"] < 2]
    own = {code: grave[grave["agency"] == code] for code in by_gravity(reading)[:most]}
    totals = items.groupby("agency").size()
    return tuple(_call(reading, code, rows, int(totals[code])) for code, rows in own.items() if len(rows))


def _call(reading: Reading, code: str, grave: pd.DataFrame, total: int) -> Call:
    return Call(
        agency=code,
        name=reading.name(code),
        reason=reason(reading, grave),
        grave=figure.count(len(grave)),
        open=figure.count(total),
        topical=figure.count(int((grave["topic"] != "").sum())),
    )


def reason(reading: Reading, findings: pd.DataFrame, most: int = _REASONS) -> str:
    """`22 văn bản đến chưa phản hồi trạng thái (chậm nhất 3 ngày 2 giờ làm việc); 05 lượt gửi lỗi`, gravest first."""
    phrases: list[str] = []
    for rule, size in gravest_rules(findings)[:most]:
        phrase = f"{text.count(size)} {counted(reading, rule)}"
        rows = findings[findings["rule"] == rule]
        if not phrases and rows["delay_minutes"].notna().any():
            late = str(rows.at[rows["delay_minutes"].idxmax(), "delay_text"])
            phrase += f" ({'chậm nhất' if size > 1 else 'chậm'} {late})" if late else ""
        phrases.append(phrase)
    return text.sentence("; ".join(phrases))


def counted(reading: Reading, rule: str) -> str:
    """What is counted when findings of the rule are told in prose: `lượt gửi lỗi`."""
    info = reading.rules[rule]
    title = info.title[:1].lower() + info.title[1:]
    return reading.labels["counted"].get(info.code) or (title if title.startswith("văn bản") else f"văn bản {title}")


def by_gravity(reading: Reading) -> list[str]:
    """Agencies with open findings: most weight of critical and high ones first (those of a priority topic count
    twice), then of all.
    """
    items = reading.open_items
    weight = items["weight"] * (items["topic"].ne("").astype("int64") + 1)
    everything = {str(code): int(total) for code, total in weight.groupby(items["agency"]).sum().items()}
    grave = weight.where(items["severity_rank"] < 2, 0).groupby(items["agency"]).sum().to_dict()
    secrets = items.loc[items["rule"] == FIRST_RULE, "agency"].value_counts().to_dict()
    return sorted(
        everything,
        key=lambda code: (-secrets.get(code, 0), -grave[code], -everything[code], text.sort_key(reading.name(code))),
    )


def gravest_rules(findings: pd.DataFrame) -> list[tuple[str, int]]:
    """The rules of the findings with their numbers, a secret on the axis first, then most weight."""
    groups = findings.groupby("rule", sort=True)["weight"].agg(["sum", "size"])
    rules = sorted(
        zip(groups.index, groups["sum"], groups["size"], strict=True),
        key=lambda each: (each[0] != FIRST_RULE, -each[1]),
    )
    return [(str(rule), int(size)) for rule, _, size in rules]
