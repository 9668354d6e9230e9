"""Work of ours on texts of strangers, done in a fork that may write to one folder and nothing else.

Laying out a PDF goes through libraries in C (Pango, HarfBuzz, fontconfig) that were never written for texts of people
who wish us ill. Whoever takes such a process over finds no network, no other program, no data and no secrets on the
disk, and little memory; what it answers is a number in JSON.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from audit.confinement import PROGRAM, Bounds, confine
from audit.errors import RenderError

logger = logging.getLogger(__name__)

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
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(theirs, work, folder, seconds), daemon=True)
    process.start()
    theirs.close()
    try:
        answer = json.loads(ours.recv_bytes(64 * 1024)) if ours.poll(2 * seconds) else {}
    except (EOFError, OSError):
        answer = {}
    finally:
        process.kill()
        process.join()
        ours.close()
    if "made" in answer:
        return int(answer["made"])
    if "failed" in answer:
        raise OSError(*answer["failed"])
    told = answer.get("refused", [edition, "its layout took more time or memory than allowed, or broke off"])
    raise RenderError(str(told[0]), str(told[1]))


def _answer(connection: Connection, work: Callable[[], int], folder: Path, seconds: int) -> None:
    confine(Bounds(MEMORY_BYTES, seconds, FILE_BYTES, (folder,), (*PROGRAM, folder)))
    try:
        answer: dict[str, object] = {"made": work()}
    except RenderError as error:
        answer = {"refused": [error.edition, error.reason]}
    except OSError as error:
        answer = {"failed": [error.errno, error.strerror]}
    except MemoryError:
        answer = {}
    connection.send_bytes(json.dumps(answer).encode())
