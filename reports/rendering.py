"""The one Jinja2 environment: autoescape on, undefined names are errors, templates come from this package alone."""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports import text

_LAST_WORDS, _LAST_LENGTH = 3, 40
_NO_BREAK, _JOINER = "\u00a0", "\u2060"
_ABOUT = re.compile(r"\b(V)/(v)\b", re.IGNORECASE)
TEMPLATES = Path(str(files("reports") / "templates"))
FONTS = Path(str(files("reports") / "fonts"))


def _vietnamese(names: Iterable[str]) -> list[str]:
    """Names in the order of the Vietnamese alphabet."""
    return sorted(names, key=text.sort_key)


def kept(sentence: str) -> str:
    """The sentence with its last words in one piece, so that none of them stands alone on the last line.

    By no-break spaces: before an element that must not break, WeasyPrint may break after the first word of its line.
    """
    head, *last = sentence.rsplit(" ", _LAST_WORDS)
    if len(last) < _LAST_WORDS or sum(map(len, last)) > _LAST_LENGTH:
        return sentence
    return f"{head} {_NO_BREAK.join(last)}"


def joined(subject: str) -> str:
    """The subject with no line broken within `V/v`."""
    return _ABOUT.sub(f"\\1/{_JOINER}\\2", subject)


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
        "kept": kept,
        "within": text.within,
        "joined": joined,
    }
    return made
