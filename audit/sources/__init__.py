"""The kinds of sources, one a module.

A kind's name in ``agencies.toml`` is its module's name; the module tells its class as ``SOURCE``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from audit.errors import ConfigError
from audit.http import HttpClient
from audit.settings import Agency
from audit.source import Access, Source


@cache
def source_class(kind: str) -> type[Source]:
    """The class of a kind of source.

    Raises:
        ConfigError: There is no such kind.
    """
    name = f"{__name__}.{kind}"
    if not kind.isidentifier() or find_spec(name) is None:
        raise ConfigError.of("agencies.toml", "source.kind", kind, "a kind of source that this version has")
    found: type[Source] = import_module(name).SOURCE
    return found


def open_source(agency: Agency, http: HttpClient, canonical: Callable[[str], str]) -> Source:
    """The source of an agency that has one.

    Raises:
        ConfigError: Its kind is unknown, or its token cannot be read.
    """
    if agency.source is None:
        raise ConfigError.of("agencies.toml", f"{agency.code}.source", "(missing)", "how to reach the agency's system")
    return source_class(agency.source.kind)(Access(agency, http, canonical))
