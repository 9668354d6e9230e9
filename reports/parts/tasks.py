"""What each agency must do, and by when: its open findings turned into imperatives, critical and high ones first."""

from dataclasses import dataclass

import pandas as pd

from reports import figure, text
from reports.figure import Figure
from reports.parts.calls import by_gravity, gravest_rules
from reports.reading import Reading


@dataclass(frozen=True, slots=True)
class Task:
    """An agency's duty.

    Attributes:
        lines: imperatives with counts, gravest first, cut to a few.
        urgent, regular: open findings to be handled by each of the two deadlines.
    """

    agency: str
    name: str
    lines: tuple[str, ...]
    urgent: Figure
    regular: Figure

    @property
    def total(self) -> Figure:
        """All open findings."""
        return figure.count((self.urgent.value or 0) + (self.regular.value or 0))

    @property
    def text(self) -> str:
        """All lines in one sentence."""
        return text.sentence("; ".join(self.lines)) + "."


def tasks(reading: Reading, most_lines: int = 3) -> tuple[Task, ...]:
    """One task an agency with open findings, in the order of `calls`."""
    own = {str(code): rows for code, rows in reading.open_items.groupby("agency", sort=False)}
    return tuple(_task(reading, code, own[code], most_lines) for code in by_gravity(reading))


def _task(reading: Reading, code: str, rows: pd.DataFrame, most_lines: int) -> Task:
    urgent = rows[rows["severity_rank"] < 2]
    first = urgent if len(urgent) else rows
    lines = actions(reading, first)
    shown, rest = lines[:most_lines], lines[most_lines:]
    if rest:
        shown.append(f"{text.count(len(rest))} loại việc khác")
    return Task(
        agency=code,
        name=reading.name(code),
        lines=tuple(shown),
        urgent=figure.count(len(urgent)),
        regular=figure.count(len(rows) - len(urgent)),
    )


def actions(reading: Reading, rows: pd.DataFrame) -> list[str]:
    """`gửi lại 05 lượt gửi lỗi`, one a rule, gravest first."""
    return [_action(reading, rule, size) for rule, size in gravest_rules(rows)]


def _action(reading: Reading, rule: str, n: int) -> str:
    info = reading.rules[rule]
    phrase = reading.labels["action"].get(info.code)
    if phrase:
        return phrase.format(n=text.count(n))
    return f"{info.remedy[:1].lower()}{info.remedy[1:]} ({text.count(n)})"
