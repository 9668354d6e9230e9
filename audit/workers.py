"""Work done piece by piece, here or in local processes."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

from audit.orphans import end_with

Value = TypeVar("Value")

_work: Callable[[int], Any] | None = None


def each(
    work: Callable[[int], Value], count: int, workers: int, done: Callable[[Value], None] = lambda _: None
) -> list[Value]:
    """What `work` gives for 0…count-1, in this order; with several workers each in one of as many processes.

    The processes are forks: they see what this one has read without its being read or copied again. Where the system
    cannot fork, the work is done here; the results are the same.

    Args:
        work: Pure; what it gives can be pickled.
        count: How many pieces there are.
        workers: How many processes may work at once; 1: this one.
        done: Told each result in this process, in this order, as soon as it is there.
    """
    if min(workers, count) < 2 or "fork" not in multiprocessing.get_all_start_methods():
        return _told(map(work, range(count)), done)
    gc.freeze()  # else the first collection in a fork writes to, and so copies, every page
    try:
        context = multiprocessing.get_context("fork")
        told = (work, os.getpid())
        with ProcessPoolExecutor(min(workers, count), context, initializer=_take_over, initargs=told) as pool:
            return _told(pool.map(_do, range(count)), done)
    finally:
        gc.unfreeze()


def _told(results: Iterable[Value], done: Callable[[Value], None]) -> list[Value]:
    found = []
    for result in results:
        found.append(result)
        done(result)
    return found


def _take_over(work: Callable[[int], Any], parent: int) -> None:
    global _work  # noqa: PLW0603  # what a fork works at
    end_with(parent)
    _work = work


def _do(number: int) -> Any:
    if _work is None:
        raise RuntimeError("a worker was not told what to do")
    return _work(number)
