"""An agency answers to the end of its last day: a deadline at 24:00 of that day is its own, not its successor's."""

import importlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.rules.harness import Case, deadlines, judge_case

CASES_OF = {"overdue_send": "late_send", "late_acknowledgement": "unanswered_receipt"}
RULES = (
    *("late_acknowledgement", "late_forwarding", "lost_status", "overdue_send", "unanswered_receipt"),
    "undelivered",
)
"""Rules with a deadline that may be at 24:00."""
SUCCESSOR = "H03.07"
MIDNIGHT = "T00:00:00"


def cases(values: Iterable[object]) -> Iterator[Case]:
    for value in values:
        if isinstance(value, Case):
            yield value
        elif type(value) in {list, tuple}:
            yield from cases(value)  # type: ignore[arg-type]


def at_midnight(rule: str) -> Iterator[tuple[Case, str, date]]:
    """Cases of one agency that is in breach of a deadline at 24:00, with it and its last day."""
    module = importlib.import_module(f"tests.rules.test_{CASES_OF.get(rule, rule)}")
    for case in cases(vars(module).values()):
        if case.agencies or case.gaps:
            continue
        blamed = {finding[0] for finding in judge_case(case, rule).findings}
        ends = set(deadlines(case, rule))
        if len(blamed) == len(ends) == 1 and (end := ends.pop()).endswith(MIDNIGHT):
            yield case, blamed.pop(), date.fromisoformat(end.removesuffix(MIDNIGHT)) - timedelta(days=1)


@pytest.mark.parametrize("rule", RULES)
def test_a_deadline_at_the_end_of_its_last_day_is_the_agencys_own(rule: str) -> None:
    case, blamed, last_day = next(at_midnight(rule))
    ended = {blamed: {"valid_to": last_day.isoformat(), "successor": SUCCESSOR}}
    assert judge_case(replace(case, agencies=ended), rule) == judge_case(case, rule)
