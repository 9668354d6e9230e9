"""Rows that belong together: the same as pandas' joins find, for any keys and instants."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from audit.facts.joins import joined, latest_before

KEYS = st.lists(st.sampled_from([-(2**63), -3, 0, 1, 2, 7, 2**63 - 1]), max_size=12)
ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(-3, 3)), max_size=12)


def columns(rows: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    pairs = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


@given(KEYS, KEYS)
def test_joined_finds_what_a_join_of_frames_finds(left: list[int], right: list[int]) -> None:
    frames = [
        pd.DataFrame({"key": np.array(keys, dtype=np.int64), name: np.arange(len(keys))})
        for keys, name in ((left, "left"), (right, "right"))
    ]
    wanted = frames[0].merge(frames[1], on="key").sort_values(["left", "right"])
    found = joined(np.array(left, dtype=np.int64), np.array(right, dtype=np.int64))
    assert [part.tolist() for part in found] == [wanted["left"].tolist(), wanted["right"].tolist()]


@given(ROWS, ROWS)
def test_the_latest_before_is_the_latest_before(rows: list[tuple[int, int]], others: list[tuple[int, int]]) -> None:
    for or_at in (False, True):
        found = latest_before(*columns(rows), *columns(others), or_at=or_at).tolist()
        for (group, at), place in zip(rows, found, strict=True):
            before = [
                (when, number)
                for number, (other, when) in enumerate(others)
                if other == group and (when <= at if or_at else when < at)
            ]
            assert place == (max(before)[1] if before else -1)
