"""`make guard`: fails when the judge got more than 15 % slower than it was, told by ratios and counts, not by seconds.

Two things are measured.

*Against DuckDB.* Processor time of the judge (all rules) divided by that of the DuckDB program for the twelve rules, on
the same data, one thread each, in turn; of each the quickest of several runs counts. The ratio is one of this machine's
kind: memory and caches enter into it. It is only looked at by `make guard`.

*Calls.* How many functions are called for one pair more, and how many for none: the same in every run and on every
machine, whatever else it does. One loop over rows where an array should be shows at once. `make test` looks at these.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from audit.engine import judge
from bench import duckdb_twelve
from bench.data import rows_of
from bench.judging import inputs_of
from bench.twelve import task_of
from bench.world import SMALL, Scale

RECORDED: Final = Path(__file__).with_name("guard.json")
MARGIN: Final = 1.15
RUNS: Final = 7

FEW: Final = Scale("guard-few", 2, 100)
MANY: Final = Scale("guard-many", 2, 500)


@dataclass(frozen=True, slots=True)
class Measured:
    """What is compared with what was recorded; more is worse.

    Attributes:
        to_duckdb: processor time of the judge by that of DuckDB; 0 where it was not measured.
        calls: function calls of a judgement that has no pairs, reckoned from two that have.
        calls_a_pair: function calls for each pair more.
    """

    to_duckdb: float
    calls: int
    calls_a_pair: float

    def worse_than(self, recorded: Measured) -> list[str]:
        """What is more than it may be, a sentence each."""
        limits = {name: getattr(recorded, name) * MARGIN for name in self.__slots__}
        return [
            f"{name} is {getattr(self, name):.3f}, more than {MARGIN} times the recorded {getattr(recorded, name):.3f}"
            for name, limit in limits.items()
            if getattr(self, name) > limit
        ]


def recorded() -> Measured:
    """What was measured when somebody last said that it is right."""
    return Measured(**json.loads(RECORDED.read_text(encoding="utf-8")))


def count_calls() -> tuple[int, float]:
    """Calls of a judgement without pairs, and of each pair more."""
    calls, pairs = [], []
    for scale in (FEW, FEW, MANY):  # the first one does what is done once a process
        world, inputs = inputs_of(scale)
        profile = cProfile.Profile()
        profile.runcall(judge, inputs, world.start, world.end, world.end)
        calls.append(int(pstats.Stats(profile).total_calls))  # type: ignore[attr-defined]
        pairs.append(rows_of(scale)["sends"])
    a_pair = (calls[2] - calls[1]) / (pairs[2] - pairs[1])
    return round(calls[1] - a_pair * pairs[1]), a_pair


def ratio_to_duckdb(runs: int = RUNS) -> float:
    """Processor time of the judge by that of DuckDB."""
    world, inputs = inputs_of(SMALL)
    task = task_of(SMALL)
    ours, theirs = [], []
    for _ in range(runs):
        ours.append(_processor_time(lambda: judge(inputs, world.start, world.end, world.end)))
        theirs.append(_processor_time(lambda: duckdb_twelve.count(task, threads=1)))
    return min(ours) / min(theirs)


def _processor_time(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def main() -> None:
    """Measure and compare; with `record`, what is measured is right from now on."""
    calls, a_pair = count_calls()
    measured = Measured(ratio_to_duckdb(), calls, a_pair)
    told = {name: round(getattr(measured, name), 3) for name in Measured.__slots__}
    print(json.dumps(told))
    if sys.argv[1:] == ["record"]:
        RECORDED.write_text(json.dumps(told) + "\n", encoding="utf-8")
        return
    worse = measured.worse_than(recorded())
    print("\n".join(worse) or "no more than was recorded")
    sys.exit(bool(worse))


if __name__ == "__main__":
    main()
