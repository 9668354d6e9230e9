"""All agencies that the log names, as integers: the registry's first, in its order, then those it does not know."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
import pandas as pd

from audit.facts.arrays import Ints, Mask, looked_up
from audit.registry import Registry
from audit.working_time import NO_DAY

_NEVER_DAY = np.iinfo(np.int32).max
_ASK = -2


class AgencyIndex:
    """Codes as integers, and what the registry says of them.

    Attributes:
        codes: canonical codes; an agency's index is its position here.
        registered: how many of them the registry knows; those come first.
    """

    def __init__(self, registry: Registry, seen: Iterable[Iterable[str]]) -> None:
        strangers = sorted(set().union(*seen) - set(registry.codes))
        self.registry = registry
        self.codes = np.array([*registry.codes, *strangers], dtype=object)
        self.registered = len(registry.codes)
        self._positions = {code: place for place, code in enumerate(self.codes.tolist())}
        rest = len(strangers)
        self.valid_from: Ints = np.concatenate([registry.valid_from.astype(np.int64), np.full(rest, _NEVER_DAY)])
        self.valid_to: Ints = np.concatenate(
            [registry.valid_to.astype(np.int64), np.full(rest, NO_DAY, dtype=np.int64)]
        )
        self.pulled: Mask = np.concatenate([registry.pulled.astype(bool), np.zeros(rest, dtype=bool)])
        self.log_of: Ints = np.concatenate(
            [registry.log_of.astype(np.int64), np.arange(self.registered, self.registered + rest)]
        )

    def __len__(self) -> int:
        return len(self.codes)

    def indexes(self, column: pd.Series) -> Ints:
        """The index of every code; -1 where it is missing."""
        if isinstance(column.dtype, pd.CategoricalDtype):
            of_category = [self._positions.get(code, -1) for code in column.cat.categories.tolist()]
            return looked_up(np.array([*of_category, -1], dtype=np.int64), column.cat.codes.to_numpy())
        places, codes = pd.factorize(column)
        return np.array([*(self._positions.get(code, -1) for code in codes.tolist()), -1], dtype=np.int64)[places]

    def flag(self, name: str) -> Mask:
        """A yes/no flag of the registry for every agency; False for those it does not know."""
        told = [bool(getattr(self.registry.agency(code), name)) for code in self.codes[: self.registered]]
        return np.array(told + [False] * (len(self) - self.registered), dtype=bool)

    def untold(self, rule: str) -> Mask:
        """Of whom a rule cannot be judged, because the kind of system that keeps their log does not tell enough."""
        mask = np.zeros(len(self), dtype=bool)
        mask[: self.registered] = [rule in untold for untold in self._untold_rules]
        return mask

    @cached_property
    def _untold_rules(self) -> list[frozenset[str]]:
        """Of every registered agency the rules that cannot be judged of who keeps its log."""
        of_holder = [frozenset(agency.untold_rules) for agency in self.registry.agencies]
        return [of_holder[holder] for holder in self.log_of[: self.registered].tolist()]

    def kinds(self) -> np.ndarray:
        """The kind of every agency, "" for those that the registry does not know."""
        told = [self.registry.agency(code).kind for code in self.codes[: self.registered]]
        return np.array(told + [""] * (len(self) - self.registered), dtype=object)

    def in_scope(self, agency: Ints, day: Ints) -> Mask:
        """Whether each agency itself, not its successor, is in the registry and valid on the day."""
        return (agency < self.registered) & (self.valid_from[agency] <= day) & (day <= self.valid_to[agency])

    def answerable(self, agency: Ints, day: Ints) -> Ints:
        """Who answers for an agency on a day: itself while it is valid, afterwards its successor; -1 = nobody in scope.

        An agency that is not valid yet has nobody who answers for it.
        """
        if not len(agency):
            return np.empty(0, dtype=np.int64)
        # most agencies are valid on all of these days, and answer for themselves
        steady = (self.valid_from <= day.min()) & (day.max() <= self.valid_to)
        answer = looked_up(np.append(np.where(steady, np.arange(len(self)), _ASK), -1), agency)
        asked = np.flatnonzero(answer == _ASK)
        if len(asked):
            known = agency[asked] < self.registered
            answer[asked] = -1
            asked = asked[known]
            answer[asked] = self.registry.successor_on(agency[asked].astype(np.int32), day[asked].astype(np.int32))
        return answer

    def tells(self, agency: Ints, *tables: str) -> Mask:
        """Whether the audit is told these tables of an agency at all: its log is pulled and its system keeps them.

        Members blamed on an agency whose log is needed and not told are left out: were those that other logs show to be
        compliant counted, only the good ones would be. -1 tells nothing.
        """
        told = (agency >= 0) & self.pulled[self.log_of[agency]]
        for table in tables:
            told = told & self._keeps(table)[agency]
        return np.asarray(told)

    def _keeps(self, table: str) -> Mask:
        return np.concatenate([self.registry.keeps(table), np.zeros(len(self) - self.registered, dtype=bool)])
