"""edXML messages of different systems become the same rows; what cannot be read says why."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.archive import pack
from audit.edxml import PageRows, UnreadableMessageError, read_message, rows_of
from audit.edxml.attachments import unwrapped
from audit.edxml.message import RECIPIENTS_MAX
from audit.edxml.rows import ROW_LENGTH
from audit.edxml.times import wire_day, wire_instant
from audit.edxml.tree import VALUE_LENGTH_MAX
from audit.normal_forms import NAME_LENGTH_MAX, PROSE_LENGTH_MAX
from audit.settings import Agency
from audit.simulator.dialects.letters import HABITS, Answer, Carried, Habit, Letter, answered, written
from tests.sources.messages import PDF, attachment, document, status

H03 = Agency.model_validate({"code": "H03", "name": "UBND tỉnh", "kind": "people_committee_province"})
H03_12 = Agency.model_validate({"code": "H03.12", "name": "Sở", "kind": "department"})
KEY = {
    "document_uid": "000.00.00.H03,2021/02/04,814/UBND-VXNV",
    "sender": "000.00.00.H03",
    "number": "814",
    "notation": "UBND-VXNV",
    "issued_date": "2021-02-04",
}


def test_a_sent_document_is_a_document_and_a_send_to_each() -> None:
    message = read_message(document(recipients=("000.00.12.H03", "H03.13"), files=[attachment("814.pdf", PDF)]))
    (row,) = rows_of("documents", message, H03)
    sha256 = hashlib.sha256(PDF).hexdigest()
    assert row == KEY | {
        "doc_type": "Công văn", "subject": "V/v tăng cường gửi, nhận văn bản điện tử", "signer_name": "Hoàng Văn Thử", "signer_position": "CHỦ TỊCH",
        "signer_competence": "TM. ỦY BAN NHÂN DÂN", "due_date": "2021-02-10", "urgency": "khan", "page_count": "2", "recipients": ["000.00.12.H03", "H03.13"],
        "files": [{"name": "814.pdf", "role": "main", "content_type": "application/pdf", "size_bytes": len(PDF), "sha256": sha256}], "xml_signature": "absent",
    }  # fmt: skip
    sends = rows_of("sends", message, H03)
    assert [(send["recipient"], send["sent_at"]) for send in sends] == [
        ("000.00.12.H03", "2021-02-04T15:41:02+07:00"),
        ("H03.13", "2021-02-04T15:41:02+07:00"),
    ]
    assert rows_of("receipts", message, H03) == rows_of("statuses", message, H03) == []


@pytest.mark.parametrize(
    ("element", "told"),
    [
        ("<Signature><SignedInfo/><SignatureValue>kTyEpLdP</SignatureValue></Signature>", "present"),
        ("<edXML:DigitalSignature />", "absent"),
        ("<Signature><SignatureValue> </SignatureValue></Signature>", "absent"),
        ("", "absent"),
    ],
)
def test_an_xml_signature_is_told_and_proves_nothing(element: str, told: str) -> None:
    text = document(files=[attachment("814.pdf", PDF)]).decode()
    end = "</edXML:edXMLHeader>"
    assert end in text
    message = read_message(text.replace(end, element + end).encode())
    (row,), (receipt,) = rows_of("documents", message, H03), rows_of("receipts", message, H03_12)
    assert row["xml_signature"] == receipt["xml_signature"] == told
    assert "signatures" not in row["files"][0]


def test_a_received_document_is_a_receipt() -> None:
    message = read_message(document(files=[attachment("814.pdf", PDF, zipped=False, cid="")]))
    (row,) = rows_of("receipts", message, H03_12)
    assert KEY.items() <= row.items()
    assert (row["recipient"], row["state"], row["arrived_at"]) == ("H03.12", "done", None)
    assert row["received_file_sha256"] == hashlib.sha256(PDF).hexdigest()
    assert rows_of("documents", message, H03_12) == rows_of("sends", message, H03_12) == []


def test_a_status_is_of_the_document_it_answers() -> None:
    message = read_message(status())
    expected = KEY | {
        "from_org": "000.00.12.H03",
        "to_org": "000.00.00.H03",
        "number": "814/UBND-VXNV",
        "notation": None,
        "status_code": "03",
        "at": "2021-02-04T16:02:01+07:00",
        "description": "Đã tiếp nhận",
        "staff": "Văn thư",
    }
    del expected["sender"]
    assert rows_of("statuses", message, H03) == rows_of("statuses", message, H03_12) == [expected]
    assert rows_of("documents", message, H03) == rows_of("receipts", message, H03_12) == []


def test_a_recall_is_of_the_document_that_it_names_and_makes_no_document() -> None:
    about = "<edXML:ResponseFor><edXML:OrganId>000.00.00.H03</edXML:OrganId><edXML:Code>700/UBND-VXNV</edXML:Code><edXML:PromulgationDate>2021/02/01</edXML:PromulgationDate></edXML:ResponseFor>"
    business = "<edXML:BussinessDocType>1</edXML:BussinessDocType><edXML:BussinessDocReason>Sai nơi nhận</edXML:BussinessDocReason>"
    message = read_message(document(business=business, extra=about))
    assert rows_of("documents", message, H03) == []
    (send,) = rows_of("sends", message, H03)
    assert (send["number"], send["issued_date"], send["business_type"], send["reason"]) == (
        "700/UBND-VXNV",
        "2021-02-01",
        "1",
        "Sai nơi nhận",
    )


def test_an_update_is_a_version_of_the_document_and_a_replacement_names_the_old_one() -> None:
    update = read_message(document(business="<edXML:BussinessDocType>2</edXML:BussinessDocType>"))
    assert len(rows_of("documents", update, H03)) == 1
    business = "<edXML:BussinessDocType>3</edXML:BussinessDocType><edXML:ReplacementInfoList><edXML:ReplacementInfo><edXML:DocumentId>old</edXML:DocumentId></edXML:ReplacementInfo></edXML:ReplacementInfoList>"
    (send,) = rows_of("sends", read_message(document(business=business)), H03)
    assert (send["business_type"], send["replaces"]) == ("3", "old")


def test_prefixes_order_and_junk_do_not_matter() -> None:
    plain = read_message(document())
    other = (
        document()
        .replace(b"edXML:", b"ns7:")
        .replace(b"<ns7:Subject>", b"<Subject>")
        .replace(b"</ns7:Subject>", b"</Subject>")
    )
    other = other[other.index(b"<edXML") :]  # no declaration either
    assert read_message(b"1212" + other) == read_message(b"\xef\xbb\xbf" + document()) == plain
    assert read_message(document().decode().replace('encoding="utf-8"', 'encoding="utf-16"').encode("utf-16")) == plain


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no XML"),
        (b"1212", "no XML"),
        (b"<edXML><From></edXML>", "no well-formed XML"),
        (b"<edXML/>", "no MessageHeader"),
        (b'<!DOCTYPE e [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><e>&c;</e>', "document type"),
        (b'<!DOCTYPE e SYSTEM "http://127.0.0.1/x"><e/>', "document type"),
        (b"<a>" * 100_000, "more elements"),
        (b"<a>" + b"<b/>" * 60_000 + b"</a>", "more elements"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "no well-formed XML"),
        (document()[:900], "no well-formed XML"),
    ],
)
def test_what_is_no_message_says_why(body: bytes, reason: str) -> None:
    with pytest.raises(UnreadableMessageError, match=reason):
        read_message(body)


def test_a_bomb_of_an_attachment_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.edxml.attachments.FILES_BYTES_MAX", 1000)
    message = read_message(document(files=[attachment("a.pdf", b"%PDF" + b"0" * 5000), attachment("b.pdf", PDF)]))
    assert [(file.size_bytes, file.content) for file in message.attachments] == [(None, None), (len(PDF), PDF)]


def test_the_files_of_a_message_share_one_allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.edxml.attachments.FILES_BYTES_MAX", 1000)
    files = [attachment(f"{number}.pdf", b"%PDF" + b"0" * 596) for number in range(3)]
    # a workbook has nothing to be taken out of it
    files[:0] = [attachment("a.xlsx", pack([("x", bytes(900)), ("y", b"")]), zipped=False)]
    message = read_message(document(files=files))
    assert [file.size_bytes is not None for file in message.attachments] == [True, True, False, False]


@pytest.mark.parametrize("row", [{"number": None}, {"files": [{}] * 10}, {"recipients": ["a"] * 10}])
def test_blank_rows_and_files_count_too(row: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a thousand messages of nothing but recipients, or files, as many rows as of any others."""
    monkeypatch.setattr("audit.edxml.rows.ROWS_LENGTH_MAX", 100 * ROW_LENGTH)
    page = PageRows()
    for number in range(200):
        page.add(f"{number}.xml", [row])
    kept = [one for one in page.rows if isinstance(one, dict)]
    assert len(kept) == (100 if "number" in row else 9)
    assert len(page.rows) == 200


def test_long_values_are_cut_where_it_changes_nothing() -> None:
    long = "x" * (VALUE_LENGTH_MAX + 1)
    business = (
        f"<edXML:BussinessDocType>1</edXML:BussinessDocType><edXML:BussinessDocReason>{long}</edXML:BussinessDocReason>"
    )
    sends = rows_of("sends", read_message(document(recipients=("H03.12", long), business=business)), H03)
    assert [(len(send["recipient"]), len(send["reason"])) for send in sends] == [
        (6, VALUE_LENGTH_MAX),
        (VALUE_LENGTH_MAX, VALUE_LENGTH_MAX),
    ]
    assert 4 * max(NAME_LENGTH_MAX, PROSE_LENGTH_MAX) <= VALUE_LENGTH_MAX


def test_a_message_to_more_than_anyone_writes_to_is_none() -> None:
    assert len(read_message(document(recipients=("H03.12",) * RECIPIENTS_MAX)).recipients) == RECIPIENTS_MAX
    with pytest.raises(UnreadableMessageError, match="more recipients"):
        read_message(document(recipients=("H03.12",) * (RECIPIENTS_MAX + 1)))


def test_a_file_that_the_manifest_names_and_nobody_sent_has_no_size() -> None:
    reference, _ = attachment("814.pdf", PDF)
    (row,) = rows_of("documents", read_message(document(files=[(reference, "")])), H03)
    assert [(file["name"], file["size_bytes"]) for file in row["files"]] == [("814.pdf", None)]


@pytest.mark.parametrize(
    ("text", "day", "instant"),
    [
        ("2021/02/04", "2021-02-04", "2021-02-04"),
        ("04/02/2021", "2021-02-04", "2021-02-04"),
        ("05-01-2026", "2026-01-05", "2026-01-05"),
        ("2021/02/04 15:41:02", "2021-02-04", "2021-02-04T15:41:02+07:00"),
        ("04/02/2021 15:41:02", "2021-02-04", "2021-02-04T15:41:02+07:00"),
        ("15:41 04/02/2021", "2021-02-04", "2021-02-04T15:41:00+07:00"),
        ("04/02/2021 3:41:02 CH", "2021-02-04", "2021-02-04T15:41:02+07:00"),
        ("1612428062000", "2021-02-04", "2021-02-04T15:41:02+07:00"),
        ("2021-02-04T08:41:02Z", "2021-02-04", "2021-02-04T15:41:02+07:00"),
        ("2021-02-04T23:30:00Z", "2021-02-05", "2021-02-05T06:30:00+07:00"),
        ("2021-02-04T15:41:02.123+0700", "2021-02-04", "2021-02-04T15:41:02+07:00"),
        ("20210204154102", "2021-02-04", "2021-02-04T15:41:02+07:00"),
        ("ngày 4 tháng 02 năm 2021", "2021-02-04", "2021-02-04"),
        ("N/A", None, None),
        ("", None, None),
        (None, None, None),
        ("2014/02/30", "2014/02/30", "2014/02/30"),
        ("hôm qua", "hôm qua", "hôm qua"),
        ("04/02/2021 25:00", "04/02/2021 25:00", "04/02/2021 25:00"),
    ],
)
def test_days_and_times_of_the_wire(text: str | None, day: str | None, instant: str | None) -> None:
    assert (wire_day(text), wire_instant(text)) == (day, instant)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_times(text: str) -> None:
    for read in (wire_day, wire_instant):
        found = read(text)
        assert found is None or isinstance(found, str)


@given(st.binary(max_size=300) | st.binary(max_size=40).map(lambda junk: document()[:400] + junk + document()[400:]))
def test_no_bytes_break_the_reading_of_messages(body: bytes) -> None:
    try:
        message = read_message(body)
    except UnreadableMessageError:
        return
    for table in ("documents", "sends", "receipts", "statuses"):
        assert isinstance(rows_of(table, message, H03), list)


LETTER = {
    **KEY, "doc_type": "Công văn", "subject": "V/v <thử> & gửi", "signer_name": "Hoàng Văn Thử", "signer_position": "CHỦ TỊCH",
    "signer_competence": "TM. ỦY BAN NHÂN DÂN", "due_date": "2021-02-10", "urgency": "hoa_toc", "page_count": 2,
}  # fmt: skip
SHEET = pack([("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<y/>")])
AT = 1612453262  # seconds of local time: 2021-02-04T15:41:02


@pytest.mark.parametrize("habit", HABITS)
def test_a_letter_in_the_habit_of_any_system_reads_the_same(habit: Habit) -> None:
    files = [Carried("814.pdf", "application/pdf", PDF), Carried("phụ lục.xlsx", "application/x", SHEET)]
    letter = Letter(LETTER, ["000.00.12.H03"], hops=[("000.00.00.H03", AT)], files=files)
    message = read_message(written(letter, habit))
    (row,) = rows_of("documents", message, H03)
    told = row.pop("files")
    assert row == {**LETTER, "page_count": "2", "recipients": ["000.00.12.H03"], "xml_signature": "absent"}
    expected = [(file.name, len(file.body or b""), hashlib.sha256(file.body or b"").hexdigest()) for file in files]
    assert [(file["name"], file["size_bytes"], file["sha256"]) for file in told] == expected
    (send,) = rows_of("sends", message, H03)
    assert (send["sent_at"], send["business_type"]) == ("2021-02-04T15:41:02+07:00", "0")


@pytest.mark.parametrize("habit", HABITS)
def test_a_status_in_the_habit_of_any_system_reads_the_same(habit: Habit) -> None:
    told = {
        **KEY,
        "from_org": "H03.12",
        "to_org": "000.00.00.H03",
        "status_code": "03",
        "description": "Đã tiếp nhận",
        "staff": "Văn thư",
    }
    (row,) = rows_of("statuses", read_message(answered(Answer(told, AT), habit)), H03)
    assert (row["from_org"], row["to_org"], row["status_code"].zfill(2)) == ("H03.12", "000.00.00.H03", "03")
    assert (row["at"], row["issued_date"], row["description"]) == (
        "2021-02-04T15:41:02+07:00",
        "2021-02-04",
        "Đã tiếp nhận",
    )


def test_a_request_to_take_back_goes_to_whoever_has_it_and_did_not_issue_it() -> None:
    told = {**KEY, "from_org": "000.00.00.H03", "to_org": "H03.12", "status_code": "13", "staff": None}
    message = read_message(answered(Answer(told, AT, names_recipient=False), HABITS[0]))
    assert [row["to_org"] for row in rows_of("statuses", message, H03_12)] == ["H03.12"]
    assert [row["to_org"] for row in rows_of("statuses", message, H03)] == [None]


@pytest.mark.parametrize(
    ("name", "packed", "expected"),
    [
        ("a.xlsx", pack([("0001.xlsx", SHEET)]), SHEET),  # the SDK's envelope
        ("a.xlsx", SHEET, SHEET),  # the workbook itself
        ("a.zip", pack([("b.zip", SHEET)]), SHEET),
        ("a.zip", pack([("b.pdf", PDF)]), pack([("b.pdf", PDF)])),  # the sender's own archive of one file
        ("a.docx", b"PK\x03\x04damaged", b"PK\x03\x04damaged"),
        ("a.pdf", b"PK\x03\x04damaged", None),
    ],
)
def test_an_envelope_is_told_from_a_file_that_is_an_archive_itself(
    name: str, packed: bytes, expected: bytes | None
) -> None:
    assert unwrapped(packed, name) == expected
