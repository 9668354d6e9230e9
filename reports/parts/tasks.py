"""What each agency must do, and by when: its open findings turned into imperatives, critical and high ones first."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from reports import figure, text
from reports.figure import Figure
from reports.reading import Reading


@dataclass(frozen=True, slots=True)
class Task:
    """An agency's duty.

    Attributes:
        lines: imperatives with counts, gravest first, cut to a few.
        urgent, regular: open findings to be handled by each of the two deadlines.
        due_at, due_text: the nearer deadline that applies, local wall time.
    """

    agency: str
    name: str
    lines: tuple[str, ...]
    urgent: Figure
    regular: Figure
    due_at: datetime
    due_text: str

    @property
    def total(self) -> Figure:
        """All open findings."""
        return figure.count((self.urgent.value or 0) + (self.regular.value or 0))

    @property
    def text(self) -> str:
        """All lines in one sentence."""
        return text.sentence("; ".join(self.lines)) + "."


def tasks(reading: Reading, most_lines: int = 3) -> tuple[Task, ...]:
    """One task an agency with open findings; those with urgent ones first, by their number."""
    made = [_task(reading, str(code), rows, most_lines) for code, rows in reading.open_findings.groupby("agency", sort=True)]
    return tuple(sorted(made, key=lambda task: (-(task.urgent.value or 0), -(task.regular.value or 0), text.sort_key(task.name))))


def _task(reading: Reading, code: str, rows: pd.DataFrame, most_lines: int) -> Task:
    urgent = rows[rows["severity_rank"] < 2]
    first = urgent if len(urgent) else rows
    lines = actions(reading, first)
    shown, rest = lines[:most_lines], lines[most_lines:]
    if rest:
        shown.append(f"{text.count(len(rest))} loại việc khác (xem Excel)")
    due = reading.inputs.deadlines.urgent_at if len(urgent) else reading.inputs.deadlines.regular_at
    return Task(
        agency=code,
        name=reading.name(code),
        lines=tuple(shown),
        urgent=figure.count(len(urgent)),
        regular=figure.count(len(rows) - len(urgent)),
        due_at=text.local(due),
        due_text=text.moment(due),
    )


def actions(reading: Reading, rows: pd.DataFrame) -> list[str]:
    """`gửi lại 05 lượt gửi lỗi`, one a rule, gravest first, then most."""
    groups = rows.groupby("rule", sort=True).agg(rank=("severity_rank", "min"), n=("finding_id", "size"))
    groups = groups.sort_values(["rank", "n"], ascending=[True, False], kind="stable")
    return [_action(reading, str(rule), int(n)) for rule, n in zip(groups.index, groups["n"], strict=True)]


def _action(reading: Reading, rule: str, n: int) -> str:
    info = reading.rules[rule]
    phrase = reading.labels["action"].get(info.code)
    if phrase:
        return phrase.format(n=text.count(n))
    return f"{info.remedy[:1].lower()}{info.remedy[1:]} ({text.count(n)})"
