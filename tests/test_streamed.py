"""Work in forks: in order, not far ahead, and a failure is told."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from audit.streamed import AHEAD, cores, streamed


def squared(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_come_in_the_order_of_the_pieces(workers: int) -> None:
    results = list(streamed(squared, range(20), workers))
    assert [square for square, _ in results] == [number * number for number in range(20)]
    assert ({process for _, process in results} == {os.getpid()}) == (workers == 1)


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
