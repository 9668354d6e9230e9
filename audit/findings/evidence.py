"""The rows of the log that a finding rests on: table, agency, log day, page and line of the raw pages."""

from __future__ import annotations

from typing import Final, NamedTuple, TypedDict

import numpy as np
import pandas as pd

from audit.facts import Facts
from audit.facts.arrays import Ints, combine, days, first_rows, whole_numbers
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
    wanted = pd.DataFrame({"document": document[first], "pair": pair[first], "target": np.arange(len(first))})
    lists: list[list[Row]] = [[] for _ in range(len(first))]
    for place, row in _rows(facts, wanted[wanted["document"] >= 0]):
        lists[place].append(row)
    return [list(lists[place]) for place in target]


def _targets(document: Ints, pair: Ints) -> tuple[Ints, Ints]:
    """Findings about the same thing have the same target: each finding's, and the first finding of each."""
    target, unique = pd.factorize(combine(document, pair))
    return np.asarray(target, dtype=np.int64), first_rows(len(unique), np.asarray(target))


def _rows(facts: Facts, wanted: pd.DataFrame) -> list[tuple[int, Row]]:
    """The rows of all targets, by target and in their order, each with its target."""
    tables = _tables(facts)
    hits = pd.concat([_hits(number, table, wanted) for number, table in enumerate(tables)], ignore_index=True)
    order = ("line", "page_no", "table", "log", "log_day", "target")
    hits = hits.iloc[np.lexsort([hits[name].to_numpy() for name in order])].reset_index(drop=True)
    hits = hits[hits.groupby("target").cumcount() < ROWS_MAX].reset_index(drop=True)
    page = np.full(len(hits), "", dtype=object)
    for number, table in enumerate(tables):
        mine = np.flatnonzero(hits["table"] == number)
        page[mine] = table.frame.texts("page", hits["row"].to_numpy()[mine])
    columns = (
        hits["target"].tolist(),
        [tables[number].name for number in hits["table"]],
        facts.agencies.codes[hits["log"].to_numpy(dtype=np.int64)].tolist(),
        day_texts(hits["log_day"].to_numpy(dtype=np.int64)).tolist(),
        page.tolist(),
        hits["line"].tolist(),
    )
    return [
        (target, Row(table=table, agency=agency, log_day=log_day, page=str(digest), line=line))
        for target, table, agency, log_day, digest, line in zip(*columns, strict=True)
    ]


def _hits(number: int, table: _Table, wanted: pd.DataFrame) -> pd.DataFrame:
    """The rows of one table that belong to the targets."""
    rows = np.flatnonzero(np.isin(table.document, wanted["document"].unique()))
    held = pd.DataFrame({"document": table.document[rows], "pair": table.pair[rows], "row": rows})
    with_pair = wanted["pair"] >= 0
    by_pair = wanted[with_pair] if table.by_pair else wanted.iloc[:0]
    by_document = wanted if not table.by_pair else wanted[~with_pair] if table.by_document else wanted.iloc[:0]
    joined = pd.concat(
        [
            by_pair[["target", "pair"]].merge(held[["pair", "row"]], on="pair"),
            by_document[["target", "document"]].merge(held[["document", "row"]], on="document"),
        ]
    )[["target", "row"]].astype(np.int64)
    row = joined["row"].to_numpy()
    told = table.frame.some(["log_day", "page_no", "line"], row)
    return joined.assign(
        table=number,
        log=table.log[row],
        log_day=days(told["log_day"]),
        page_no=whole_numbers(told["page_no"], 0),
        line=whole_numbers(told["line"], 0),
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
