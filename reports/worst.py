"""The rows that paper shows of a worklist: what is to be mended, gravest first, and apart from it what has happened.

The province's annex gathers one document's breaches of one kind at several agencies in a row, so that it holds all of
the gravest ones in most weeks; an agency's notice has a row each.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import pandas as pd

from reports import text

_NOT_TOLD = "(không nêu)"
_NAMED_MOST = 5
"""Agencies named in a row; one with a document to all of them must leave room for others."""
_TOLD_OF = (
    *("severity_text", "title", "delay_minutes", "delay_text", "sender_code", "agency", "agency_name"),
    *("recipient", "sender", "document", "issued_on", "subject", "is_secret", "why"),
)
"""What a row tells of a finding."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table on paper.

    Attributes:
        severity_text: `Nghiêm trọng`.
        size: findings that it tells.
        what: the breach, how often, and by how much it is late.
        document, issued, subject: as in `readable`, the day as text; `""` where there is none.
        why: of a secret document, where the rest is told; else `""`.
        seen: what stands for a subject that there is not: what was seen, or that it is not told.
        agencies, others: who must act; the other side.
    """

    severity_text: str
    size: int
    what: str
    document: str
    issued: str
    subject: str
    why: str
    seen: str
    agencies: str
    others: str


def single(findings: pd.DataFrame, most: int) -> list[Row]:
    """The first `most` findings, a row each."""
    return [_row([finding]) for finding in _records(findings.head(most))]


def gathered(findings: pd.DataFrame, most: int) -> list[Row]:
    """Findings of one kind and severity about one document in a row, in the order of the first of each; `most` rows.

    What has no document, or a secret one whose name is hidden, stands alone: nothing tells whether two are one.
    """
    alone = findings["is_secret"] | (findings["document"] == "")
    key = findings["finding_id"].where(alone, "")
    columns = [findings[name] for name in ("severity_rank", "kind", "sender_code", "document", "subject")]
    number = findings.groupby([key, *columns, findings["issued_on"]], sort=False, dropna=False).ngroup()
    shown = number < most
    rows: dict[int, list[dict[Hashable, Any]]] = {}
    for place, finding in zip(number[shown], _records(findings[shown]), strict=True):
        rows.setdefault(place, []).append(finding)
    return [_row(rows[place]) for place in sorted(rows)]


def told(shown: list[Row], findings: pd.DataFrame) -> str:
    """`Đã nêu 40/40 việc nghiêm trọng, 05/116 việc cao`: how much of each severity the rows hold; `""`
    where they hold everything.
    """
    if sum(row.size for row in shown) == len(findings):
        return ""
    every = findings["severity_text"].value_counts().to_dict()
    parts = []
    for word in dict.fromkeys(row.severity_text for row in shown):
        held = sum(row.size for row in shown if row.severity_text == word)
        parts.append(f"{text.count(held)}/{text.count(every[word])} việc {text.within(word)}")
    return f"Đã nêu {', '.join(parts)}" if parts else ""


def _records(findings: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """The findings as plain values: of a row's few cells, pandas would take longer than its layout."""
    return findings[list(_TOLD_OF)].to_dict("records")


def _row(findings: list[dict[Hashable, Any]]) -> Row:
    first, size = findings[0], len(findings)
    what = str(first["title"]) + (f" ({text.number(size)} lượt)" if size > 1 else "")
    late = [each for each in findings if each["delay_text"] != "" and not pd.isna(each["delay_minutes"])]
    if late:
        longest = str(max(late, key=itemgetter("delay_minutes"))["delay_text"])
        word = "quá hạn" if "chậm" in what else "chậm"  # not "gửi chậm, chậm …"
        what += f", {word} {'lâu nhất ' * (size > 1)}{longest}"
    other_side = [each["recipient" if each["sender_code"] == each["agency"] else "sender"] for each in findings]
    issued = first["issued_on"]
    return Row(
        severity_text=str(first["severity_text"]),
        size=size,
        what=what,
        document=str(first["document"]),
        issued="" if pd.isna(issued) else text.day(issued.date()),
        subject=str(first["subject"]),
        why=str(first["why"]) if first["is_secret"] else "",
        seen=_NOT_TOLD if first["is_secret"] else str(first["why"]),
        agencies=_names([each["agency_name"] for each in findings]),
        others=_names(other_side),
    )


def _names(names: list[str]) -> str:
    return text.listed([str(name) for name in dict.fromkeys(names) if name], most=_NAMED_MOST)
