"""The rows of the log that a finding rests on: table, agency, log day, page and line of the raw pages."""

from __future__ import annotations

from typing import Final, NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.facts import Facts
from audit.facts.arrays import Ints, combine, days, first_rows, repeated, whole_numbers
from audit.findings.keys import day_texts
from audit.log_table import LogTable

ROWS_MAX: Final = 20
"""Most rows that a finding names; the oldest ones."""


class Row(TypedDict):
    """Where a row of the log stands in the evidence."""

    table: str
    agency: str
    log_day: str
    page: str
    line: int


class _Table(NamedTuple):
    name: str
    frame: LogTable
    log: Ints
    document: Ints
    pair: Ints
    by_pair: bool
    """Its rows are of a pair; else of a document."""
    by_document: bool
    """Its rows are evidence of what is said of the document."""


def evidence(facts: Facts, document: Ints, pair: Ints) -> list[list[Row]]:
    """For each finding the rows of its document and pair, oldest first, at most `ROWS_MAX`.

    Of a pair: the document's entries in the register and the pair's sends, receipts and statuses; of a document: its
    entries and sends. Rows are the newest versions; what is about no document has no rows.
    """
    target, first = _targets(document, pair)
    wanted = _Wanted(facts, document[first], pair[first])
    lists: list[list[Row]] = [[] for _ in range(len(first))]
    for place, row in _rows(facts, wanted):
        lists[place].append(row)
    return [list(lists[place]) for place in target]


def _targets(document: Ints, pair: Ints) -> tuple[Ints, Ints]:
    """Findings about the same thing have the same target: each finding's, and the first finding of each."""
    target, unique = pd.factorize(combine(document, pair))
    return np.asarray(target, dtype=np.int64), first_rows(len(unique), np.asarray(target))


class _Wanted:
    """What findings are about: distinct (document, pair); pair -1: the document itself, both -1: none."""

    def __init__(self, facts: Facts, document: Ints, pair: Ints) -> None:
        self._of_pair = np.full(len(facts.pairs), -1, dtype=np.int64)
        self._of_pair[pair[pair >= 0]] = np.flatnonzero(pair >= 0)
        self._of_document = np.full(len(facts.documents), -1, dtype=np.int64)
        alone = (pair < 0) & (document >= 0)
        self._of_document[document[alone]] = np.flatnonzero(alone)
        # targets by document, for its own entries belong to all of them
        told = np.flatnonzero(document >= 0)
        self._by_document = told[np.argsort(document[told], kind="stable")]
        self._starts = np.searchsorted(document[self._by_document], np.arange(len(facts.documents) + 1))

    def hits(self, table: _Table) -> tuple[Ints, Ints]:
        """The targets that rows of a table belong to, and those rows."""
        if not table.by_pair:
            document = np.where(table.document >= 0, table.document, 0)
            count = np.where(table.document >= 0, self._starts[document + 1] - self._starts[document], 0)
            row, nth = repeated(count)
            return self._by_document[self._starts[document[row]] + nth], row
        target = self._of_pair[table.pair]
        rows = [np.flatnonzero(target >= 0)]
        targets = [target[rows[0]]]
        if table.by_document:
            target = self._of_document[table.document]
            rows.append(np.flatnonzero(target >= 0))
            targets.append(target[rows[1]])
        return np.concatenate(targets), np.concatenate(rows)


def _rows(facts: Facts, wanted: _Wanted) -> list[tuple[int, Row]]:
    """The rows of all targets, by target and in their order, each with its target."""
    tables = _tables(facts)
    hits = [_read(number, table, *wanted.hits(table)) for number, table in enumerate(tables)]
    target, table, log, log_day, page_no, line = map(
        np.concatenate, zip(*(found.numbers for found in hits), strict=True)
    )
    page = np.concatenate([found.page for found in hits])
    order = np.lexsort((line, page_no, table, log, log_day, target))
    place = np.arange(len(order)) - np.searchsorted(target[order], target[order])
    order = order[place < ROWS_MAX]
    columns = (
        target[order].tolist(),
        [tables[number].name for number in table[order].tolist()],
        facts.agencies.codes[log[order]].tolist(),
        day_texts(log_day[order]).tolist(),
        page[order].tolist(),
        line[order].tolist(),
    )
    return [
        (of, Row(table=name, agency=agency, log_day=day, page=digest, line=number))
        for of, name, agency, day, digest, number in zip(*columns, strict=True)
    ]


class _Hits(NamedTuple):
    numbers: tuple[Ints, ...]
    """target, table, log, log_day, page_no, line"""
    page: npt.NDArray[np.object_]


def _read(number: int, table: _Table, target: Ints, row: Ints) -> _Hits:
    told = table.frame.some(["log_day", "page_no", "line"], row)
    origin = (days(told["log_day"]), whole_numbers(told["page_no"], 0), whole_numbers(told["line"], 0))
    return _Hits(
        (target, np.full(len(row), number, dtype=np.int64), table.log[row], *origin), table.frame.texts("page", row)
    )


def _tables(facts: Facts) -> tuple[_Table, ...]:
    identity, registered = facts.identity, facts.registrations
    entries = LogTable.of("documents", registered.frame)
    no_pair = np.full(len(entries), -1, dtype=np.int64)
    return (
        _Table("documents", entries, registered.log, identity.of_registered, no_pair, False, True),
        _Table("sends", facts.sends.frame, facts.sends.log, identity.of_sends, facts.pair_of_sends, True, True),
        _Table(
            "receipts",
            facts.receipts.frame,
            facts.receipts.log,
            identity.of_receipts,
            facts.pair_of_receipts,
            True,
            False,
        ),
        _Table(
            "statuses",
            facts.statuses.frame,
            facts.statuses.log,
            identity.of_statuses,
            facts.pair_of_statuses,
            True,
            False,
        ),
    )
