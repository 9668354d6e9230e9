"""Work done piece by piece in forks, its results taken one after the other while the next ones are made."""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import Any, Final, TypeVar

from audit.garbage import THRESHOLD
from audit.orphans import end_with

Piece = TypeVar("Piece")
Value = TypeVar("Value")

AHEAD: Final = 2
"""Pieces a worker may be ahead of who takes the results: what lies ready is bounded."""

_work: Callable[[Any], Any] | None = None


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


def streamed(work: Callable[[Piece], Value], pieces: Iterable[Piece], workers: int) -> Iterator[Value]:
    """What `work` gives for each piece, in their order; with several workers made by as many processes.

    The processes are forks: they see what this one has. Where the system cannot fork, or other threads run that a fork
    would cut off, the work is done here.

    Args:
        work: Pieces and what it gives for them can be pickled.
        pieces: What is to be done.
        workers: How many processes may work at once; 1: this one.
    """
    if workers < 2 or "fork" not in multiprocessing.get_all_start_methods() or not _is_alone():
        yield from map(work, pieces)
        return
    context = multiprocessing.get_context("fork")
    waiting = iter(pieces)
    under_way: deque[Future[Value]] = deque()
    with ProcessPoolExecutor(workers, context, initializer=_take_over, initargs=(work, os.getpid())) as pool:
        try:
            under_way.extend(pool.submit(_do, piece) for piece in islice(waiting, AHEAD * workers))
            while under_way:
                value = under_way.popleft().result()
                under_way.extend(pool.submit(_do, piece) for piece in islice(waiting, 1))
                yield value
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _is_alone() -> bool:
    """Whether no thread but this one does anything; tqdm's monitor looks on."""
    others = [one for one in threading.enumerate() if one is not threading.current_thread()]
    return all(type(one).__name__ == "TMonitor" for one in others)


def _take_over(work: Callable[[Any], Any], parent: int) -> None:
    global _work  # noqa: PLW0603  # what a fork works at
    end_with(parent)
    _work = work
    gc.freeze()
    gc.set_threshold(THRESHOLD)


def _do(piece: Any) -> Any:
    if _work is None:
        raise RuntimeError("a worker was not told what to do")
    return _work(piece)
