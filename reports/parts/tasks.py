"""What each agency must do, and by when: its open findings turned into imperatives, critical and high ones first.

What has already happened and no act can undo is no task: it is counted apart, to be learnt from.
"""

from dataclasses import dataclass

import pandas as pd

from reports import figure, text
from reports.figure import Figure
from reports.parts.calls import PAST_ACTION, actions, by_gravity
from reports.reading import Reading

_CRITICAL_MOST = 8
"""Kinds of critical findings that are all told; in a week in which nothing works a row must still fit its page."""


@dataclass(frozen=True, slots=True)
class Task:
    """An agency's duty.

    Attributes:
        lines: imperatives with counts, critical ones first, then the gravest; the others cut to a few.
        urgent, regular: open findings to be mended by each of the two deadlines.
        past: those that nothing can mend any more.
    """

    agency: str
    name: str
    lines: tuple[str, ...]
    urgent: Figure
    regular: Figure
    past: Figure

    @property
    def total(self) -> Figure:
        """All open findings."""
        return figure.count(sum(each.value or 0 for each in (self.urgent, self.regular, self.past)))

    @property
    def text(self) -> str:
        """All lines in one sentence."""
        return text.sentence("; ".join(self.lines)) + "."


@dataclass(frozen=True, slots=True)
class TaskSums:
    """All tasks together: open findings to be mended by each deadline, and those that nothing can mend any more."""

    agencies: Figure
    urgent: Figure
    regular: Figure
    past: Figure


def task_sums(told: tuple[Task, ...]) -> TaskSums:
    """The sums of the columns, over all agencies with a task."""
    urgent, regular, past = (
        _told(sum(getattr(each, name).value or 0 for each in told)) for name in ("urgent", "regular", "past")
    )
    return TaskSums(_told(len(told)), urgent, regular, past)


def _told(number: float) -> Figure:
    """How many, as it stands beside `việc` in every edition."""
    return figure.in_prose(figure.count(number), "count")


def tasks(reading: Reading, most_lines: int = 3) -> tuple[Task, ...]:
    """One task an agency with open findings, in the order of `calls`."""
    own = {str(code): rows for code, rows in reading.open_items.groupby("agency", sort=False)}
    return tuple(_task(reading, code, own[code], most_lines) for code in by_gravity(reading))


def _task(reading: Reading, code: str, rows: pd.DataFrame, most_lines: int) -> Task:
    curable = rows[rows["is_curable"]]
    urgent = curable[curable["severity_rank"] < 2]
    first = urgent if len(urgent) else curable
    critical = set(first.loc[first["severity_rank"] == 0, "kind"])
    lines = actions(reading, first, leading=critical)
    most = max(most_lines, min(len(critical), _CRITICAL_MOST))
    shown, rest = (lines, []) if len(lines) == most + 1 else (lines[:most], lines[most:])
    if rest:
        grave = f", {text.count(len(critical) - most)} loại nghiêm trọng" if len(critical) > most else ""
        shown = [*shown, f"{text.count(len(rest))} loại việc khác{grave}"]
    return Task(
        agency=code,
        name=reading.name(code),
        lines=tuple(shown) or (PAST_ACTION,),
        urgent=_told(len(urgent)),
        regular=_told(len(curable) - len(urgent)),
        past=_told(len(rows) - len(curable)),
    )
