"""The judge calls no more functions than was recorded: what made it slower on one machine, and what on every machine."""

from pathlib import Path

import pytest

from bench import data
from bench.guard import Measured, count_calls, recorded


@pytest.fixture(autouse=True)
def kept_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "ROOT", tmp_path)


def test_the_judge_calls_no_more_functions_than_was_recorded() -> None:
    calls, a_pair = count_calls()
    assert Measured(0.0, calls, a_pair).worse_than(recorded()) == [], "if it is worth it: python -m bench.guard record"


def test_one_call_more_for_every_pair_is_noticed() -> None:
    was = recorded()
    worse = Measured(was.to_duckdb, was.calls, was.calls_a_pair + 1).worse_than(was)
    assert [sentence.split()[0] for sentence in worse] == ["calls_a_pair"]
