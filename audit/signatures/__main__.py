"""The child process that verifies files; `audit.signatures.verifier` starts it and is the only one it talks to."""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Final

import msgspec

from audit.confinement import close
from audit.signatures.reading import FileReader
from audit.signatures.trust import Trust
from audit.signatures.verifier import Answer, Task

KIBIBYTE: Final = 1024


def serve(connection: Connection) -> None:
    """Verify what comes, until nothing does."""
    task = msgspec.msgpack.decode(connection.recv_bytes(), type=Task)
    names = frozenset(task.agency_names)
    reader = FileReader(Trust(task.certificates, task.revocation_lists, names, task.ocsp_answers))
    resource.setrlimit(resource.RLIMIT_AS, (task.memory_bytes, task.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    connection.send_bytes(" ".join(close()).encode())
    with suppress(EOFError):
        while True:
            pdf = connection.recv_bytes()
            _allow_seconds(task.cpu_seconds)
            facts = reader.verify(pdf)
            connection.send_bytes(msgspec.json.encode(Answer(facts, is_last=_has_grown_beyond(task.memory_bytes // 2))))


def _has_grown_beyond(limit: int) -> bool:
    """Whether this process ever held more than so many bytes: Python gives them back to itself only."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIBIBYTE > limit


def _allow_seconds(seconds: int) -> None:
    """Let this process use so many more seconds of processor time; then the system ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


if __name__ == "__main__":
    os.nice(5)
    serve(Connection(int(sys.argv[1])))
