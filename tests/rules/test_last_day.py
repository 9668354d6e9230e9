"""An agency answers to the end of its last day: a deadline at 24:00 of that day is its own, what happens at 0:00 of the next
its successor's.
"""

import importlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.rules.harness import Case, Row, deadlines, judge_case, receipt, send, status

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


AT = "2021-02-03 00:00"
EVENTS: dict[str, tuple[str, list[Row]]] = {
    "failed_receipt": ("H03.03", [receipt(arrived_at=AT, state="fail")]),
    "failed_send": ("H03.02", [send(sent_at=AT, state="fail")]),
    "duplicate_send": ("H03.02", [send(), send(attempt=2, sent_at=AT)]),
    "refusal_without_reason": ("H03.03", [send(), receipt(), status("02", AT)]),
    "late_processing": ("H03.03", [send(), receipt(due_at="2021-02-02 12:00", completed_at=AT)]),
    "unknown_status": ("H03.03", [send(), status("07", AT)]),
    "unmatched_receipt": ("H03.03", [receipt(arrived_at=AT)]),
    "misrouted": ("H03.02", [send(), receipt(), status("02", AT, description="Văn bản gửi nhầm cơ quan")]),
    "status_out_of_order": ("H03.03", [send(), status("04", "2021-02-02 11:00"), status("03", AT)]),
}
"""By rule: who is blamed for what happens at 0:00 of 3 February."""


@pytest.mark.parametrize("rule", EVENTS)
def test_what_happens_at_0_00_of_the_next_day_is_the_successors(rule: str) -> None:
    blamed, rows = EVENTS[rule]
    for last_day, answers in (("2021-02-03", blamed), ("2021-02-02", SUCCESSOR)):
        ended = {blamed: {"valid_to": last_day, "successor": SUCCESSOR}}
        assert {one[0] for one in judge_case(Case(rule, rows, agencies=ended), rule).findings} == {answers}
