"""The fast judge and the oracle, which knows nothing of it, agree on random provinces: every finding, every count.

The oracle was written from rules.md alone (tests/oracle). A disagreement is a mistake of one of the two, or a sentence that can be
read in two ways: then tests/oracle/READINGS.md says how it is read.
"""

import random

import pytest

from tests.agreement import differences, fast_answer, oracle_answer
from tests.oracle.random_province import random_case

SEEDS = (*range(12), 258, 335, 410, 540, 576, 624, 961, 1162, 3016, 5314)
"""The last of them showed mistakes, of one judge or the other."""
MANY_SEEDS = range(12, 300)


def disagreement(seed: int) -> list[str]:
    case = random_case(random.Random(seed))
    return differences(oracle_answer(case), fast_answer(case))


@pytest.mark.parametrize("seed", SEEDS)
def test_both_judges_agree(seed: int) -> None:
    assert disagreement(seed) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY_SEEDS)
def test_both_judges_agree_on_hundreds_of_provinces(seed: int) -> None:
    assert disagreement(seed) == []
