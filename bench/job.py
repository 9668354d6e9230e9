"""The whole weekly job for 150 agencies, from loopback to their reports: `python -m bench.job`, a line of JSON."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from audit.period import DAY, Period
from audit.pipeline.gathering import conform_days, coverage_of, pull_days, within
from audit.pipeline.jobs import judge_past, judge_period
from audit.pipeline.reporting import make_reports
from bench import data
from bench.measure import report, timed
from bench.pulling import served
from bench.world import SERVED_DAYS, WHOLE


def main() -> None:
    """Pull a week, conform, judge, report; time each step."""
    days = SERVED_DAYS[WHOLE.name]
    period = Period(days[0], days[-1] + DAY, days[-1] + DAY)
    steps: dict[str, float] = {}

    @contextmanager
    def step(name: str) -> Iterator[None]:
        begin = time.perf_counter()
        yield
        steps[name] = time.perf_counter() - begin

    with served(data.ROOT / "whole-deployment", WHOLE) as (_, workspace):
        with workspace.run("bench", {}) as run, timed() as taken:
            with step("kéo"):
                pull_days(workspace, run, days)
            with step("chuẩn hoá"):
                conform_days(workspace, run)
            with step("xét"):
                judge_past(workspace, run, period)
                told = judge_period(workspace, run, period)
            with step("báo cáo"):
                made = make_reports(workspace, run, told, period)
            workspace.ledger.record_coverage(within(coverage_of(workspace, period), period), run.run_id)
            run.exit_status = 0
        rows = run.counts["conformed_rows"]
    report(taken, rows=rows, steps=steps, files=len(made), findings=len(told.findings))


if __name__ == "__main__":
    main()
