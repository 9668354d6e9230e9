"""The rows of the log that a finding rests on: table, agency, log day, page and line of the raw pages."""

from __future__ import annotations

from typing import Final, NamedTuple, TypedDict

import numpy as np
import pandas as pd

from audit.facts import Facts
from audit.facts.arrays import Ints, days, whole_numbers
from audit.findings.keys import day_texts

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
    frame: pd.DataFrame
    log: Ints
    document: Ints
    pair: Ints


def evidence(facts: Facts, document: Ints, pair: Ints) -> list[list[Row]]:
    """For each finding the rows of its document and pair, oldest first, at most `ROWS_MAX`.

    Of a pair: the document's entries in the register and the pair's sends, receipts and statuses; of a document: all of
    them. Rows are the newest versions; what is about no document has no rows.
    """
    targets = pd.DataFrame({"document": document, "pair": pair})
    place, unique = pd.factorize(pd.MultiIndex.from_frame(targets))
    wanted = pd.DataFrame(list(unique), columns=["document", "pair"], dtype=np.int64)
    wanted["target"] = np.arange(len(wanted))
    wanted = wanted[wanted["document"] >= 0]
    lists: list[list[Row]] = [[] for _ in range(len(unique))]
    for target, row in _rows(facts, wanted):
        lists[target].append(row)
    return [list(lists[target]) for target in place]


def _rows(facts: Facts, wanted: pd.DataFrame) -> list[tuple[int, Row]]:
    """The rows of all targets, in their order, each with its target."""
    tables = _tables(facts)
    hits = pd.concat([_hits(number, table, wanted) for number, table in enumerate(tables)], ignore_index=True)
    hits = hits.sort_values(["target", "log_day", "log", "table", "page_no", "line"], kind="stable", ignore_index=True)
    hits = hits[hits.groupby("target").cumcount() < ROWS_MAX].reset_index(drop=True)
    page = np.full(len(hits), "", dtype=object)
    for number, table in enumerate(tables):
        mine = np.flatnonzero(hits["table"] == number)
        page[mine] = table.frame["page"].iloc[hits["row"].to_numpy()[mine]].astype(object)
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
    """The rows of one table that belong to the targets: by pair where both have one, else by document."""
    rows = np.flatnonzero(np.isin(table.document, wanted["document"]))
    held = pd.DataFrame({"document": table.document[rows], "pair": table.pair[rows], "row": rows})
    by_pair = wanted[wanted["pair"] >= 0] if table.name != "documents" else wanted.iloc[:0]
    by_document = wanted[wanted["pair"] < 0] if table.name != "documents" else wanted
    joined = pd.concat(
        [
            by_pair[["target", "pair"]].merge(held[["pair", "row"]], on="pair"),
            by_document[["target", "document"]].merge(held[["document", "row"]], on="document"),
        ]
    )[["target", "row"]].astype(np.int64)
    row = joined["row"].to_numpy()
    part = table.frame.iloc[row]
    return joined.assign(
        table=number,
        log=table.log[row],
        log_day=days(part["log_day"]),
        page_no=whole_numbers(part["page_no"], 0),
        line=whole_numbers(part["line"], 0),
    )


def _tables(facts: Facts) -> tuple[_Table, ...]:
    identity, registered = facts.identity, facts.registrations
    no_pair = np.full(len(registered.frame), -1, dtype=np.int64)
    return (
        _Table("documents", registered.frame, registered.log, identity.of_registered, no_pair),
        _Table("sends", facts.sends.frame, facts.sends.log, identity.of_sends, facts.pair_of_sends),
        _Table("receipts", facts.receipts.frame, facts.receipts.log, identity.of_receipts, facts.pair_of_receipts),
        _Table("statuses", facts.statuses.frame, facts.statuses.log, identity.of_statuses, facts.pair_of_statuses),
    )
