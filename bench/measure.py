"""Time and memory of a piece of work, told from a child process to the bench as one line of JSON."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Taken:
    """What a piece of work took; processor time with that of its own children."""

    seconds: float = 0.0
    processor_seconds: float = 0.0


@contextmanager
def timed() -> Iterator[Taken]:
    """The time of the block."""
    taken = Taken()
    wall, used = time.perf_counter(), _used()
    yield taken
    taken.seconds, taken.processor_seconds = time.perf_counter() - wall, _used() - used


def report(taken: Taken, **more: Any) -> None:
    """Tell it to whoever started this process; the last line of the output counts."""
    print(
        json.dumps({"seconds": taken.seconds, "processor_seconds": taken.processor_seconds, "peak_mib": peak(), **more})
    )


def peak() -> float:
    """The most memory that this process, or one of its children, held at once, in MiB."""
    kib = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return kib / 1024


def _used() -> float:
    sums = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in sums)
