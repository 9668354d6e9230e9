"""Truth items: their ids are those of rules.md, and each is expected in exactly the runs that can see it."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest

from audit.simulator.clock import DAY
from audit.simulator.truth import CODES, Truth, raised
from audit.working_time import day_number


def at(day: str, hours: float = 0) -> int:
    return day_number(date.fromisoformat(day)) * DAY + int(hours * 3600)


def test_the_id_is_the_hash_of_the_eight_parts_with_the_notation_folded() -> None:
    truth = Truth("failed_send", "H03", "H03", "2021-02-04", "814", "UBND-VXNV", "H03.12")
    text = "failed_send|H03|H03|2021-02-04|814|ubnd-vxnv|H03.12|"
    assert truth.finding_id == hashlib.sha256(text.encode()).hexdigest()[:16]


def test_decomposed_notations_have_the_composed_id() -> None:
    composed = Truth("unsigned", "H03.04", "H03.04", "2021-02-04", "7", "SKHĐT-ĐTÔ")
    decomposed = Truth("unsigned", "H03.04", "H03.04", "2021-02-04", "7", "SKHĐT-ĐTO\u0302")
    assert composed.finding_id == decomposed.finding_id


def test_no_code_stands_for_two_rules() -> None:
    assert len(set(CODES.values())) == len(CODES) == 44


@pytest.mark.parametrize(
    ("severity", "steps", "higher"), [("low", 1, "medium"), ("high", 1, "critical"), ("critical", 1, "critical")]
)
def test_a_severity_is_raised_up_to_critical(severity: str, steps: int, higher: str) -> None:
    assert raised(severity, steps) == higher  # type: ignore[arg-type]


WEEK = (at("2021-02-01"), at("2021-02-08"))


@pytest.mark.parametrize(
    ("anchored", "anchor", "expected"),
    [
        ("event", at("2021-02-01"), True),
        ("event", at("2021-02-08"), False),
        ("event", at("2021-01-31", 23), False),
        ("deadline", at("2021-02-01"), False),
        ("deadline", at("2021-02-08"), True),
        ("deadline", at("2021-02-05", 15), True),
        ("register", at("2021-02-05"), True),
        ("open", at("2021-02-05"), True),
        ("open", at("2021-01-05"), True),
        ("open", at("2021-02-08"), False),
    ],
)
def test_a_week_judged_at_its_end_holds_what_is_anchored_in_it(anchored: str, anchor: int, expected: bool) -> None:
    truth = Truth("rule", "H03", anchor=anchor, anchored=anchored)  # type: ignore[arg-type]
    assert truth.holds(*WEEK, as_of=WEEK[1]) is expected


@pytest.mark.parametrize(
    ("as_of", "expected"), [("2021-02-03", False), ("2021-02-04", True), ("2021-02-05", True), ("2021-02-06", False)]
)
def test_a_finding_stands_from_when_it_can_be_known_until_it_is_mended(as_of: str, expected: bool) -> None:
    truth = Truth(
        "rule", "H03", anchor=at("2021-02-02"), visible_from=at("2021-02-03", 10), visible_until=at("2021-02-05", 10)
    )
    assert truth.holds(*WEEK, as_of=at(as_of)) is expected


def test_a_number_gap_waits_for_the_whole_period() -> None:
    truth = Truth("number_gap", "H03.02", anchor=at("2021-02-02"), anchored="register")
    assert not truth.holds(*WEEK, as_of=at("2021-02-07"))
    assert truth.holds(*WEEK, as_of=at("2021-02-08"))


def test_a_certificate_runs_out_in_every_period_in_which_its_endpoint_is_probed() -> None:
    truth = Truth(
        "expiring_certificate",
        "H03",
        anchor=at("2021-02-07", 17),
        opened_at=at("2021-01-18", 7),
        anchored="standing",
        visible_from=at("2021-01-20"),
    )
    assert truth.holds(*WEEK, as_of=WEEK[1])
    assert truth.holds(at("2021-01-18"), at("2021-01-25"), as_of=at("2021-01-25"))
    assert not truth.holds(at("2021-01-18"), at("2021-01-19"), as_of=at("2021-01-19"))
    assert not truth.holds(at("2021-02-08"), at("2021-02-15"), as_of=at("2021-02-15"))
