"""Checks around the rules: ids in ``rules.toml``, ``waivers.toml``, ``law.toml``, the labels; what the law cites."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any, Final

from audit.catalogue import CODES, RULE_IDS
from audit.errors import Mistake
from audit.settings.parts import Entry, Parts
from audit.settings.policy import Policy

_A_RULE: Final = f"the id of a rule: {', '.join(RULE_IDS)}"
_EXTRA_KEYS: Final = {"after_law": "missing_timestamp", "merge_series": "number_gap"}
"""Keys of ``[rules.<id>]`` that one rule alone understands."""
_WAIVER_KEYS: Final = frozenset({"rule", "agency", "number", "notation", "issued_date"})


def check_catalogue(parts: Parts) -> Iterator[Mistake]:
    """Mistakes about rules, in all files that name them."""
    yield from _policy(parts)
    yield from _waivers(parts)
    yield from _grounds(parts)
    yield from _citations(parts)
    yield from _labels(parts)


def _policy(parts: Parts) -> Iterator[Mistake]:
    for rule_id, table in parts.table("policy", "rules").items():
        if rule_id not in RULE_IDS:
            yield parts.mistake("policy", f"rules.{rule_id}", table, _A_RULE)
        elif isinstance(table, dict):
            for key, owner in _EXTRA_KEYS.items():
                if key in table and rule_id != owner:
                    allowed = f"no such key here; it belongs to rules.{owner}"
                    yield parts.mistake("policy", f"rules.{rule_id}.{key}", table[key], allowed)


def _waivers(parts: Parts) -> Iterator[Mistake]:
    yield from parts.unknown("waivers", "waivers", "rule", known=RULE_IDS, allowed=_A_RULE)
    for number, entry in parts.entries("waivers", "waivers"):
        if not _WAIVER_KEYS & entry.keys():
            allowed = f"at least one of {', '.join(sorted(_WAIVER_KEYS))}: else everything were waived"
            yield parts.mistake("waivers", f"waivers[{number}]", entry, allowed)


def _grounds(parts: Parts) -> Iterator[Mistake]:
    """Instruments, provisions and policies of the law: ids of their own, references that hold, keys that exist."""
    for key in ("instruments", "provisions", "policies"):
        yield from parts.repeated("law", key, "id")
    known = parts.texts("law", "instruments", "id")
    allowed = "the id of an instrument of this file"
    yield from parts.unknown("law", "provisions", "instrument", known=known, allowed=allowed)
    provisions = parts.texts("law", "provisions", "id")
    for number, entry in parts.entries("law", "policies"):
        if entry.get("id") in provisions:
            yield parts.mistake("law", f"policies[{number}].id", entry["id"], "an id that no provision has")
        if parts.policy is not None:
            yield from _policy_text(parts, parts.policy, number, entry)


def _policy_text(parts: Parts, policy: Policy, number: int, entry: Entry) -> Iterator[Mistake]:
    """A policy's key exists, and its text has no place that the key cannot fill."""
    key, text = entry.get("key", ""), entry.get("text")
    if not isinstance(key, str) or not isinstance(text, str):
        return
    try:
        places = policy.places_of(key)
    except KeyError:
        allowed = "the path of a key of rules.toml, such as limits.undelivered_hours"
        yield parts.mistake("law", f"policies[{number}].key", key, allowed)
        return
    if not _names_only(text, places):
        known = ", ".join(f"{{{place}}}" for place in places) or "none"
        allowed = f"a text whose places in braces are those of its key: {known}"
        yield parts.mistake("law", f"policies[{number}].text", text, allowed)


def _names_only(text: str, places: Mapping[str, Any]) -> bool:
    """Whether what stands in braces are places and nothing more: ``{value.x}`` would look into the program, and
    ``{value:>9999999}`` fill the memory.
    """
    try:
        fields = [field[1:] for field in Formatter().parse(text) if field[1] is not None]
    except ValueError:
        return False
    return all(name in places and not spec and conversion is None for name, spec, conversion in fields)


def _citations(parts: Parts) -> Iterator[Mistake]:
    """Every rule cites something, and only what is there."""
    if parts.law is None:
        return
    grounds = parts.texts("law", "provisions", "id") | parts.texts("law", "policies", "id")
    rules = parts.table("law", "rules")
    for rule_id in RULE_IDS:
        if rule_id not in rules:
            yield parts.mistake("law", f"rules.{rule_id}", None, "at least one provision or policy")
    for rule_id, cited in rules.items():
        if rule_id not in RULE_IDS:
            yield parts.mistake("law", f"rules.{rule_id}", cited, _A_RULE)
        for ground in cited if isinstance(cited, list) else ():
            if isinstance(ground, str) and ground not in grounds:
                allowed = "ids of provisions and policies of this file"
                yield parts.mistake("law", f"rules.{rule_id}", ground, allowed)


def _labels(parts: Parts) -> Iterator[Mistake]:
    """Every rule and every group of rules has a name."""
    rules, groups = parts.table("labels", "rules"), parts.table("labels", "groups")
    if parts.models.get("labels") is None:
        return
    for rule_id in RULE_IDS:
        if rule_id not in rules:
            yield parts.mistake("labels", f"rules.{rule_id}", None, "title and remedy of the rule")
    for rule_id, label in rules.items():
        if rule_id not in RULE_IDS:
            yield parts.mistake("labels", f"rules.{rule_id}", label, _A_RULE)
    for letter in sorted({code[0] for code in CODES} - groups.keys()):
        yield parts.mistake("labels", f"groups.{letter}", None, "the name of the group of rules")
