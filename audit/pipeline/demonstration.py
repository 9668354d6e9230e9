"""The whole job on a simulated province: served on loopback, pulled, judged, reported, and compared with what was
planted.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pandas as pd

from audit.period import Period
from audit.pipeline.dialects import judged_plainly, untold
from audit.pipeline.gathering import conform_days, import_probes, pull_days
from audit.pipeline.jobs import Outcome, report
from audit.pipeline.verifying import verify_days
from audit.pipeline.workspace import Workspace
from audit.settings import SHIPPED, load_settings
from audit.simulator import Province, SimulationOptions, Truth, serve, simulate
from audit.simulator.dialects import Dialect, assigned

STAMP: Final = "simulated.sha256"
_SIMULATOR: Final = Path(__file__).parents[1] / "simulator"


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What came of it.

    Attributes:
        province: what was simulated.
        config, data: for looking around afterwards with the other commands.
        outcome: judgement, coverage and reports of the period.
        missed: ids of findings that should have been found, and were not; must be none.
        invented: ids of findings that should not have been found; must be none.
        dialects: what each agency speaks; none: all of them the plain interface.
        untold: what was planted, and cannot be told by the dialects of who took part.
    """

    province: Province
    config: Path
    data: Path
    outcome: Outcome
    missed: frozenset[str]
    invented: frozenset[str]
    dialects: Mapping[str, Dialect] = field(default_factory=dict)
    untold: tuple[Truth, ...] = ()

    @property
    def equals_truth(self) -> bool:
        """Whether what was found is exactly what was planted, as far as the dialects can tell it."""
        return not self.missed and not self.invented

    def agencies(self) -> pd.DataFrame:
        """One row an agency.

        Columns: agency, name, source (where there are dialects), rows, rejects, findings, days (complete of due), gaps
        (in words).
        """
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
                    **({"source": self.dialects.get(agency.code, "")} if self.dialects else {}),
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
    options: SimulationOptions,
    folder: Path,
    tell: Callable[[str], None],
    *,
    quiet: bool = False,
    in_dialects: bool = False,
) -> Demonstration:
    """Simulate, serve, pull, judge, report, compare.

    Args:
        options: which province.
        folder: where everything goes: `config/`, `var/`, and the reports. What another simulation left there is
            removed; of the same one nothing is pulled twice.
        tell: gets a line when a step begins.
        quiet: no progress is shown.
        in_dialects: the agencies' systems speak five dialects; what is found is compared with what the same past gives
            in the plain interface, as far as each dialect can tell it.
    """
    _make_room(folder, options, in_dialects=in_dialects)
    tell(f"simulating {options.agencies} agencies from {options.first_day} to {options.end} (seed {options.seed})")
    province = simulate(options)
    period = Period(options.start, options.end, options.end)
    dialects = assigned(province) if in_dialects else {}
    with ExitStack() as stack:
        serving = stack.enter_context(ExitStack())
        served = serving.enter_context(serve(province, folder / "config", dialects=dialects))
        hurry(served.config)
        workspace = Workspace(load_settings(served.config), folder / "var", folder, quiet=quiet)
        stack.callback(workspace.close)
        with workspace.run("demo", {"seed": options.seed, "start": options.start, "end": options.end}) as run:
            tell(f"pulling {len(province.days())} days from {len(served.base_urls)} servers on loopback")
            if served.probes is not None:
                run.counts["probes"] = len(import_probes(workspace, served.probes).probes)
            pull_days(workspace, run, province.days())
            conform_days(workspace, run)
            if province.papers:
                tell(f"fetching and verifying {sum(map(len, province.papers.values()))} files")
                verify_days(workspace, run, [day for day in province.days() if day >= options.start])
            if not dialects:
                serving.close()  # the rest needs no server, and only a process without threads may use both cores
            tell("judging and reporting")
            outcome = report(workspace, run, period)
            run.exit_status = 0
        planted = province.truth_for(period.start, period.end, period.as_of)
        expected, silent = frozenset(truth.finding_id for truth in planted), []
        if dialects:
            tell("judging the same past from the plain logs")
            plainly = judged_plainly(workspace, province, dialects, period, folder / "var" / "plain")
            silent = untold(workspace, dialects, planted)
            # what can be told must be found in both; the rest is what the plain logs, so narrowed, show
            told = expected - {truth.finding_id for truth in silent}
            expected = told | frozenset(plainly.findings["finding_id"])
    found = frozenset(outcome.told.findings["finding_id"])
    return Demonstration(
        province=province,
        config=served.config,
        data=folder / "var",
        outcome=outcome,
        missed=expected - found,
        invented=found - expected,
        dialects=dialects,
        untold=tuple(truth for truth in silent if truth.finding_id not in found),
    )


def _make_room(folder: Path, options: SimulationOptions, *, in_dialects: bool) -> None:
    """Remove what another simulation left; two provinces in one evidence would contradict each other."""
    digest = hashlib.sha256(f"{options!r} {in_dialects}".encode())
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


def hurry(config: Path) -> None:
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
