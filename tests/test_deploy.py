"""What operators are given: the installation into a folder, units, cron lines, and every command of the handbook."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest

from audit import cli
from audit.settings import load_settings

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
HANDBOOK = (ROOT / "docs" / "van-hanh.md").read_text(encoding="utf-8")
UNITS = sorted(path.name for path in DEPLOY.glob("*.service")) + sorted(path.name for path in DEPLOY.glob("*.timer"))


def make(target: str, folder: Path) -> str:
    environment = {"PATH": os.environ["PATH"], "DESTDIR": str(folder)}
    words = ["make", "-s", target]
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def commands(text: str) -> list[list[str]]:
    """The command lines of the program in the shell blocks and inline code of a text."""
    lines = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    lines += [code for code in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text) if " " in code]
    found = []
    for line in lines:
        words = shlex.split(line, comments=True)
        names = [place for place, word in enumerate(words) if word in ("audit-run", "run_audit.py")]
        if names and words[names[0] + 1 :]:
            found.append(words[names[0] + 1 :])
    return found


def parses(words: list[str]) -> bool:
    try:
        cli.build_parser(cli.find_commands()).parse_args(words)
    except SystemExit:
        return False
    return True


def test_install_upgrade_and_uninstall(tmp_path: Path) -> None:
    assert "check-config" in make("install", tmp_path)
    installed = files(tmp_path)
    assert {
        "opt/document-audit/run_audit.py",
        "etc/document-audit/agencies.toml",
        "usr/local/bin/audit-run",
        "etc/logrotate.d/document-audit",
        "usr/lib/tmpfiles.d/document-audit.conf",
        *(f"etc/systemd/system/{unit}" for unit in UNITS),
    } <= installed
    assert not [name for name in installed if "__pycache__" in name]
    for folder in ("etc/document-audit", "var/lib/document-audit/data", "var/backups/document-audit"):
        assert (tmp_path / folder).stat().st_mode & 0o777 == 0o750
    secrets = tmp_path / "etc/document-audit/environment"
    assert secrets.stat().st_mode & 0o777 == 0o640
    # an upgrade replaces the program and nothing that is the deployment's own
    secrets.write_text("TOKEN=x\n")
    (tmp_path / "opt/document-audit/.venv").mkdir()
    (tmp_path / "opt/document-audit/.venv/kept").touch()
    (tmp_path / "opt/document-audit/audit/old.py").touch()
    (tmp_path / "var/lib/document-audit/data/ledger.sqlite").write_text("mine")
    make("install", tmp_path)
    assert secrets.read_text() == "TOKEN=x\n"
    assert files(tmp_path) == installed | {"opt/document-audit/.venv/kept", "var/lib/document-audit/data/ledger.sqlite"}
    make("uninstall", tmp_path)
    left = files(tmp_path)
    assert {name.split("/")[0] for name in left} == {"etc", "var"}
    assert {name for name in left if not name.startswith("etc/document-audit/")} == {
        "var/lib/document-audit/data/ledger.sqlite"
    }


def test_an_environment_that_does_not_work_any_more_is_made_anew(tmp_path: Path) -> None:
    functions = (DEPLOY / "install.sh").read_text().partition('case "${1:-}"')[0]
    old, new = tmp_path / "opt", tmp_path / "opt.new"
    for folder in (old / "requirements", new / "requirements", old / ".venv/bin"):
        folder.mkdir(parents=True)
    python = old / ".venv/bin/python"

    def keeps() -> bool:
        words = ["sh", "-c", f"{functions}\nOPT=$1\nkeeps_environment", "deploy/install.sh", str(old)]
        return subprocess.run(words, cwd=ROOT, check=False).returncode == 0

    (old / "requirements/run.txt").write_text("a==1")
    (new / "requirements/run.txt").write_text("a==1")
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    assert keeps()
    (new / "requirements/run.txt").write_text("a==2")
    assert not keeps()
    (new / "requirements/run.txt").write_text("a==1")
    # what another Python says that finds no library where the old one had them
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
    assert not keeps()
    python.unlink()
    assert not keeps()


def test_what_was_installed_runs(tmp_path: Path) -> None:
    make("install", tmp_path)
    program = tmp_path / "opt/document-audit/run_audit.py"
    words = [sys.executable, str(program), "check-config", "--config", str(tmp_path / "etc/document-audit")]
    told = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert "34 agencies" in told.stdout


ENVIRONMENT = r"""# one NAME=value a line
  # and this, too, is no line

DOLLAR=S$cret$(touch ran)
SIGNS=a&touch ran;b|c`touch ran` # \n*
  BLANKS = no name
BLANKS=two  words\t
SINGLE='it is $mine'
DOUBLE="a "b" c"
ONE="
EMPTY=
export SHELL_WORD=1
9LIVES=1
no value
EQUALS==a=b=
RETURN=windows\r
LAST=unended""".replace("\\t\n", "\t\n").replace("\\r\n", "\r\n")


def test_the_environment_is_data_and_nothing_in_it_is_run(tmp_path: Path) -> None:
    make("install", tmp_path)
    text = (tmp_path / "usr/local/bin/audit-run").read_text()
    for place in ("/etc/document-audit", "/var/lib/document-audit", "/opt/document-audit"):
        text = text.replace(place, f"{tmp_path}{place}")
    (tmp_path / "etc/document-audit/environment").write_text(ENVIRONMENT, newline="")
    python = tmp_path / "opt/document-audit/.venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nenv -0\n")
    python.chmod(0o755)
    clean = {"PATH": os.environ["PATH"]}
    told = subprocess.run(
        ["sh", "-c", text, "audit-run", "status"], env=clean, capture_output=True, text=True, check=True
    )
    found = dict(pair.split("=", 1) for pair in told.stdout.split("\0") if pair)
    assert {name: value for name, value in found.items() if name not in {"PATH", "PWD", "OLDPWD", "_", "SHLVL"}} == {
        "DOLLAR": "S$cret$(touch ran)",
        "SIGNS": "a&touch ran;b|c`touch ran` # \\n*",
        "BLANKS": "two  words",
        "SINGLE": "it is $mine",
        "DOUBLE": 'a "b" c',
        "ONE": '"',
        "EMPTY": "",
        "EQUALS": "=a=b=",
        "RETURN": "windows",
        "LAST": "unended",
    }
    assert [int(line.split()[2]) for line in told.stderr.splitlines()] == [6, 12, 13, 14]
    assert not list(tmp_path.rglob("ran"))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
@pytest.mark.parametrize("unit", UNITS)
def test_units_are_understood(unit: str, tmp_path: Path) -> None:
    for name in UNITS:  # with a program that is there
        text = (DEPLOY / name).read_text().replace("/usr/local/bin/audit-run", "/bin/true")
        (tmp_path / name).write_text(re.sub(r"^(User|Group|Documentation)=.*\n", "", text, flags=re.MULTILINE))
    words = ["systemd-analyze", "verify", "--man=no", str(tmp_path / unit)]
    told = subprocess.run(words, capture_output=True, text=True, check=False)
    assert [line for line in told.stderr.splitlines() if "document-audit" in line] == []


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.endswith(".service")])
def test_services_are_hardened(unit: str) -> None:
    lines = set((DEPLOY / unit).read_text().splitlines())
    assert {
        "User=document-audit",
        "ProtectSystem=strict",
        "PrivateTmp=yes",
        "NoNewPrivileges=yes",
        "ProtectHome=yes",
        "UMask=0027",
    } <= lines
    # with the filter of Debian 12's systemd alone, files of strangers would be read without Landlock
    assert "SystemCallFilter=landlock_create_ruleset landlock_add_rule landlock_restrict_self" in lines


def test_timers_cron_and_units_call_what_there_is() -> None:
    called = [
        line.partition("audit-run ")[2].replace("%%", "%")
        for unit in UNITS
        for line in (DEPLOY / unit).read_text().splitlines()
        if line.startswith("ExecStart=")
    ]
    cron = [line for line in (DEPLOY / "document-audit.cron").read_text().splitlines() if " audit-run " in line]
    assert all(len(line.split(None, 6)) == 7 and line.split()[5] == "document-audit" for line in cron if line[0] != "#")
    called += [line.partition("audit-run ")[2].partition(" >")[0] for line in cron if line[0] != "#"]
    assert len(called) == 7
    assert [line for line in called if not parses(shlex.split(line))] == []


def test_every_command_of_the_handbook_parses() -> None:
    found = commands(HANDBOOK)
    assert len(found) > 30
    assert [words for words in found if not parses(words)] == []
    assert {"daily", "weekly", "backup", "restore", "verify", "status", "deliver", "serve"} <= {
        word for words in found for word in words
    }


def settings_blocks() -> list[str]:
    return re.findall(r"```toml\n(.*?)```", HANDBOOK, re.DOTALL)


@pytest.mark.parametrize(
    ("file", "marker"),
    [("rules.toml", "undelivered_hours"), ("waivers.toml", "[[waivers]]"), ("agencies.toml", "H55.02")],
)
def test_the_settings_of_the_handbook_are_right(tmp_path: Path, file: str, marker: str) -> None:
    (block,) = [block for block in settings_blocks() if marker in block]
    (tmp_path / file).write_text(block, encoding="utf-8")
    if file == "agencies.toml":
        # signers and waivers of the shipped registry are of other agencies
        for name, empty in (("signers.toml", "signers = []"), ("waivers.toml", "waivers = []")):
            (tmp_path / name).write_text(empty)
    load_settings(tmp_path)


def test_the_calendar_of_the_handbook_is_weekdays() -> None:
    (block,) = [block for block in settings_blocks() if "[days_off]" in block]

    days = [date.fromisoformat(day) for day in tomllib.loads(block)["days_off"]["2027"]]
    assert days == sorted(set(days))
    assert all(day.isoweekday() <= 5 for day in days)
