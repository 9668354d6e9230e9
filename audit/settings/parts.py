"""The files of the settings side by side, as far as they could be read: what the checks between files look at."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from audit.errors import Mistake
from audit.settings.calendar import CalendarSettings
from audit.settings.deployment import AuditSettings
from audit.settings.explaining import shown
from audit.settings.law import Law
from audit.settings.policy import Policy

Model = TypeVar("Model")
Entry = Mapping[str, Any]
"""One table of a list as TOML has it: nothing in it has been checked."""


@dataclass(frozen=True)
class Parts:
    """The files by their attribute of `Settings` (``agencies``, ``policy`` …).

    Names are looked up in `raw`, not in the models: an entry with a mistake elsewhere still has its code, and whoever
    refers to it is not wrong.
    """

    raw: Mapping[str, Mapping[str, Any]]
    names: Mapping[str, str]
    """Names of the files, for mistakes."""
    models: Mapping[str, object]
    """The files as models, None where too little of one could be read."""

    @property
    def calendar(self) -> CalendarSettings | None:
        """``calendar.toml``"""
        return self._model("calendar", CalendarSettings)

    @property
    def policy(self) -> Policy | None:
        """``rules.toml``"""
        return self._model("policy", Policy)

    @property
    def law(self) -> Law | None:
        """``law.toml``"""
        return self._model("law", Law)

    @property
    def audit(self) -> AuditSettings | None:
        """``audit.toml``"""
        return self._model("audit", AuditSettings)

    def _model(self, part: str, model: type[Model]) -> Model | None:
        found = self.models.get(part)
        return found if isinstance(found, model) else None

    def table(self, part: str, key: str) -> Mapping[str, Any]:
        """A table of a file; empty where there is none."""
        table = self.raw.get(part, {}).get(key)
        return table if isinstance(table, dict) else {}

    def entries(self, part: str, key: str) -> Iterator[tuple[int, Entry]]:
        """The tables of a list, numbered from 1 as mistakes count them."""
        listed = self.raw.get(part, {}).get(key)
        for number, entry in enumerate(listed if isinstance(listed, list) else [], 1):
            if isinstance(entry, dict):
                yield number, entry

    def texts(self, part: str, key: str, field: str) -> frozenset[str]:
        """What stands under `field` in the tables of a list, texts only."""
        return frozenset(text for _, entry in self.entries(part, key) if isinstance(text := entry.get(field), str))

    def mistake(self, part: str, key: str, value: object, allowed: str) -> Mistake:
        """A mistake in a file; `value` None: nothing stands there."""
        return Mistake(self.names[part], key, shown(value), allowed)

    def unknown(self, part: str, key: str, field: str, *, known: Collection[str], allowed: str) -> Iterator[Mistake]:
        """A mistake for each entry whose `field` is a text that is not `known`."""
        for number, entry in self.entries(part, key):
            value = entry.get(field)
            if isinstance(value, str) and value not in known:
                yield self.mistake(part, f"{key}[{number}].{field}", value, allowed)

    def repeated(self, part: str, key: str, field: str) -> Iterator[Mistake]:
        """A mistake for each entry whose `field` an earlier entry has already."""
        first: dict[str, int] = {}
        for number, entry in self.entries(part, key):
            value = entry.get(field)
            if isinstance(value, str) and first.setdefault(value, number) != number:
                allowed = f"one of its own ({key}[{first[value]}] has it)"
                yield self.mistake(part, f"{key}[{number}].{field}", value, allowed)
