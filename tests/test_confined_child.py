"""Children that read files of strangers: one that is busy does not hold the others.

What they may do, and what becomes of a file that takes too much: tests/attacks/test_confinement.py.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError

import pytest

from audit.confined_child import ConfinedChild, ConfinedChildren

SLOW, QUICK = b"slow", b"quick"
SECONDS = 30


class Patient(ConfinedChild):
    """Takes a slow file until it is released."""

    def __init__(self) -> None:
        super().__init__("no.program", SECONDS)
        self.begun = threading.Semaphore(0)
        self.released = threading.Event()
        self.asked = 0

    def ask(self, body: bytes) -> bytes:
        self.asked += 1
        if body == SLOW:
            self.begun.release()
            self.released.wait(SECONDS)
        return body


@pytest.fixture
def two() -> list[Patient]:
    return [Patient(), Patient()]


@pytest.fixture
def children(two: list[Patient]) -> ConfinedChildren:
    return ConfinedChildren(iter(two).__next__, len(two))


@pytest.fixture
def threads(two: list[Patient]) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(3) as pool:
        yield pool
        for child in two:
            child.released.set()


def test_one_thread_has_one_child(children: ConfinedChildren, two: list[Patient]) -> None:
    assert [children.ask(QUICK) for _ in range(3)] == [QUICK] * 3
    assert sorted(child.asked for child in two) == [0, 3]


def test_a_file_that_takes_long_holds_one_child_and_not_the_others(
    children: ConfinedChildren, two: list[Patient], threads: ThreadPoolExecutor
) -> None:
    slow = threads.submit(children.ask, SLOW)
    quick = [threads.submit(children.ask, QUICK) for _ in range(3)]
    assert [one.result(SECONDS / 2) for one in quick] == [QUICK] * 3
    assert not slow.done()
    assert sum(child.asked for child in two) == 4


def test_there_are_so_many_children_and_whoever_asks_then_waits(
    children: ConfinedChildren, two: list[Patient], threads: ThreadPoolExecutor
) -> None:
    slow = [threads.submit(children.ask, SLOW) for _ in two]
    for child in two:
        assert child.begun.acquire(timeout=SECONDS)
    quick = threads.submit(children.ask, QUICK)
    with pytest.raises(NotYetError):
        quick.result(0.2)
    two[0].released.set()
    assert quick.result(SECONDS / 2) == QUICK
    two[1].released.set()
    assert [one.result(SECONDS / 2) for one in slow] == [SLOW, SLOW]
