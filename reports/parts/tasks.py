"""What each agency must do, and by when: its open findings turned into imperatives, critical and high ones first.

What has already happened and no act can undo is no task: it is counted apart, to be learnt from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from reports import cures, figure, text
from reports.figure import Figure
from reports.parts.calls import actions
from reports.reading import Reading, is_urgent

SHEET = "Việc từng cơ quan"
"""Where the workbook tells the tasks of all agencies."""
PAST_ACTION = "Rút kinh nghiệm, không để tái diễn"
"""What is left to do where all has already happened."""
_TO_SET = "phải sửa cấu hình, vận hành"
_CRITICAL_MOST = 8
"""Kinds of critical findings that are all told; in a week in which nothing works a row must still fit its page."""


@dataclass(frozen=True, slots=True)
class Task:
    """An agency's duty.

    Attributes:
        lines: imperatives with counts, critical ones first, then the gravest; the others cut to a few.
        urgent, regular: open findings to be mended by each of the two deadlines.
        past: those that nothing can mend any more.
        to_set: what of these a setting caused, which is to be mended, as a sentence; `""` where there is none.
        by: how much is to be done by when, `Hoàn thành 02 việc mức cao trước …; 01 việc còn lại trước ….`; `""` where
            nothing is to be mended.
    """

    agency: str
    name: str
    lines: tuple[str, ...]
    by: str
    urgent: Figure
    regular: Figure
    past: Figure
    to_set: str

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
        figure.count(sum(getattr(each, name).value or 0 for each in told)) for name in ("urgent", "regular", "past")
    )
    return TaskSums(figure.count(len(told)), urgent, regular, past)


def past_told(findings: pd.DataFrame) -> str:
    """`83 vi phạm đã xảy ra: 69 chỉ rút kinh nghiệm, 14 phải sửa cấu hình, vận hành`, of findings that no act can undo:
    those that a setting or the running of a system caused will be caused again until that is mended.
    """
    told, to_set = f"{text.count(len(findings))} vi phạm đã xảy ra", len(_of_settings(findings))
    if not to_set:
        return f"{told}, không còn việc phải khắc phục, yêu cầu rút kinh nghiệm"
    if to_set == len(findings):
        return f"{told}, {_TO_SET}"
    return f"{told}: {text.count(len(findings) - to_set)} chỉ rút kinh nghiệm, {text.count(to_set)} {_TO_SET}"


def past_note(reading: Reading) -> str:
    """What has happened and no act can undo, and of it, what a setting of the agency's system will cause again, which
    is to be mended by the later deadline.
    """
    past = reading.open_items[~reading.open_items["is_curable"]]
    if past.empty:
        return ""
    told, codes = past_told(past), _codes(reading, _of_settings(past))
    return f"{told} ({codes}) trước {text.moment(reading.inputs.deadlines.regular_at)}." if codes else f"{told}."


def _of_settings(findings: pd.DataFrame) -> pd.DataFrame:
    """What of findings that no act can undo a setting or the running of a system caused."""
    return findings[findings["rule"].isin(cures.OF_SETTINGS)]


def _codes(reading: Reading, findings: pd.DataFrame) -> str:
    """`N10, K7`: the rules of the findings, in the catalogue's order."""
    found = set(findings["rule"])
    return ", ".join(rule.code for rule in reading.rules.values() if rule.id in found)


def _to_set(reading: Reading, past: pd.DataFrame) -> str:
    """`Sửa cấu hình, vận hành hệ thống (02 vi phạm: N11, K7) trước 17 giờ ngày 22/02/2021.`; `""` for none."""
    rows = _of_settings(past)
    if rows.empty:
        return ""
    by = text.moment(reading.inputs.deadlines.regular_at)
    return f"Sửa cấu hình, vận hành hệ thống ({text.count(len(rows))} vi phạm: {_codes(reading, rows)}) trước {by}."


def tasks(reading: Reading, called: Sequence[str] = (), most_lines: int = 3) -> tuple[Task, ...]:
    """One task an agency with open findings: first those that are called, in that order, then who has most to do by
    the first deadline, then by the second.
    """
    grouped = reading.open_items.groupby("agency", sort=False)
    made = [_task(reading, str(code), rows, most_lines) for code, rows in grouped]
    place = {code: number for number, code in enumerate(called)}
    return tuple(
        sorted(
            made,
            key=lambda task: (
                place.get(task.agency, len(place)),
                -(task.urgent.value or 0),
                -(task.regular.value or 0),
                text.sort_key(task.name),
            ),
        )
    )


def _task(reading: Reading, code: str, rows: pd.DataFrame, most_lines: int) -> Task:
    curable = rows[rows["is_curable"]]
    urgent = curable[is_urgent(curable)]
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
        by=_by(reading, urgent, curable[~is_urgent(curable)]),
        urgent=figure.count(len(urgent)),
        regular=figure.count(len(curable) - len(urgent)),
        past=figure.count(len(rows) - len(curable)),
        to_set=_to_set(reading, rows[~rows["is_curable"]]),
    )


def _by(reading: Reading, urgent: pd.DataFrame, rest: pd.DataFrame) -> str:
    """`Hoàn thành 02 việc mức nghiêm trọng, cao trước …; 01 việc còn lại trước ….`: the levels that there are."""
    told = []
    if len(urgent):
        levels = ", ".join(dict.fromkeys(reading.labels["severities"][each].lower() for each in urgent["severity"]))
        told.append(f"{text.count(len(urgent))} việc mức {levels} {_before(reading, urgent)}")
    if len(rest):
        told.append(f"{text.count(len(rest))} việc {'còn lại ' * bool(told)}{_before(reading, rest)}")
    return f"Hoàn thành {'; '.join(told)}." if told else ""


def _before(reading: Reading, rows: pd.DataFrame) -> str:
    """`trước 17 giờ ngày 22/02/2021`, with what of the rows has an earlier deadline of its own."""
    last = rows["act_by"].max()
    told = f"trước {text.moment(last)}"
    for by, sooner in rows[rows["act_by"] < last].groupby("act_by", sort=True):
        told += f", riêng {text.listed(actions(reading, sooner))} trước {text.moment(by)}"
    return told
