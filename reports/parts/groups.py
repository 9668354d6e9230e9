"""Results by rule group: what was tested, what was in breach, what could not be decided."""

from dataclasses import dataclass

from reports import figure
from reports.figure import Figure
from reports.parts.rule_list import RuleRow


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A rule group's sums over its rules."""

    group: str
    title: str
    tested: Figure
    breaches: Figure
    not_decided: Figure
    rate: Figure


def groups(rules: tuple[RuleRow, ...]) -> tuple[GroupRow, ...]:
    """One row a group that has a rule, in the catalogue's order."""
    made = []
    for group in dict.fromkeys(rule.group for rule in rules):
        own = [rule for rule in rules if rule.group == group]
        tested, breaches, open_question = (
            sum(getattr(rule, name).value or 0.0 for rule in own) for name in ("tested", "breaches", "not_decided")
        )
        rate = figure.share(breaches / tested) if tested else figure.NOTHING
        made.append(
            GroupRow(
                group,
                own[0].group_title,
                figure.count(tested),
                figure.count(breaches) if tested else figure.NOTHING,  # 0 would say that it was checked
                figure.count(open_question),
                rate,
            )
        )
    return tuple(made)
