"""A day of 150 agencies from loopback into evidence, log and ledger: `python -m bench.pulling [rebuild]`, a JSON line.

`rebuild`: only the second half, from evidence that is there.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from audit.period import DAY, Period
from audit.pipeline.gathering import conform_days, coverage_of, pull_days, rebuild_days, within
from audit.pipeline.workspace import Workspace
from audit.settings import Settings
from audit.settings.agencies import AgenciesFile
from bench import data
from bench.measure import report, timed
from bench.serving import serving
from bench.wire import pages_of
from bench.world import PULLED, Scale, World

TOKEN: Final = "BENCH_TOKEN"  # noqa: S105  # the name of the variable


def settings_for(world: World, address: str) -> Settings:
    """The world's settings, its agencies served at an address."""

    def source(code: str) -> dict[str, Any]:
        url = f"{address}/{code}"
        return {"kind": "log_api", "base_url": url, "token": f"env:{TOKEN}", "requests_per_second": 1000.0}

    agencies = [
        agency.model_dump(exclude={"source"}, exclude_defaults=True) | {"source": source(agency.code)}
        for agency in world.settings.agencies
    ]
    provinces = world.settings.province.model_dump(exclude_defaults=True)
    found = AgenciesFile.model_validate({"province": provinces, "agencies": agencies})
    return world.settings.model_copy(update={"agencies": found.agencies})


@contextmanager
def served(folder: Path, scale: Scale) -> Iterator[tuple[World, Workspace]]:
    """An empty deployment, and its agencies' systems, until the block is left."""
    os.environ[TOKEN] = "814"
    world = World(scale)
    shutil.rmtree(folder, ignore_errors=True)
    with serving(pages_of(scale)) as address:
        workspace = Workspace(settings_for(world, address), folder / "var", folder / "out", quiet=True)
        try:
            yield world, workspace
        finally:
            workspace.close()


def main() -> None:
    """Pull, conform, keep; time each step."""
    only_rebuild = sys.argv[1:] == ["rebuild"]
    with served(data.ROOT / "deployment", PULLED) as (world, workspace):
        period = Period(world.start, world.start + DAY, world.start + DAY)
        steps: dict[str, float] = {}
        with workspace.run("bench", {}) as run:
            if only_rebuild:
                pull_days(workspace, run, [world.start])
            with timed() as taken:
                if only_rebuild:
                    rebuild_days(workspace, run, [world.start])
                else:
                    begin = time.perf_counter()
                    pull_days(workspace, run, [world.start])
                    steps["kéo"] = time.perf_counter() - begin
                    conform_days(workspace, run)
                    steps["chuẩn hoá"] = time.perf_counter() - begin - steps["kéo"]
                    known = within(coverage_of(workspace, period), period)
                    workspace.ledger.record_coverage(known, run.run_id)
            run.exit_status = 0
        rows = run.counts["conformed_rows"]
        if rows != run.counts["pulled_rows"] or run.counts["rejects"]:
            raise RuntimeError(f"rows were lost: {run.counts}")
    report(taken, rows=rows, steps=steps)


if __name__ == "__main__":
    main()
