"""Steps → Vietnamese sentences, by the templates of ``wording.vi.toml``."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from audit.explain.step import AgencyName, Plain, Rest, Step, Value, Word
from audit.settings import Labels
from reports import text

TEMPLATES: Final = Path(__file__).with_name("wording.vi.toml")
AT_THE_END: Final = "end"
"""Format of a limit: midnight is the 24:00 of the day that it ends, ``{deadline:end}``."""
_WEEKDAYS: Final = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_DAY: Final = timedelta(days=1)
_VALUE_LENGTH_MAX: Final = 400
"""Longest text of the log inside a sentence; the whole of it stands in the raw line."""


class Wording:
    """Makes sentences.

    Args:
        labels: the words that codes stand for.
    """

    def __init__(self, labels: Labels) -> None:
        self._labels: Final = labels
        self._formatter: Final = _Formatter(self)

    def sentence(self, step: Step) -> str:
        """The sentence of a step.

        Raises:
            KeyError: there is no such template, or a value that it names is not there.
        """
        return text.sentence(self._formatter.vformat(template(step.key), (), dict(step.values)))

    def heading(self, name: str) -> str:
        """The heading of a section."""
        return template(f"headings.{name}")

    def value(self, value: Value, form: str = "") -> str:
        """A value inside a sentence."""
        if isinstance(value, tuple):
            return text.listed([self._plain(one, form) for one in value])
        return self._plain(value, form)

    def _plain(self, value: Plain, form: str) -> str:
        match value:
            case datetime():
                return _moment(value, form)
            case date():
                return weekday_and_day(value)
            case AgencyName(code=code, name=""):
                return self._formatter.vformat(template("values.unknown_agency"), (), {"code": code})
            case AgencyName(code=code, name=name):
                return f"{text.clean(name)} ({text.clean(code)})"
            case Rest():
                return self._rest(value)
            case Word():
                return text.clean(self._word(value))
            case int():
                return text.number(value)
            case str():
                return text.clean(value, _VALUE_LENGTH_MAX)

    def _rest(self, rest: Rest) -> str:
        kind = "holiday" if rest.holiday else "weekend"
        key = f"values.{kind}_day" if rest.first == rest.last else f"values.{kind}"
        return self._formatter.vformat(template(key), (), {"first": rest.first, "last": rest.last})

    def _word(self, word: Word) -> str:
        """The label of a code, else the explanation's own word for it, else the code itself."""
        words: Mapping[str, str] = getattr(self._labels, word.section, {})
        return words.get(word.code) or _templates().get(f"words.{word.section}.{word.code}", word.code)


class _Formatter(string.Formatter):
    """Places in braces are names only: no attributes, no items, no positions."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[Any, str]:  # noqa: ARG002  # as the base class calls it
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        return self._wording.value(value, format_spec)


def template(key: str) -> str:
    """A template by its path. Raises KeyError for one that is not there."""
    return _templates()[key]


def has_template(key: str) -> bool:
    """Whether there is such a template."""
    return key in _templates()


def template_keys() -> frozenset[str]:
    """The paths of all templates."""
    return frozenset(_templates())


def weekday_and_day(day: date) -> str:
    """`thứ Sáu 05/02/2021`."""
    return f"{_WEEKDAYS[day.weekday()]} {text.day(day)}"


def _moment(instant: datetime, form: str) -> str:
    """`16 giờ 59 phút thứ Sáu 05/02/2021`; as a limit midnight is `24 giờ` of the day before."""
    at = text.local(instant)
    if form == AT_THE_END and (at.hour, at.minute, at.second) == (0, 0, 0):
        return f"24 giờ {weekday_and_day((at - _DAY).date())}"
    seconds = f" {at.second:02d} giây" if at.second else ""
    clock = f"{at.hour} giờ {at.minute:02d} phút" if at.minute or at.second else f"{at.hour} giờ"
    return f"{clock}{seconds} {weekday_and_day(at.date())}"


@cache
def _templates() -> Mapping[str, str]:
    with TEMPLATES.open("rb") as file:
        return dict(_flat("", tomllib.load(file)))


def _flat(path: str, table: Mapping[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in table.items():
        place = f"{path}.{name}" if path else name
        found += _flat(place, value) if isinstance(value, dict) else [(place, value)]
    return found
