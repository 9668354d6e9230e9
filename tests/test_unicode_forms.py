"""audit.unicode_forms: Unicode's own normal forms, but for runs of marks that no language has."""

from __future__ import annotations

import sys
import time
import unicodedata
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import audit
from audit.facts import texts
from audit.findings import topics
from audit.normalise import Normaliser
from audit.registry import Registry
from audit.settings import load_settings
from audit.signatures import components, parties
from audit.sources.register_file.headings import find_header, folded
from audit.sources.register_file.sheets import decode_text
from audit.unicode_forms import MARKS_MAX, nfc, nfd

ACUTE, DOT_BELOW = "\u0301", "\u0323"
TIBETAN = "\u0f73\u0f75\u0f81"
HOSTILE = "a" + ACUTE * 100_000 + DOT_BELOW * 100_000
FORMS = [(nfc, "NFC"), (nfd, "NFD")]


def is_mark(character: str) -> bool:
    return unicodedata.combining(character) != 0 or character in TIBETAN


def cut(text: str) -> str:
    """The text without what exceeds a run's limit, character by character."""
    runs = ((marked, list(run)) for marked, run in groupby(text, is_mark))
    return "".join("".join(run[:MARKS_MAX] if marked else run) for marked, run in runs)


def few_marks(text: str) -> bool:
    return cut(text) == text


MARKED = st.text(st.sampled_from("aếđΐ가ᄀ ་😀" + ACUTE + DOT_BELOW + "\u0344\u0345\U0001d165" + TIBETAN), max_size=200)
RUNS = st.lists(
    st.tuples(st.sampled_from(["", "a", "ế", "ཀ"]), st.sampled_from([ACUTE, DOT_BELOW, "\u0f73"]), st.integers(0, 70))
).map(lambda runs: "".join(letter + mark * times for letter, mark, times in runs))


@pytest.mark.parametrize(("normal", "form"), FORMS)
@given(text=st.one_of(st.text(), MARKED, RUNS).filter(few_marks))
@example(text="Về việc phòng, chống dịch bệnh trên địa bàn")
@example(text="a" * 50 + ACUTE * 30)
def test_texts_of_any_language_have_unicodes_form(normal: Callable[[str], str], form: str, text: str) -> None:
    assert normal(text) == unicodedata.normalize(form, text)  # type: ignore[arg-type]


@pytest.mark.parametrize(("normal", "form"), FORMS)
@given(text=st.one_of(MARKED, RUNS))
@example(text=ACUTE * 31)
@example(text="a" * 30 + ACUTE * 31 + "b" + DOT_BELOW * 62)
def test_of_longer_runs_the_first_marks_stay(normal: Callable[[str], str], form: str, text: str) -> None:
    assert normal(text) == unicodedata.normalize(form, cut(text))  # type: ignore[arg-type]


def test_every_combining_character_counts() -> None:
    """Whatever the Python's Unicode: none that is sorted among marks is overlooked, and no letter is cut."""
    for character in map(chr, range(sys.maxunicode + 1)):
        is_sorted = unicodedata.combining(unicodedata.normalize("NFD", character)[0]) != 0
        assert is_mark(character) == is_sorted, hex(ord(character))
        if is_sorted:
            assert nfd(character * 40) == unicodedata.normalize("NFD", character * MARKS_MAX), hex(ord(character))


@pytest.mark.parametrize(
    "read",
    [
        nfc,
        nfd,
        folded,
        texts.fold,
        texts.without_accents,
        topics.fold,
        parties.folded,
        components.found_in,
        Normaliser([]).text,
        lambda text: decode_text(text.encode()),
        lambda text: find_header([[text] * 5], {}),
        Registry(load_settings()).canonical_code,
    ],
)
@pytest.mark.parametrize(
    "text",
    [HOSTILE, HOSTILE[::-1], ("a" + ACUTE * 29 + DOT_BELOW) * 6_000, "\u0f73" * 200_000, "\U0001d165" * 200_000],
    ids=["a letter", "no letter", "as many as may be", "Tibetan", "beyond the first plane"],
)
def test_marks_cost_no_more_than_letters(read: Callable[[str], object], text: str) -> None:
    began = time.process_time()
    read(text)
    assert time.process_time() - began < 1


def test_nobody_else_normalises_what_strangers_wrote() -> None:
    root = Path(audit.__file__).parent
    callers = {
        path.relative_to(root).as_posix() for path in root.rglob("*.py") if "unicodedata.normalize" in path.read_text()
    }
    assert {path for path in callers if not path.startswith("simulator/")} == {"unicode_forms.py"}
