"""What a run forked ends with it, also where it is killed in the midst of its work."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

POOL = """
import os, time
from audit.streamed import streamed
def work(number):
    os.write(1, b"%d\\n" % os.getpid())
    time.sleep({seconds})
    return number
list(streamed(work, range(2), 2))
"""
STREAM = """
import os, time
from audit.streamed import streamed
def work(number):
    os.write(1, b"%d\\n" % os.getpid())
    time.sleep(0.5)
    return number
for _ in streamed(work, range(2), 2):
    time.sleep(60)
"""
LAYOUT = """
import os, sys, time
from pathlib import Path
from audit.confined_fork import in_fork
def work():
    os.write(1, b"%d\\n" % os.getpid())
    time.sleep(60)
    return 1
in_fork("weekly_pdf", work, Path(sys.argv[1]))
"""


def is_there(pid: int) -> bool:
    """Whether a process is there, and not only its number waiting to be read by nobody."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks Linux who is there")
@pytest.mark.parametrize(
    ("script", "forks"), [(POOL.format(seconds=60), 2), (STREAM, 2), (LAYOUT, 1)], ids=["busy", "waiting", "layout"]
)
def test_forks_end_with_the_run_that_is_killed(tmp_path: Path, script: str, forks: int) -> None:
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        try:
            pids = [int(run.stdout.readline()) for _ in range(forks)]
            time.sleep(1)  # those of a stream have done their work by then, and wait for more
            there = [pid for pid in pids if is_there(pid)]
        finally:
            run.kill()
    assert there == pids
    deadline = time.monotonic() + 20
    while any(is_there(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = [pid for pid in pids if is_there(pid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert left == []
