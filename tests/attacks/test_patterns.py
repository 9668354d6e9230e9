"""Patterns of the settings on texts of strangers: what could be tried for hours is refused, what is taken ends soon."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.settings.patterns import TEXT_LENGTH_MAX, WAYS_MAX, is_bounded, ways

EXPLODING = [
    "(a+)+$", "(a|a)*b", "(?:a|aa)+$", "(a?a)+b", "(a?){30}a{30}", "([a-z]+)*1", "(a*)*", "(.*a){12}", "(x+x+)+y",
    ".*.*=.*", "a.*a.*b", "(a*)(a*)b", "(?=a*a*a*)b", "[^;]*[^,]*;", r"(\w+\s?)*$", "(a)?(?(1)b|c)",
]  # fmt: skip
FINE = [
    "gửi nhầm", r"không\s+thuộc\s+thẩm\s+quyền", "bão.*lũ", "(sai|nhầm) nơi", "(?:covid)?19", "covid.{0,9}19", "(ab?c)+",
    r"\d+/\d+", "^v/v.*", "[+*]+", "(?i:dịch)", r"\bdịch\b", "nơi (?!nhận)", r"số\s*\d{1,5}",
]  # fmt: skip


def test_the_danger_a_few_letters_more_take_a_thousand_times_as_long() -> None:
    """`(?:a|aa)+$` has no repetition within a repetition, and still has as many ways as Fibonacci has rabbits."""

    def seconds(letters: int) -> float:
        begun = time.process_time()
        re.search("(?:a|aa)+$", "a" * letters + "!")
        return time.process_time() - begun

    assert seconds(28) > 20 * min(seconds(14) for _ in range(5))


@pytest.mark.parametrize("pattern", EXPLODING)
def test_what_may_explode_is_refused(pattern: str) -> None:
    assert not is_bounded(pattern)


@pytest.mark.parametrize("pattern", FINE)
def test_what_offices_need_is_taken(pattern: str) -> None:
    assert is_bounded(pattern)


LETTERS = st.sampled_from(["a", "b", ".", "[ab]", r"\w", "[^a]", r"\s"])


def larger(smaller: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    marks = st.sampled_from(["*", "+", "?", "{0,3}", "*?", "{2}", "{5,}"])
    return st.one_of(
        st.tuples(smaller, smaller).map("".join),
        st.tuples(smaller, smaller).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        st.tuples(smaller, marks).map(lambda two: f"(?:{two[0]}){two[1]}"),
        st.tuples(LETTERS, marks).map("".join),
    )


@given(pattern=st.recursive(LETTERS, larger, max_leaves=8))
def test_what_is_taken_ends_soon_on_texts_made_for_it(pattern: str) -> None:
    if not is_bounded(pattern):
        return
    length = 400 if ways(pattern) > 10 else TEXT_LENGTH_MAX
    for text in ("a" * length + "!", "ab" * (length // 2) + "!", " a" * (length // 2) + "\n", "b" * length + "a"):
        begun = time.process_time()
        re.search(f"(?:{pattern})~", text, re.IGNORECASE)
        assert time.process_time() - begun < 5


@pytest.mark.slow
@pytest.mark.parametrize("pattern", FINE)
def test_the_longest_text_takes_a_second_at_most(pattern: str) -> None:
    for unit in ("a", " ", "không ", "bão", "covid", "1", "số 1", "nơi ", "+"):
        text = (unit * TEXT_LENGTH_MAX)[:TEXT_LENGTH_MAX]
        begun = time.process_time()
        re.search(pattern, text, re.IGNORECASE)
        assert time.process_time() - begun < 3, (unit, WAYS_MAX)
