"""The whole line on a small simulated province: real servers on loopback, real reports, an own data folder."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
import pdfplumber
import pytest
from openpyxl import load_workbook

from audit import cli
from audit.ledger import reports, runs
from audit.lock import run_lock
from audit.period import Period
from audit.pipeline import judged as store
from audit.pipeline.demonstration import Demonstration, demonstrate
from audit.pipeline.reading import OWED
from audit.pipeline.report_inputs import deadlines, edition_of, period_before, periods_before, report_inputs
from audit.pipeline.workspace import Workspace
from audit.settings import load_settings
from audit.simulator import SimulationOptions, serve, simulate
from audit.working_time import WorkingCalendar
from reports.figure import Figure
from tests.reports.test_equal_figures import reads_as

OPTIONS = SimulationOptions(agencies=8, documents_per_day=24, mean_recipients=4, lead_in_days=7, history_weeks=0)
WEEK = Period(OPTIONS.start, OPTIONS.end, OPTIONS.end)
DAYS = ("--from", "2021-02-01", "--to", "2021-02-07")

FINDING_KEYS = [
    "finding_id",
    "rule",
    "code",
    "severity",
    "agency",
    "counterpart",
    "sender",
    "number",
    "notation",
    "issued_date",
    "recipient",
    "subject",
    "topic",
    "urgency",
    "anchored_at",
    "deadline_at",
    "observed_at",
    "delay_minutes",
    "extra",
    "detail",
    "basis",
    "evidence",
    "state",
    "first_seen_at",
    "last_seen_at",
]
MEASURE_KEYS = [
    "rule",
    "code",
    "agency",
    "tested",
    "breaches",
    "findings",
    "not_decided",
    "outcome",
    "period_start",
    "period_end",
    "as_of",
]
COVERAGE_KEYS = ["agency", "day", "table", "state", "rows", "rejects", "pages", "failed_at", "reason"]

pytestmark = pytest.mark.usefixtures("process_restored")


@dataclass(frozen=True)
class Done:
    demonstration: Demonstration
    folder: Path

    @property
    def options(self) -> list[str]:
        return [
            "--config",
            str(self.folder / "config"),
            "--data",
            str(self.folder / "var"),
            "--out",
            str(self.folder),
            "--quiet",
        ]

    def run(self, *words: str) -> int:
        return cli.main([*words, *self.options])


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    folder = tmp_path_factory.mktemp("demo")
    return Done(demonstrate(OPTIONS, folder, lambda _line: None, quiet=True), folder)


@pytest.fixture
def copy(done: Done, tmp_path: Path) -> Done:
    """A deployment of its own, to be changed."""
    shutil.copytree(done.folder, tmp_path / "demo", copy_function=shutil.copy2)
    return Done(done.demonstration, tmp_path / "demo")


def rows(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    out, err = capsys.readouterr()
    assert err == ""
    return [json.loads(line) for line in out.splitlines()]


def digests(folder: Path, pattern: str) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob(pattern))
        if path.is_file()
    }


def test_what_was_planted_is_found_and_nothing_else(done: Done) -> None:
    demonstration = done.demonstration
    assert demonstration.province.truth_for(WEEK.start, WEEK.end)
    assert (demonstration.missed, demonstration.invented) == (frozenset(), frozenset())


def test_the_planted_gaps_are_named(done: Done) -> None:
    table = done.demonstration.agencies().set_index("agency")
    assert done.demonstration.province.failures
    for failure in done.demonstration.province.failures:
        told = table.loc[failure.agency, "gaps"]
        assert f"{failure.day} {'missing' if failure.kind == 'down' else 'partial'}" in told
        assert all(name in told for name in failure.tables)
    whole = table[~table.index.isin([failure.agency for failure in done.demonstration.province.failures])]
    assert set(whole["gaps"]) == {""}
    assert table["rows"].sum() > 500


def test_findings_are_the_wire_form_and_equal_the_truth(done: Done, capsys: pytest.CaptureFixture[str]) -> None:
    assert done.run("findings", *DAYS, "--format", "jsonl") == 0
    told = rows(capsys)
    assert list(told[0]) == FINDING_KEYS
    truth = {item.finding_id: item for item in done.demonstration.province.truth_for(WEEK.start, WEEK.end)}
    assert {row["finding_id"] for row in told} == set(truth)
    assert all(
        (row["rule"], row["agency"]) == (truth[row["finding_id"]].rule, truth[row["finding_id"]].agency) for row in told
    )
    assert {row["last_seen_at"] for row in told} == {"2021-02-07T17:00:00Z"}
    assert {row["rule"] for row in told if not row["evidence"]} <= {
        "missing_log",
        "system_outage",
        "expiring_certificate",
    }


def test_measures_count_the_findings(done: Done, capsys: pytest.CaptureFixture[str]) -> None:
    assert done.run("findings", *DAYS, "--format", "jsonl") == 0
    found = Counter((row["rule"], row["agency"]) for row in rows(capsys))
    assert done.run("measures", *DAYS, "--format", "jsonl") == 0
    told = rows(capsys)
    assert list(told[0]) == MEASURE_KEYS
    assert {(row["rule"], row["agency"]): row["findings"] for row in told if row["findings"]} == dict(found)
    assert {(row["period_start"], row["period_end"], row["as_of"]) for row in told} == {
        ("2021-02-01", "2021-02-07", "2021-02-07T17:00:00Z")
    }
    outcome = {
        "PASS": lambda row: row["tested"] and not row["breaches"],
        "FAIL": lambda row: row["breaches"],
        "NOT_TESTED": lambda row: not row["tested"],
    }
    assert all(outcome[row["outcome"]](row) for row in told)


def test_an_agency_and_a_rule_are_asked_for_by_any_of_their_names(
    done: Done, capsys: pytest.CaptureFixture[str]
) -> None:
    assert done.run("measures", *DAYS, "--format", "jsonl", "--agency", "000.00.01.h03", "--rule", "g1") == 0
    assert [(row["agency"], row["rule"]) for row in rows(capsys)] == [("H03.01", "failed_send")]
    assert done.run("measures", *DAYS, "--agency", "H99") == 2
    assert "H99" in capsys.readouterr().err
    assert done.run("measures", *DAYS, "--rule", "Z9") == 2
    assert "Z9" in capsys.readouterr().err


def test_coverage_is_told_for_every_agency_day_and_table(done: Done, capsys: pytest.CaptureFixture[str]) -> None:
    assert done.run("coverage", *DAYS, "--format", "jsonl") == 0
    told = rows(capsys)
    assert list(told[0]) == COVERAGE_KEYS
    assert len(told) == OPTIONS.agencies * 7 * 4
    down = next(failure for failure in done.demonstration.province.failures if failure.kind == "down")
    states = {
        (row["agency"], row["day"]): (row["state"], row["failed_at"]) for row in told if row["state"] == "missing"
    }
    assert states == {(down.agency, str(down.day)): ("missing", "agency")}
    unpulled = set(done.demonstration.province.unpulled)
    assert {row["agency"] for row in told if row["state"] == "not_due"} == unpulled


def test_an_earlier_as_of_sees_less(done: Done, capsys: pytest.CaptureFixture[str]) -> None:
    assert done.run("findings", *DAYS, "--as-of", "2021-02-03", "--format", "jsonl") == 0
    told = rows(capsys)
    truth = done.demonstration.province.truth_for(WEEK.start, WEEK.end, date(2021, 2, 4))
    assert {row["finding_id"] for row in told} == {item.finding_id for item in truth}
    assert done.run("coverage", *DAYS, "--as-of", "2021-02-03", "--format", "jsonl") == 0
    states = {row["day"]: row["state"] for row in rows(capsys) if row["agency"] == "H03"}
    assert [day for day, state in states.items() if state == "not_due"] == [f"2021-02-0{day}" for day in (4, 5, 6, 7)]


def test_reports_are_made_and_noted(done: Done) -> None:
    folder = done.folder / "2021-W05"
    made = {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")}
    agencies = [agency.code for agency in done.demonstration.province.agencies]
    books = {f"don-vi/{code}-2021-W05.{kind}" for code in agencies for kind in ("pdf", "xlsx")}
    wanted = {"bao-cao-2021-W05.pdf", "bao-cao-2021-W05.html", "toan-tinh-2021-W05.xlsx", *books}
    assert {name for name in made if not name.endswith(".json")} == wanted  # letters go with the mails
    workspace = Workspace(load_settings(done.folder / "config"), done.folder / "var", done.folder)
    with workspace.ledger.begin() as connection:
        noted = reports.reports_of(connection, WEEK)
        (run,) = [run for run in runs.last_runs(connection, 99) if run.command == "demo"]
    workspace.close()
    assert {Path(report.path).relative_to(folder).as_posix(): report.sha256 for report in noted} == digests(
        folder, "*.*"
    )
    assert {report.revision for report in noted} == {1}
    assert run.exit_status == 0
    assert run.counts["pull_failures"] == sum(len(failure.tables) for failure in done.demonstration.province.failures)


def test_the_same_figures_stand_in_pdf_workbooks_page_letter_and_measures(
    done: Done, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = done.folder / "2021-W05"
    assert done.run("measures", *DAYS, "--format", "jsonl") == 0
    measured = pd.DataFrame([json.loads(line) for line in capsys.readouterr().out.splitlines()])
    codes = [agency.code for agency in done.demonstration.province.agencies]
    places = {"": ("toan-tinh-2021-W05", "bao-cao-2021-W05", "thu-2021-W05")}
    places |= {
        code: (f"don-vi/{code}-2021-W05", f"don-vi/{code}-2021-W05", f"don-vi/thu-{code}-2021-W05") for code in codes
    }
    for code, (book_name, pdf_name, letter_name) in places.items():
        book = load_workbook(folder / f"{book_name}.xlsx", read_only=True)
        told = list(book["Quy tắc"].iter_rows(min_row=4, values_only=True))
        mine = measured if not code else measured[measured["agency"] == code]
        sums = mine.groupby("code")[["tested", "breaches", "not_decided"]].sum()
        assert {row[0]: row[8:11] for row in told} == {
            rule: (tested, breaches if tested else None, left)  # what nobody could test has no zero
            for rule, (tested, breaches, left) in zip(sums.index, sums.to_numpy(), strict=True)
        }
        letter = json.loads((folder / f"{letter_name}.json").read_text(encoding="utf-8"))["plain"]
        with pdfplumber.open(folder / f"{pdf_name}.pdf") as document:
            page = " ".join(document.pages[0].extract_text(x_tolerance=1.5).split())
        figures = [line[2:].split(" (")[0].rsplit(": ", 1) for line in letter.splitlines() if line.startswith("- ")]
        assert len(figures) == 6
        rows = [row for row in book["Tổng quan"].iter_rows(values_only=True) if isinstance(row[0], str)]
        shown = {row[0]: row[1] for row in reversed(rows)}
        for title, figure in figures:
            assert figure in page
            assert reads_as(Figure(shown[title], figure))
        for sentence in [line[3:] for line in letter.splitlines() if line[:2] in ("1.", "2.", "3.", "4.", "5.")]:
            assert sentence in page
            assert any(row[0].endswith(sentence) for row in rows)
        if not code:
            html = " ".join((folder / f"{pdf_name}.html").read_text(encoding="utf-8").split())
            assert all(f'<span class="now">{figure}</span>' in html for _, figure in figures)


def test_days_before_the_first_evidence_are_missing_and_not_left_out(
    done: Done, capsys: pytest.CaptureFixture[str]
) -> None:
    first = OPTIONS.first_day
    days = ("--from", (first - timedelta(days=2)).isoformat(), "--to", first.isoformat())
    assert done.run("coverage", *days, "--format", "jsonl") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    states = {(row["day"], row["state"]) for row in rows if row["state"] != "not_due"}
    assert {state for day, state in states if day < first.isoformat()} == {"missing"}
    assert len({day for day, _ in states}) == 3


def test_a_second_run_changes_nothing(copy: Done) -> None:
    patterns = {"var/evidence": "*.sqlite", "var/log": "*.parquet", "2021-W05": "*.*"}
    before = {name: digests(copy.folder / name, pattern) for name, pattern in patterns.items()}
    assert all(before.values())
    assert copy.run("weekly", "--week", "2021-W05") == 1
    after = {name: digests(copy.folder / name, pattern) for name, pattern in patterns.items()}
    assert after == before


def test_the_log_is_rebuilt_from_the_evidence_alone(copy: Done, capsys: pytest.CaptureFixture[str]) -> None:
    before = digests(copy.folder / "var/log", "*.parquet")
    shutil.rmtree(copy.folder / "var/log")
    assert copy.run("rebuild") == 0
    assert digests(copy.folder / "var/log", "*.parquet") == before
    assert "days made again" in capsys.readouterr().out


def test_reading_does_not_depend_on_what_was_judged_before(copy: Done, capsys: pytest.CaptureFixture[str]) -> None:
    assert copy.run("findings", *DAYS, "--format", "jsonl") == 0
    before = rows(capsys)
    for name in ("var/judged", "var/log", "var/manifests"):
        shutil.rmtree(copy.folder / name)
    for path in (copy.folder / "var").glob("ledger.sqlite*"):
        path.unlink()
    assert copy.run("findings", *DAYS, "--format", "jsonl") == 0
    history = {"state", "first_seen_at"}  # this ledger knows no night before
    assert [{key: row[key] for key in row.keys() - history} for row in rows(capsys)] == [
        {key: row[key] for key in row.keys() - history} for row in before
    ]


def test_late_data_make_a_revision_that_says_what_changed(copy: Done, capsys: pytest.CaptureFixture[str]) -> None:
    province = simulate(OPTIONS)
    province.failures.clear()
    with serve(province, copy.folder / "config"):
        assert copy.run("pull", *DAYS) == 0
    assert copy.run("findings", *DAYS, "--format", "jsonl") == 0
    out = capsys.readouterr().out.partition("\n")[2]
    whole = {json.loads(line)["finding_id"] for line in out.splitlines()}
    assert copy.run("weekly", "--week", "2021-W05") == 0
    workspace = Workspace(load_settings(copy.folder / "config"), copy.folder / "var", copy.folder)
    with workspace.ledger.begin() as connection:
        noted = {report.edition: report for report in reports.reports_of(connection, WEEK)}
    workspace.close()
    first = set(copy.demonstration.outcome.told.findings["finding_id"])
    changes = noted["weekly_pdf"].changes
    assert noted["weekly_pdf"].revision == 2
    assert set(changes["added"]) == whole - first
    assert set(changes["removed"]) == first - whole
    missing = set(copy.demonstration.outcome.told.findings.query("code == 'H2'")["finding_id"])
    assert missing
    assert missing <= set(changes["removed"])
    assert copy.run("findings", *DAYS, "--resolved", "--format", "jsonl") == 0
    capsys.readouterr()


def test_the_night_pulls_what_is_open_and_judges_the_last_weeks(copy: Done, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(copy.folder / "var")
    with serve(simulate(OPTIONS), copy.folder / "config") as served:
        assert served.base_urls
        assert copy.run("daily", "--day", "2021-02-07") == 1
    assert "2021-02-07: findings" in capsys.readouterr().out
    assert copy.run("findings", *DAYS, "--format", "jsonl") == 0
    # probes were never imported into this folder, and nobody pulls them
    unprobed = {"system_outage", "expiring_certificate"}
    truth = {
        item.finding_id
        for item in copy.demonstration.province.truth_for(WEEK.start, WEEK.end)
        if item.rule not in unprobed
    }
    assert {row["finding_id"] for row in rows(capsys)} == truth
    status = copy.run("status", "--format", "json")
    told = json.loads(capsys.readouterr().out)
    assert status == 1
    assert [run["command"] for run in told["runs"]] == ["daily"]
    assert any("ended with status 1" in trouble for trouble in told["troubles"])


def test_a_run_beside_another_is_refused_and_reading_goes_on(copy: Done, capsys: pytest.CaptureFixture[str]) -> None:
    assert copy.run("measures", *DAYS, "--format", "jsonl") == 0
    before = capsys.readouterr().out
    with run_lock(copy.folder / "var", "pull"):
        for words in (
            ["weekly", "--week", "2021-W05"],
            ["pull", *DAYS],
            ["judge", *DAYS],
            ["rebuild"],
            ["daily", "--day", "2021-02-07"],
        ):
            assert copy.run(*words) == 5
            assert f"`pull`, process {os.getpid()}" in capsys.readouterr().err
        assert copy.run("measures", *DAYS, "--format", "jsonl") == 0
        assert capsys.readouterr().out == before


def test_judging_twice_is_one_revision(copy: Done, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert copy.run("judge", *DAYS) == 1
        assert capsys.readouterr().out.rstrip().endswith("revision 1")


def test_a_waived_finding_stays_visible_and_its_waiver_is_told(copy: Done, capsys: pytest.CaptureFixture[str]) -> None:
    assert copy.run("findings", *DAYS, "--format", "jsonl") == 0
    row = rows(capsys)[0]
    text = f"""
[[waivers]]
rule = "{row["rule"]}"
agency = "{row["agency"]}"
reason = "Chuyển hệ thống"
approver = "Chánh Văn phòng UBND tỉnh"
valid_from = 2021-02-01
valid_to = 2021-02-28
"""
    (copy.folder / "config" / "waivers.toml").write_text(text, encoding="utf-8")
    assert copy.run("findings", *DAYS, "--format", "jsonl") == 0
    told = {each["finding_id"]: each for each in rows(capsys)}
    waived = {key for key, each in told.items() if each["state"] == "waived"}
    assert waived == {
        key for key, each in told.items() if (each["rule"], each["agency"]) == (row["rule"], row["agency"])
    }
    assert told[row["finding_id"]]["detail"]["waiver"]["approver"] == "Chánh Văn phòng UBND tỉnh"
    assert copy.run("measures", *DAYS, "--format", "jsonl", "--rule", row["rule"], "--agency", row["agency"]) == 0
    (measure,) = rows(capsys)
    assert measure["findings"] == len(waived)


def test_a_deployment_without_any_source_has_gaps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is due, nothing is known: that is not a complete week."""
    options = ["--data", str(tmp_path / "var"), "--out", str(tmp_path / "out"), "--quiet"]
    assert cli.main(["judge", *DAYS, *options]) == 1
    assert "findings none" in capsys.readouterr().out
    assert cli.main(["measures", *DAYS, "--format", "jsonl", *options]) == 0
    assert {row["outcome"] for row in rows(capsys)} == {"NOT_TESTED"}


def test_only_the_judgements_used_last_are_kept(done: Done, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "KEPT_MOST", 2)
    judgement = done.demonstration.outcome.told.judgement
    kept = store.JudgedStore(tmp_path)
    keys = [store.key_of(str(number)) for number in range(3)]
    for number, key in enumerate(keys):
        kept.keep(key, judgement)
        os.utime(tmp_path / key, (number, number))
    assert {path.name for path in tmp_path.iterdir()} == set(keys[1:])
    assert kept.load(keys[0]) is None
    again = kept.load(keys[1])
    assert again is not None
    pd.testing.assert_frame_equal(again.findings, judgement.findings)
    kept.keep(keys[0], judgement)  # the one that was asked for last stays
    assert {path.name for path in tmp_path.iterdir()} == {keys[0], keys[1]}


@pytest.mark.parametrize(
    "words",
    [
        ["report", "--from", "2021-02-02", "--to", "2021-02-05"],
        ["findings", "--from", "2021-02-05", "--to", "2021-02-01"],
        ["daily", "--day", "2999-01-01"],
        ["coverage", *DAYS, "--rule", "G1"],
        ["pull", *DAYS, "--agency", "H99"],
        ["rebuild", "--from", "2021-02-05", "--to", "2021-02-01"],
    ],
)
def test_what_makes_no_sense_is_refused(done: Done, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert done.run(*words) == 2
    assert "error: " in capsys.readouterr().err


@pytest.mark.slow
def test_another_simulation_replaces_the_old_one(done: Done, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    (folder / "var").mkdir(parents=True)
    (folder / "var" / "left-over").touch()
    tiny = SimulationOptions(
        seed=7,
        agencies=3,
        documents_per_day=3,
        lead_in_days=1,
        history_weeks=0,
        plant=False,
        outage=False,
        partial=False,
    )
    made = demonstrate(tiny, folder, lambda _line: None, quiet=True)
    assert made.equals_truth
    assert not (folder / "var" / "left-over").exists()


@pytest.mark.parametrize(
    ("start", "end", "edition", "before"),
    [
        (date(2021, 2, 1), date(2021, 2, 8), "weekly", date(2021, 1, 25)),
        (date(2021, 2, 1), date(2021, 3, 1), "monthly", date(2021, 1, 1)),
        (date(2021, 1, 1), date(2021, 2, 1), "monthly", date(2020, 12, 1)),
        (date(2021, 1, 1), date(2021, 4, 1), "quarterly", date(2020, 10, 1)),
        (date(2021, 2, 2), date(2021, 2, 9), None, date(2021, 1, 26)),
        (date(2021, 2, 1), date(2021, 5, 1), None, None),
    ],
)
def test_periods_have_editions(start: date, end: date, edition: str | None, before: date | None) -> None:
    period = Period(start, end, end)
    assert edition_of(period) == edition
    if before is not None:
        assert period_before(period) == Period(before, start, start)


def test_twelve_weeks_end_with_the_reported_one() -> None:
    past = periods_before(WEEK, 11)
    assert [each.start for each in past] == [WEEK.start - timedelta(weeks=back) for back in range(11, 0, -1)]
    assert all(each.as_of == each.end for each in past)


def test_deadlines_are_working_days_after_the_report() -> None:
    """A report of the week to 7 February 2021 is made on Monday the 8th; Tết begins on Wednesday the 10th."""
    calendar = WorkingCalendar(load_settings().calendar)
    asked = deadlines(calendar, date(2021, 2, 8))
    assert asked.urgent_at == datetime(2021, 2, 9, 11, 30)
    assert asked.regular_at == datetime(2021, 2, 22, 17, 0)
    assert [each.day for each in asked.closings] == [8, 9, 17, 18, 19, 22]
    assert {each.hour for each in asked.closings} == {17}
    assert deadlines(calendar, date(2021, 2, 7)).closings[0] == datetime(2021, 2, 8, 17, 0), (
        "a Sunday has no end of work"
    )


def test_what_ends_by_itself_is_due_before_it_ends() -> None:
    asked = deadlines(WorkingCalendar(load_settings().calendar), date(2021, 2, 8))
    assert asked.before(datetime(2021, 2, 20)) == datetime(2021, 2, 19, 17, 0)
    assert asked.before(datetime(2021, 2, 16, 9, 0)) == datetime(2021, 2, 9, 17, 0), "before Tết"
    assert asked.before(datetime(2021, 3, 9)) == asked.regular_at
    assert asked.before(datetime(2021, 2, 5)) == asked.urgent_at


def test_findings_owed_from_before_are_told_apart(done: Done) -> None:
    workspace = Workspace(load_settings(done.folder / "config"), done.folder / "var", done.folder, quiet=True)
    try:
        inputs = report_inputs(workspace, done.demonstration.outcome.told, WEEK)
    finally:
        workspace.close()
    own = set(done.demonstration.outcome.told.findings["finding_id"])
    findings = inputs.findings[inputs.findings["state"] != "resolved"]
    assert set(findings.loc[~findings["is_carried"], "finding_id"]) == own
    carried = findings[findings["is_carried"]]
    assert set(carried["rule"]) <= OWED
    assert carried["observed_at"].isna().all()
    assert not set(carried["finding_id"]) & own
    assert inputs.issuer.notation == "STTTT"
    assert list(inputs.history["period_start"].unique()) == [date(2021, 1, 25), date(2021, 2, 1)]
