"""One run at a time in a data folder.

The lock is the operating system's (filelock): it goes away with its process, however that ends. Beside it stands a note
of who holds it, for the message of the run that comes second.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from audit.errors import LockedError

LOCK_NAME = "run.lock"
HOLDER_NAME = "run.lock.json"


@contextmanager
def run_lock(data_dir: Path, command: str) -> Iterator[None]:
    """Hold the lock of `data_dir` for the time of the block; do not wait for it.

    Args:
        data_dir: the data folder; made when absent.
        command: what the run does, told to whoever comes second.

    Raises:
        LockedError: another run holds it; `holder` names its process, host, command and start.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(data_dir / LOCK_NAME, timeout=0, mode=0o640)
    try:
        lock.acquire()
    except Timeout:
        raise LockedError(str(data_dir / LOCK_NAME), holder_of(data_dir)) from None
    note = data_dir / HOLDER_NAME
    try:
        note.write_text(json.dumps(_self_description(command)), encoding="utf-8")
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def holder_of(data_dir: Path) -> str:
    """Who holds the lock, in words; empty if nobody left a note."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        note = json.loads((data_dir / HOLDER_NAME).read_text(encoding="utf-8"))
        return f"`{note['command']}`, process {note['pid']} on {note['host']} since {note['since']}"
    return ""


def _self_description(command: str) -> dict[str, object]:
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"command": command, "pid": os.getpid(), "host": socket.gethostname(), "since": since}
