"""How often the interpreter looks for garbage in circles while millions of small objects are made that stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

THRESHOLD: Final = 200_000
"""Objects made and kept after which the young ones are looked through; Python's own 700 are soon made."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Within, garbage in circles is looked for more seldom; forks made within keep to that.

    Frames, findings and layouts are many small objects that live until the work is done: looking through them, and
    through all that was imported, time and again takes a seventh of a day's judgement and a third of a layout, and
    finds nothing.
    """
    before = gc.get_threshold()
    gc.set_threshold(THRESHOLD, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
