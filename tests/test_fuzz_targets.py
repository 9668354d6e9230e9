"""The targets of `make fuzz` take their seeds, and a few damaged ones, without atheris."""

from __future__ import annotations

import json
import random

import pytest

from fuzz.targets import TARGETS


@pytest.mark.parametrize("name", sorted(set(TARGETS) - {"signatures"}))
def test_a_target_reads_its_seeds_and_refuses_what_is_damaged(name: str) -> None:
    target, chance = TARGETS[name], random.Random(name)
    seeds = target.seeds()
    assert seeds
    for seed in seeds:
        target.run(seed)
    for _ in range(5):
        body = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 8)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        target.run(bytes(body))


def test_a_page_that_the_pull_would_refuse_is_no_crash() -> None:
    """``items`` may be whatever JSON; the pull refuses what is no array (tests/sources/test_pull.py, "no items")."""
    target = TARGETS["log_api"]
    for seed in target.seeds():
        page = json.loads(seed)
        target.run(json.dumps(page | {"items": None}).encode())
