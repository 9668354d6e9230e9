"""Series of numbers of the outgoing registers, and what is missing in them (rule T4; NĐ 30/2020, Điều 15 khoản 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from audit.facts.arrays import Ints, days
from audit.facts.notation import Kinds, notations
from audit.facts.once import once
from audit.facts.texts import fold, read_each
from audit.working_time import NO_DAY

if TYPE_CHECKING:
    from audit.facts import Facts

JUMP: Final = "jump"
_DIGITS_MAX: Final = 18


def series_in_period(facts: Facts) -> pd.DataFrame:
    """The series in which a number was issued in the period, by sender, year and kind.

    Columns: sender, year, kind (as `Notations.series`, merged as the policy says), agency (who answers on the last day
    of issue in the period), anchored_at (the start of that day).
    """
    numbers = _numbers(facts)
    held = numbers[facts.period.holds_event(numbers["anchored_at"].to_numpy())]
    series = held.groupby(["sender", "year", "kind"])["anchored_at"].max().reset_index()
    agency = facts.blamed(series["sender"].to_numpy(), series["anchored_at"].to_numpy(), at_end=False)
    keeps = np.append(facts.registry.keeps("documents"), False)
    found: pd.DataFrame = series.assign(agency=agency).loc[(agency >= 0) & keeps[agency]]
    return found.reset_index(drop=True)


def gaps(facts: Facts, series: pd.DataFrame) -> pd.DataFrame:
    """What is missing below the numbers issued in the period, by series and number.

    `series` comes from `series_in_period`.

    Columns: member (row of `series`), number (the missing one), is_jump (it stands for more of them), after, before
    (the neighbours), document, issued, anchored_at (of the upper one; its day, and the start of that).
    """
    numbers = _numbers(facts).sort_values(["sender", "year", "kind", "number"], ignore_index=True)
    member = series.reset_index(names="member")[["member", "sender", "year", "kind"]]
    numbers = numbers.merge(member, on=["sender", "year", "kind"], how="inner").sort_values(["member", "number"])
    after = numbers.groupby("member")["number"].shift(fill_value=-1).to_numpy()
    upper = numbers["number"].to_numpy()
    held = facts.period.holds_event(numbers["anchored_at"].to_numpy())
    hole = np.flatnonzero((after >= 0) & (upper - after > 1) & held)
    is_jump = upper[hole] - after[hole] > facts.policy.limits.number_gap_jump
    count = np.where(is_jump, 1, upper[hole] - after[hole] - 1)
    row = np.repeat(np.arange(len(hole)), count)
    place = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    at = hole[row]
    return pd.DataFrame(
        {
            "member": numbers["member"].to_numpy()[at],
            "number": after[at] + 1 + place,
            "is_jump": is_jump[row],
            "after": after[at],
            "before": upper[at],
            "issued": numbers["issued"].to_numpy()[at],
            "document": numbers["document"].to_numpy()[at],
            "anchored_at": numbers["anchored_at"].to_numpy()[at],
        }
    )


def series_of(facts: Facts, document: int) -> tuple[int, int, str] | None:
    """Sender, year and kind of the series that a document is numbered in; None where it is in none."""
    numbers = _every_number(facts)
    mine = np.flatnonzero(numbers["document"] == document)[:1]
    sender, year, kind = (numbers[name].to_numpy()[mine] for name in ("sender", "year", "kind"))
    return (int(sender[0]), int(year[0]), str(kind[0])) if len(mine) else None


@once
def _numbers(facts: Facts) -> pd.DataFrame:
    """The numbers of whole registers, each once, by its first day: the columns of `_every_number`, and anchored_at."""
    numbers = _every_number(facts).sort_values("issued", kind="stable")
    numbers = numbers.drop_duplicates(["sender", "year", "kind", "number"])
    return numbers.assign(anchored_at=facts.calendar.start_of_day(numbers["issued"].to_numpy()))


@once
def _every_number(facts: Facts) -> pd.DataFrame:
    """One row a numbered entry of a whole register: sender, year, kind, number, issued (day), document."""
    frame, sender = facts.registrations.frame, facts.registrations.sender
    kind = notations(facts).series
    issued = days(frame["issued_date"])
    digits = read_each(frame["number"], lambda text: text if _is_number(text) else None)
    whole = facts.agencies.flag("register_whole")[sender]
    rows = np.flatnonzero(whole & (issued != NO_DAY) & ~pd.isna(digits) & ~pd.isna(kind))
    return pd.DataFrame(
        {
            "sender": sender[rows],
            "year": _years(issued[rows]),
            "kind": _merged(facts, kind[rows]),
            "number": digits[rows].astype(np.int64),
            "issued": issued[rows],
            "document": facts.identity.of_registered[rows],
        }
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
