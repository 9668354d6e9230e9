"""Numbers and files that were used before: what rules L2 and L3 compare. Documents of the register only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.facts.arrays import Ints, Mask, combine, run_starts, text_keys
from audit.facts.content import main_file_keys
from audit.facts.documents import same_text_keys, text_of
from audit.facts.texts import Texts, fold, read_each
from audit.working_time import NO_DAY

if TYPE_CHECKING:
    from audit.facts import Facts


@dataclass(frozen=True, slots=True)
class Alike:
    """Documents of one sender and year with the same number and notation, an element a document.

    Attributes:
        numbered: it has number, notation and date of issue.
        has_earlier: there is an earlier one (by date of issue, first send, uid).
        comparable: subject or main file can be compared with an earlier one's.
        differs_from: an earlier document with another subject or main file; -1 = none.
    """

    numbered: Mask
    has_earlier: Mask
    comparable: Mask
    differs_from: Ints


def numbered_alike(facts: Facts) -> Alike:
    """What rule L2 looks at; linear in the number of documents, however many share one number."""
    size = len(facts.documents)
    entry, issued = facts.documents.entry, facts.documents.issued_day
    number, notation = _number_keys(facts), _notation_keys(facts)
    numbered = (issued != NO_DAY) & (np.append(number, 0)[entry] != 0) & (np.append(notation, 0)[entry] != 0)
    document = np.flatnonzero(numbered)
    at = entry[document]
    year = issued[document].astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
    group, document = _shared(combine(facts.documents.sender[document], year, number[at], notation[at]), document)
    first_sent_at = facts.documents.first_sent_at[document]
    order = np.lexsort((_ranks(_texts_of(facts, "document_uid", document)), first_sent_at, issued[document], group))
    group, document = group[order], document[order]
    has_earlier = np.zeros(size, dtype=bool)
    has_earlier[document[~run_starts(group)]] = True
    comparable, differs_from = np.zeros(size, dtype=bool), np.full(size, -1, dtype=np.int64)
    subjects = facts.registrations.frame["subject"].iloc[entry[document]]
    # the subject speaks last: people see it; only those of shared numbers are folded
    for content in (main_file_keys(facts)[document], same_text_keys(subjects)):
        told, other = _differing(group, content)
        comparable[document[told]] = True
        differs_from[document[other >= 0]] = document[other[other >= 0]]
    return Alike(numbered, has_earlier, comparable, differs_from)


def same_file_before(facts: Facts) -> Ints:
    """For every document the one of the sender that had the same main file before, within the limit; -1 = none."""
    before = np.full(len(facts.documents), -1, dtype=np.int64)
    issued, content = facts.documents.issued_day, main_file_keys(facts)
    document = np.flatnonzero((content != 0) & (issued != NO_DAY))
    sender = facts.documents.sender
    group, document = _shared(combine(sender[document], content[document]), document)
    order = np.lexsort((*_number_order(facts, document)[::-1], issued[document], group))
    group, document = group[order], document[order]
    key = facts.registrations.reference[facts.documents.entry[document]]
    begins = run_starts(group) | run_starts(key)
    run_start = np.maximum.accumulate(np.where(begins, np.arange(len(group)), 0))
    other = np.maximum(run_start - 1, 0)
    days_between = issued[document] - issued[document[other]]
    limit = facts.policy.limits.duplicate_content_days
    found = (run_start > 0) & (group[other] == group) & (days_between <= limit)
    before[document[found]] = document[other[found]]
    return before


def _shared(key: Ints, document: Ints) -> tuple[Ints, Ints]:
    """Groups and documents whose key more than one document has."""
    group, found = pd.factorize(key)
    several = (np.bincount(group, minlength=len(found)) > 1)[group]
    return np.asarray(group, dtype=np.int64)[several], document[several]


def _differing(group: Ints, content: Ints) -> tuple[Mask, Ints]:
    """Of rows in groups, in order: whether an earlier row of the group is comparable, and one that differs (-1 = none).

    A row differs from an earlier one exactly if it differs from the group's first content, or if a row before it does.
    """
    told = content != 0
    first = _first_of(group, told)
    unlike = told & (first >= 0) & (content != content[first])
    second = _first_of(group, unlike)
    place = np.arange(len(group))
    other = np.where(unlike, first, np.where(told & (second >= 0) & (second < place), second, -1))
    return told & (first >= 0) & (first < place), other


def _first_of(group: Ints, mask: Mask) -> Ints:
    """For every row the first row of its group that is in `mask`; -1 where there is none."""
    first = np.full(int(group.max(initial=-1)) + 1, -1, dtype=np.int64)
    rows = np.flatnonzero(mask)[::-1]
    first[group[rows]] = rows
    return first[group]


def _number_order(facts: Facts, document: Ints) -> list[Ints]:
    """Sort keys, the strongest first: numbers by value, then those that are no number, then missing ones; notation;
    the system's own id, which alone tells documents without a number apart.
    """
    number, notation = _texts_of(facts, "number", document), _texts_of(facts, "notation", document)
    missing = pd.isna(number).astype(np.int64)
    digits = [len(text) if text and text.isascii() and text.isdecimal() else 0 for text in number]
    lengths = np.array(digits, dtype=np.int64)
    other = ((lengths == 0) & (missing == 0)).astype(np.int64)
    folded = read_each(pd.Series(notation, dtype="str"), fold)
    uid = _texts_of(facts, "document_uid", document)
    return [missing, other, lengths, _ranks(number), _ranks(folded), _ranks(uid)]


def _texts_of(facts: Facts, column: str, document: Ints) -> Texts:
    return text_of(facts.registrations.frame[column], facts.documents.entry[document])


def _ranks(texts: Texts) -> Ints:
    """The place of every text in their order; missing ones first."""
    filled = np.where(pd.isna(texts), "", texts)
    return np.asarray(pd.factorize(filled, sort=True)[0], dtype=np.int64)


def _number_keys(facts: Facts) -> Ints:
    return text_keys(facts.registrations.frame["number"])


def _notation_keys(facts: Facts) -> Ints:
    return text_keys(pd.Series(read_each(facts.registrations.frame["notation"], fold), dtype="str"))
