"""T, Q, K, D, L2, L3, M, H: a breach and a near miss of each."""

from datetime import date, timedelta
from typing import Any

import pytest

from . import normalise as n
from .story import A, C, Try, agencies, document, file, good, lost, receipt, send, signature

PERSON, AGENCY = signature("person"), signature("agency", "02 09:02")
TTR: dict[str, Any] = {
    "document_uid": "C-1",
    "sender": C,
    "number": "5",
    "notation": "TTr-VP",
    "issued_date": "2021-03-02",
}
REGISTER: dict[str, Any] = {"agencies": agencies(A={"register_whole": True})}
SIGNERS = [
    {
        "agency": A,
        "name": "Lò Văn Páo",
        "valid_from": date(2021, 3, 2),
        "valid_to": date(2021, 3, 2),
        "authorised": False,
    }
]


def signed(*signatures: dict[str, Any]) -> list[Any]:
    """The good story with these signatures of the main file."""
    return good(files=[file(signatures=list(signatures))])


def numbered(*numbers: int, **over: Any) -> list[Any]:
    """Register rows of a Quyết định each."""
    kind = {"notation": "QĐ-VP", "doc_type": "Quyết định", "recipients": []}
    return [document(number=str(i), document_uid=f"A-{i}", subject=f"s{i}", **{**kind, **over}) for i in numbers]


def beside(**over: Any) -> list[Any]:
    """The good story with a second file."""
    second = {
        "name": "phu-luc.pdf",
        "role": "attachment",
        "size_bytes": 9,
        "sha256": "bb",
        "signatures": [AGENCY],
        **over,
    }
    return good(files=[file(), second], declared_file_count=2)


def probes(*ok: bool, step: int = 5, begins: str = "2021-03-02T09:00:00+07:00", **over: Any) -> dict[str, Any]:
    """Probes of A every `step` minutes."""
    first = n.instant(begins)
    assert first is not None
    rows = [
        {"agency": A, "at": first + timedelta(minutes=step * i), "ok": one, "certificate_ends_at": None, **over}
        for i, one in enumerate(ok)
    ]
    return {"probes": rows}


CERTIFICATE = n.start_of_day(date(2021, 4, 7))  # thirty days after 8 March

CASES = [
    Try("T1", "no page count", good(page_count=0), [(A, "")]),
    Try("T1", "a placeholder", good(subject=" không  có "), [(A, "")]),
    Try("T1", "all there", good(page_count="3"), [], (A, 1, 0)),
    Try("T2", "lower case", [*good(notation="vp-th")[:1], send(notation="vp-th")], [(A, "syntax")]),
    Try("T2", "a letter for a decision", good(doc_type="Quyết định"), [(A, "kind")]),
    Try("T2", "unknown type: syntax only", good(doc_type="Giấy xác nhận"), [], (A, 1, 0)),
    Try("T2", "own notation TTr is a letter", [document(C, **TTR), send(log=C, **TTR)], [], (C, 1, 0)),
    Try(
        "T2",
        "… unless the type has an abbreviation",
        [document(C, **TTR, doc_type="Quyết định"), send(log=C, **TTR)],
        [(C, "kind")],
    ),
    Try(
        "T2",
        "mass organisations are exempt",
        good(notation="x"),
        [],
        (A, 0, 0),
        {"agencies": agencies(A={"kind": "mass_organisation"})},
    ),
    Try("T3", "issued after it was sent", [document(), send("01 09:00")], [(A, "future")]),
    Try("T3", "issued before it was signed", good(signed_at="2021-03-03T09:00", files=None), [(A, "antedated")]),
    Try("T3", "the next working day is still fine", good(signed_at="2021-03-01T09:00", files=None), [], (A, 1, 0)),
    Try("T3", "the signer's signature goes before signed_at", good(signed_at="2021-03-03T09:00"), [], (A, 1, 0)),
    Try("T4", "two numbers missing", numbered(1, 4), [(A, ""), (A, "")], (A, 1, 0), REGISTER),
    Try("T4", "a jump", numbered(1, 22), [(A, "jump")], (A, 1, 0), REGISTER),
    Try("T4", "twenty are twenty", numbered(1, 21), [(A, "")] * 19, (A, 1, 0), REGISTER),
    Try("T4", "no whole register", numbered(1, 4), [], (A, 0, 0)),
    Try(
        "T4", "a day lost", numbered(1, 2), [], (A, 0, 1), {**REGISTER, "coverage": lost(A, "2021-03-05", "documents")}
    ),
    Try(
        "T4", "other kinds, other series", [*numbered(1), *numbered(4, notation="2021/QĐ-VP")], [], (A, 2, 0), REGISTER
    ),
    Try("T5", "two components", good(), [(A, "g"), (A, "i")], (A, 1, 0), {"texts": {"aa": "gi"}}),
    Try("T5", "all components", good(), [], (A, 1, 0), {"texts": {"aa": ""}}),
    Try("T5", "a scan", good(), [], (A, 0, 1), {"texts": {"aa": None}}),
    Try("T5", "not at hand", good(), [], (A, 0, 1), {"texts": {"bb": "a"}}),
    Try("Q1", "KT. and no deputy", good(signer_competence="TM. UBND; kt. CHỦ TỊCH"), [(A, "KT")]),
    Try("Q1", "a deputy without KT.", good(signer_position="Phó Chánh Văn phòng"), [(A, "deputy")]),
    Try("Q1", "TL. of his own position", good(signer_competence="TL. Chánh  văn phòng"), [(A, "TL")]),
    Try("Q1", "TUQ. not authorised", good(signer_competence="TUQ. CHỦ TỊCH"), [(A, "TUQ")], None, {"signers": SIGNERS}),
    Try("Q1", "TUQ. without register", good(signer_competence="TUQ. CHỦ TỊCH"), [], (A, 0, 0)),
    Try(
        "Q1",
        "a deputy for the head",
        good(signer_position="PHÓ CHỦ TỊCH", signer_competence="TM. UBND\nKT. CHỦ TỊCH"),
        [],
        (A, 1, 0),
    ),
    Try("Q1", "no position", good(signer_position=None), [], (A, 0, 1)),
    Try("Q2", "unknown to the register", good(signer_name="Vi Thị Lan"), [(A, "")], None, {"signers": SIGNERS}),
    Try("Q2", "on the last day of his term", good(), [], (A, 1, 0), {"signers": SIGNERS}),
    Try("Q2", "no register", good(signer_name="Vi Thị Lan"), [], (A, 0, 0)),
    Try("Q3", "another's certificate", signed({**PERSON, "subject": "CN=Vi Thị Lan"}, AGENCY), [(A, "")]),
    Try("Q3", "with his titles", signed({**PERSON, "subject": "CN=PGS. TS. lò  văn PÁO,O=x"}, AGENCY), [], (A, 1, 0)),
    Try("Q4", "another's notation", [*good(notation="SXD-VP")[:1], send(notation="SXD-VP")], [(A, "")]),
    Try("Q4", "its own", good(), [], (A, 1, 0)),
    Try("K1", "unsigned", signed(), [(A, "")]),
    Try("K1", "the system does not tell", good(files=[file(signatures=None)]), [], (A, 0, 1)),
    Try("K1", "no file is D1", good(files=[]), [], (A, 0, 0)),
    Try("K2", "no seal", signed(PERSON), [(A, "agency")]),
    Try("K2", "no person", signed(AGENCY), [(A, "person")]),
    Try("K2", "both", signed(PERSON, AGENCY), [], (A, 1, 0)),
    Try("K3", "sealed first", signed(signature("agency", "02 08:59:59"), PERSON), [(A, "")]),
    Try("K3", "sealed at the same instant", signed(PERSON, signature("agency", "02 09:00")), [], (A, 1, 0)),
    Try("K4", "expired", signed(PERSON, {**AGENCY, "valid_to": "2021-03-02T09:01:59"}), [(A, "serial-agency")]),
    Try("K4", "on the last second", signed(PERSON, {**AGENCY, "valid_to": "2021-03-02T09:02:00"}), [], (A, 1, 0)),
    Try(
        "K4",
        "revoked as it signed",
        signed(PERSON, {**AGENCY, "serial": None, "revoked_at": AGENCY["signed_at"]}),
        [(A, "2")],
    ),
    Try("K4", "an unknown issuer", signed(PERSON, {**AGENCY, "issuer": "VNPT SmartCA RS"}), [(A, "serial-agency")]),
    Try(
        "K4",
        "an issuer without accents",
        signed(PERSON, {**AGENCY, "issuer": "Co quan chung thuc so Chinh phu"}),
        [],
        (A, 1, 0),
    ),
    Try("K5", "not intact", signed({**PERSON, "intact": False}, AGENCY), [(A, "serial-person")]),
    Try("K5", "the last covers not the file", signed(PERSON, {**AGENCY, "covers_file": False}), [(A, "serial-agency")]),
    Try("K5", "an earlier one covers not the file", signed({**PERSON, "covers_file": False}, AGENCY), [], (A, 1, 0)),
    Try("K5", "K4 leaves only covers_file", signed({**PERSON, "valid": False, "issuer": "x"}, AGENCY), [], (A, 1, 0)),
    Try("K6", "no serial", signed(PERSON, {**AGENCY, "serial": "N/A"}), [(A, "")]),
    Try("K6", "all there", good(), [], (A, 1, 0)),
    Try("K7", "no time stamp", signed(PERSON, {**AGENCY, "timestamp_at": None}), [(A, "")]),
    Try("K7", "time stamps", good(), [], (A, 1, 0)),
    Try("D1", "no file", good(files=[]), [(A, "no_file")]),
    Try(
        "D1", "empty and too few", good(files=[file(size_bytes=0)], declared_file_count=2), [(A, "count"), (A, "empty")]
    ),
    Try("D1", "received otherwise", [document(), send(), receipt(received_file_sha256="ff")], [(A, "hash")]),
    Try(
        "D1",
        "received otherwise after an update",
        [document(), send(), send("02 10:00", business_type=2, axis_doc_id="u"), receipt(received_file_sha256="ff")],
        [],
    ),
    Try("D1", "received alike", [document(), send(), receipt(received_file_sha256="AA")], [], (A, 1, 0)),
    Try("D2", "a PDF without seal", beside(signatures=[PERSON]), [(A, "phu-luc.pdf")]),
    Try("D2", "a sealed PDF", beside(), [], (A, 1, 0)),
    Try("D2", "no PDF", beside(name="x.xlsx", signatures=[]), [], (A, 0, 0)),
    Try(
        "L2",
        "the number again",
        [*good(), document(issued_date="2021-03-03", document_uid="A-13", subject="Khác")],
        [(A, "")],
    ),
    Try(
        "L2",
        "another year",
        [*good(), document(issued_date="2020-03-03", document_uid="A-13", subject="Khác")],
        [],
        (A, 1, 0),
    ),
    Try("L2", "the same document", [*good(), document(issued_date="2021-03-03", document_uid="A-13")], [], (A, 2, 0)),
    Try("L3", "the same file under another number", [*good(), document(number="13", document_uid="A-13")], [(A, "")]),
    Try(
        "L3",
        "thirty-one days before",
        [*good(), document(number="11", document_uid="A-11", issued_date="2021-01-30")],
        [],
        (A, 1, 0),
    ),
    Try(
        "L3",
        "thirty days before",
        [*good(), document(number="11", document_uid="A-11", issued_date="2021-01-31")],
        [(A, "")],
    ),
    Try("M1", "secret", good(secrecy="mat"), [(A, "")]),
    Try("M1", "secrecy not told", good(secrecy=None), [], (A, 0, 1)),
    Try("H1", "sixteen minutes", [], [(A, "2021-03-02T02:08:00Z")], None, probes(True, False, False, True, step=8)),
    Try("H1", "fifteen minutes", [], [], (A, 1, 0), probes(True, False, False, False, True)),
    Try(
        "H1",
        "over noon",
        [],
        [],
        (A, 1, 0),
        probes(True, False, False, False, True, begins="2021-03-02T11:20:00+07:00", step=20),
    ),
    Try(
        "H2",
        "failed at the agency",
        [],
        [(A, "2021-03-05")],
        (A, 7, 0),
        {"coverage": lost(A, "2021-03-05", "sends", "agency")},
    ),
    Try("H2", "failed at ours", [], [], (A, 6, 1), {"coverage": lost(A, "2021-03-05", "sends", "ours")}),
    Try(
        "H3",
        "ends on the thirtieth day",
        [],
        [(A, "h03-01.example")],
        None,
        probes(True, certificate_ends_at=CERTIFICATE),
    ),
    Try("H3", "ends later", [], [], (A, 1, 0), probes(True, certificate_ends_at=CERTIFICATE + timedelta(seconds=1))),
]


@pytest.mark.parametrize("one", CASES, ids=lambda one: f"{one.code} {one.name}")
def test_rule(one: Try) -> None:
    one.check()


def test_the_good_story_breaks_no_rule() -> None:
    for code in {one.code for one in CASES}:
        Try(code, "good", good()).check()
