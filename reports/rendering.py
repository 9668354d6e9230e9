"""The one Jinja2 environment: autoescape on, undefined names are errors, templates come from this package alone."""

from collections.abc import Iterable
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
