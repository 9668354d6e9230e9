"""T4 – Số văn bản nhảy cách: numbers of a whole register are missing between two neighbours.

Basis: NĐ 30/2020 Điều 15 khoản 1 (one series for paper and electronic documents, from 01 on 1 January to 31
    December). How far apart two numbers are one jump is policy: `limits.number_gap_jump`; which kinds share a series:
    `rules.number_gap.merge_series`.
Population: series (sender, year, kind) of agencies with `register_whole`, in which a number was issued in the period.
    Normative documents are series of their own (`YYYY/kind`); letters are the series without a kind. All rows of the
    register count, sent or not, as known at `as_of`; numbers with letters suffixed are left out.
Breach: numbers are missing between a number issued in the period and the next smaller one of the year, whenever that
    was issued. Up to the limit each missing number is a finding (number = it, notation = kind, issued_date = year);
    beyond it the first missing number is one finding, extra `jump`.
No breach: every number from the next smaller one on is there. Nothing is said of numbers below the smallest one
    known. Undecided unless the sender's documents are complete on every day of the period.
Reading: a number that stands twice is anchored by its earlier date of issue. A notation that cannot be read belongs
    to the kind that it begins with, else to that of `doc_type`, else to the letters. A series is blamed on whoever
    answers on the last day of issue in the period. "The whole period": one that has not ended at `as_of` is not
    decided yet. Of merged kinds the first one listed names the series; letters are listed as `Công văn`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.array_records import taken
from audit.facts.day_texts import day_text
from audit.facts.series import JUMP, Gaps, Series, gaps, series_in_period
from audit.rule import Findings, Rule, Severity, Verdicts, findings, members

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a series; the sender is blamed."""
    series = series_in_period(facts)
    first_day = np.full(len(series), facts.period.start_day)
    last_day = np.full(len(series), facts.period.end_day - 1)
    complete = facts.coverage.complete(series.sender, first_day, last_day, ("documents",))
    missing = gaps(facts, series)
    breach = np.zeros(len(series), dtype=bool)
    breach[missing.member] = True
    population = members(
        agency=series.agency,
        decided=complete,
        breach=breach,
        anchored_at=series.anchored_at,
        severity=Severity.LOW,
    )
    told = complete[missing.member]
    return Verdicts(population, _named(series, taken(missing, told)), _named(series, taken(missing, ~told)))


def _named(series: Series, missing: Gaps) -> Findings:
    """A finding a missing number, or a jump."""
    detail: list[dict[str, object]] = [
        {"after": after, "before": before, "before_issued_on": day_text(issued)}
        for after, before, issued in zip(missing.after.tolist(), missing.before.tolist(), missing.issued, strict=True)
    ]
    return findings(
        missing.member,
        -1,
        np.where(missing.is_jump, JUMP, ""),
        detail,
        sender=series.sender[missing.member],
        number=missing.number.astype(str).astype(object),
        notation=series.kind[missing.member],
        issued_date=series.year[missing.member].astype(str).astype(object),
        anchored_at=missing.anchored_at,
        witness=missing.document,
    )


RULE = Rule(code="T4", id="number_gap", severity=Severity.LOW, member="series", judge=judge, follows_topic=False)
