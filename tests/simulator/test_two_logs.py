"""Two logs of one agency: merged, they tell what the fuller one tells, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from audit.engine import Judgement, judge
from audit.period import Period
from audit.pipeline.demonstration import hurry
from audit.pipeline.gathering import conform_days, import_probes, pull_days
from audit.pipeline.judging import judge_inputs
from audit.pipeline.workspace import Workspace
from audit.settings import load_settings
from audit.simulator import Province, SimulationOptions, serve, simulate
from audit.simulator.dialects import Dialect

OPTIONS = SimulationOptions(
    agencies=6, documents_per_day=7, mean_recipients=3, lead_in_days=1, history_weeks=0, outage=False, partial=False
)
PERIOD = Period(OPTIONS.start, OPTIONS.end, OPTIONS.end)
SECOND: tuple[Dialect, ...] = ("vxp", "edxml", "register_file", "lgsp")


@dataclass(frozen=True)
class Merged:
    province: Province
    workspace: Workspace
    judgement: Judgement


def judged(options: SimulationOptions, folder: Path, first: dict[str, Dialect], second: dict[str, Dialect]) -> Merged:
    province = simulate(options)
    with serve(province, folder / "config", dialects=first, further=second) as served:
        hurry(served.config)
        workspace = Workspace(load_settings(served.config), folder / "var", folder / "out", quiet=True)
        with workspace.run("demo", {}) as run:
            assert served.probes is not None
            import_probes(workspace, served.probes)
            pull_days(workspace, run, province.days())
            conform_days(workspace, run)
            run.exit_status = 0
    found = judge(judge_inputs(workspace, PERIOD), PERIOD.start, PERIOD.end, PERIOD.as_of)
    return Merged(province, workspace, found)


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Merged]:
    """Every agency's own plain log, and beside it a second one in one of the dialects."""
    province = simulate(OPTIONS)
    second = {code: SECOND[place % len(SECOND)] for place, code in enumerate(province.offices)}
    found = judged(OPTIONS, tmp_path_factory.mktemp("two"), {}, second)
    yield found
    found.workspace.close()


def test_the_planted_truth_is_found_and_nothing_else(merged: Merged) -> None:
    found = set(merged.judgement.findings["finding_id"])
    planted = {truth.finding_id for truth in merged.province.truth_for(PERIOD.start, PERIOD.end)}
    assert found == planted
    assert merged.judgement.notes["source_contradictions"] == 0


def test_both_logs_are_evidence_and_rows_of_their_own(merged: Merged) -> None:
    day = OPTIONS.start
    counted = merged.workspace.evidence.day(day).counted()
    streams = {(one.table, one.source, one.kind) for one in counted if one.agency == "H03"}
    assert {("sends", "", "log_api"), ("sends", "second", "vxp")} <= streams
    sends = merged.workspace.log.read("sends", [day], agency="H03")
    assert (sends["page_no"] > 1_000_000).sum() == (sends["page_no"] < 1_000_000).sum() > 0


@pytest.mark.slow
def test_what_neither_log_tells_alone_they_tell_together(tmp_path: Path) -> None:
    """A clerk's register and the axis' lists: the register knows the secrecy, the axis what was sent."""
    options = replace(OPTIONS, documents_per_day=10, lead_in_days=2)  # enough for a secret document and a gap
    codes = list(simulate(options).offices)
    first: dict[str, Dialect] = dict.fromkeys(codes, "register_file")
    both = judged(options, tmp_path / "both", first, dict.fromkeys(codes, "vxp"))
    alone = judged(options, tmp_path / "alone", dict.fromkeys(codes, "vxp"), {})
    planted = {truth.finding_id: truth for truth in both.province.truth_for(PERIOD.start, PERIOD.end)}
    together, axis = (set(one.judgement.findings["finding_id"]) for one in (both, alone))
    assert axis <= together
    more = {planted[one].rule for one in together - axis}
    assert {"secret_on_axis", "number_gap"} <= more
    assert together <= set(planted)
    assert both.judgement.notes["source_contradictions"] == 0
    both.workspace.close()
    alone.workspace.close()
