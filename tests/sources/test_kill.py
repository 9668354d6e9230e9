"""A pull that is killed at any moment goes on where it stopped, and the log is that of a pull that never stopped."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from audit.evidence import Evidence
from audit.log import Log
from audit.pull import pull
from audit.rebuild import Conformer
from audit.registry import Registry
from audit.tables import SCHEMAS
from tests.sources.server import AGENCY, Exchange, LogServer, agency_of, sends, serving, settings_of

DAYS = [date(2021, 2, 3), date(2021, 2, 4)]
PULLS = """
import sys
from datetime import date
from pathlib import Path
from tests.sources.test_kill import pull_all
pull_all(sys.argv[1], Path(sys.argv[2]))
"""


def pull_all(url: str, folder: Path) -> None:
    settings = settings_of(agency_of(url, AGENCY, tables=("sends",)))
    pull(settings, Registry(settings), Evidence(folder), DAYS)


def log_of(url: str, folder: Path, name: str) -> dict[str, bytes]:
    """The bytes of every file of the log that the evidence in `folder` gives."""
    settings = settings_of(agency_of(url, AGENCY, tables=("sends",)))
    log = Log(folder / name)
    Conformer(settings, Registry(settings), Evidence(folder / "evidence"), log).rebuild()
    return {f"{table}/{day}": log.path(table, day).read_bytes() for table in SCHEMAS for day in DAYS}


def unhurried(exchange: Exchange) -> bool:
    """Answers rightly, but takes its time, so that a kill meets any step."""
    time.sleep(0.01)
    return False


@pytest.fixture
def server() -> LogServer:
    with serving({("sends", day.isoformat()): sends(100, day.isoformat()) for day in DAYS}, page_rows=4) as running:
        running.misbehaviour = unhurried
        yield running


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 7))])
def test_killed_and_resumed_is_the_same_log(server: LogServer, tmp_path: Path, seed: int) -> None:
    moments = random.Random(seed)
    for _ in range(3):
        began = len(server.asked)
        child = subprocess.Popen([sys.executable, "-c", PULLS, server.url, str(tmp_path / "killed" / "evidence")])
        end = time.monotonic() + 60
        while len(server.asked) == began and child.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
        time.sleep(moments.uniform(0, 0.4))
        child.kill()
        child.wait(30)
    assert child.returncode in (-9, 0)
    killed = len(server.asked)
    pull_all(server.url, tmp_path / "killed" / "evidence")
    assert len(server.asked) - killed < 50, "it went on, and did not begin anew"
    pull_all(server.url, tmp_path / "whole" / "evidence")
    killed_log, whole_log = (log_of(server.url, tmp_path / name, "log") for name in ("killed", "whole"))
    assert killed_log == whole_log
    assert len(Log(tmp_path / "whole" / "log").read("sends")) == 200
    for day in DAYS:
        assert Evidence(tmp_path / "killed" / "evidence").day(day).damaged() == []
