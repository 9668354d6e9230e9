"""A PostgreSQL server of the tests' own, where its programs are there: on a socket in a folder, gone with the session."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from audit.ledger import Ledger

USER = "audit"
TEMPLATE = "migrated"
SETTINGS = [
    f"--{setting}"
    for setting in (
        "listen_addresses=",
        "fsync=off",
        "full_page_writes=off",
        "synchronous_commit=off",
        "max_connections=20",
    )
]


@dataclass
class Postgres:
    """A running server.

    Attributes:
        folder: where its socket is.
    """

    folder: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def fresh(self) -> str:
        """The URL of a database that nobody has used, with the newest schema."""
        name = f"ledger_{next(self._numbers)}"
        self.do(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return self.url(name)

    def empty(self) -> str:
        """The URL of a database without any table."""
        name = f"empty_{next(self._numbers)}"
        self.do(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://{USER}@/{name}?host={self.folder}"

    def wait(self, running: subprocess.Popen[bytes]) -> None:
        """Return when it answers."""
        until = time.monotonic() + 120
        while True:
            try:
                self.do("SELECT 1")
            except psycopg.OperationalError:
                if running.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.05)
            else:
                return

    def do(self, statement: str) -> None:
        with closing(psycopg.connect(dbname="postgres", user=USER, host=str(self.folder), autocommit=True)) as server:
            server.execute(statement)  # type: ignore[arg-type]


def programs() -> Path | None:
    """Where the server's programs are; None: there are none."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    return max(found, key=lambda path: int(path.parent.name), default=Path(on_path).parent if on_path else None)


@contextmanager
def serving() -> Iterator[Postgres]:
    """A server with an empty, migrated database to copy from."""
    place = programs()
    if place is None:
        raise FileNotFoundError("initdb")
    folder = Path(tempfile.mkdtemp(prefix="audit-pg-", dir="/tmp"))  # a socket's path may not be long
    begin = _beginner(folder)
    try:
        words = [
            str(place / "initdb"),
            "-D",
            "data",
            "-U",
            USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            "--no-locale",
        ]
        assert begin(words).wait(120) == 0
        running = begin([str(place / "postgres"), "-D", "data", "-k", str(folder), *SETTINGS])
        try:
            server = Postgres(folder)
            server.wait(running)
            server.do(f"CREATE DATABASE {TEMPLATE}")
            Ledger(server.url(TEMPLATE)).close()
            yield server
        finally:
            running.send_signal(signal.SIGQUIT)
            running.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _beginner(folder: Path) -> Callable[[list[str]], subprocess.Popen[bytes]]:
    """Begins a program in the folder, not as root: PostgreSQL's would refuse."""
    other: dict[str, Any] = {}
    if os.geteuid() == 0:
        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        someone = known.get("postgres") or known["nobody"]
        os.chown(folder, someone.pw_uid, someone.pw_gid)
        folder.chmod(0o755)
        other = {"user": someone.pw_uid, "group": someone.pw_gid, "extra_groups": []}
    environment, quiet = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, subprocess.DEVNULL
    return lambda words: subprocess.Popen(words, cwd=folder, stdout=quiet, stderr=quiet, env=environment, **other)
