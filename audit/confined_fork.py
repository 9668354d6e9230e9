"""Work of ours on texts of strangers, done in a fork that may write to one folder and nothing else.

Laying out a PDF goes through libraries in C (Pango, HarfBuzz, fontconfig) that were never written for texts of people
who wish us ill. Whoever takes such a process over finds no network, no other program, no data and no secrets on the
disk, and little memory; what it answers is a number in JSON.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import tempfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from audit.confinement import PROGRAM, Bounds, confine, warn_of_missing
from audit.errors import RenderError
from audit.orphans import end_with

MEBIBYTE: Final = 1024 * 1024
MEMORY_BYTES: Final = 3072 * MEBIBYTE
"""Beyond what this process has."""
FILE_BYTES: Final = 512 * MEBIBYTE
SECONDS: Final = 900
"""For a piece of work, on a slow and busy machine: a report takes ten."""


def in_fork(edition: str, work: Callable[[], int], folder: Path, seconds: int = SECONDS) -> int:
    """What `work` gives, done in a confined fork; where the system cannot fork, it is done here.

    Args:
        edition: what it makes, for errors.
        work: makes files in `folder`.
        folder: where it may write.
        seconds: of processor time, and twice as many until the answer.

    Raises:
        RenderError: as `work` raises it; or it took too much, or ended without an answer.
        OSError: a file could not be written.
    """
    if "fork" not in multiprocessing.get_all_start_methods():
        return work()
    with tempfile.TemporaryDirectory(prefix="audit-") as spare:
        answer = _asked(work, (folder, Path(spare)), seconds)
    if "made" in answer:
        return int(answer["made"])
    if "failed" in answer:
        raise OSError(*answer["failed"])
    told = answer.get("refused", [edition, "its layout took more time or memory than allowed, or broke off"])
    raise RenderError(str(told[0]), str(told[1]))


def _asked(work: Callable[[], int], folders: tuple[Path, Path], seconds: int) -> dict[str, Any]:
    """The answer of a fork; nothing where it gave none."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(theirs, work, folders, (seconds, os.getpid())), daemon=True)
    process.start()
    theirs.close()
    try:
        if ours.poll(2 * seconds):
            warn_of_missing(ours.recv_bytes(100).decode("ascii").split())
        answer: dict[str, Any] = json.loads(ours.recv_bytes(64 * 1024)) if ours.poll(2 * seconds) else {}
    except (EOFError, OSError):
        return {}
    else:
        return answer
    finally:
        process.kill()
        process.join()
        ours.close()


def _answer(
    connection: Connection, work: Callable[[], int], folders: tuple[Path, Path], bounds: tuple[int, int]
) -> None:
    """In the fork: the second folder is for files in between; bounds are seconds, and the process that forked."""
    seconds, parent = bounds
    end_with(parent)
    guards = confine(Bounds(MEMORY_BYTES, seconds, FILE_BYTES, folders, (*PROGRAM, *folders)))
    connection.send_bytes(" ".join(guards).encode())
    tempfile.tempdir = str(folders[1])
    try:
        answer: dict[str, object] = {"made": work()}
    except RenderError as error:
        answer = {"refused": [error.edition, error.reason]}
    except OSError as error:
        answer = {"failed": [error.errno, error.strerror, error.filename and str(error.filename)]}
    except MemoryError:
        answer = {}
    connection.send_bytes(json.dumps(answer).encode())
