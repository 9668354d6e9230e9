"""Judge one scale, in a process of its own: `python -m bench.judging SCALE [all|twelve]` prints a line of JSON."""

from __future__ import annotations

import sys
from dataclasses import replace

from audit.engine import JudgeInputs, Judgement, judge
from bench.data import log_of
from bench.measure import report, timed
from bench.twelve import TWELVE, only_twelve
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


def judge_twelve(scale: Scale) -> dict[str, int]:
    """Findings of the references' rules, by code."""
    world, inputs = inputs_of(scale)
    few = replace(inputs, settings=only_twelve(world.settings))
    counts = counts_of(judge(few, world.start, world.end, world.end))
    return {code: counts[code] for code in TWELVE}


def main() -> None:
    """Judge the whole scale."""
    scale = SCALES[sys.argv[1]]
    world, inputs = inputs_of(scale)
    if sys.argv[2:] == ["twelve"]:
        inputs = replace(inputs, settings=only_twelve(world.settings))
    with timed() as taken:
        judgement = judge(inputs, world.start, world.end, world.end)
    counts = counts_of(judgement)
    report(taken, counts={code: counts[code] for code in TWELVE}, findings=len(judgement.findings))


if __name__ == "__main__":
    main()
