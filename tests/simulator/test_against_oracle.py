"""The truth that was planted is what an independent judge finds: nothing more, nothing less, nothing near."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from audit.simulator import SimulationOptions, simulate
from tests.simulator.judging import judged

TINY = SimulationOptions(agencies=7, documents_per_day=9, history_weeks=0, lead_in_days=21, probe_minutes=10)
WEEKS = {814: date(2021, 2, 1), 815: date(2021, 2, 8), 816: date(2024, 4, 29)}
WEEK = timedelta(days=7)


@pytest.mark.parametrize(("seed", "start"), WEEKS.items())
def test_the_oracle_finds_the_planted_truth(seed: int, start: date) -> None:
    province = simulate(replace(TINY, seed=seed, start=start, end=start + WEEK))
    found = judged(province, start, start + WEEK)
    expected = {item.finding_id: item.severity for item in province.truth_for(start, start + WEEK)}
    assert {finding_id: finding["severity"] for finding_id, finding in found.items()} == expected
    assert not [item for item in province.near_misses if item.finding_id in found]


def test_the_oracle_finds_in_midweek_what_can_be_seen_then() -> None:
    start, seen = date(2021, 2, 1), date(2021, 2, 4)
    province = simulate(replace(TINY, seed=817, start=start, end=start + WEEK))
    expected = {item.finding_id for item in province.truth_for(start, start + WEEK, seen)}
    assert set(judged(province, start, start + WEEK, seen)) == expected


def test_the_oracle_finds_no_fault_in_a_province_without_plants() -> None:
    start = date(2021, 2, 1)
    province = simulate(replace(TINY, seed=818, plant=False, outage=False, partial=False))
    assert judged(province, start, start + WEEK) == {}
