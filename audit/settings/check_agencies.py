"""Checks around the registry: codes and aliases, links between agencies, sources, who is named elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from audit.errors import Mistake
from audit.settings.agencies import NEEDED_KEYS
from audit.settings.parts import Entry, Parts


def check_agencies(parts: Parts) -> Iterator[Mistake]:
    """Mistakes in and around ``agencies.toml``."""
    yield from parts.repeated("agencies", "agencies", "code")
    yield from _aliases(parts)
    yield from _links(parts)
    for number, entry in parts.entries("agencies", "agencies"):
        yield from _source(parts, number, entry)
    known = parts.texts("agencies", "agencies", "code")
    if known:
        for part in ("signers", "waivers", "recipients"):
            yield from parts.unknown(
                part, part, "agency", known=known, allowed="the code of an agency of agencies.toml"
            )


def _aliases(parts: Parts) -> Iterator[Mistake]:
    """Every alias means one agency, and no code is another's alias."""
    owner = {
        code: number
        for number, entry in reversed(list(parts.entries("agencies", "agencies")))
        if isinstance(code := entry.get("code"), str)
    }
    codes = dict(owner)
    for number, entry in parts.entries("agencies", "agencies"):
        aliases = entry.get("aliases")
        for alias in aliases if isinstance(aliases, list) else ():
            if isinstance(alias, str) and (owner.setdefault(alias, number) != number or alias in codes):
                allowed = f"names of this agency only (agencies[{owner[alias]}] has this one)"
                yield parts.mistake("agencies", f"agencies[{number}].aliases", alias, allowed)


def _links(parts: Parts) -> Iterator[Mistake]:
    """`successor` and `log_of` lead to agencies of the registry, and not in a circle."""
    known = parts.texts("agencies", "agencies", "code")
    for field in ("successor", "log_of"):
        allowed = "the code of an agency of this file"
        yield from parts.unknown("agencies", "agencies", field, known=known, allowed=allowed)
    successors, holders = _link(parts, "successor"), _link(parts, "log_of")
    for number, entry in parts.entries("agencies", "agencies"):
        key, code = f"agencies[{number}]", str(entry.get("code"))
        if _leads_back(code, successors):
            allowed = "a successor from which no way leads back"
            yield parts.mistake("agencies", f"{key}.successor", entry["successor"], allowed)
        if code in successors and "valid_to" not in entry:
            yield parts.mistake("agencies", f"{key}.valid_to", None, "a last day, because there is a successor")
        if code in holders and (holders[code] == code or holders[code] in holders):
            allowed = "another agency, which holds its log itself"
            yield parts.mistake("agencies", f"{key}.log_of", entry["log_of"], allowed)


def _link(parts: Parts, field: str) -> Mapping[str, str]:
    return {
        str(entry.get("code")): target
        for _, entry in parts.entries("agencies", "agencies")
        if isinstance(target := entry.get(field), str)
    }


def _leads_back(code: str, successors: Mapping[str, str]) -> bool:
    passed: set[str] = set()
    at = successors.get(code)
    while at is not None and at != code and at not in passed:
        passed.add(at)
        at = successors.get(at)
    return at == code


def _source(parts: Parts, number: int, entry: Entry) -> Iterator[Mistake]:
    """An agency that is to be pulled has a source, and its further ones have names of their own."""
    key, source = f"agencies[{number}]", entry.get("source")
    if source is None and entry.get("pulled") is True:
        yield parts.mistake("agencies", f"{key}.pulled", True, "false, as long as there is no [agencies.source]")
    if isinstance(source, dict):
        yield from _complete(parts, f"{key}.source", source)
    further = entry.get("more_sources")
    named: set[object] = set()
    for place, other in enumerate(further if isinstance(further, list) else [], start=1):
        if source is None:
            yield parts.mistake("agencies", f"{key}.source", None, "must be given before [[agencies.more_sources]]")
        if isinstance(other, dict):
            yield from _complete(parts, f"{key}.more_sources[{place}]", other)
            if other.get("name") in named:
                yield parts.mistake("agencies", f"{key}.more_sources[{place}].name", other["name"], "one of its own")
            named.add(other.get("name"))


def _complete(parts: Parts, key: str, source: Entry) -> Iterator[Mistake]:
    """A source has what its kind needs."""
    kind = source.get("kind")
    given = {name for name, value in source.items() if value != ""}
    for name in sorted(NEEDED_KEYS.get(kind, frozenset()) - given if isinstance(kind, str) else ()):
        yield parts.mistake("agencies", f"{key}.{name}", None, f"must be given for kind {kind!r}")
    if str(source.get("path", "")).lower().startswith("sftp://"):
        yield from _sftp(parts, key, source)
    for name, other in (("client_cert", "client_key"), ("client_key", "client_cert")):
        if name in given and other not in given:
            yield parts.mistake("agencies", f"{key}.{other}", None, f"must be given beside {name}")


def _sftp(parts: Parts, key: str, source: Entry) -> Iterator[Mistake]:
    """An SFTP server is known by its key, and lets us in by a password or a key of ours."""
    given = {name for name, value in source.items() if value not in ("", None)}
    address = urlsplit(str(source["path"]))
    if "@" in address.netloc or not address.hostname:
        allowed = "sftp://host[:port]/folder; user, password and key stand beside it"
        yield parts.mistake("agencies", f"{key}.path", "(hidden)", allowed)
    for name, others in (
        ("username", ("username",)),
        ("password", ("password", "private_key")),
        ("known_hosts", ("known_hosts", "host_key")),
    ):
        if not given.intersection(others):
            yield parts.mistake("agencies", f"{key}.{name}", None, f"must be given for SFTP: {' or '.join(others)}")
