"""The command line: options, exit statuses, output forms, log lines, the lock, signals."""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import re
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from audit import cli, lock
from audit.command import Command, Context, ExitStatus
from audit.errors import DataError, LockedError, SourceError
from audit.logging_setup import set_up_logging
from audit.output import write_frame
from audit.period import Period, asked_period, parse_as_of, parse_week
from audit.progress import progress

ROOT = Path(__file__).parent.parent
TODAY = date(2021, 3, 1)

pytestmark = pytest.mark.usefixtures("process_restored")


def run(monkeypatch, *words: str, **commands) -> int:
    """The status of a command line in which only the given commands exist."""
    every = {name: Command(name, "help", work) for name, work in commands.items()}
    monkeypatch.setattr(cli, "find_commands", lambda: every)
    return cli.main(words)


def raising(error: BaseException):
    def work(_context: Context) -> ExitStatus:
        raise error

    return work


def test_readme_holds_the_help():
    environment = os.environ | {"COLUMNS": "80"}
    command = [sys.executable, "run_audit.py", "--help"]
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"```\n(usage: run_audit\.py .*?)```", readme, re.DOTALL)[1]
    assert told.strip() == shown.strip(), "python tools/readme_help.py"


def test_help_imports_nothing_heavy():
    script = "import sys; sys.argv = ['run_audit.py']; from audit import cli; cli.build_parser(cli.find_commands()); print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {"pandas", "numpy", "sqlalchemy", "pydantic", "requests"} & set(told.split()) == set()


@pytest.mark.parametrize(
    "words",
    [
        ["--data", "d", "--quiet", "--log-format", "json", "work"],
        ["work", "--data", "d", "--quiet", "--log-format", "json"],
        ["--data", "d", "work", "--log-format", "json", "--quiet"],
        ["--data", "x", "work", "--data", "d", "--log-format", "json", "--quiet"],
    ],
)
def test_global_options_stand_on_both_sides(monkeypatch, words):
    seen = []

    def work(context: Context) -> ExitStatus:
        arguments = context.arguments
        seen.append((arguments.config, arguments.data, arguments.out, arguments.quiet, arguments.log_format))
        return ExitStatus.DONE

    assert run(monkeypatch, *words, work=work) == 0
    assert seen == [(None, Path("d"), None, True, "json")]


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (LockedError("var/run.lock", "`daily`, process 7"), 5, "process 7"),
        (DataError("ledger", "cannot be opened"), 3, "cannot be opened"),
        (SourceError("H03.12", "gone"), 3, "gone"),
        (ZeroDivisionError("x"), 3, "ZeroDivisionError"),
        (cli.UsageError("--to: 1 is before 2"), 2, "--to: 1 is before 2"),
        (KeyboardInterrupt(), 130, "signal 2"),
        (cli.Terminated(15), 143, "signal 15"),
    ],
)
def test_what_goes_wrong_becomes_a_status(monkeypatch, capsys, error, status, told):
    assert run(monkeypatch, "work", work=raising(error)) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err


def test_wrong_settings_touch_nothing(monkeypatch, capsys, tmp_path):
    config, data = tmp_path / "config", tmp_path / "data"
    config.mkdir()
    (config / "rules.toml").write_text('[limits]\nundelivered_hours = "four"\nno_such = 1\n', encoding="utf-8")
    assert cli.main(["status", "--config", str(config), "--data", str(data)]) == ExitStatus.CONFIG
    err = capsys.readouterr().err
    assert "rules.toml: limits.undelivered_hours = " in err
    assert "rules.toml: limits.no_such = 1" in err
    assert not data.exists()


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["no-such-command"],
        ["status", "--no-such-option"],
        ["--log-format", "xml", "status"],
    ],
)
def test_a_wrong_command_line_is_status_2(words, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(words)
    assert caught.value.code == 2
    assert capsys.readouterr().out == ""


def test_files_are_made_for_owner_and_group_only(monkeypatch, tmp_path):
    def work(_context: Context) -> ExitStatus:
        (tmp_path / "folder").mkdir()
        (tmp_path / "file").write_text("x", encoding="utf-8")
        return ExitStatus.DONE

    run(monkeypatch, "work", work=work)
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640


def test_a_reader_that_has_seen_enough_is_no_error():
    command = f"{sys.executable} run_audit.py rules --format jsonl | head -1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["code"] == "G1"


@pytest.mark.parametrize(
    ("first", "last", "as_of", "expected"),
    [
        (date(2021, 2, 1), date(2021, 2, 7), None, Period(date(2021, 2, 1), date(2021, 2, 8), date(2021, 2, 8))),
        (date(2021, 2, 22), date(2021, 3, 7), None, Period(date(2021, 2, 22), date(2021, 3, 8), TODAY)),
        (date(2021, 2, 28), date(2021, 2, 28), None, Period(date(2021, 2, 28), TODAY, TODAY)),
        (
            date(2021, 2, 1),
            date(2021, 2, 7),
            date(2021, 2, 20),
            Period(date(2021, 2, 1), date(2021, 2, 8), date(2021, 2, 20)),
        ),
    ],
    ids=["over", "still running", "yesterday", "asked for"],
)
def test_as_of_is_the_end_of_the_period_or_of_yesterday(first, last, as_of, expected):
    assert asked_period(first, last, as_of, TODAY) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-02-07", date(2021, 2, 8)),
        ("2021-02-08T00:00:00+07:00", date(2021, 2, 8)),
        ("2021-02-07T17:00:00Z", date(2021, 2, 8)),
        ("2021-02-08T00:00:00", date(2021, 2, 8)),
        ("2021-02-07T23:59:59+07:00", date(2021, 2, 7)),
        ("2021-02-07T16:59:59Z", date(2021, 2, 7)),
        ("2021-02-08T12:00", date(2021, 2, 8)),
    ],
)
def test_an_instant_inside_a_day_is_the_end_of_the_day_before(text, expected):
    assert parse_as_of(text) == expected


@pytest.mark.parametrize("text", ["2021-02-30", "7/2/2021", "soon", "", "2021-02-07T25:00"])
def test_what_is_no_instant_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        parse_as_of(text)


def test_weeks_are_iso_weeks():
    assert parse_week("2021-W05") == Period(date(2021, 2, 1), date(2021, 2, 8), date(2021, 2, 8))
    for text in ("2021-05", "2021-W54", "W05"):
        with pytest.raises(ValueError, match=r"."):
            parse_week(text)


FRAME = pd.DataFrame({
    "agency": ["H03.12", "=HYPERLINK(1)"],
    "day": pd.to_datetime(["2021-02-04", None]).as_unit("s"),
    "at": pd.to_datetime(["2021-02-04T17:00:00.9Z", None], utc=True),
    "late": pd.array([12, None], dtype="Int64"),
    "share": [0.5, np.nan],
    "detail": [{"error_code": "5", "due": pd.NaT, "count": np.int64(2)}, None],
    "basis": [["NĐ 30/2020/NĐ-CP"], []],
    "issued": [date(2021, 2, 4), None],
})  # fmt: skip


def test_json_lines_are_the_wire_form():
    stream = io.StringIO()
    write_frame(FRAME, "jsonl", stream)
    assert [json.loads(line) for line in stream.getvalue().splitlines()] == [
        {
            "agency": "H03.12", "day": "2021-02-04", "at": "2021-02-04T17:00:00Z", "late": 12, "share": 0.5,
            "detail": {"error_code": "5", "due": None, "count": 2}, "basis": ["NĐ 30/2020/NĐ-CP"], "issued": "2021-02-04",
        },
        {
            "agency": "=HYPERLINK(1)", "day": None, "at": None, "late": None, "share": None, "detail": None, "basis": [], "issued": None,
        },
    ]  # fmt: skip
    assert list(json.loads(stream.getvalue().splitlines()[0])) == list(FRAME.columns)


def test_csv_cells_are_no_formulas():
    stream = io.StringIO()
    write_frame(FRAME, "csv", stream)
    rows = list(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))
    assert rows[1]["agency"] == "'=HYPERLINK(1)"
    assert rows[0]["detail"] == '{"error_code": "5", "due": null, "count": 2}'
    assert rows[1]["late"] == ""


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_every_start_of_a_formula_is_guarded(text):
    stream = io.StringIO()
    write_frame(pd.DataFrame({"subject": [text]}), "csv", stream)
    assert next(csv.reader(io.StringIO(stream.getvalue().partition("\n")[2], newline="")))[0].startswith("'")


def test_a_table_is_aligned_and_without_control_signs():
    stream = io.StringIO()
    write_frame(pd.DataFrame({"tên": ["Sở Y tế\x1b[31m", "a" * 60], "count": [3, 12]}), "table", stream)
    head, line, first, second = stream.getvalue().splitlines()
    assert head.startswith("tên ")
    assert head.endswith("  count")
    assert first == "Sở Y tế [31m".ljust(48) + "      3"
    assert second == "a" * 47 + "…     12"
    assert set(line) == {"-", " "}


def test_an_empty_frame_has_a_head_and_no_rows():
    stream = io.StringIO()
    write_frame(FRAME.iloc[:0], "table", stream)
    assert len(stream.getvalue().splitlines()) == 2
    write_frame(FRAME.iloc[:0], "jsonl", stream := io.StringIO())
    assert stream.getvalue() == ""


def test_log_lines_as_json(capsys):
    set_up_logging("json")
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError:
        logging.getLogger("audit.pull").warning(
            "agency %s", "H03.12", exc_info=True, extra={"agency": "H03.12", "day": date(2021, 2, 4)}
        )
    line = json.loads(capsys.readouterr().err)
    assert (line["level"], line["message"], line["agency"], line["day"]) == (
        "WARNING",
        "agency H03.12",
        "H03.12",
        "2021-02-04",
    )
    assert "ZeroDivisionError" in line["traceback"]


def test_log_lines_as_text_cannot_be_faked(capsys):
    set_up_logging("text", quiet=True)
    logging.getLogger("audit.pull").info("not shown")
    logging.getLogger("audit.pull").warning("agency\n2021-02-04T00:00:00Z INFO all is well")
    (line,) = capsys.readouterr().err.splitlines()
    assert "WARNING pull: agency\\n2021-02-04T00:00:00Z INFO all is well" in line


def test_progress_is_plain_lines_where_nobody_watches(capsys):
    set_up_logging("text")
    with progress("pull", 3) as step:
        step.advance(note="H03.12")
        step.advance(2)
    with progress("pull", 3, quiet=True) as silent:
        silent.advance(3)
    with progress("pull", 0) as silent:
        silent.advance(0)
    assert [line.partition("INFO ")[2] for line in capsys.readouterr().err.splitlines()] == ["progress: pull: 3 of 3"]


def test_progress_is_a_bar_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with progress("pull", 2) as step:
        step.advance(note="H03.12")
        step.advance()
    assert "pull" in capsys.readouterr().err


def test_the_lock_names_its_holder(tmp_path):
    script = f"""
import sys, time
from pathlib import Path
from audit.lock import run_lock
with run_lock(Path({str(tmp_path)!r}), "daily"):
    print("held", flush=True)
    time.sleep(30)
"""
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(LockedError, match=rf"`daily`, process {other.pid} on "), lock.run_lock(tmp_path, "pull"):
            pytest.fail("two runs at once")
        other.kill()
    # the system takes the lock of a killed process back; its note may stay
    with lock.run_lock(tmp_path, "pull"):
        assert "`pull`" in lock.holder_of(tmp_path)
    assert lock.holder_of(tmp_path) == ""


def test_sigterm_ends_tidily(tmp_path):
    script = f"""
import sys, time
from pathlib import Path
from audit import cli, command
def work(context):
    with context.workspace.run("work", {{}}) as run:
        print("running", flush=True)
        time.sleep(30)
    return command.ExitStatus.DONE
cli.find_commands = lambda: {{"work": command.Command("work", "", work)}}
sys.exit(cli.main(["work", "--data", {str(tmp_path)!r}]))
"""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, text=True, **pipes) as other:
        assert other.stdout.readline() == "running\n"
        started = time.monotonic()
        other.terminate()
        _, err = other.communicate(timeout=20)
    assert time.monotonic() - started < 15
    assert other.returncode == 143
    assert "ended by signal 15" in err
    assert lock.holder_of(tmp_path) == ""
    told = subprocess.run(
        [sys.executable, "run_audit.py", "status", "--format", "json", "--data", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    (last,) = json.loads(told.stdout)["runs"]
    assert (last["command"], last["exit_status"]) == ("work", 3)


def test_rules_are_listed_with_law_and_policy(capsys):
    assert cli.main(["rules", "--format", "jsonl"]) == 0
    rows = {row["code"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert rows["G1"]["rule"] == "failed_send"
    assert rows["G1"]["title"] == "Văn bản gửi lỗi"
    assert "30/2020/NĐ-CP" in rows["G1"]["basis"]
    assert {row["kind"] for row in rows.values()} <= {"law", "policy", "law, policy"}


def test_right_settings_are_said_to_be_right(capsys):
    assert cli.main(["check-config"]) == 0
    assert "34 agencies" in capsys.readouterr().out


def test_status_of_nothing_is_well(capsys, tmp_path, monkeypatch):
    # also in a December in which nobody has entered the next year's days off yet
    monkeypatch.setattr("audit.pipeline.troubles.years_needed", lambda _today: set())
    assert cli.main(["status", "--format", "json", "--data", str(tmp_path / "none")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["troubles"], told["runs"], told["database"]["state"]) == ([], [], "absent")
    assert not (tmp_path / "none").exists()
    assert cli.main(["status", "--data", str(tmp_path / "none")]) == 0
    assert "all is well" in capsys.readouterr().out
