"""Rows of the wire → tables: what is read, what is a reject, and that rows + rejects = rows received."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.conform import Conformed, Origin, PageItems, conform
from audit.normalise import Normaliser
from audit.records import REASONS, ROWS
from audit.registry import Registry
from audit.settings import load_settings
from audit.tables import SCHEMAS

SETTINGS = load_settings()
REGISTRY = Registry(SETTINGS)
NORMALISER = Normaliser(SETTINGS.policy.placeholders.values)
ORIGIN = Origin("H03", date(2021, 2, 4))

KEY = {"sender": "H03", "number": "814", "notation": "UBND-VXNV", "issued_date": "2021-02-04"}
ROW: Mapping[str, dict[str, Any]] = {
    "documents": KEY,
    "sends": {**KEY, "recipient": "H03.12", "sent_at": "2021-02-04T15:41:02+07:00"},
    "receipts": {**KEY, "recipient": "H03.12"},
    "statuses": {**KEY, "from_org": "H03.12", "to_org": "H03", "at": "2021-02-04T16:02:01+07:00", "status_code": "03"},
}


def conformed(table: str, *rows: object) -> Conformed:
    return conform(table, [PageItems("a" * 64, 1, json.dumps(rows).encode())], ORIGIN, REGISTRY, NORMALISER)


def only(table: str, **fields: object) -> pd.Series[Any]:
    """The one row that a good row with these fields becomes."""
    frame = conformed(table, ROW[table] | fields).frame(table)
    assert len(frame) == 1
    return frame.iloc[0]


def fault(table: str, **fields: object) -> tuple[str, str]:
    """Reason and field of the reject that a row with these fields becomes."""
    result = conformed(table, ROW[table] | fields)
    assert result.frame(table).empty
    reject = result.frame("rejects").iloc[0]
    return reject["reason"], reject["field"]


def test_a_whole_document() -> None:
    row = {
        **KEY,
        "document_uid": "H03,2021/02/04,814/UBND-VXNV",
        "changed_at": "2021-02-04T17:00:00+07:00",
        "signed_at": "2021-02-04T15:20:11.25",
        "due_date": "2021-02-10",
        "page_count": "2",
        "recipients": ["000.00.12.H03", "H03.12", " h03.02 ", ""],
        "topics": ["of no concern"],
        "files": [
            {
                "name": "814.pdf",
                "role": "main",
                "size_bytes": 182334,
                "sha256": "AB",
                "signatures": [{"serial": 77, "valid": True}],
            },
            {"name": "PL.xlsx", "role": "attachment", "signatures": []},
            {"name": "PL2.xlsx", "role": "attachment"},
        ],
    }
    result = conformed("documents", row)
    document = result.frame("documents").iloc[0]
    assert (document["agency"], document["log_day"], document["page"]) == ("H03", pd.Timestamp("2021-02-04"), "a" * 64)
    assert (document["page_no"], document["line"], document["deleted"]) == (1, 1, False)
    assert document["changed_at"] == pd.Timestamp("2021-02-04T10:00:00Z")
    assert document["signed_at"] == pd.Timestamp("2021-02-04T08:20:11.25Z")
    assert document["due_at"] == pd.Timestamp("2021-02-10T17:00:00Z")
    assert document["issued_date"] == pd.Timestamp("2021-02-04")
    assert document["page_count"] == 2
    assert list(document["recipients"]) == ["H03.12", "H03.02"]
    files = result.frame("files")
    assert files["file_no"].tolist() == [1, 2, 3]
    assert files["has_signatures"].tolist() == [True, True, False]
    assert files["size_bytes"].tolist()[0] == 182334
    assert files["sha256"].tolist()[0] == "ab"
    signatures = result.frame("signatures")
    assert signatures[["file_no", "signature_no", "serial", "valid"]].to_numpy().tolist() == [[1, 1, "77", True]]
    assert pd.isna(signatures["intact"].iloc[0])
    assert {*files["document_row"], *signatures["document_row"]} == {document["document_row"]}


@pytest.mark.parametrize(("files", "has_files"), [([], True), (None, False), ("absent", False)])
def test_no_files_is_told_from_not_telling(files: object, has_files: bool) -> None:
    fields = {} if files == "absent" else {"files": files, "recipients": files}
    document = only("documents", **fields)
    assert (document["has_files"], document["has_recipients"]) == (has_files, has_files)
    assert list(document["recipients"]) == []


@pytest.mark.parametrize(
    ("table", "fields", "column", "expected"),
    [
        ("sends", {"number": 814}, "number", "814"),
        ("sends", {"number": "N/A", "document_uid": "u"}, "number", None),
        ("sends", {"recipient": "000.00.12.h03"}, "recipient", "H03.12"),
        ("sends", {"recipient": "nowhere"}, "recipient", "NOWHERE"),
        ("sends", {"business_type": None}, "business_type", 0),
        ("sends", {"business_type": "2"}, "business_type", 2),
        ("sends", {"business_type": 9}, "business_type", 9),
        ("sends", {"attempt": None}, "attempt", None),
        ("sends", {"axis_doc_id": 12}, "axis_doc_id", "12"),
        ("sends", {"state": " done "}, "state", "done"),
        ("sends", {"state": "sent?"}, "state", "sent?"),
        ("sends", {"deleted": True}, "deleted", True),
        ("sends", {"unknown": {"of": ["any", "kind"]}}, "number", "814"),
        ("sends", {"error_message": "x" * 5000}, "error_message", "x" * 3999 + "…"),
        ("receipts", {"urgency": "rất khẩn"}, "urgency", "rất khẩn"),
        ("receipts", {"due_at": "2021-02-10"}, "due_at", pd.Timestamp("2021-02-10T17:00:00Z")),
        ("receipts", {"due_at": "2021-02-10T11:30:00"}, "due_at", pd.Timestamp("2021-02-10T04:30:00Z")),
        ("receipts", {"completed_at": " "}, "completed_at", None),
        ("receipts", {"needs_reply": False}, "needs_reply", False),
        ("receipts", {"needs_reply": None}, "needs_reply", None),
        ("receipts", {"received_file_sha256": "AbC"}, "received_file_sha256", "abc"),
        ("statuses", {"status_code": 3}, "status_code", "03"),
        ("statuses", {"status_code": None}, "status_code", None),
        ("statuses", {"issued_date": None, "document_uid": "u"}, "issued_date", None),
    ],
)
def test_value(table: str, fields: dict[str, object], column: str, expected: object) -> None:
    value = only(table, **fields)[column]
    assert (None if pd.isna(value) else value) == expected


@pytest.mark.parametrize(
    ("table", "fields", "reason", "field"),
    [
        ("sends", {"sender": None}, "missing_field", "sender"),
        ("sends", {"sender": "N/A"}, "missing_field", "sender"),
        ("sends", {"recipient": ""}, "missing_field", "recipient"),
        ("sends", {"number": None}, "missing_key", "number"),
        ("sends", {"notation": None, "document_uid": " "}, "missing_key", "notation"),
        ("sends", {"issued_date": None, "document_uid": "null"}, "missing_key", "issued_date"),
        ("sends", {"issued_date": "2014/02/30"}, "bad_date", "issued_date"),
        ("sends", {"issued_date": "2014-02-30", "document_uid": "u"}, "bad_date", "issued_date"),
        ("sends", {"sent_at": None}, "missing_field", "sent_at"),
        ("sends", {"sent_at": "yesterday"}, "bad_time", "sent_at"),
        ("sends", {"sent_at": "2021-02-04"}, "bad_time", "sent_at"),
        ("sends", {"sent_at": 1612428062}, "wrong_type", "sent_at"),
        ("sends", {"changed_at": "2021-02-30T00:00:00"}, "bad_time", "changed_at"),
        ("sends", {"attempt": "first"}, "bad_number", "attempt"),
        ("sends", {"attempt": 1.5}, "wrong_type", "attempt"),
        ("sends", {"attempt": 2**31}, "out_of_range", "attempt"),
        ("sends", {"number": True}, "wrong_type", "number"),
        ("sends", {"number": 10**4000}, "too_long", "number"),
        ("sends", {"notation": "A" * 501}, "too_long", "number"),
        ("sends", {"document_uid": "A" * 501}, "too_long", "document_uid"),
        ("sends", {"recipient": "A" * 501}, "too_long", "recipient"),
        ("sends", {"deleted": "yes"}, "wrong_type", "deleted"),
        ("statuses", {"at": None}, "missing_field", "at"),
        ("statuses", {"from_org": None}, "missing_field", "from_org"),
        ("documents", {"recipients": "H03.12"}, "wrong_type", "recipients"),
        ("documents", {"recipients": ["H03.12", None]}, "wrong_type", "recipients[1]"),
        ("documents", {"recipients": ["A" * 501]}, "too_long", "recipients"),
        ("documents", {"files": [{"size_bytes": "many"}]}, "bad_number", "files[0].size_bytes"),
        (
            "documents",
            {"files": [{}, {"signatures": [{"valid_to": "soon"}]}]},
            "bad_time",
            "files[1].signatures[0].valid_to",
        ),
        ("documents", {"files": [{"signatures": [{"valid": "yes"}]}]}, "wrong_type", "files[0].signatures[0].valid"),
    ],
)
def test_fault(table: str, fields: dict[str, object], reason: str, field: str) -> None:
    assert fault(table, **fields) == (reason, field)


def test_a_reject_says_where_it_stands_and_harms_no_neighbour() -> None:
    first = PageItems("a" * 64, 1, json.dumps([ROW["sends"], 5, ROW["sends"] | {"sent_at": "?"}]).encode())
    second = PageItems("b" * 64, 2, b'[{"sender":"\xff"}, [], ' + json.dumps(ROW["sends"]).encode() + b"]")
    result = conform("sends", [first, second], ORIGIN, REGISTRY, NORMALISER)
    assert result.frame("sends")[["page_no", "line"]].to_numpy().tolist() == [[1, 1], [2, 3]]
    rejects = result.frame("rejects")
    assert rejects[["page_no", "line", "reason"]].to_numpy().tolist() == [
        [1, 2, "not_an_object"],
        [1, 3, "bad_time"],
        [2, 1, "bad_text"],
        [2, 2, "not_an_object"],
    ]
    assert rejects["excerpt"].tolist()[0] == "5"
    assert set(rejects["reason"]) <= set(REASONS)


def test_an_excerpt_is_one_printable_line() -> None:
    reject = conformed("sends", {"sender": "\u202e\n\x1b]0;x\x07" * 100}).frame("rejects").iloc[0]
    assert reject["excerpt"].isprintable()
    assert len(reject["excerpt"]) <= 200


def test_equal_keys_have_equal_references_in_all_tables() -> None:
    spelt = {"number": "0814", "notation": "ubnd – vxnv#H03", "issued_date": "2021-02-04"}
    whole = {"number": "814/UBND-VXNV", "notation": None}
    references = {int(only(table, **fields)["reference"]) for table in ROWS for fields in ({}, spelt, whole)}
    assert len(references) == 1


@pytest.mark.parametrize("table", ROWS)
def test_no_rows_have_the_declared_types(table: str) -> None:
    nothing = conform(table, [], ORIGIN, REGISTRY, NORMALISER)
    something = conformed(table, ROW[table])
    assert set(nothing.tables) == set(something.tables)
    for name, rows in nothing.tables.items():
        assert rows.schema.equals(SCHEMAS[name])
        assert nothing.frame(name).dtypes.astype(str).equals(something.frame(name).dtypes.astype(str))


def fields_of(table: str) -> list[str]:
    return list(ROWS[table].__struct_fields__)


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=8),
        st.just("2021-02-04T00:00:00Z"),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)


@st.composite
def wire_rows(draw: st.DrawFn) -> tuple[str, list[object]]:
    """Rows of one table: good ones, good ones with one wrong field, and anything else."""
    table = draw(st.sampled_from(list(ROWS)))
    spoilt = st.tuples(st.sampled_from(fields_of(table)), json_values).map(
        lambda field: {**ROW[table], field[0]: field[1]}
    )
    return table, draw(st.lists(st.one_of(st.just(ROW[table]), spoilt, json_values), max_size=8))


@settings(deadline=None, max_examples=300)
@given(wire_rows())
def test_rows_and_rejects_are_the_rows_received(received: tuple[str, list[object]]) -> None:
    table, rows = received
    result = conformed(table, *rows)
    lines = [*result.frame(table)["line"], *result.frame("rejects")["line"]]
    assert sorted(lines) == list(range(1, len(rows) + 1))


@settings(deadline=None, max_examples=50)
@given(wire_rows(), st.integers(1, 3))
def test_how_rows_are_cut_into_pages_does_not_matter(received: tuple[str, list[object]], size: int) -> None:
    table, rows = received
    cuts = [rows[start : start + size] for start in range(0, len(rows), size)]
    pages = [PageItems(f"{number:064}", number, json.dumps(cut).encode()) for number, cut in enumerate(cuts, start=1)]
    cut = conform(table, pages, ORIGIN, REGISTRY, NORMALISER)
    whole = conformed(table, *rows)
    place = ["page", "page_no", "line", *(["document_row"] if table == "documents" else [])]
    pd.testing.assert_frame_equal(cut.frame(table).drop(columns=place), whole.frame(table).drop(columns=place))
    assert cut.frame("rejects")["reason"].tolist() == whole.frame("rejects")["reason"].tolist()


def test_texts_that_are_their_own_normal_forms_read_as_any_other() -> None:
    plain = "0d9c" * 8
    ids = [plain, plain.upper(), f" {plain}", f"{plain}\u0301", None, 814, "N/A", "x" * 501]
    for count in range(1, len(ids) + 1):
        rows = [{**ROW["sends"], "axis_doc_id": one, "attempt": number} for number, one in enumerate(ids[:count])]
        read = conformed("sends", *rows)
        told = read.tables["sends"].column("axis_doc_id").to_pylist()
        expected = [plain, plain.upper(), plain, f"{plain}\u0301", None, "814", None]
        assert told == [unicodedata.normalize("NFC", one) if one else one for one in expected[: min(count, 7)]]
        assert read.rejects.num_rows == max(count - 7, 0)


def test_a_hash_is_told_in_lower_case_however_many_are() -> None:
    digest = "AB12" * 16
    for others in ([], ["ab12" * 16], [" AB12 "]):
        rows = [{**ROW["receipts"], "received_file_sha256": one} for one in (digest, *others)]
        told = conformed("receipts", *rows).tables["receipts"].column("received_file_sha256").to_pylist()
        assert told == [one.strip().lower() for one in (digest, *others)]
