"""Work in forks: in order, not far ahead, and a failure is told."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.streamed import AHEAD, cores, streamed

ROOT = Path(__file__).parents[1]
WHO_WORKED = """
import os
from audit.streamed import streamed
processes = set(streamed(lambda _: os.getpid(), range(20), 2))
print(len(processes - {os.getpid()}) > 0, os.getpid() in processes)
"""


def squared(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_come_in_the_order_of_the_pieces(workers: int) -> None:
    results = list(streamed(squared, range(20), workers))
    assert [square for square, _ in results] == [number * number for number in range(20)]


def test_others_work_where_no_thread_would_be_cut_off() -> None:
    """In a process of its own: what other tests began may still have threads here."""
    done = subprocess.run([sys.executable, "-c", WHO_WORKED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_beside_another_thread_the_work_is_done_here() -> None:
    ended = threading.Event()
    other = threading.Thread(target=ended.wait)
    other.start()
    try:
        assert {process for _, process in streamed(squared, range(4), 2)} == {os.getpid()}
    finally:
        ended.set()
        other.join()


def test_workers_are_not_far_ahead_of_who_takes_the_results() -> None:
    taken = 0

    def pieces() -> Iterator[int]:
        nonlocal taken
        for number in range(1_000):
            taken += 1
            yield number

    results = streamed(squared, pieces(), 2)
    next(results)
    assert taken <= 2 * AHEAD + 1
    results.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failure_is_told(workers: int) -> None:
    def work(number: int) -> int:
        return 1 // number

    with pytest.raises(ZeroDivisionError):
        list(streamed(work, [2, 1, 0, 1], workers))


def test_there_is_a_core() -> None:
    assert cores() >= 1
