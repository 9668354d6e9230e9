"""What rules about documents share: what is computed once, and what differs from something earlier."""

import gc
import weakref
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.facts.once import once
from audit.facts.reuse import _differing
from audit.rules import CATALOGUE
from tests.rules.harness import Case, document, facts_of, judge_case, send


def test_once_computes_once_and_lets_go_of_the_facts() -> None:
    asked = []

    @once
    def size(facts):
        asked.append(1)
        return np.zeros(len(facts.documents))

    facts = facts_of(Case("one", [document(), send()]))
    assert size(facts) is size(facts)
    assert asked == [1]
    ended = weakref.ref(facts)
    del facts
    gc.collect()
    assert ended() is None


def test_facts_are_let_go_of_after_they_were_judged() -> None:
    facts = facts_of(Case("one", [document(), send()]))
    for rule in CATALOGUE:
        rule.judge(facts)
    ended = weakref.ref(facts)
    del facts
    gc.collect()
    assert ended() is None


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=12))
def test_differing_is_what_comparing_with_every_earlier_row_says(rows: list[tuple[int, int]]) -> None:
    group = np.array([group for group, _ in rows], dtype=np.int64)
    content = np.array([content for _, content in rows], dtype=np.int64)
    comparable, other = _differing(group, content)
    for place, (mine, wanted) in enumerate(rows):
        earlier = [at for at in range(place) if rows[at][0] == mine and rows[at][1] and wanted]
        unlike = [at for at in earlier if rows[at][1] != wanted]
        assert comparable[place] == bool(earlier)
        assert (other[place] in unlike) if unlike else other[place] == -1


@settings(max_examples=10, deadline=None)  # each example is a whole judgement
@given(st.sets(st.integers(1, 60), min_size=1, max_size=12))
def test_every_missing_number_is_found_once(numbers: set[int]) -> None:
    rows = [document(number=str(number)) for number in numbers]
    found = judge_case(Case("series", rows, agencies={"H03.02": {"register_whole": True}}), "number_gap").findings
    ordered = sorted(numbers)
    expected = []
    for before, after in pairwise(ordered):
        missing = range(before + 1, after) if after - before <= 20 else [before + 1]
        expected += [("H03.02", str(number), "", "jump" if after - before > 20 else "") for number in missing]
    assert found == tuple(sorted(expected))
