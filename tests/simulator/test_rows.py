"""The rows obey the contract: fields, keys, days, versions."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from audit.simulator import TABLES, Province
from audit.simulator.rendering import old_code

LOCAL = timezone(timedelta(hours=7))
KEYS = {
    "documents": ("sender", "issued_date", "number", "notation", "document_uid"),
    "sends": ("sender", "issued_date", "number", "notation", "recipient", "axis_doc_id", "attempt"),
    "receipts": ("sender", "issued_date", "number", "notation", "recipient", "axis_doc_id"),
    "statuses": ("from_org", "to_org", "number", "notation", "issued_date", "status_code", "at"),
}
FIELDS = {
    "documents": "document_uid sender number notation issued_date doc_type subject signer_name signer_position signer_competence "
    "signed_at urgency secrecy due_date page_count declared_file_count recipients topics files changed_at deleted",
    "sends": "document_uid sender number notation issued_date recipient axis_doc_id attempt business_type reason sent_at state "
    "state_at error_code error_message replaces changed_at deleted",
    "receipts": "document_uid sender number notation issued_date recipient axis_doc_id business_type arrived_at state state_at "
    "error_code error_message subject doc_type signer_name urgency secrecy needs_reply arrival_number registered_at forwarded_at "
    "due_at completed_at returned_at return_reason received_file_sha256 changed_at deleted",
    "statuses": "document_uid from_org to_org number notation issued_date axis_doc_id status_code at description staff changed_at deleted",
}
EVENTS = {
    "documents": ("signed_at",),
    "sends": ("sent_at", "state_at"),
    "receipts": ("arrived_at", "state_at", "registered_at", "forwarded_at", "completed_at", "returned_at"),
    "statuses": ("at",),
}


def instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)


def rows_of(province: Province, table: str, first: date = date.min) -> list[tuple[str, date, dict[str, Any]]]:
    return [
        (agency, day, row)
        for day in province.days()
        if day >= first
        for agency in province.offices
        for row in province.rows(agency, day, table)
    ]


@pytest.mark.parametrize("table", TABLES)
def test_rows_have_the_fields_of_the_contract(small: Province, table: str) -> None:
    rows = rows_of(small, table)
    assert rows
    assert {field for _, _, row in rows for field in row} <= set(FIELDS[table].split())


@pytest.mark.parametrize("table", TABLES)
def test_a_day_tells_nothing_of_later_days(small: Province, table: str) -> None:
    for _, day, row in rows_of(small, table):
        end = datetime(day.year, day.month, day.day, tzinfo=LOCAL) + timedelta(days=1)
        told = [instant(row[field]) for field in (*EVENTS[table], "changed_at") if row.get(field)]
        assert all(at <= end for at in told), row


@pytest.mark.parametrize("table", TABLES)
def test_a_row_stands_on_each_day_on_which_it_changed_and_once_a_day(small: Province, table: str) -> None:
    seen: dict[tuple[str, date], list[Any]] = defaultdict(list)
    for agency, day, row in rows_of(small, table):
        changed_at = row.get("changed_at")
        assert changed_at is None or instant(changed_at).astimezone(LOCAL).date() == day
        seen[agency, day].append(tuple(row.get(field) for field in KEYS[table]))
    for keys in seen.values():
        assert len(set(keys)) == len(keys)


def test_a_receipt_that_is_completed_later_comes_again_with_what_it_lacked(small: Province) -> None:
    versions: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for agency, _, row in rows_of(small, "receipts"):
        versions[agency, row["axis_doc_id"]].append(row)
    completed = [found for found in versions.values() if len(found) > 1 and found[-1].get("completed_at")]
    assert len(completed) > 100
    for found in completed:
        assert found[0].get("completed_at") is None
        assert found[0]["arrived_at"] == found[-1]["arrived_at"]


def test_a_document_may_be_revised_too(demo: Province) -> None:
    revised = [document for document in demo.documents if document.revised_at is not None]
    assert revised
    versions = [row for _, _, row in rows_of(demo, "documents") if row["document_uid"] == revised[0].uid]
    assert [row.get("signer_position") is None for row in versions] == [True, False]


def test_logs_are_written_in_many_ways(demo: Province) -> None:
    week = {table: [row for _, _, row in rows_of(demo, table, demo.options.start)] for table in TABLES}
    rows, receipts = [row for found in week.values() for row in found], week["receipts"]
    assert any(row.get("sender") == "000.00.00.H03" for row in receipts)
    assert any(row["arrived_at"].endswith("Z") for row in receipts)
    assert any(len(row["arrived_at"]) == 19 for row in receipts)
    assert any("/" in (row.get("number") or "") and row.get("notation") is None for row in receipts)
    assert any(row.get("subject") and not unicodedata.is_normalized("NFC", row["subject"]) for row in receipts)
    assert any(set(row.get("notation") or "") & set("–\u2011\u2212 ") for row in receipts)
    assert any(row.get("status_code") == "3" for row in rows)
    assert any(row.get("deleted") for row in rows)
    assert any((row.get("notation") or "A-").islower() for row in receipts)
    assert any(row.get("document_uid") is None for row in receipts)


@pytest.mark.parametrize(
    ("code", "old"),
    [
        ("H03", "000.00.00.H03"),
        ("H03.12", "000.00.12.H03"),
        ("H03.31.07", "000.07.31.H03"),
        ("H03-16", "H03-16"),
        ("G22", "000.00.00.G22"),
    ],
)
def test_old_codes_are_those_of_qcvn_102(code: str, old: str) -> None:
    assert old_code(code) == old


def test_the_running_day_tells_what_has_happened_so_far(running: Province) -> None:
    day = running.options.end
    now = (day - date(1970, 1, 1)).days * 86400 + 11 * 3600
    so_far = {
        table: sum(len(running.rows(code, day, table, until=now)) for code in running.offices) for table in TABLES
    }
    whole = {table: sum(len(running.rows(code, day, table)) for code in running.offices) for table in TABLES}
    assert all(0 < so_far[table] < whole[table] for table in TABLES)
    for code in running.offices:
        for row in running.rows(code, day, "sends", until=now):
            assert instant(row["sent_at"]) <= datetime(day.year, day.month, day.day, 11, tzinfo=LOCAL)
