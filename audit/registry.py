"""The agencies as the rules see them: one canonical code each, validity, successors, whose log holds whose rows.

An agency is named on the wire by its code in the new form (QĐ 20/2020/QĐ-TTg: ``H03.12``), in the old form
(QCVN 102:2016: ``000.00.12.H03``) or by an alias of the registry; all become one canonical code. A code that the
registry does not know stays as it is, in the new form: rule N9 reports it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.settings import Agency, Settings
from audit.unicode_forms import nfc
from audit.working_time import NO_DAY, Days, day_number

Indexes = npt.NDArray[np.int32]
Scalar = TypeVar("Scalar", bound=np.generic)

NO_AGENCY: Final = -1
"""Index of nobody."""
ALWAYS: Final = np.iinfo(np.int32).max
"""``valid_to`` of an agency that has no end; ``SINCE_EVER`` is the ``valid_from`` of one without a beginning."""
SINCE_EVER: Final = np.iinfo(np.int32).min

OLD_FORM: Final = re.compile(r"\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}")
"""QCVN 102:2016: level 4, 3, 2, 1."""
NEW_FORM: Final = re.compile(r"[A-Z]\d{2}(\.[0-9A-Z]+)*")
"""QĐ 20/2020/QĐ-TTg: level 1 first, at most `CODE_LENGTH_MAX` characters."""
CODE_LENGTH_MAX: Final = 35


def is_well_formed(code: str) -> bool:
    """Whether `code` has the new or the old form of an agency's code."""
    return len(code) <= CODE_LENGTH_MAX and bool(NEW_FORM.fullmatch(code) or OLD_FORM.fullmatch(code))


def new_form(code: str) -> str:
    """A code of the old form in the new one (zero groups dropped, order reversed); any other code unchanged."""
    if not OLD_FORM.fullmatch(code):
        return code
    return ".".join(group for group in reversed(code.split(".")) if group.strip("0"))


class Registry:
    """The agencies of the settings, in their order. Arrays are aligned with `codes` and read-only.

    Attributes:
        codes: All canonical codes.
        agencies: The settings' agencies.
        valid_from, valid_to: Local days (int32), both included; open ends are the int32 limits.
        successor: Index of the agency that takes over after `valid_to`, −1 if none.
        pulled: Whether the audit fetches this agency's log itself. Ask ``pulled[log_of]`` whether its rows reach us.
        log_of: Index of the agency whose log holds the rows of this one; itself by default.
        reports_forwarding, reports_completion, reports_signatures, register_whole: Flags of ``rules.md`` section 1.
    """

    def __init__(self, settings: Settings) -> None:
        self.agencies: Final = settings.agencies
        self.codes: Final = tuple(agency.code for agency in settings.agencies)
        self._index: Final = {code: index for index, code in enumerate(self.codes)}
        self._names: Final = {name: agency.code for agency in self.agencies for name in (agency.code, *agency.aliases)}
        self.valid_from: Final = self._days(SINCE_EVER, lambda agency: agency.valid_from)
        self.valid_to: Final = self._days(ALWAYS, lambda agency: agency.valid_to)
        self.successor: Final = self._links(agency.successor for agency in self.agencies)
        holders = self._links(agency.log_of for agency in self.agencies)
        self.log_of: Final = _fixed(np.where(holders == NO_AGENCY, np.arange(len(self.codes)), holders), np.int32)
        self.pulled: Final = self._flags(lambda agency: agency.is_pulled)
        self.reports_forwarding: Final = self._flags(lambda agency: agency.reports_forwarding)
        self.reports_completion: Final = self._flags(lambda agency: agency.reports_completion)
        self.reports_signatures: Final = self._flags(lambda agency: agency.reports_signatures)
        self.register_whole: Final = self._flags(lambda agency: agency.register_whole)

    def __len__(self) -> int:
        return len(self.codes)

    def agency(self, code: str) -> Agency:
        """The agency of a canonical code. Raises KeyError for a code the registry does not know."""
        return self.agencies[self._index[code]]

    def keeps(self, table: str) -> npt.NDArray[np.bool_]:
        """Which agencies' systems keep `table` (documents, sends, receipts, statuses)."""
        return self._flags(lambda agency: table in agency.tables)

    def canonical_code(self, text: str) -> str:
        """The canonical code of what stands on the wire; ``""`` for a blank."""
        code = nfc(text.strip().upper())
        if code in self._names:
            return self._names[code]
        turned = new_form(code)
        return self._names.get(turned, turned)

    def canonical(self, codes: pd.Series[str]) -> pd.Series[str]:
        """`canonical_code` of each value, same index and name; blanks and missing values are missing."""
        places, unique = pd.factorize(codes)
        found = [self.canonical_code(str(code)) or None for code in unique]
        # a missing value has place −1, which picks the None at the end
        values = np.array([*found, None], dtype=object)[places]
        return pd.Series(values, index=codes.index, name=codes.name, dtype="str")

    def index_of(self, codes: pd.Series[str]) -> Indexes:
        """Index of each canonical code, −1 where the registry does not know it or it is missing."""
        places, unique = pd.factorize(codes)
        found = np.array([*(self._index.get(str(code), NO_AGENCY) for code in unique), NO_AGENCY], dtype=np.int32)
        return np.asarray(found[places], dtype=np.int32)

    def is_valid_on(self, indexes: Indexes, days: Days) -> npt.NDArray[np.bool_]:
        """Whether each agency is in the registry (index not −1) and valid on the day beside it."""
        inside = (self.valid_from[indexes] <= days) & (days <= self.valid_to[indexes])
        return np.asarray(inside & (indexes != NO_AGENCY) & (days != NO_DAY))

    def successor_on(self, indexes: Indexes, days: Days) -> Indexes:
        """Who answers for each agency on the day beside it.

        Itself while it is valid; after its end the successor, and so on down the chain; −1 where nobody does: before
        the agency's beginning, after the end of one without a successor, in a gap before the successor's beginning.
        """
        current = np.where(days == NO_DAY, NO_AGENCY, indexes).astype(np.int32)
        for _ in self.codes:
            ended = (current != NO_AGENCY) & (days > self.valid_to[current])
            if not ended.any():
                break
            current = np.where(ended, self.successor[current], current).astype(np.int32)
        return np.where(self.is_valid_on(current, days), current, NO_AGENCY).astype(np.int32)

    def _links(self, codes: Iterable[str | None]) -> Indexes:
        return _fixed([NO_AGENCY if code is None else self._index[code] for code in codes], np.int32)

    def _flags(self, flag: Callable[[Agency], bool]) -> npt.NDArray[np.bool_]:
        return _fixed([flag(agency) for agency in self.agencies], np.bool_)

    def _days(self, open_end: int, end: Callable[[Agency], date | None]) -> Days:
        days = (end(agency) for agency in self.agencies)
        return _fixed([open_end if day is None else day_number(day) for day in days], np.int32)


def _fixed(values: npt.ArrayLike, dtype: type[Scalar]) -> npt.NDArray[Scalar]:
    """A read-only array: the registry is shared by everything."""
    array = np.asarray(values, dtype=dtype)
    array.flags.writeable = False
    return array
