"""The contract of sources, for `vxp` and `lgsp`: pages end, no row is lost, failures are told, a broken pull goes on."""

from __future__ import annotations

import base64
import contextlib
import json
import tracemalloc
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.archive import pack
from audit.axis_messages import PageMessages
from audit.edxml import read_message
from audit.evidence import Evidence
from audit.log import Log
from audit.pull import PullEntry, pull
from audit.rebuild import Conformer
from audit.registry import Registry
from audit.settings import Agency
from audit.source import Request
from audit.sources import source_class
from tests.sources.gateway import SECRET, Gateway, running
from tests.sources.messages import PDF, attachment, document, status
from tests.sources.server import settings_of

DAY = date(2021, 2, 4)
KINDS = ("vxp", "lgsp")


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIT_TEST_SECRET", SECRET)


def received(number: int, day: str = "2021-02-04") -> dict[str, Any]:
    """An entry of both interfaces' lists of what was received."""
    times = {
        "created_time": f"{day} 08:00:00",
        "updated_time": f"{day} 08:05:00",
        "createdTime": f"{day} 08:00:00",
        "updatedTime": f"{day} 08:05:00",
    }
    return {
        "docId": f"r{number}",
        "serviceType": "eDoc",
        "messageType": "edoc",
        "from": "H03.12",
        "to": "H03",
        "status": "done",
        **times,
    }


def gateway(count: int = 3, **changes: Any) -> Gateway:
    messages = {
        f"r{number}": document(
            sender="000.00.12.H03", recipients=("000.00.00.H03",), number=str(number), files=[attachment("a.pdf", PDF)]
        )
        for number in range(1, count + 1)
    }
    lists = {
        ("received", "edoc"): [received(number) for number in range(1, count + 1)],
        ("received", "status"): [{**received(0), "docId": "s1", "messageType": "status"}],
    }
    messages["s1"] = status()
    sent = {
        "senderDocId": "d1",
        "fromCode": "H03",
        "title": "V/v",
        "notation": "814/UBND-VXNV",
        "sentTime": "2021-02-04 15:41:02",
        "sendStatus": "done",
    }
    lists["sent", "edoc"] = [
        {**sent, "toCode": "H03.12", "receiverDocId": "x1", "receivedTime": "2021-02-04 15:41:09", "receiveStatus": "done"},
        {**sent, "toCode": "H03.13", "receiverDocId": "x2", "receiveStatus": "fail", "receiveStatusDesc": "Đơn vị nhận đã khóa"},
        {**sent, "toCode": "H03.14", "receiverDocId": "x3", "receiveStatus": "105"},
    ]  # fmt: skip
    messages["d1"] = document(recipients=("H03.12", "H03.13", "H03.14"), files=[attachment("814.pdf", PDF)])
    return Gateway(lists, messages, **changes)


class Case:
    def __init__(self, folder: Path, kind: str, url: str, **changes: object) -> None:
        source = {
            "kind": kind,
            "base_url": url,
            "system_id": "H03-system",
            "secret": "env:AUDIT_TEST_SECRET",
            "timeout_s": 2.0,
            "requests_per_second": 1000.0,
        }
        self.agency = Agency.model_validate(
            {"code": "H03", "name": "UBND", "kind": "other", "source": source, **changes}
        )
        self.settings = settings_of(self.agency)
        self.registry = Registry(self.settings)
        self.evidence, self.log = Evidence(folder / "evidence"), Log(folder / "log")

    def pull(self) -> dict[str, PullEntry]:
        report = pull(self.settings, self.registry, self.evidence, [DAY])
        Conformer(self.settings, self.registry, self.evidence, self.log).conform([DAY])
        return {entry.table: entry for entry in report.entries}

    def rows(self, table: str) -> pd.DataFrame:
        return self.log.read(table)


def test_vxp_tells_all_four_tables(tmp_path: Path) -> None:
    with running(gateway()) as url:
        case = Case(tmp_path, "vxp", url)
        assert {entry.outcome for entry in case.pull().values()} == {"complete"}
    assert case.rows("documents")[["sender", "number", "notation"]].values.tolist() == [["H03", "814", "UBND-VXNV"]]
    assert case.rows("files")["size_bytes"].tolist() == [len(PDF)]
    sends = case.rows("sends")
    assert sends[["recipient", "axis_doc_id", "state"]].values.tolist() == [
        ["H03.12", "x1", "done"],
        ["H03.13", "x2", "fail"],
        ["H03.14", "x3", "105"],
    ]
    assert sends["error_message"].tolist()[1] == "Đơn vị nhận đã khóa"
    assert str(sends["state_at"][0]) == "2021-02-04 08:41:09+00:00"
    assert case.rows("statuses")["status_code"].tolist() == ["03"]
    assert len(case.rows("receipts")) == 3
    assert case.rows("rejects").empty


@pytest.mark.parametrize("kind", KINDS)
def test_receipts_know_document_arrival_and_message(tmp_path: Path, kind: str) -> None:
    with running(gateway(1)) as url:
        case = Case(tmp_path, kind, url)
        case.pull()
    (row,) = case.rows("receipts").to_dict("records")
    assert (row["sender"], row["recipient"], row["number"], row["axis_doc_id"], row["state"]) == (
        "H03.12",
        "H03",
        "1",
        "r1",
        "done",
    )
    assert str(row["arrived_at"]) == "2021-02-04 01:00:00+00:00"
    assert row["issued_date"] == pd.Timestamp("2021-02-04")


def test_lgsp_tells_what_was_received_and_nothing_else(tmp_path: Path) -> None:
    with running(gateway()) as url:
        case = Case(tmp_path, "lgsp", url)
        entries = case.pull()
    assert {table: entry.outcome for table, entry in entries.items()} == {
        "receipts": "complete",
        "statuses": "complete",
    }
    assert case.agency.tables == ("receipts", "statuses")
    assert {"unanswered_receipt", "backlog"} <= case.agency.untold_rules


@pytest.mark.parametrize("kind", KINDS)
def test_pages_end_and_no_row_is_lost(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.axis.SLICE", 4)
    with running(gateway(10)) as url:
        case = Case(tmp_path, kind, url)
        assert (case.pull()["receipts"].pages, case.pull()["receipts"].outcome) == (3, "kept")
    assert sorted(map(int, case.rows("receipts")["number"])) == list(range(1, 11))


def test_vxp_turns_the_lists_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.sources.vxp.PAGE_ROWS", 4)
    monkeypatch.setattr(
        "audit.sources.vxp.Vxp.dialect",
        source_class("vxp").dialect.__class__(**{**vars(source_class("vxp").dialect), "page_rows": 4}),
    )  # type: ignore[attr-defined]
    with running(gateway(8)) as url:
        case = Case(tmp_path, "vxp", url)
        assert case.pull()["receipts"].outcome == "complete"
    assert sorted(case.rows("receipts")["number"]) == list("12345678")


@pytest.mark.parametrize("page_rows", [4, 500])
def test_vxp_that_ignores_day_and_page_loses_nothing_and_takes_nothing_of_other_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page_rows: int
) -> None:
    dialect = source_class("vxp").dialect  # type: ignore[attr-defined]
    monkeypatch.setattr("audit.sources.vxp.Vxp.dialect", dialect.__class__(**{**vars(dialect), "page_rows": page_rows}))
    odd = gateway(3, ignores_asking=True)
    odd.lists["received", "edoc"].append(received(9, "2021-02-03"))
    with running(odd) as url:
        case = Case(tmp_path, "vxp", url)
        assert case.pull()["receipts"].outcome == "complete"
    assert sorted(case.rows("receipts")["number"]) == list("123")


@pytest.mark.parametrize("kind", KINDS)
def test_an_interrupted_pull_goes_on(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.axis.SLICE", 4)
    odd = gateway(10)
    odd.misbehave = lambda name, number: (503, b"") if name == "getEdoc" and number > 6 else None
    with running(odd) as url:
        case = Case(tmp_path, kind, url, tables=("receipts",))
        entry = case.pull()["receipts"]
        assert (entry.outcome, entry.rows, entry.failed_at) == ("partial", 4, "agency")
        odd.misbehave = lambda _name, _number: None
        asked = odd.asked.count("getEdoc")
        assert case.pull()["receipts"].outcome == "complete"
        assert odd.asked.count("getEdoc") - asked == 6
    assert sorted(map(int, case.rows("receipts")["number"])) == list(range(1, 11))


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_that_cannot_be_had_or_read_is_a_reject(tmp_path: Path, kind: str) -> None:
    odd = gateway(3)
    del odd.messages["r2"]
    odd.messages["r3"] = b"<edXML><broken>"
    with running(odd) as url:
        case = Case(tmp_path, kind, url, tables=("receipts",))
        assert case.pull()["receipts"].rows == 3
    assert (case.rows("receipts")["number"].tolist(), len(case.rows("rejects"))) == (["1"], 2)


def test_a_message_named_many_times_is_asked_for_and_kept_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.axis.KEPT_BYTES_MAX", 0)
    odd = gateway(0)
    with running(odd) as url:
        case = Case(tmp_path, "vxp", url, tables=("sends",))
        assert case.pull()["sends"].outcome == "complete"
    assert odd.asked.count("getEdoc") == 1
    assert case.rows("sends")["recipient"].tolist() == ["H03.12", "H03.13", "H03.14"]


def test_a_page_gathers_no_more_than_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = gateway(5)
    size = len(base64.b64encode(odd.messages["r1"]))
    monkeypatch.setattr("audit.axis.PAGE_BYTES_MAX", int(2.5 * (size + 100)))
    with running(odd) as url:
        case = Case(tmp_path, "vxp", url, tables=("receipts",))
        assert case.pull()["receipts"].rows == 5
    assert odd.asked.count("getEdoc") == 3
    assert sorted(case.rows("receipts")["number"]) == ["1", "2"]
    assert len(case.rows("rejects")) == 3


@pytest.mark.parametrize("table", ["documents", "sends"])
def test_a_message_named_many_times_is_read_once(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []
    monkeypatch.setattr("audit.axis_messages.read_message", lambda edoc: read.append(edoc) or read_message(edoc))
    sent = [{"senderDocId": "d1", "toCode": f"H03.{unit}", "sentTime": "2021-02-04 15:41:02"} for unit in range(100)]
    answer = json.dumps({"status": "OK", "data": base64.b64encode(document()).decode()}).encode()
    page = pack([("list.json", json.dumps({"status": "OK", "data": sent}).encode()), ("0.edoc", answer)])
    agency = Agency.model_validate({"code": "H03", "name": "UBND", "kind": "other"})
    rows = json.loads(source_class("vxp").items(agency, Request("H03", table, DAY), page))
    assert len(rows) == {"documents": 1, "sends": 100}[table]
    assert read == [document()]


def test_the_files_of_a_pages_messages_are_not_held_together() -> None:
    messages = {
        f"{place}.edoc": document(files=[attachment("a.pdf", bytes(1 << 20))]) for place in range(30)
    }  # a kilobyte each
    held = PageMessages(lambda body: body, messages)
    tracemalloc.start()
    try:
        for name in messages:
            assert not isinstance(held.read(name), str)
        assert tracemalloc.get_traced_memory()[0] < 10 << 20
    finally:
        tracemalloc.stop()


def test_a_list_is_not_kept_a_thousand_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.axis.SLICE", 1)
    monkeypatch.setattr("audit.axis.LISTS_BYTES_MAX", 10_000)
    long = gateway(40)
    with running(long) as url:
        entry = Case(tmp_path, "lgsp", url, tables=("receipts",)).pull()["receipts"]
    assert (entry.outcome, entry.failed_at, entry.rows) == ("partial", "agency", 0)
    assert entry.reason.startswith("a list of 40 messages in")


def test_pages_kept_with_a_message_at_each_position_are_read() -> None:
    sent = [{"senderDocId": "d1", "toCode": code, "sentTime": "2021-02-04 15:41:02"} for code in ("H03.12", "H03.13")]
    answer = json.dumps({"status": "OK", "data": base64.b64encode(document()).decode()}).encode()
    agency = Agency.model_validate({"code": "H03", "name": "UBND", "kind": "other"})
    listed = ("list.json", json.dumps({"status": "OK", "data": sent}).encode())
    of_old, of_new = (
        source_class("vxp").items(agency, Request("H03", "sends", DAY), pack([listed, *edocs]))
        for edocs in ([("0.edoc", answer), ("1.edoc", answer)], [("0.edoc", answer)])
    )
    assert of_old == of_new
    assert [row["recipient"] for row in json.loads(of_new)] == ["H03.12", "H03.13"]


def test_whose_a_message_is_the_list_decides(tmp_path: Path) -> None:
    odd = gateway(3)
    odd.messages["d1"] = document(sender="000.05.00.H03", recipients=("H03.12",))  # sent for a unit of its own
    odd.messages["r1"] = document(sender="000.00.00.H03", recipients=("000.00.00.H03",), number="1")  # to itself
    odd.messages["r2"] = status()
    with running(odd) as url:
        case = Case(tmp_path, "vxp", url)
        entries = case.pull()
    assert (entries["sends"].rows, entries["receipts"].rows) == (3, 3)
    assert case.rows("sends")["sender"].tolist() == ["H03.05"] * 3
    assert sorted(case.rows("receipts")["number"]) == ["1", "3"]
    assert case.rows("rejects")["table"].tolist() == ["receipts"]


def test_a_token_that_ends_within_a_pull_is_renewed(tmp_path: Path) -> None:
    odd = gateway(10, token_lives=4)
    with running(odd) as url:
        case = Case(tmp_path, "lgsp", url)
        assert {entry.outcome for entry in case.pull().values()} == {"complete"}
    assert odd.logins > 2
    assert len(case.rows("receipts")) == 10


REFUSALS: list[tuple[str, int, bytes, str, str]] = [
    ("vxp", 200, b"", "empty answer", "agency"),
    ("vxp", 200, b"Unauthorized", "credentials refused", "ours"),
    ("vxp", 200, b'{"status":"FAIL","ErrorCode":"15","ErrorDesc":"x"}', "credentials refused", "ours"),
    ("vxp", 200, b'{"status":"FAIL","ErrorCode":"20"}', "refused (code 20)", "agency"),
    ("vxp", 200, b'{"status":"FAIL","ErrorCode":"777","data":[]}', "refused (code 777)", "agency"),
    ("vxp", 200, b'{"status":"OK","data":{}}', "no list", "agency"),
    ("vxp", 200, b"<html>", "no list", "agency"),
    ("vxp", 200, b'{"status":"OK","data":[' + b"0," * 1_000_000 + b"0]}", "more than 1000000 values", "agency"),
    ("vxp", 200, b"[" * 90_000, "no list", "agency"),
    ("lgsp", 200, b"", "empty answer", "agency"),
    ("lgsp", 200, b"Unauthorized", "credentials refused", "ours"),
    ("lgsp", 401, b"licenseInfo:invalid", "credentials refused", "ours"),
    ("lgsp", 200, b'{"success":false,"data":{"errorCode":"15"}}', "credentials refused", "ours"),
    ("lgsp", 200, b'{"success":false,"errorCode":"23"}', "organ is locked", "agency"),
    ("lgsp", 200, b'{"success":true,"count":2,"data":[]}', "no list", "agency"),
    ("lgsp", 200, b'{"success":true,"data":[' + b"0," * 1_000_000 + b"0]}", "more than 1000000 values", "agency"),
    ("lgsp", 502, b"<html>", "refused", "agency"),
]


@pytest.mark.parametrize(("kind", "code", "body", "reason", "failed_at"), REFUSALS)
def test_what_is_no_list_is_told_and_never_complete(
    tmp_path: Path, kind: str, code: int, body: bytes, reason: str, failed_at: str
) -> None:
    odd = gateway()
    odd.misbehave = lambda name, _number: (code, body) if name.endswith("List") else None
    with running(odd) as url:
        entry = Case(tmp_path, kind, url, tables=("receipts",)).pull()["receipts"]
    assert (entry.outcome, entry.failed_at) == ("partial", failed_at)
    assert reason in entry.reason


def test_a_failure_that_may_pass_is_tried_again(tmp_path: Path) -> None:
    odd = gateway()
    odd.misbehave = lambda _name, number: (503, b"") if number == 1 else None
    with running(odd) as url:
        assert {entry.outcome for entry in Case(tmp_path, "vxp", url).pull().values()} == {"complete"}


@pytest.mark.parametrize("kind", KINDS)
def test_secrets_stay_out_of_evidence_and_logs(tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    with running(gateway()) as url:
        Case(tmp_path, kind, url).pull()
    assert SECRET not in caplog.text
    assert SECRET.encode() not in (tmp_path / "evidence" / "2021-02-04.sqlite").read_bytes()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "status", "docId", "success", "count", "sentTime", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("kind", KINDS)
@given(value=JSON, edoc=st.binary(max_size=60))
def test_no_answer_breaks_the_reading(kind: str, value: object, edoc: bytes) -> None:
    agency = Agency.model_validate({"code": "H03", "name": "UBND", "kind": "other"})
    items: Callable[..., bytes] = source_class(kind).items
    for data in ({"data": [value], "status": "OK", "success": True}, value):
        body = pack([("list.json", json.dumps(data).encode()), ("0.edoc", edoc)])
        # no list at all is told by a ValueError, and by nothing else
        with contextlib.suppress(ValueError):
            assert isinstance(json.loads(items(agency, Request("H03", "receipts", DAY), body)), list)
