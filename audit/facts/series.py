"""Series of numbers of the outgoing registers, and what is missing in them (rule T4; NĐ 30/2020, Điều 15 khoản 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from audit.array_records import taken
from audit.facts.arrays import Ints, Mask, days, first_rows, in_order, latest, repeated, run_starts
from audit.facts.notation import Kinds, notations
from audit.facts.once import once
from audit.facts.texts import Texts, fold, read_each
from audit.working_time import NAT, NO_DAY

if TYPE_CHECKING:
    from audit.facts import Facts

JUMP: Final = "jump"
_DIGITS_MAX: Final = 18


@dataclass(frozen=True, slots=True)
class Series:
    """Series in which a number was issued in the period, by sender, year and kind.

    Attributes:
        number: of the series among all of the registers.
        sender, year: index of the agency, and the year.
        kind: as `Notations.series`, merged as the policy says.
        agency: who answers on the last day of issue in the period.
        anchored_at: the start of that day.
    """

    number: Ints
    sender: Ints
    year: Ints
    kind: Texts
    agency: Ints
    anchored_at: Ints

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is missing below the numbers issued in the period, by series and number.

    Attributes:
        member: place among the series that were asked for.
        number: the missing one.
        is_jump: it stands for more of them.
        after, before: the neighbours.
        document, issued, anchored_at: of the upper one; its day, and the start of that.
    """

    member: Ints
    number: Ints
    is_jump: Mask
    after: Ints
    before: Ints
    document: Ints
    issued: Ints
    anchored_at: Ints


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Numbered entries of whole registers, a row each.

    Attributes:
        series: by sender, year and kind, counted in this order.
        sender, year, kind: what makes the series.
        number: as a whole number.
        issued, document: the day, and whose number it is.
        anchored_at: the start of the day.
    """

    series: Ints
    sender: Ints
    year: Ints
    kind: Texts
    number: Ints
    issued: Ints
    document: Ints
    anchored_at: Ints

    def __len__(self) -> int:
        return len(self.series)


def series_in_period(facts: Facts) -> Series:
    """The series in which a number was issued in the period, of agencies that keep a register."""
    numbers = _numbers(facts)
    size = int(numbers.series.max(initial=-1)) + 1
    held = facts.period.holds_event(numbers.anchored_at)
    last = latest(size, numbers.series[held], numbers.anchored_at[held])
    found = np.flatnonzero(last != NAT)
    told = taken(numbers, first_rows(size, numbers.series)[found])
    agency = facts.blamed(told.sender, last[found], at_end=False)
    kept = (agency >= 0) & np.append(facts.registry.keeps("documents"), False)[agency]
    return Series(
        *(part[kept] for part in (told.series, told.sender, told.year, told.kind, agency, last[found])),
    )


def gaps(facts: Facts, series: Series) -> Gaps:
    """What is missing in some series, which come from `series_in_period`."""
    numbers = _numbers(facts)
    member_of = np.full(int(numbers.series.max(initial=-1)) + 1, -1, dtype=np.int64)
    member_of[series.number] = np.arange(len(series))
    numbers = taken(numbers, np.lexsort((numbers.number, numbers.series)))
    after, upper = np.append(-1, numbers.number[:-1])[: len(numbers)], numbers.number
    has_lower = ~run_starts(numbers.series)
    asked = (member_of[numbers.series] >= 0) & facts.period.holds_event(numbers.anchored_at)
    hole = np.flatnonzero(asked & has_lower & (upper - after > 1))
    is_jump = upper[hole] - after[hole] > facts.policy.limits.number_gap_jump
    count = np.where(is_jump, 1, upper[hole] - after[hole] - 1)
    row, nth = repeated(count)
    at = hole[row]
    return Gaps(
        member=member_of[numbers.series[at]],
        number=after[at] + 1 + nth,
        is_jump=is_jump[row],
        after=after[at],
        before=upper[at],
        document=numbers.document[at],
        issued=numbers.issued[at],
        anchored_at=numbers.anchored_at[at],
    )


def series_of(facts: Facts, document: int) -> int | None:
    """The number of the series that a document is numbered in; None where it is in none."""
    numbers = _every_number(facts)
    mine = np.flatnonzero(numbers.document == document)[:1]
    return int(numbers.series[mine[0]]) if len(mine) else None


@once
def _numbers(facts: Facts) -> _Numbers:
    """The numbers of whole registers, each once, by its first day."""
    numbers = _every_number(facts)
    numbers = taken(numbers, in_order(numbers.issued))
    again = pd.MultiIndex.from_arrays([numbers.series, numbers.number]).duplicated()
    return taken(numbers, ~again)


@once
def _every_number(facts: Facts) -> _Numbers:
    """All numbered entries of whole registers."""
    frame, sender = facts.registrations.frame, facts.registrations.sender
    kind = notations(facts).series
    issued = days(frame["issued_date"])
    digits = read_each(frame["number"], lambda text: text if _is_number(text) else None)
    whole = facts.agencies.flag("register_whole")[sender]
    rows = np.flatnonzero(whole & (issued != NO_DAY) & ~pd.isna(digits) & ~pd.isna(kind))
    sender, year, kind = sender[rows], _years(issued[rows]), _merged(facts, kind[rows])
    order = np.lexsort((pd.factorize(kind, sort=True)[0], year, sender))
    begins = np.logical_or.reduce([run_starts(part[order]) for part in (sender, year, kind)])
    series = np.empty(len(order), dtype=np.int64)
    series[order] = np.cumsum(begins) - 1
    return _Numbers(
        series=series,
        sender=sender,
        year=year,
        kind=kind,
        number=digits[rows].astype(np.int64),
        issued=issued[rows],
        document=facts.identity.of_registered[rows],
        anchored_at=facts.calendar.start_of_day(issued[rows]),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX


def _years(day: Ints) -> Ints:
    return day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def _merged(facts: Facts, kind: np.ndarray) -> np.ndarray:
    """Kinds, those that share a series by policy under the name of the first of them."""
    kinds = Kinds(facts.settings.document_types)
    name_of: dict[str, str] = {}
    for group in facts.policy.rule("number_gap").merge_series:
        listed = [kinds.spelt(word) or kinds.abbreviation(word) or _letter(word) for word in group]
        name_of |= dict.fromkeys(listed, listed[0])
    places, words = pd.factorize(kind)
    return np.array([name_of.get(str(word), word) for word in words], dtype=object)[places]


def _letter(word: str) -> str:
    """Letters are a series without a kind; any other word is taken as it stands."""
    return "" if fold(word) == fold("Công văn") else word
