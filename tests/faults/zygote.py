"""Runs commands of `run_audit.py` in forks of itself, with a fault planted in each; a program, not a test.

It has loaded everything already, so that a trial costs what the command does and not what Python needs to start. Tasks
come as JSON lines on the standard input, and how they ended goes out the same way.

Steps that matter are counted: every commit of SQLite, every file that takes another's place, every file that is opened
for writing. A fault is planted at one of them, or after a time.
"""

from __future__ import annotations

import errno
import json
import mmap
import os
import signal
import sqlite3
import struct
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import time_machine

from audit import cli
from audit.pipeline import backing_up, delivering, jobs, proving, pruning
from reports import html, mail, pdf, xlsx

LOADED = (backing_up, delivering, jobs, proving, pruning, html, mail, pdf, xlsx)
CONNECT = sqlite3.connect
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Steps:
    """Counts the steps of a fork, and does what the fault says at the wanted one."""

    def __init__(self, folder: str, kind: str, wanted: int) -> None:
        self._folder, self._kind, self._wanted = folder, kind, wanted
        self._shared = mmap.mmap(-1, 16)
        self._lock = threading.RLock()

    @property
    def count(self) -> int:
        return int(struct.unpack("Q", self._shared[:8])[0])

    @property
    def handles(self) -> int:
        """Files, pipes and sockets that were open at the end; 0 where there was no end."""
        return int(struct.unpack("Q", self._shared[8:])[0])

    def count_handles(self) -> None:
        self._shared[8:] = struct.pack("Q", sum(1 for _ in Path("/proc/self/fd").iterdir()))

    def step(self, *, may_fail: bool) -> None:
        with self._lock:
            number = self.count + 1
            self._shared[:8] = struct.pack("Q", number)
            if number != self._wanted:
                return
            if self._kind == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            elif self._kind == "full" and may_fail:
                raise OSError(errno.ENOSPC, "No space left on device")
            elif self._kind == "full":
                self._shared[:8] = struct.pack("Q", number - 1)  # the next one that can fail

    def hook(self, event: str, given: tuple[Any, ...]) -> None:
        if event == "os.rename":
            if self._is_ours(given[1]):
                self.step(may_fail=True)
        elif event == "open":
            path, _, flags = given
            if isinstance(flags, int) and flags & WRITING and self._is_ours(path):
                self.step(may_fail=True)

    def connect(self, *given: Any, **named: Any) -> sqlite3.Connection:
        """As sqlite3's own, and what is committed counts."""
        connection: sqlite3.Connection = CONNECT(*given, **named)
        connection.set_trace_callback(self._statement)
        return connection

    def _statement(self, text: str) -> None:
        if text.startswith("COMMIT"):
            self.step(may_fail=False)

    def _is_ours(self, path: object) -> bool:
        return isinstance(path, str | Path) and str(path).startswith(self._folder) and not str(path).endswith(".told")


def main() -> None:
    for line in sys.stdin:
        task = json.loads(line)
        print(json.dumps(run(task)), flush=True)


def run(task: dict[str, Any]) -> dict[str, Any]:
    steps = Steps(task["folder"], task["kind"], task["step"])
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        work(task, steps)
    if task["kind"] == "kill_after":
        time.sleep(task["seconds"])
        os.kill(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    return {
        "status": os.waitstatus_to_exitcode(status),
        "steps": steps.count,
        "seconds": time.monotonic() - began,
        "memory_mib": usage.ru_maxrss // 1024,
        "handles": steps.handles,
    }


def work(task: dict[str, Any], steps: Steps) -> NoReturn:
    status = 99
    try:
        for stream, number in ((sys.stdin, 0), (sys.stdout, 1), (sys.stderr, 2)):
            stream.flush() if number else None
            name = os.devnull if number == 0 else f"{task['told']}{number}.told"
            os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC), number)
        sys.addaudithook(steps.hook)
        sqlite3.connect = sqlite3.dbapi2.connect = steps.connect  # type: ignore[assignment, attr-defined]
        if task["days"]:
            time_machine.travel(datetime.now(UTC) + timedelta(days=task["days"])).start()
        status = cli.main(task["words"])
        steps.count_handles()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
