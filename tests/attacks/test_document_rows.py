"""Pages whose bytes were sought so that two documents have the same `document_row`: each keeps its own files.

The two texts were found in a minute, by one processor: 32 million pages, each with a number in it, were tried.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from audit.conform import Origin, PageItems, conform
from audit.engine import JudgeInputs, judge, read_facts
from audit.facts.register_rows import with_own_rows
from audit.log import Log
from audit.normalise import Normaliser
from tests.rules.harness import Case, document, facts_of, file

START, END = date(2021, 2, 1), date(2021, 2, 8)
DAY, AGENCY = date(2021, 2, 4), "H03.01"
SOUGHT = (b"5282863", b"7944708")
"""What SHA-256 is taken of in the place of the pages' bytes: the first page's row 23 120 and the second's first row."""
APART = 23_119
ORIGIN = ["page_no", "line"]


def register(number: str, *files: str) -> Mapping[str, Any]:
    return document(sender=AGENCY, number=number, files=[file(name=name, role=None) for name in files]).fields


def log_of(root: Path, *texts: bytes) -> Log:
    """Two pages of a register; before the first one's document there are rows that are none."""
    rows = [[0] * APART + [register("12", "a.pdf", "b.pdf")], [register("13", "c.pdf")]]
    pages = [
        PageItems(hashlib.sha256(text).hexdigest(), number, json.dumps(page).encode())
        for number, (text, page) in enumerate(zip(texts, rows, strict=True), start=1)
    ]
    made = Log(root)
    registry = facts_of(Case("")).registry
    made.replace(DAY, AGENCY, conform("documents", pages, Origin(AGENCY, DAY), registry, Normaliser(())).tables)
    return made


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return log_of(tmp_path / "sought", *SOUGHT)


def tables(log: Log) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    return log.read("documents"), log.read("files"), log.read("signatures")


def judged_by(log: Log, shards: int) -> JudgeInputs:
    facts = facts_of(Case(""))
    audit = facts.settings.audit
    judging = audit.judge.model_copy(update={"shards": shards, "workers": 1})
    settings = facts.settings.model_copy(update={"audit": audit.model_copy(update={"judge": judging})})
    return JudgeInputs(settings, facts.registry, facts.calendar, log, facts.frames.coverage, facts.frames.probes)


def test_the_danger_two_documents_with_one_row(log: Log) -> None:
    documents, files, _ = tables(log)
    assert documents[ORIGIN].values.tolist() == [[1, APART + 1], [2, 1]]
    assert len({*documents["document_row"], *files["document_row"]}) == 1
    with pytest.raises(pd.errors.InvalidIndexError):
        pd.Index(documents["document_row"]).get_indexer(files["document_row"])


@pytest.mark.parametrize("shards", [1, 2])
def test_they_are_judged_as_others_are(log: Log, tmp_path: Path, shards: int) -> None:
    others = log_of(tmp_path / "others", b"1", b"2")
    found, expected = (judge(judged_by(one, shards), START, END, END) for one in (log, others))
    pd.testing.assert_frame_equal(found.outcomes, expected.outcomes)
    assert found.findings["finding_id"].tolist() == expected.findings["finding_id"].tolist()
    assert len(found.findings)


def test_each_has_its_own_files(log: Log) -> None:
    facts = read_facts(judged_by(log, 1), START, END, END)
    named = facts.frames.files["name"].iloc[facts.files["row"]].tolist()
    number = facts.registrations.frame["number"].iloc[facts.files["entry"]].astype(str).tolist()
    assert sorted(zip(number, named, strict=True)) == [("12", "a.pdf"), ("12", "b.pdf"), ("13", "c.pdf")]


def test_files_and_signatures_go_with_their_document(log: Log) -> None:
    documents, files, signatures = with_own_rows(*tables(log))
    assert documents["document_row"].is_unique
    by_origin = documents.set_index(ORIGIN)["document_row"]
    for table, count in ((files, 3), (signatures, 6)):
        assert len(table) == count
        assert by_origin[list(table[ORIGIN].itertuples(index=False))].tolist() == table["document_row"].tolist()


def test_files_of_a_document_that_is_not_here_are_nobody_s(log: Log) -> None:
    documents, files, signatures = tables(log)
    first = documents.iloc[:1]
    told = with_own_rows(first, files, signatures)
    assert told[1]["name"].tolist() == ["a.pdf", "b.pdf"]
    assert len(told[2]) == 4
    assert set(told[1]["document_row"]) == set(told[2]["document_row"]) == set(told[0]["document_row"])


def test_other_tables_stay_as_they_are(log: Log) -> None:
    documents, files, signatures = tables(log)
    plain = (documents.iloc[:1], files.iloc[:2], signatures.iloc[:4])
    assert all(one is other for one, other in zip(with_own_rows(*plain), plain, strict=True))
    empty = (documents.iloc[:0], files.iloc[:0], signatures.iloc[:0])
    assert all(one is other for one, other in zip(with_own_rows(*empty), empty, strict=True))
