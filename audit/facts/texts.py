"""Texts as rules compare them; each distinct text is read once."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.facts.arrays import Ints, Mask, text_keys
from audit.unicode_forms import caseless, nfd

Texts = npt.NDArray[np.object_]


def fold(text: str) -> str:
    """NFC, without case, white space folded."""
    return " ".join(caseless(text).split())


def without_accents(text: str) -> str:
    """Folded, and the letters without their marks: `Cơ quan chứng thực số` is `co quan chung thuc so`."""
    letters = nfd(fold(text).replace("đ", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def read_each(column: pd.Series, read: Callable[[str], str | None]) -> Texts:
    """`read` of every text; None where it is missing."""
    places, words = pd.factorize(column)
    found = [read(str(word)) for word in words]
    return np.array([*found, None], dtype=object)[places]


def holds_each(column: pd.Series, is_so: Callable[[str], bool]) -> Mask:
    """Whether `is_so` of every text; a missing text is not."""
    places, words = pd.factorize(column)
    return np.array([*(is_so(str(word)) for word in words), False], dtype=bool)[places]


def keys_of(texts: Texts) -> Ints:
    """Hashes by which texts are compared, 0 where missing."""
    return text_keys(pd.Series(texts, dtype="str"))
