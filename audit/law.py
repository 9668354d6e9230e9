"""What a finding cites: the provisions and the policy in force on a day, as ``config/law.toml`` lists them.

A citation is a finished Vietnamese text, "điểm d khoản 2 Điều 4 Nghị định số 30/2020/NĐ-CP". Law and policy are kept
apart by `Citation.basis`, and a policy's text names the value that is set, so that nobody takes a setting for a law.

Which day: that of the document (its issue date); for the rules of groups N, R and H the day of the event (``rules.md``,
*Citations*). The caller gives it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np

from audit.settings import Law, Policy
from audit.working_time import NO_DAY, Days, day_number

_END: Final = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True)
class Citation:
    """One ground of a rule."""

    text: str
    """What is printed."""
    basis: Literal["law", "policy"]
    ground_id: str
    """Id of the provision or policy in ``law.toml``."""
    valid_from: int
    """First day in force (days since 1970-01-01); the int32 minimum where there is no beginning."""
    valid_to: int
    """Last day in force; the int32 maximum where there is no end."""

    def in_force_on(self, day: int) -> bool:
        """Whether it is in force on a day number."""
        return self.valid_from <= day <= self.valid_to


class LawBook:
    """The citations of every rule, by day."""

    def __init__(self, law: Law, policy: Policy) -> None:
        instruments = {instrument.id: instrument for instrument in law.instruments}
        grounds: dict[str, Citation] = {}
        for provision in law.provisions:
            instrument = instruments[provision.instrument]
            begin = max(_first(instrument.valid_from), _first(provision.valid_from))
            end = min(_last(instrument.valid_to), _last(provision.valid_to))
            text = f"{provision.place} {instrument.name}".strip()
            grounds[provision.id] = Citation(text, instrument.basis, provision.id, begin, end)
        for ground in law.policies:
            text = ground.text.format(**policy.places_of(ground.key))
            begin, end = _first(ground.valid_from), _last(ground.valid_to)
            grounds[ground.id] = Citation(text, "policy", ground.id, begin, end)
        self._cited: Final = {rule_id: tuple(grounds[key] for key in keys) for rule_id, keys in law.rules.items()}
        self._gists: Final = {provision.id: provision.gist for provision in law.provisions}

    def citations(self, rule_id: str, day: date) -> tuple[Citation, ...]:
        """What `rule_id` cites for a local day, in the order of ``law.toml``. Raises KeyError for an unknown rule."""
        number = day_number(day)
        return tuple(citation for citation in self._cited[rule_id] if citation.in_force_on(number))

    def citations_for(self, rule_id: str, days: Days) -> list[tuple[str, ...]]:
        """The texts that `rule_id` cites for each local day.

        Between two days on which anything begins or ends the answer is one and the same tuple. A missing day
        (``NO_DAY``) cites what has no beginning.

        Raises:
            KeyError: An unknown rule.
        """
        cited = self._cited[rule_id]
        edges = sorted({NO_DAY, *(c.valid_from for c in cited), *(c.valid_to + 1 for c in cited if c.valid_to < _END)})
        variants = np.empty(len(edges), dtype=object)
        for place, edge in enumerate(edges):
            variants[place] = tuple(citation.text for citation in cited if citation.in_force_on(edge))
        return list(variants[np.searchsorted(edges, days, side="right") - 1])

    def all_of(self, rule_id: str) -> tuple[Citation, ...]:
        """Everything that `rule_id` ever cites, for lists of the rules. Raises KeyError for an unknown rule."""
        return self._cited[rule_id]

    def gist(self, ground_id: str) -> str:
        """What a provision demands, in a sentence; ``""`` for a policy, whose text says it."""
        return self._gists.get(ground_id, "")


def _first(day: date | None) -> int:
    return NO_DAY if day is None else day_number(day)


def _last(day: date | None) -> int:
    return _END if day is None else day_number(day)
