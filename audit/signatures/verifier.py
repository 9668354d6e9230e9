"""Verification in a child process with bounds of memory, time and size: a hostile file ends the child, not the audit.

The child gets no environment (no token), opens no connection, and answers in JSON that is decoded by type. It serves
many files; whichever ends it is one that could not be read, and the next file gets a new child.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Timer
from typing import Final, Self

import msgspec

from audit.confinement import warn_of_missing
from audit.errors import DataError
from audit.signatures.file_facts import FileFacts, unread
from audit.signatures.trust import Trust

FILES_MAX: Final = 2_000
"""Files after which a child is replaced: what the libraries keep does not grow for ever."""
ANSWER_BYTES_MAX: Final = 8 * 1024 * 1024
START_SECONDS: Final = 60
"""Time for a child to start, on a busy machine."""
GREETING_BYTES_MAX: Final = 100
MEBIBYTE: Final = 1024 * 1024

_ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one file may take.

    Attributes:
        size_bytes: a larger file is not looked at.
        memory_bytes: address space of the child, its programme included.
        cpu_seconds: whole seconds of processor time.
        wall_seconds: time until the answer.
    """

    size_bytes: int = 64 * MEBIBYTE
    memory_bytes: int = 1024 * MEBIBYTE
    cpu_seconds: int = 10
    wall_seconds: float = 30.0


class Task(msgspec.Struct, frozen=True):
    """What a child is told first."""

    certificates: tuple[bytes, ...]
    revocation_lists: tuple[bytes, ...]
    ocsp_answers: tuple[bytes, ...]
    agency_names: tuple[str, ...]
    memory_bytes: int
    cpu_seconds: int


class Answer(msgspec.Struct, frozen=True):
    """What a child says of a file.

    Attributes:
        facts: what the file proves.
        is_last: the file has left the child so large that the next one would pay for it.
    """

    facts: FileFacts
    is_last: bool


class Verifier:
    """Verifies files in a child process. For one thread; close it, or use it as a context manager."""

    def __init__(self, trust: Trust, bounds: Bounds | None = None) -> None:
        self._trust = trust
        self._bounds = bounds or Bounds()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._files = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._connection = self._process = None
        self._files = 0

    def verify(self, pdf: bytes) -> FileFacts:
        """What a file proves; `audit.signatures.verify` within the bounds.

        Raises:
            DataError: no child can be started; no file is at fault.
        """
        if len(pdf) > self._bounds.size_bytes:
            return unread("it is larger than allowed")
        if not pdf:
            return unread("it is empty")
        process, connection = self._child()
        self._files += 1
        overdue = Timer(self._bounds.wall_seconds, process.kill)
        overdue.start()
        try:
            connection.send_bytes(pdf)
            answer = msgspec.json.decode(connection.recv_bytes(ANSWER_BYTES_MAX), type=Answer)
        except (EOFError, OSError, msgspec.DecodeError):
            self.close()
            return unread("it takes more time or memory than allowed")
        finally:
            overdue.cancel()
        if answer.is_last:
            self.close()
        return answer.facts

    def _child(self) -> tuple[subprocess.Popen[bytes], Connection]:
        if self._files >= FILES_MAX:
            self.close()
        if self._process is None or self._connection is None:
            self._process, self._connection = self._start()
        return self._process, self._connection

    def _start(self) -> tuple[subprocess.Popen[bytes], Connection]:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(  # noqa: S603  # this very interpreter and package
                [sys.executable, "-m", "audit.signatures", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                cwd=_ROOT,
                env={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        connection = Connection(ours.detach())
        trust, bounds = self._trust, self._bounds
        names = tuple(sorted(trust.agency_names))
        limits = (bounds.memory_bytes, bounds.cpu_seconds)
        task = Task(trust.certificates, trust.revocation_lists, trust.ocsp_answers, names, *limits)
        try:
            connection.send_bytes(msgspec.msgpack.encode(task))
            if not connection.poll(START_SECONDS):
                raise EOFError
            warn_of_missing(connection.recv_bytes(GREETING_BYTES_MAX).decode("ascii").split())
        except (EOFError, OSError) as error:
            connection.close()
            process.kill()
            process.wait()
            # no file is at fault: the machine is
            raise DataError("signatures", "the process that verifies them does not start") from error
        return process, connection
