"""Judge one scale, in a process of its own: `python -m bench.judging SCALE [RULE …]` prints a line of JSON."""

from __future__ import annotations

import sys
from datetime import date, timedelta

from audit.engine import JudgeInputs, Judgement, judge
from bench.data import log_of
from bench.measure import report, timed
from bench.world import SCALES, Scale, World


def inputs_of(scale: Scale) -> tuple[World, JudgeInputs]:
    """What is judged."""
    world = World(scale)
    inputs = JudgeInputs(
        settings=world.settings,
        registry=world.registry,
        calendar=world.calendar,
        log=log_of(scale),
        coverage=world.coverage(),
        probes=world.probes(),
    )
    return world, inputs


def counts_of(judgement: Judgement) -> dict[str, int]:
    """Findings by rule code."""
    found = judgement.outcomes.groupby("code")["findings"].sum()
    return {str(code): int(count) for code, count in found.items()}


def main() -> None:
    """Judge the whole scale, or only its last days."""
    scale, last_days = SCALES[sys.argv[1]], int(sys.argv[2]) if len(sys.argv) > 2 else 0
    world, inputs = inputs_of(scale)
    start: date = world.end - timedelta(days=last_days) if last_days else world.start
    with timed() as taken:
        judgement = judge(inputs, start, world.end, world.end)
    report(taken, counts=counts_of(judgement), findings=len(judgement.findings))


if __name__ == "__main__":
    main()
