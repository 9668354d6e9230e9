"""The one Jinja2 environment: autoescape on, undefined names are errors, templates come from this package alone."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from reports import text

_LAST_WORDS, _LAST_LENGTH = 3, 40
TEMPLATES = Path(str(files("reports") / "templates"))
FONTS = Path(str(files("reports") / "fonts"))


def _vietnamese(names: Iterable[str]) -> list[str]:
    """Names in the order of the Vietnamese alphabet."""
    return sorted(names, key=text.sort_key)


def kept(sentence: str) -> Markup:
    """The sentence with its last words in one piece, so that none of them stands alone on the last line."""
    head, *last = sentence.rsplit(" ", _LAST_WORDS)
    if len(last) < _LAST_WORDS or sum(map(len, last)) > _LAST_LENGTH:
        return escape(sentence)
    return Markup('{} <span class="nowrap">{}</span>').format(head, " ".join(last))


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
    }
    return made
