"""The product's judge finds the planted truth too; through conform, facts and rules, without the wire in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from audit.simulator import SimulationOptions, simulate
from tests.agreement import fast_answer
from tests.simulator.judging import oracle_case

YEAR_TURN = date(2021, 1, 4)
TET = date(2021, 2, 8)
SWAPPED_SATURDAY = date(2024, 4, 29)
OPTIONS = SimulationOptions(agencies=8, documents_per_day=16, history_weeks=0, lead_in_days=14)


@pytest.mark.parametrize(("seed", "start"), [(1, YEAR_TURN), (2, TET), (3, SWAPPED_SATURDAY)])
def test_the_product_finds_the_planted_truth(seed: int, start: date) -> None:
    end = start + timedelta(days=7)
    province = simulate(replace(OPTIONS, seed=seed, start=start, end=end))
    found = {
        key[2]: row["severity"] for key, row in fast_answer(oracle_case(province, start, end, end)).findings.items()
    }
    expected = {item.finding_id: item.severity for item in province.truth_for(start, end)}
    assert found == expected
    assert not [item for item in province.near_misses if item.finding_id in found]
