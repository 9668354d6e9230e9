"""Validation errors as mistakes a person can act on: file, key, value, and what is allowed."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from audit.errors import Mistake

_SECRET_KEYS: Final = frozenset({"token", "secret", "password", "database_password"})
_CREDENTIALS: Final = re.compile(r"//[^/]*@")
_SHOWN: Final = 80
"""Characters of a wrong value that are printed."""

_ALLOWED: Final[Mapping[str, str]] = {
    "missing": "must be given",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "a text",
    "tuple_type": "a list",
    "dict_type": "a table",
    "mapping_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "literal_error": "one of {expected}",
    "enum": "one of {expected}",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "string_pattern_mismatch": "a text of the form {pattern}",
    "string_too_short": "a text of at least {min_length} characters",
    "string_too_long": "a text of at most {max_length} characters",
    "too_short": "at least {min_length} entries",
    "too_long": "at most {max_length} entries",
    "settings": "{allowed}",
}


def mistakes_of(
    file: str, model: type[BaseModel], raw: Mapping[str, Any], error: ValidationError
) -> tuple[Mistake, ...]:
    """All mistakes of one file, one for each key."""
    found: dict[str, Mistake] = {}
    for detail in error.errors(include_url=False):
        if _is_an_echo(detail):
            continue
        place = _on_the_file(raw, detail["loc"])
        key = key_of(place)
        if key in found:
            # a union's other arms: "one of these or that"
            earlier = found[key]
            found[key] = Mistake(file, key, earlier.value, f"{earlier.allowed}, or {_allowed(model, detail)}")
        else:
            found[key] = Mistake(file, key, _value(raw, place, detail), _allowed(model, detail))
    return tuple(found.values())


def _is_an_echo(detail: ErrorDetails) -> bool:
    """Whether a list is called too short only because its wrong entries were not counted."""
    entries = detail["input"]
    return detail["type"] == "too_short" and isinstance(entries, list) and len(entries) >= detail["ctx"]["min_length"]


def key_of(place: tuple[int | str, ...]) -> str:
    """A place as one writes it: ``agencies[3].source.kind``, entries counted from 1."""
    text = ""
    for part in place:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def shown(value: object) -> str:
    """A value of TOML as text, shortened. None is what is not there; an address that may hold a password is hidden."""
    if value is None:
        return "(missing)"
    if isinstance(value, Mapping):
        return "(table)"
    if isinstance(value, str) and _CREDENTIALS.search(value):
        return "(hidden)"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _on_the_file(raw: Any, loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """`loc` without the names that pydantic adds for the arms of a union and the keys of a mapping."""
    place: list[int | str] = []
    node = raw
    for index, part in enumerate(loc):
        last = index == len(loc) - 1
        if isinstance(node, Mapping) and (part in node or last) and part != "[key]":
            place.append(part)
            node = node.get(part)
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            place.append(part)
            node = node[part]
    return tuple(place)


def _value(raw: Any, place: tuple[int | str, ...], detail: ErrorDetails) -> str:
    if detail["type"] == "missing":
        return "(missing)"
    if _SECRET_KEYS.intersection(str(part) for part in place):
        return "(hidden)"
    node = raw
    for part in place:
        node = node[part]
    return shown(node)


def _allowed(model: type[BaseModel], detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        known = _keys_at(model, detail["loc"][:-1])
        return f"no such key; known are {', '.join(sorted(known))}" if known else "no such key"
    if detail["type"] == "literal_error" and detail["ctx"]["expected"] == "''":
        return '""'
    template = _ALLOWED.get(detail["type"])
    return template.format(**detail.get("ctx", {})) if template else detail["msg"]


def _keys_at(model: Any, loc: tuple[int | str, ...]) -> set[str]:
    """Keys that the table at `loc` may hold; empty where it is no table of ours."""
    for part in loc:
        models = list(_models(model))
        field = next((m.model_fields[str(part)] for m in models if str(part) in m.model_fields), None)
        if field is not None:
            model = field.annotation
    return {key for found in _models(model) for key in found.model_fields}


def _models(annotation: Any) -> typing.Iterator[type[BaseModel]]:
    """The models inside an annotation, whatever tuple, mapping or union is around them."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
        return
    for argument in typing.get_args(annotation):
        yield from _models(argument)
