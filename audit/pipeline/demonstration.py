"""The whole job on a simulated province: served on loopback, pulled, judged, reported, and compared with what was
planted.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from audit.period import Period
from audit.pipeline.gathering import conform_days, import_probes, pull_days
from audit.pipeline.jobs import Outcome, report
from audit.pipeline.workspace import Workspace
from audit.settings import SHIPPED, load_settings
from audit.simulator import Province, SimulationOptions, serve, simulate

STAMP: Final = "simulated.sha256"
_SIMULATOR: Final = Path(__file__).parents[1] / "simulator"


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What came of it.

    Attributes:
        province: what was simulated.
        config, data: for looking around afterwards with the other commands.
        outcome: judgement, coverage and reports of the period.
        missed: ids of planted findings that were not found; must be none.
        invented: ids of findings that were not planted; must be none.
    """

    province: Province
    config: Path
    data: Path
    outcome: Outcome
    missed: frozenset[str]
    invented: frozenset[str]

    @property
    def equals_truth(self) -> bool:
        """Whether what was found is exactly what was planted."""
        return not self.missed and not self.invented

    def agencies(self) -> pd.DataFrame:
        """One row an agency: agency, name, rows, rejects, findings, days (complete of due), gaps (in words)."""
        known = self.outcome.coverage
        rows, rejects = (known.groupby("agency")[column].sum() for column in ("rows", "rejects"))
        found = self.outcome.told.findings["agency"].value_counts()
        due = known[known["state"] != "not_due"]
        complete = due.assign(complete=due["state"] == "complete").groupby(["agency", "day"])["complete"].all()
        days, ends = complete.groupby("agency").size(), complete.groupby("agency").sum()
        return pd.DataFrame(
            [
                {
                    "agency": agency.code,
                    "name": agency.name,
                    "rows": int(rows.get(agency.code, 0)),
                    "rejects": int(rejects.get(agency.code, 0)),
                    "findings": int(found.get(agency.code, 0)),
                    "days": f"{ends.get(agency.code, 0)} of {days.get(agency.code, 0)}",
                    "gaps": _gaps(due[due["agency"] == agency.code]),
                }
                for agency in self.province.agencies
            ]
        )


def demonstrate(
    options: SimulationOptions, folder: Path, tell: Callable[[str], None], *, quiet: bool = False
) -> Demonstration:
    """Simulate, serve, pull, judge, report, compare.

    Args:
        options: which province.
        folder: where everything goes: `config/`, `var/`, and the reports. What another simulation left there is
            removed; of the same one nothing is pulled twice.
        tell: gets a line when a step begins.
        quiet: no progress is shown.
    """
    _make_room(folder, options)
    tell(f"simulating {options.agencies} agencies from {options.first_day} to {options.end} (seed {options.seed})")
    province = simulate(options)
    period = Period(options.start, options.end, options.end)
    with serve(province, folder / "config") as served:
        _hurry(served.config)
        workspace = Workspace(load_settings(served.config), folder / "var", folder, quiet=quiet)
        try:
            with workspace.run("demo", {"seed": options.seed, "start": options.start, "end": options.end}) as run:
                tell(f"pulling {len(province.days())} days from {len(served.base_urls)} servers on loopback")
                if served.probes is not None:
                    run.counts["probes"] = len(import_probes(workspace, served.probes).probes)
                pull_days(workspace, run, province.days())
                conform_days(workspace, run)
                tell("judging and reporting")
                outcome = report(workspace, run, period)
                run.exit_status = 0
        finally:
            workspace.close()
    found = frozenset(outcome.told.findings["finding_id"])
    planted = frozenset(truth.finding_id for truth in province.truth_for(period.start, period.end, period.as_of))
    return Demonstration(province, served.config, folder / "var", outcome, planted - found, found - planted)


def _make_room(folder: Path, options: SimulationOptions) -> None:
    """Remove what another simulation left; two provinces in one evidence would contradict each other."""
    digest = hashlib.sha256(repr(options).encode())
    for path in sorted(_SIMULATOR.rglob("*.*")):
        if path.suffix in (".py", ".toml"):
            digest.update(path.read_bytes())
    stamp = folder / STAMP
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest.hexdigest():
        return
    for name in ("var", "config"):
        shutil.rmtree(folder / name, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest.hexdigest(), encoding="ascii")


def _hurry(config: Path) -> None:
    """The shipped `audit.toml` without the long waits between tries: a server on loopback needs no time to recover."""
    text = (SHIPPED / "audit.toml").read_text(encoding="utf-8")
    hurried = re.sub(r"^(wait_first_s|wait_most_s) *= *[\d.]+", r"\1 = 0.05", text, flags=re.MULTILINE)
    (config / "audit.toml").write_text(hurried, encoding="utf-8")


def _gaps(due: pd.DataFrame) -> str:
    """`2021-02-03 missing: documents, sends …; …`."""
    gaps = due[due["state"] != "complete"]
    parts = [
        f"{day:%Y-%m-%d} {state}: {', '.join(rows['table'])}" for (day, state), rows in gaps.groupby(["day", "state"])
    ]
    return "; ".join(parts)
