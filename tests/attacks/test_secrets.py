"""Secrets: seen in no list of processes, no log, no traceback, no evidence, no report of a crash.

Settings and representations: tests/test_settings.py; evidence and logs of the axis: tests/sources/test_axis_sources.py.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

from tests.sources.server import Exchange, serving

ROOT = Path(__file__).parents[2]
TOKEN = "t0ken-5f1c8e-never-to-be-seen"
CRASH = "import os, signal; kept = os.environ['TOKEN'] * 3; {guard}; os.kill(os.getpid(), signal.SIGSEGV)"


def settings_for(folder: Path, url: str) -> Path:
    config = folder / "config"
    config.mkdir()
    (config / "agencies.toml").write_text(
        f"""
[province]
code = "H03"
name = "Bắc Kạn"
place = "Bắc Kạn"

[[agencies]]
code = "H03"
name = "UBND tỉnh"
kind = "people_committee_province"

[agencies.source]
kind = "log_api"
base_url = "{url}"
token = "env:AUDIT_TEST_TOKEN"
timeout_s = 20.0
""",
        encoding="utf-8",
    )
    for name in ("signers", "recipients", "waivers"):
        (config / f"{name}.toml").write_text("", encoding="utf-8")
    (config / "audit.toml").write_text("[pull]\nattempts = 1\n", encoding="utf-8")
    return config


def pulling(folder: Path, url: str) -> subprocess.Popen[bytes]:
    words = ["pull", "--from", "2021-02-04", "--to", "2021-02-04", "--config", str(settings_for(folder, url))]
    return subprocess.Popen(
        [sys.executable, "run_audit.py", *words, "--data", str(folder / "var"), "--out", str(folder / "out")],
        cwd=ROOT,
        env={**os.environ, "AUDIT_TEST_TOKEN": TOKEN},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_a_running_pull_shows_its_token_to_nobody(tmp_path: Path) -> None:
    """Not in the list of processes, and after a failure neither in what it wrote nor in what it kept."""
    seen: list[str] = []
    listed: list[bytes] = []

    def look(exchange: Exchange) -> bool:
        seen.append(exchange.headers.get("Authorization", ""))
        listed.extend(path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if os.access(path, os.R_OK))
        exchange.send(b"<html>Internal error</html>", status=200)
        return True

    with serving({}) as server:
        server.misbehaviour = look
        said, _ = pulling(tmp_path, server.url).communicate(timeout=120)
    assert f"Bearer {TOKEN}" in seen, "it was really used"
    assert any(b"run_audit.py" in line for line in listed)
    assert not any(TOKEN.encode() in line for line in listed)
    assert TOKEN.encode() not in said
    kept = [path for path in (tmp_path / "var").rglob("*") if path.is_file()]
    assert any(path.suffix == ".sqlite" for path in kept)
    assert [path for path in kept if TOKEN.encode() in path.read_bytes()] == []


def test_an_error_of_ours_shows_no_token_and_leaves_no_core_file(tmp_path: Path) -> None:
    """A traceback names places in the program and never a value."""
    script = """
import resource, sys
from audit import cli
from audit.http import HttpClient
def broken(self, url, **asked):
    headers = asked["headers"]
    raise RuntimeError("something that nobody thought of")
HttpClient.ask = broken
status = cli.main(sys.argv[1:])
print(resource.getrlimit(resource.RLIMIT_CORE))
sys.exit(status)
"""
    config = settings_for(tmp_path, "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, "-c", script, "pull", "--from", "2021-02-04", "--to", "2021-02-04", "--config", str(config),
         "--data", str(tmp_path / "var")],
        cwd=ROOT, env={**os.environ, "AUDIT_TEST_TOKEN": TOKEN}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert "something that nobody thought of" in done.stderr
    assert TOKEN not in done.stderr + done.stdout
    assert done.stdout.splitlines()[-1] == "(0, 0)"


def crash(folder: Path, guard: str) -> list[Path]:
    """The core files that a process leaves which is allowed them, holds a secret, and crashes."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", CRASH.format(guard=guard)],
        cwd=folder,
        env={**os.environ, "TOKEN": TOKEN, "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (2**28, 2**28)),
        check=False,
        timeout=60,
    )
    assert done.returncode == -signal.SIGSEGV
    return list(folder.iterdir())


def test_a_crash_leaves_no_memory_on_the_disk(tmp_path: Path) -> None:
    pattern = Path("/proc/sys/kernel/core_pattern")
    if pattern.exists() and "/" not in pattern.read_text() and "|" not in pattern.read_text():
        left = crash(tmp_path / "naive", "pass")
        assert left, "the danger"
        assert TOKEN.encode() in left[0].read_bytes()
    guard = "from audit.confinement import without_core_dumps; without_core_dumps()"
    assert crash(tmp_path / "guarded", guard) == []
