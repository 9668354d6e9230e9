"""The heartbeat of `serve`: one small JSON file that says when it was last alive and what it does."""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

NAME: Final = "heartbeat.json"


def beat(data: Path, **told: object) -> None:
    """Write the heartbeat; whoever reads it finds the old one or the new one, never half of one."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = json.dumps({"at": now, "pid": os.getpid(), "host": socket.gethostname(), **told}, default=str)
    data.mkdir(parents=True, exist_ok=True)
    beside = data / f".{NAME}.new"
    beside.write_text(body + "\n", encoding="utf-8")
    beside.replace(data / NAME)


def last_beat(data: Path, now: datetime) -> dict[str, Any] | None:
    """The last heartbeat with `age_seconds`; None: there is none, or it cannot be read."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        told = json.loads((data / NAME).read_text(encoding="utf-8"))
        at = datetime.strptime(told["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        return {**told, "age_seconds": int((now - at).total_seconds())}
    return None
