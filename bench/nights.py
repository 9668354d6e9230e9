"""Judge nights of a year one after the other: `python -m bench.nights NIGHT …` prints a line of JSON.

Of each night that is named the last 28 days are judged, as `daily` does, from what was carried on up to then; the night
itself carries on, too. Then everything is judged at once, which must find the same.
"""

from __future__ import annotations

import json
import shutil
import sys
from datetime import date, timedelta

from audit.carried_log import CarriedLogs, Judging
from audit.closing import Wanted
from audit.engine import JudgeInputs, judge
from audit.log import Log
from audit.tables import LOG_TABLES
from bench.data import ROOT, log_of
from bench.judging import inputs_of
from bench.measure import timed
from bench.world import YEAR

WINDOW = timedelta(days=28)
DAY = timedelta(days=1)


class Nights:
    """The bench's year, night by night."""

    def __init__(self) -> None:
        self.world, self.inputs = inputs_of(YEAR)
        self.whole = log_of(YEAR)
        self.folder = ROOT / "nights"
        shutil.rmtree(self.folder / "log", ignore_errors=True)  # what was carried on counts as long as it fits
        self.log = Log(self.folder / "log")
        limits = self.world.settings.policy.limits
        judging = Judging(self.world.registry, self.world.calendar, limits, "bench")
        self.carried = CarriedLogs(self.folder / "carried", self.log, judging)

    def until(self, as_of: date) -> None:
        """The days before `as_of` are in the log."""
        for day in self.whole.days():
            for table in LOG_TABLES:
                place = self.log.path(table, day)
                if day < as_of and not place.exists():
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.symlink_to(self.whole.path(table, day))

    def inputs_with(self, log: Log) -> JudgeInputs:
        """The bench's inputs, and another log."""
        told = self.inputs
        return JudgeInputs(told.settings, told.registry, told.calendar, log, told.coverage, told.probes)

    def judged(self, night: int) -> dict[str, object]:
        """What a night takes, and whether it finds what judging everything at once finds."""
        as_of = self.world.start + timedelta(days=night)
        start = max(as_of - WINDOW, self.world.start)
        self.until(as_of)
        with timed() as taken:
            self.carried.carry_on(start, Wanted.nothing())
            found = judge(self.inputs_with(self.carried.to(start)), start, as_of, as_of)
        told: dict[str, object] = {"night": night, "processor_seconds": round(taken.processor_seconds, 2)}
        with timed() as taken:
            whole = judge(self.inputs_with(self.log), start, as_of, as_of)
        same = whole.findings.equals(found.findings) and whole.outcomes.equals(found.outcomes)
        same = same and whole.indicators.equals(found.indicators) and whole.notes == found.notes
        return told | {"whole_log": round(taken.processor_seconds, 2), "same": same, "findings": len(found.findings)}


def main() -> None:
    """Measure the nights that are named; before each of them what it carries on from is made."""
    nights = Nights()
    for night in map(int, sys.argv[1:]):
        before = nights.world.start + timedelta(days=night - 1)
        nights.until(before)
        nights.carried.carry_on(max(before - WINDOW, nights.world.start), Wanted.nothing())
        print(json.dumps(nights.judged(night)), flush=True)


if __name__ == "__main__":
    main()
