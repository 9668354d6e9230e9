"""The five dialects over real sockets and folders: what is found is what the plain logs give, as far as they tell it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pytest

from audit.engine import Judgement, judge
from audit.period import Period
from audit.pipeline.demonstration import demonstrate, hurry
from audit.pipeline.dialects import judged_plainly, untold
from audit.pipeline.gathering import conform_days, import_probes, pull_days
from audit.pipeline.judging import judge_inputs
from audit.pipeline.workspace import Workspace
from audit.pull import PullReport
from audit.settings import load_settings
from audit.settings.tells import TELLS
from audit.simulator import Province, SimulationOptions, Truth, serve, simulate
from audit.simulator.dialects import ORDER, Contents, Dialect, assigned
from audit.simulator.dialects.contents import made_of
from audit.trial import try_source, untold_rules

OPTIONS = SimulationOptions(agencies=7, documents_per_day=8, mean_recipients=3, lead_in_days=1, history_weeks=0)
PERIOD = Period(OPTIONS.start, OPTIONS.end, OPTIONS.end)


@dataclass(frozen=True)
class Told:
    """A province that was pulled in its dialects, and judged; and the same from its plain logs."""

    province: Province
    dialects: dict[str, Dialect]
    workspace: Workspace
    report: PullReport
    judgement: Judgement
    plainly: Judgement
    planted: list[Truth]

    def speaking(self, *kinds: str) -> list[str]:
        return [code for code, kind in self.dialects.items() if kind in kinds]


@contextmanager
def judged(options: SimulationOptions, folder: Path) -> Iterator[Told]:
    province = simulate(options)
    dialects = dict(assigned(province))
    with serve(province, folder / "config", dialects=dialects) as served:
        hurry(served.config)
        workspace = Workspace(load_settings(served.config), folder / "var", folder / "out", quiet=True)
        with workspace.run("demo", {}) as run:
            assert served.probes is not None
            import_probes(workspace, served.probes)
            report = pull_days(workspace, run, province.days())
            conform_days(workspace, run)
            run.exit_status = 0
        found = judge(judge_inputs(workspace, PERIOD), PERIOD.start, PERIOD.end, PERIOD.as_of)
        plainly = judged_plainly(workspace, province, dialects, PERIOD, folder / "plain")
        yield Told(province, dialects, workspace, report, found, plainly, province.truth_for(PERIOD.start, PERIOD.end))
        workspace.close()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with judged(OPTIONS, tmp_path_factory.mktemp("dialects")) as found:
        yield found


def counts(judgement: Judgement) -> pd.DataFrame:
    columns = ["rule", "agency", "tested", "breaches", "findings", "not_decided", "outcome"]
    return judgement.outcomes[columns].sort_values(["rule", "agency"], ignore_index=True)


def check(told: Told) -> None:
    """Findings and counts are equal, and whatever was planted and can be told is among them."""
    found, plainly = (set(one.findings["finding_id"]) for one in (told.judgement, told.plainly))
    assert found == plainly
    pd.testing.assert_frame_equal(counts(told.judgement), counts(told.plainly))
    beyond = {truth.finding_id for truth in untold(told.workspace, told.dialects, told.planted)}
    assert {truth.finding_id for truth in told.planted} - beyond <= found


def test_what_is_found_is_what_the_plain_logs_give(told: Told) -> None:
    check(told)
    blamed = told.judgement.findings.groupby("agency").size()
    assert all(blamed.get(code, 0) for code in told.speaking("vxp", "edxml"))


def test_every_dialect_is_spoken_and_every_row_understood(told: Told) -> None:
    assert set(told.dialects.values()) == set(ORDER)
    assert told.workspace.log.read("rejects").empty
    failed = {(entry.agency, entry.day) for entry in told.report.entries if entry.failed_at}
    assert failed == {(failure.agency, failure.day) for failure in told.province.failures}
    rows = {entry.agency: 0 for entry in told.report.entries}
    for entry in told.report.entries:
        rows[entry.agency] += entry.rows
    assert min(rows.values()) > 0


def test_rules_that_a_dialect_cannot_tell_are_not_tested(told: Told) -> None:
    outcomes = told.judgement.outcomes
    for code, kind in told.dialects.items():
        agency = told.workspace.registry.agency(code)
        silent = untold_rules(agency, list(outcomes["rule"].unique()))
        assert len(silent) >= (0 if kind == "log_api" else 8)
        mine = outcomes[(outcomes["agency"] == code) & outcomes["rule"].isin(silent)]
        assert len(mine) == len(silent)
        assert not list(mine.loc[mine["outcome"] != "NOT_TESTED", "rule"]), (code, kind)


def test_no_dialect_tells_more_than_the_settings_say(told: Told) -> None:
    """Columns that a kind cannot tell are empty in its rows, or the comparison would prove nothing."""
    flags = {"deleted", "business_type", "has_recipients", "has_files"}
    for code, kind in told.dialects.items():
        columns = TELLS[kind].columns
        for table in ("documents", "sends", "receipts", "statuses") if columns else ():
            frame = told.workspace.log.read(table, agency=code)
            beyond = set(frame.columns) - columns[table] - flags - {"agency", "log_day", "page", "page_no", "line"}
            own = {"reference", "document_row", "uid_key", "axis_key", "file_key", "due_at", "reason"}
            told_columns = {name for name in beyond - own if frame[name].notna().any()}
            assert not told_columns, (kind, table)


@pytest.mark.parametrize("kind", ORDER)
def test_try_source_understands_every_dialect(told: Told, kind: str) -> None:
    code = told.speaking(kind)[0]
    workspace = told.workspace
    agency = workspace.registry.agency(code)
    trials = try_source(workspace.settings, workspace.registry, agency, OPTIONS.start)
    assert [trial.table for trial in trials] == list(agency.tables)
    assert not [trial.problem for trial in trials if trial.problem]
    assert not [trial.rejects for trial in trials if trial.rejects]
    assert all(trial.understood for trial in trials if trial.table == trials[0].table)


def test_equal_hashes_have_equal_bytes_and_others_do_not() -> None:
    province = simulate(replace(OPTIONS, lead_in_days=0, plant=True))
    before = {id(file): file.sha256 for document in province.documents for file in document.files or ()}
    contents = Contents(province)
    for document in province.documents:
        for file in document.files or ():
            body = contents.of(file.sha256)
            assert len(body) == file.size_bytes
            assert body in (made_of(before[id(file)]), b"")
        for pair in document.pairs:
            for receipt in pair.receipts:
                assert receipt.sha256 is None or contents.of(receipt.sha256).startswith(b"%PDF")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 7))
def test_other_provinces_are_told_alike(seed: int, tmp_path: Path) -> None:
    options = replace(OPTIONS, seed=seed, agencies=12, documents_per_day=30, mean_recipients=5, lead_in_days=7)
    with judged(options, tmp_path) as found:
        check(found)


@pytest.mark.slow
def test_the_demonstration_in_dialects_proves_itself(tmp_path: Path) -> None:
    done = demonstrate(OPTIONS, tmp_path, lambda _line: None, quiet=True, in_dialects=True)
    assert done.equals_truth
    assert done.untold
    assert set(done.agencies()["source"]) == set(ORDER)
    assert json.loads((tmp_path / "config" / "probes.jsonl").read_text(encoding="utf-8").splitlines()[0])
