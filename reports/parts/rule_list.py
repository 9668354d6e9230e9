"""The rules of the period with citations and their results: the annex, and the sheet "Quy tắc"."""

from dataclasses import dataclass

import pandas as pd

from reports import figure, text
from reports.figure import Figure
from reports.parts import citations
from reports.reading import Reading

_NONE = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule: what it is called, how grave, on what ground, what to do, and what it found (province or one agency).

    `policy`: the province sets at least a threshold or how it is compared. `outcome_text` is `Đạt`, `Có vi phạm` or
    `Chưa kiểm tra được` over the agencies looked at.
    """

    code: str
    title: str
    group: str
    group_title: str
    severity: str
    severity_text: str
    weight: int
    remedy: str
    basis: tuple[str, ...]
    basis_text: str
    basis_short: str
    policy: bool
    kind_text: str
    tested: Figure
    breaches: Figure
    not_decided: Figure
    rate: Figure
    rate_before: Figure
    outcome_text: str


def rule_list(reading: Reading, agency: str | None = None) -> tuple[RuleRow, ...]:
    """All rules in the catalogue's order."""
    now, before = _sums(reading.inputs.outcomes, agency), _sums(reading.inputs.previous_outcomes, agency)
    rows = []
    for rule in reading.rules.values():
        tested, breaches, open_question = now.get(rule.id, _NONE)
        old_tested, old_breaches, _ = before.get(rule.id, _NONE)
        outcome = "NOT_TESTED" if tested == 0 else "FAIL" if breaches else "PASS"
        rows.append(
            RuleRow(
                code=rule.code,
                title=rule.title,
                group=rule.group,
                group_title=reading.labels["groups"][rule.group],
                severity=rule.severity,
                severity_text=reading.labels["severities"][rule.severity],
                weight=rule.weight,
                remedy=rule.remedy,
                basis=rule.basis,
                basis_text=text.sentence("; ".join(rule.basis)),
                basis_short=citations.abridged(rule.basis),
                policy=rule.kind != "law",
                kind_text=reading.labels["grounds"][rule.kind],
                tested=figure.count(tested),
                breaches=figure.count(breaches) if tested else figure.NOTHING,  # 0 would say that it was checked
                not_decided=figure.count(open_question),
                rate=figure.share(breaches / tested) if tested else figure.NOTHING,
                rate_before=figure.share(old_breaches / old_tested) if old_tested else figure.NOTHING,
                outcome_text=reading.labels["outcomes"][outcome],
            )
        )
    return tuple(rows)


def _sums(outcomes: pd.DataFrame, agency: str | None) -> dict[str, tuple[float, float, float]]:
    """(tested, breaches, not_decided) by rule, over all agencies or one."""
    rows = outcomes if agency is None else outcomes[outcomes["agency"] == agency]
    sums = rows.groupby("rule")[["tested", "breaches", "not_decided"]].sum()
    return {
        str(rule): (float(tested), float(breaches), float(left)) for rule, tested, breaches, left in sums.itertuples()
    }
