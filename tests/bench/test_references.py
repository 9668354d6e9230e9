import os
from pathlib import Path

import pytest

from bench import data, duckdb_twelve, floor, judging, polars_twelve
from bench.twelve import TWELVE, Task, task_of
from bench.world import Scale

TINY = Scale("tiny", 4, 150)


@pytest.fixture(scope="module", autouse=True)
def kept_elsewhere(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "ROOT", Path(tmp_path_factory.mktemp("bench")))
        patch.setitem(os.environ, "POLARS_MAX_THREADS", "2")
        yield


@pytest.fixture(scope="module")
def task() -> Task:
    return task_of(TINY)


@pytest.fixture(scope="module")
def judged() -> dict[str, int]:
    return judging.judge_twelve(TINY)


def test_the_data_hold_breaches_of_nearly_all_rules(judged):
    assert [code for code in TWELVE if judged[code] == 0] in ([], ["L2"])


def test_the_sql_program_counts_what_the_judge_finds(task, judged):
    assert duckdb_twelve.count(task, threads=2) == judged


def test_the_polars_program_counts_what_the_judge_finds(task, judged):
    assert polars_twelve.count(task) == judged


def test_the_floor_reads_every_row(task):
    assert floor.read(task) == sum(data.rows_of(TINY).values())
