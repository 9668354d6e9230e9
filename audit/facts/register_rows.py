"""`document_row`, which ties files and signatures to their document, made one that no two documents share.

It is a hash of 64 bits of where a row stands. By chance two documents never have the same; but a system that chooses
the bytes of its pages, in a spare field of a row, finds two pages with rows that do within a minute. Where a row
stands is then told by the columns of its origin.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from audit.facts.arrays import Ints, combine

_PLACE: Final = ["agency", "log_day", "page", "page_no", "line"]


def with_own_rows(
    documents: pd.DataFrame, files: pd.DataFrame, signatures: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The tables of the log, each `document_row` that several documents share replaced by one of each document's own.

    Files and signatures of such rows go with their document, and are left out where it is not here. Tables without
    such rows are given back as they are.
    """
    shared = np.unique(np.concatenate([_shared_by_documents(documents), _shared_by_files(files)]))
    if not len(shared):
        return documents, files, signatures
    own = documents.loc[documents["document_row"].isin(shared), _PLACE]
    own = own.assign(own_row=_unused(documents["document_row"].to_numpy(), len(own)))
    told = [_told_apart(table, shared, own) for table in (documents, files, signatures)]
    return told[0], told[1], told[2]


def _shared_by_documents(documents: pd.DataFrame) -> Ints:
    rows = documents["document_row"]
    return rows[rows.duplicated()].to_numpy()


def _shared_by_files(files: pd.DataFrame) -> Ints:
    """A log that is carried on may have the files of both documents, and only one document."""
    rows = files["document_row"].to_numpy()
    numbered = pd.Series(combine(rows, files["file_no"].to_numpy(dtype=np.int64)))
    return np.asarray(rows[numbered.duplicated().to_numpy()])


def _unused(rows: Ints, count: int) -> Ints:
    """So many numbers that are none of the rows."""
    return np.setdiff1d(np.arange(len(rows) + count), rows)[:count]


def _told_apart(table: pd.DataFrame, shared: Ints, own: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table, those of shared numbers with their document's own."""
    at = np.flatnonzero(table["document_row"].isin(shared))
    found = table[_PLACE].iloc[at].merge(own, how="left", on=_PLACE)["own_row"]
    is_here = found.notna().to_numpy()
    rows = table["document_row"].to_numpy(copy=True)
    rows[at[is_here]] = found[is_here].to_numpy(dtype=np.int64)
    return table.assign(document_row=rows).drop(index=table.index[at[~is_here]]).reset_index(drop=True)
