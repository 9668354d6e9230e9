"""The verdicts of all rules as one frame of integers, and the keys and codes that stand behind the integers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.facts import Facts
from audit.facts.arrays import Ints, any_of, first_rows, is_one_of
from audit.facts.pairs import CHAIN_KINDS
from audit.rule import Rule, Verdicts
from audit.working_time import NO_DAY

LISTED: Final = ("number", "notation", "issued_date", "subject", "topic", "extra")
"""Columns of text that go into the findings as they are."""

_OF_MEMBER: Final = ("agency", "document", "counterpart", "anchored_at", "deadline_at", "observed_at", "severity")
_TEXTS_OF_KEY: Final = ("number", "notation", "issued_date")


def stacked(facts: Facts, rules: tuple[Rule, ...], verdicts: Mapping[str, Verdicts]) -> pd.DataFrame:
    """One row a finding of any rule, before duplicates are taken away.

    Columns: rule (place in `rules`), agency, counterpart, sender, recipient (indexes, -1 = none) and their codes
    (`agency_code` …, None = none), document, pair (-1 = none), anchored_at, deadline_at, observed_at, severity, extra,
    detail, number, notation, issued_date (text, None = none), issued_day (of the document, NO_DAY = unknown), witness
    (the document whose rows are the evidence, -1 = none).
    """
    told = [(place, verdicts[rule.id]) for place, rule in enumerate(rules) if rule.id in verdicts]
    told = [(place, verdict) for place, verdict in told if len(verdict.findings)]
    numbers: dict[str, Ints] = {"rule": _joined([np.full(len(one.findings), place) for place, one in told])}
    for name in _OF_MEMBER:
        numbers[name] = _joined([getattr(one.members, name)[one.findings.member] for _, one in told])
    numbers["recipient"] = _joined([one.findings.recipient for _, one in told])
    document = numbers["document"]
    numbers["witness"] = document.copy()
    numbers["sender"] = np.append(facts.documents.sender, -1)[document]
    numbers["pair"] = facts.pairs_of(document, numbers["recipient"])
    numbers["issued_day"], texts = _keys(facts, document)
    nothing = np.empty(0, dtype=object)
    texts["extra"] = np.concatenate([nothing, *(one.findings.extra for _, one in told)])
    texts["detail"] = np.concatenate([nothing, *(one.findings.detail for _, one in told)])
    _take_own(numbers, texts, [one for _, one in told])
    codes = np.array([*facts.agencies.codes, None], dtype=object)
    for name in ("agency", "counterpart", "sender", "recipient"):
        texts[f"{name}_code"] = codes[numbers[name]]
    objects = {name: pd.Series(values, dtype=object) for name, values in texts.items()}
    return pd.DataFrame(numbers | objects)


def _take_own(numbers: Mapping[str, Ints], texts: Mapping[str, npt.NDArray[np.object_]], told: list[Verdicts]) -> None:
    """What findings say themselves takes the place of what their member says."""
    start = 0
    for verdict in told:
        rows = slice(start, start + len(verdict.findings))
        start = rows.stop
        for name, values in verdict.findings.own.items():
            (texts if name in _TEXTS_OF_KEY else numbers)[name][rows] = values


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate([np.empty(0, dtype=np.int64), *parts]).astype(np.int64)


def _keys(facts: Facts, document: Ints) -> tuple[Ints, dict[str, npt.NDArray[np.object_]]]:
    """The documents' days of issue, and number, notation and issue date as people read them; None where there is none.

    A document without a number is known by its uid, and still has a day for topic and law.
    """
    with_document = document >= 0
    told = facts.keys.iloc[document[with_document]]
    texts = {name: np.full(len(document), None, dtype=object) for name in _TEXTS_OF_KEY}
    issued_day = np.full(len(document), NO_DAY, dtype=np.int64)
    issued_day[with_document] = told["issued_day"]
    texts["number"][with_document] = told["number"].to_numpy(dtype=object)
    texts["notation"][with_document] = told["notation"].to_numpy(dtype=object)
    texts["issued_date"][issued_day != NO_DAY] = day_texts(issued_day[issued_day != NO_DAY])
    of_register = np.append(facts.documents.issued_day, NO_DAY)[document]
    return np.where(issued_day == NO_DAY, of_register, issued_day), texts


def day_texts(days: Ints) -> npt.NDArray[np.object_]:
    """Days as ``YYYY-MM-DD``; equal ones are one text."""
    places, found = pd.factorize(days)
    return np.datetime_as_string(found.astype("datetime64[D]")).astype(object)[places]


def document_of(facts: Facts, document: Ints, pair: Ints, column: str) -> npt.NDArray[np.object_]:
    """A text that both register and receipt tell: the register's; for a pair, where that is missing, the receipt's."""
    texts = np.full(len(document), None, dtype=object)
    with_document = document >= 0
    texts[with_document] = facts.entry_texts(document[with_document], column)
    asked = np.flatnonzero(pd.isna(texts) & (pair >= 0))
    if len(asked):
        wanted = any_of(len(facts.pairs), pair[asked])
        rows = np.flatnonzero(wanted[facts.pair_of_receipts] & is_one_of(facts.receipts.kind, CHAIN_KINDS))
        told = facts.receipts.frame.texts(column, rows)
        rows, told = rows[~pd.isna(told)], np.append(told[~pd.isna(told)], np.full(1, None, dtype=object))
        texts[asked] = told[first_rows(len(facts.pairs), facts.pair_of_receipts[rows])[pair[asked]]]
    return texts


def text_or_none(column: pd.Series) -> list[str | None]:
    """The texts of a column, None where missing."""
    return [None if value is None or value is pd.NA or value != value else str(value) for value in column]  # noqa: PLR0124
