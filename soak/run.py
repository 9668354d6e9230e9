"""A province is audited night after night while things go wrong: ``python -m soak.run --agencies 100 --days 90``.

Every night is the command that cron calls, in a process of its own. Answers fail on the way, nights are killed at any
moment, disks are full for a step. After the last night everything has been made good by itself: `verify` finds no
fault, the findings are the planted ones, and no night took more memory or left more open than the others.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from audit.pipeline.demonstration import hurry
from audit.simulator import Province, SimulationOptions, serve, simulate
from soak.faulty_way import FaultyWay, faulty_way
from tests.faults.bench import Ended, Fault, Zygote

MEMORY_MIB_MAX = 2_000
HANDLES_MAX = 200
BEGIN = date(2021, 2, 1)


@dataclass
class Soak:
    """What is known of a run."""

    province: Province
    config: Path
    folder: Path
    zygote: Zygote
    chance: random.Random
    nights: list[Ended] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)

    def command(self, *words: str, fault: Fault | None = None) -> Ended:
        options = ["--config", str(self.config), "--data", str(self.folder / "var"), "--out", str(self.folder / "out")]
        return self.zygote.run([*words, *options, "--quiet"], self.folder, fault or Fault())

    def night(self, day: date) -> None:
        """A night as it comes; one that was broken is called again, as cron does the next hour."""
        fault = self._fault()
        if fault.kind:
            ended = self.command("daily", "--day", day.isoformat(), fault=fault)
            self.faults[f"{fault.kind} {'hit' if ended.status not in (0, 1) else 'missed'}"] += 1
        ended = self.command("daily", "--day", day.isoformat())
        if ended.status not in (0, 1):
            raise SystemExit(f"{day}: status {ended.status}\n{ended.err}")
        self.nights.append(ended)

    def _fault(self) -> Fault:
        kind = self.chance.choices(["", "kill_after", "kill", "full"], [60, 20, 10, 10])[0]
        usual = self.nights[-1] if self.nights else Ended(0, 50, 2.0, "", "")
        return Fault(kind, self.chance.randint(1, max(usual.steps, 1)), self.chance.uniform(0, usual.seconds))


def main() -> int:
    """0 where everything was made good."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--agencies", type=int, default=100)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--documents", type=int, default=120, help="documents of a working day")
    parser.add_argument("--share", type=float, default=0.01, help="share of connections on which something goes wrong")
    parser.add_argument("--seed", type=int, default=814)
    given = parser.parse_args()
    begun = time.monotonic()
    options = SimulationOptions(
        seed=given.seed, start=BEGIN, end=BEGIN + timedelta(days=given.days), agencies=given.agencies,
        documents_per_day=given.documents, mean_recipients=4, lead_in_days=0, history_weeks=0, outage=False,
        partial=False, unpulled=False,
    )  # fmt: skip
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    province = simulate(options)
    print(f"{given.agencies} agencies, {given.days} days simulated in {time.monotonic() - begun:.0f} s", flush=True)
    try:
        with (
            serve(province, folder / "config") as served,
            faulty_way(served.base_urls, given.share, given.seed) as (way, urls),
            Zygote() as zygote,
        ):
            hurry(served.config)
            _lead_over(served.config / "agencies.toml", served.base_urls, urls)
            soak = Soak(province, served.config, folder, zygote, random.Random(given.seed))  # noqa: S311  # no key
            return _nights(soak, way, begun)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lead_over(path: Path, before: dict[str, str], after: dict[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for agency, url in before.items():
        text = text.replace(f'"{url}"', f'"{after[agency]}"\ntimeout_s = 1.0')
    path.write_text(text, encoding="utf-8")


def _nights(soak: Soak, way: FaultyWay, begun: float) -> int:
    options = soak.province.options
    day = options.start
    while day < options.end:
        soak.night(day)
        if day.day % 10 == 1:
            last = soak.nights[-1]
            told = f"{last.seconds:.1f} s, {last.memory_mib} MiB, {last.handles} handles"
            print(f"{day}: {told}; {time.monotonic() - begun:.0f} s in all", flush=True)
        day += timedelta(days=1)
    way.share = 0.0
    soak.command("probe", "--import", str(soak.config / "probes.jsonl"))
    last_day = (options.end - timedelta(days=1)).isoformat()
    period = ("--from", options.start.isoformat(), "--to", last_day)
    for words in (("pull", *period), ("daily", "--day", last_day)):
        ended = soak.command(*words)
        print(f"{words[0]}: status {ended.status}")
    return _judge(soak, way, period)


def _judge(soak: Soak, way: FaultyWay, period: tuple[str, ...]) -> int:
    options = soak.province.options
    verified = soak.command("verify", "--deep")
    told = [json.loads(line) for line in soak.command("findings", *period, "--format", "jsonl").out.splitlines()]
    found = {row["finding_id"] for row in told}
    expected = {truth.finding_id for truth in soak.province.truth_for(options.start, options.end)}
    memory, handles = [one.memory_mib for one in soak.nights], [one.handles for one in soak.nights]
    faults = [
        f"verify: status {verified.status}: {verified.out[-500:]}{verified.err[-500:]}" if verified.status else "",
        f"{len(expected - found)} findings are missing, {len(found - expected)} invented" if found != expected else "",
        f"a night took {max(memory)} MiB" if max(memory) > MEMORY_MIB_MAX else "",
        f"a night held {max(handles)} handles" if max(handles) > HANDLES_MAX else "",
    ]
    print(f"faults of nights: {dict(sorted(soak.faults.items()))}; on the way: {dict(sorted(way.seen.items()))}")
    print(f"memory of a night {min(memory)} to {max(memory)} MiB, handles {min(handles)} to {max(handles)}")
    print(f"{len(found)} findings, {len(expected)} planted")
    for fault in filter(None, faults):
        print(f"FAULT: {fault}")
    return int(any(faults))


if __name__ == "__main__":
    sys.exit(main())
