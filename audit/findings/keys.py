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
from audit.rule import FINDING_COLUMNS, Rule, Verdicts
from audit.working_time import NO_DAY

LISTED: Final = ("number", "notation", "issued_date", "subject", "topic", "extra")
"""Columns of text that go into the findings as they are."""

_OF_MEMBER: Final = ("agency", "document", "counterpart", "anchored_at", "deadline_at", "observed_at", "severity")
_NOTHING: Final = Verdicts(
    pd.DataFrame({name: np.empty(0, dtype=np.int64) for name in _OF_MEMBER}),
    pd.DataFrame({name: np.empty(0, dtype=object) for name in FINDING_COLUMNS}),
)


def stacked(facts: Facts, rules: tuple[Rule, ...], verdicts: Mapping[str, Verdicts]) -> pd.DataFrame:
    """One row a finding of any rule, before duplicates are taken away.

    Columns: rule (place in `rules`), agency, counterpart, sender, recipient (indexes, -1 = none) and their codes
    (`agency_code` …, None = none), document, pair (-1 = none), anchored_at, deadline_at, observed_at, severity, extra,
    detail, number, notation, issued_date (text, None = none), issued_day (of the document, NO_DAY = unknown), witness
    (the document whose rows are the evidence, -1 = none).
    """
    parts = [
        _of_rule(facts, place, verdicts[rule.id])
        for place, rule in enumerate(rules)
        if rule.id in verdicts and len(verdicts[rule.id].findings)
    ]
    found = pd.concat(parts or [_of_rule(facts, 0, _NOTHING)], ignore_index=True)
    found["pair"] = _pairs(facts, found["document"].to_numpy(), found["recipient"].to_numpy())
    codes = np.array([*facts.agencies.codes, None], dtype=object)
    for name in ("agency", "counterpart", "sender", "recipient"):
        found[f"{name}_code"] = pd.Series(codes[found[name].to_numpy()], dtype=object)
    return found


def _of_rule(facts: Facts, place: int, verdicts: Verdicts) -> pd.DataFrame:
    findings = verdicts.findings
    of = findings["member"].to_numpy(dtype=np.int64)
    frame = pd.DataFrame({name: verdicts.members[name].to_numpy(dtype=np.int64)[of] for name in _OF_MEMBER})
    frame["rule"] = np.full(len(frame), place, dtype=np.int64)
    frame["recipient"] = findings["recipient"].to_numpy(dtype=np.int64)
    frame["extra"] = pd.Series(findings["extra"].to_numpy(dtype=object), dtype=object)
    frame["detail"] = pd.Series(findings["detail"].to_numpy(dtype=object), dtype=object)
    document = frame["document"].to_numpy()
    frame["sender"] = np.append(facts.documents["sender"].to_numpy(), -1)[document]
    frame = frame.assign(**_keys(facts, document))
    own = findings.columns.intersection(["number", "notation", "issued_date"])
    for name in own:
        frame[name] = pd.Series(findings[name].to_numpy(dtype=object), dtype=object)
    frame["witness"] = document
    for name in findings.columns.intersection(["sender", "anchored_at", "deadline_at", "observed_at", "witness"]):
        frame[name] = findings[name].to_numpy(dtype=np.int64)
    return frame


def _keys(facts: Facts, document: Ints) -> dict[str, pd.Series]:
    """Number, notation and issue date of documents as people read them; None where there is no document."""
    told = facts.keys.iloc[document[document >= 0]]
    columns = {name: np.full(len(document), None, dtype=object) for name in ("number", "notation", "issued_date")}
    issued_day = np.full(len(document), NO_DAY, dtype=np.int64)
    issued_day[document >= 0] = told["issued_day"]
    columns["number"][document >= 0] = told["number"]
    columns["notation"][document >= 0] = told["notation"]
    columns["issued_date"][issued_day != NO_DAY] = day_texts(issued_day[issued_day != NO_DAY])
    # a document without a number is known by its uid, and still has a date for topic and law
    of_register = np.append(facts.documents["issued_day"].to_numpy(), NO_DAY)[document]
    issued_day = np.where(issued_day == NO_DAY, of_register, issued_day)
    return {name: pd.Series(values, dtype=object) for name, values in columns.items()} | {
        "issued_day": pd.Series(issued_day)
    }


def day_texts(days: Ints) -> npt.NDArray[np.object_]:
    """Days as ``YYYY-MM-DD``."""
    return np.datetime_as_string(days.astype("datetime64[D]")).astype(object)


def _pairs(facts: Facts, document: Ints, recipient: Ints) -> Ints:
    """The pair that each finding is about; -1 where it is about a document, or about none."""
    return facts.pairs_of(document, recipient)


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
