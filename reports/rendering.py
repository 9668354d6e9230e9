"""The one Jinja2 environment: autoescape on, undefined names are errors, templates come from this package alone."""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports import text

TEMPLATES = Path(str(files("reports") / "templates"))
FONTS = Path(str(files("reports") / "fonts"))


def _vietnamese(names: Iterable[str]) -> list[str]:
    """Names in the order of the Vietnamese alphabet."""
    return sorted(names, key=text.sort_key)


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Within, garbage in circles is looked for more seldom; forks made within keep to that.

    A layout is a million small objects that live until the document is written: looking through them time and again
    takes a third of the time, and finds nothing.
    """
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@cache
def environment() -> Environment:
    """The environment; every value is escaped whatever the template is called."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    made.filters |= {
        "day": text.day,
        "count": text.count,
        "number": text.number,
        "shorten": text.shorten,
        "listed": text.listed,
        "vietnamese": _vietnamese,
    }
    return made
