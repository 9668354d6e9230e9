"""A program of ours that reads files of strangers, as a child process with bounds; it serves one file after the other.

The child has no environment (no token), no network, no file but the program itself, and so much memory and time for
each file. A file that takes more ends the child, not the audit, and is one that could not be read.
"""

from __future__ import annotations

import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from queue import LifoQueue
from typing import Final

from audit.confinement import Bounds, confine, warn_of_missing
from audit.errors import DataError

FILES_MAX: Final = 500
"""Files after which a child is replaced: what libraries keep does not grow for ever."""
ANSWER_BYTES_MAX: Final = 512 * 1024 * 1024
START_SECONDS: Final = 60
GREETING_BYTES_MAX: Final = 100

_ROOT: Final = Path(__file__).parents[1]


class ChildLostError(Exception):
    """The file took more than allowed, or ended the child."""


class ConfinedChild:
    """Asks a program for what it reads in a file; for several threads, one after the other.

    Args:
        module: the program, ``python -m``; it calls `serve`, or greets and answers as that does.
        seconds: of waiting, for a file; its processor time is the program's to limit.
        told_first: what the program is told before it greets; nothing where it is empty.
        files_max: files after which the child is replaced.
        answer_bytes_max: a longer answer ends the child.
    """

    def __init__(
        self,
        module: str,
        seconds: float,
        *,
        told_first: bytes = b"",
        files_max: int = FILES_MAX,
        answer_bytes_max: int = ANSWER_BYTES_MAX,
    ) -> None:
        self._module = module
        self._seconds = seconds
        self._told_first = told_first
        self._files_max = files_max
        self._answer_bytes_max = answer_bytes_max
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._files = 0

    def ask(self, body: bytes) -> bytes:
        """What the program answers for a file.

        Raises:
            ChildLostError: it took more than allowed, or ended the child.
            DataError: no child can be started; no file is at fault.
        """
        with self._lock:
            process, connection = self._child()
            self._files += 1
            overdue = threading.Timer(self._seconds, process.kill)
            overdue.start()
            try:
                connection.send_bytes(body)
                return connection.recv_bytes(self._answer_bytes_max)
            except (EOFError, OSError) as error:
                self._end()
                raise ChildLostError from error
            finally:
                overdue.cancel()

    def close(self) -> None:
        """End the child; the next file gets a new one."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._connection = self._process = None
        self._files = 0

    def _child(self) -> tuple[subprocess.Popen[bytes], Connection]:
        if self._files >= self._files_max or (self._process is not None and self._process.poll() is not None):
            self._end()
        if self._process is None or self._connection is None:
            self._process, self._connection = self._start()
        return self._process, self._connection

    def _start(self) -> tuple[subprocess.Popen[bytes], Connection]:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(  # noqa: S603  # this very interpreter and package
                [sys.executable, "-m", self._module, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                cwd=_ROOT,
                env={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        connection = Connection(ours.detach())
        try:
            if self._told_first:
                connection.send_bytes(self._told_first)
            if not connection.poll(START_SECONDS):
                raise EOFError
            warn_of_missing(connection.recv_bytes(GREETING_BYTES_MAX).decode("ascii").split())
        except (EOFError, OSError) as error:
            connection.close()
            process.kill()
            process.wait()
            raise DataError(self._module, "the process that reads files of strangers does not start") from error
        return process, connection


class ConfinedChildren:
    """Children of one program, for several threads at once; a file that takes long holds one of them.

    Each is started when it is first needed, so where one thread asks there is one.

    Args:
        make: one of them.
        at_once: most of them; together they may take so many times the memory of one.
    """

    def __init__(self, make: Callable[[], ConfinedChild], at_once: int) -> None:
        self._all = tuple(make() for _ in range(at_once))
        self._free: LifoQueue[ConfinedChild] = LifoQueue()
        for child in self._all:
            self._free.put(child)

    def ask(self, body: bytes) -> bytes:
        """As `ConfinedChild.ask`, by one that is free; waits where none is."""
        child = self._free.get()
        try:
            return child.ask(body)
        finally:
            self._free.put(child)

    def close(self) -> None:
        """End them; the next file gets a new one."""
        for child in self._all:
            child.close()


def serve(connection: Connection, work: Callable[[bytes], bytes], bounds: Bounds) -> None:
    """In the child: answer what comes, until nothing does; `bounds.cpu_seconds` are for each file."""
    guards = confine(Bounds(bounds.memory_bytes, 10**6, bounds.file_bytes, bounds.writable, bounds.readable))
    connection.send_bytes(" ".join(guards).encode())
    with suppress(EOFError):
        while True:
            body = connection.recv_bytes()
            used = resource.getrusage(resource.RUSAGE_SELF)
            limit = int(used.ru_utime + used.ru_stime) + 1 + bounds.cpu_seconds
            resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))
            connection.send_bytes(work(body))
