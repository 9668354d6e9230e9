"""G, N, L1, R: a breach and a near miss of each, on one screen each."""

from typing import Any

import pytest

from .story import A, B, Try, agencies, answered, document, good, lost, receipt, send, status

UNTIL_NOON = "03 11:30"  # end_of_morning(next_working_day(2 March))
RECALL: dict[str, Any] = {"business_type": 1, "axis_doc_id": "r1"}
WITHOUT_REPLY = [document(), send(), receipt()]


CASES = [
    Try("G1", "failed and never sent again", [document(), send(state="fail")], [(A, "")]),
    Try("G1", "failed, then done", [document(), send(state="fail"), send("02 10:00", attempt=2)], [], (A, 1, 0)),
    Try("G1", "failed, yet it arrived", [document(), send(state="fail"), *status("03", "02 10:00")], [], (A, 1, 0)),
    Try(
        "G1",
        "failed, a day of the sender's log lost",
        [send(state="fail")],
        [],
        (A, 0, 1),
        {"coverage": lost(A, "2021-03-05", "sends")},
    ),
    Try("G1", "failed receipt is N1", [send(state="fail"), receipt(state="fail")], [], (A, 0, 0)),
    Try("G1", "a failed recall message", [*good(), send("04 08:00", "fail", **RECALL)], [(A, "2021-03-04T01:00:00Z")]),
    Try("G2", "underway for ever", [document(), send(state="processing")], [(A, "")]),
    Try("G2", "arrived in the end", [document(), send(state="processing"), receipt("05 09:00")], [], (A, 1, 0)),
    Try("G2", "done, and the recipient's full log knows nothing", [document(), send()], [(A, "")]),
    Try(
        "G2",
        "done, and a day of the recipient's log lost",
        [document(), send()],
        [],
        (A, 1, 0),
        {"coverage": lost(B, "2021-03-03", "receipts")},
    ),
    Try("G2", "to an unknown code", [send(state="processing", recipient="H03.77")], [], (A, 0, 0)),
    Try("G3", "sent a second after the morning", [document(), send(UNTIL_NOON + ":01")], [(A, "")]),
    Try("G3", "sent as the morning ends", [document(), send(UNTIL_NOON)], [], (A, 1, 0)),
    Try(
        "G3",
        "one recipient in the afternoon, one never",
        [document(recipients=[B, "H55"]), send("03 15:00")],
        [],
        (A, 1, 0),
    ),
    Try("G4", "sent a second after the day", [document(), send("04 00:00:01")], [(A, "")]),
    Try("G4", "sent at 24:00", [document(), send("04 00:00")], [], (A, 1, 0)),
    Try("G4", "never sent to one recipient", [document(recipients=[B, "H55"]), send()], [(A, "")]),
    Try(
        "G4",
        "never sent, but a day of sends lost",
        [document()],
        [],
        (A, 0, 1),
        {"coverage": lost(A, "2021-03-03", "sends")},
    ),
    Try("G5", "hoa_toc after 30 minutes", [document(urgency="hoa_toc"), send("02 09:30:01")], [(A, "")]),
    Try("G5", "hoa_toc at 30 minutes", [document(urgency="hoa_toc"), send("02 09:30")], [], (A, 1, 0)),
    Try("G5", "urgent without signed_at is judged by G4", [document(urgency="khan", signed_at=None)], [], (A, 0, 0)),
    Try("N1", "failed and nothing after", [document(), send(), receipt(state="fail")], [(B, "")]),
    Try(
        "N1",
        "failed, then received",
        [document(), send(), receipt(state="fail"), receipt("02 10:00", axis_doc_id="m2")],
        [],
        (B, 2, 0),
    ),
    Try("N2", "never answered", WITHOUT_REPLY, [(B, "")]),
    Try("N2", "answered days later", [*WITHOUT_REPLY, *status("05", "05 09:00")], [], (B, 1, 0)),
    Try("N2", "misrouted", [*WITHOUT_REPLY, *status("02", "05 09:00", description="Gửi nhầm")], [], (B, 0, 0)),
    Try(
        "N2",
        "taken back before the deadline",
        [*WITHOUT_REPLY, send("02 15:00", **RECALL), receipt("02 15:01", **RECALL)],
        [],
        (B, 0, 0),
    ),
    Try("N3", "a second after 24:00", [*WITHOUT_REPLY, *status("03", "03 00:00:01")], [(B, "")]),
    Try("N3", "at 24:00", [*WITHOUT_REPLY, *status("03", "03 00:00")], [], (B, 1, 0)),
    Try(
        "N3",
        "arrived as the afternoon ends: the next day counts",
        [send("02 17:00"), receipt("02 17:00"), *status("03", "03 23:00")],
        [],
        (B, 1, 0),
    ),
    Try(
        "N4",
        "forwarded after the next working day",
        [*WITHOUT_REPLY, *status("03", "02 10:00"), *status("04", "04 00:00:01")],
        [(B, "")],
    ),
    Try(
        "N4",
        "forwarded at its end",
        [*WITHOUT_REPLY, *status("03", "02 10:00"), *status("04", "04 00:00")],
        [],
        (B, 1, 0),
    ),
    Try(
        "N4",
        "khan: two hours",
        [document(urgency="khan"), send(), receipt(forwarded_at="2021-03-02T11:06:01"), *status("03", "02 10:00")],
        [(B, "")],
    ),
    Try(
        "N4",
        "its system cannot tell",
        [*WITHOUT_REPLY, *status("03", "02 10:00")],
        [],
        (B, 0, 0),
        {"agencies": agencies(B={"reports_forwarding": False})},
    ),
    Try(
        "N5",
        "open after its due date",
        [document(), send(), receipt(due_at="2021-03-04"), *answered("03", "04")],
        [(B, "")],
    ),
    Try(
        "N5",
        "due as the audit looks",
        [document(), send(), receipt(due_at="2021-03-07"), *answered("03", "04")],
        [],
        (B, 1, 0),
    ),
    Try(
        "N5",
        "needs no reply",
        [document(), send(), receipt(due_at="2021-03-04", needs_reply=False), *answered("03", "04")],
        [],
        (B, 0, 0),
    ),
    Try(
        "N6",
        "hoa_toc open after four hours",
        [document(urgency="hoa_toc"), send(), receipt(), *answered("03", "04")],
        [(B, "")],
    ),
    Try("N6", "hoa_toc done", [document(urgency="hoa_toc"), send(), receipt(), *answered()], [], (B, 1, 0)),
    Try(
        "N7",
        "completed after it was due",
        [send(), receipt(due_at="2021-03-03"), *answered("03", "04"), *status("06", "04 00:00:01")],
        [(B, "")],
    ),
    Try(
        "N7",
        "completed when it was due",
        [send(), receipt(due_at="2021-03-03"), *answered("03", "04"), *status("06", "04 00:00")],
        [],
        (B, 1, 0),
    ),
    Try(
        "N8",
        "only the status' own name",
        [*WITHOUT_REPLY, *status("02", "02 10:00", description="TỪ CHỐI  tiếp nhận")],
        [(B, "")],
    ),
    Try("N8", "a reason", [*WITHOUT_REPLY, *status("02", "02 10:00", description="Thiếu phụ lục")], [], (B, 1, 0)),
    Try(
        "N9",
        "refused as misrouted",
        [*WITHOUT_REPLY, *status("02", "02 10:00", description="Văn bản GỬI NHẦM nơi nhận")],
        [(A, "refused")],
    ),
    Try(
        "N9",
        "refused for another reason",
        [*WITHOUT_REPLY, *status("02", "02 10:00", description="Thiếu phụ lục")],
        [],
        (A, 1, 0),
    ),
    Try("N9", "malformed", [send(recipient="X-1")], [(A, "malformed")]),
    Try("N9", "unknown", [send(recipient="H03.77.01")], [(A, "unknown")]),
    Try(
        "N9",
        "a unit of a known agency, another province",
        [send(recipient="H03.02.01"), send(recipient="H55.1")],
        [],
        (A, 2, 0),
    ),
    Try(
        "N10",
        "forwarded before it was received",
        [*WITHOUT_REPLY, *status("04", "02 09:10"), *status("03", "02 09:11")],
        [(B, "before_03")],
    ),
    Try(
        "N10",
        "at the same instant",
        [*WITHOUT_REPLY, *status("04", "02 09:10"), *status("03", "02 09:10")],
        [],
        (B, 1, 0),
    ),
    Try(
        "N10",
        "worked on after it was refused",
        [*WITHOUT_REPLY, *status("02", "02 09:10"), *status("05", "02 09:11")],
        [(B, "after_02")],
    ),
    Try(
        "N10",
        "sent again in between",
        [*WITHOUT_REPLY, *status("02", "02 09:10"), send("02 09:11", axis_doc_id="m2"), *status("03", "02 09:12")],
        [],
    ),
    Try(
        "N10",
        "answered before it was sent",
        [*WITHOUT_REPLY, *status("03", "02 08:59:59"), *status("04", "02 10:00")],
        [(B, "before_send")],
    ),
    Try(
        "N10",
        "five minutes before",
        [*WITHOUT_REPLY, *status("03", "02 09:00"), *status("04", "02 10:00")],
        [],
        (B, 1, 0),
    ),
    Try(
        "N11",
        "a code of nobody's",
        [*good(), *status("99", "02 11:00"), *status(None, "02 12:00")],
        [(B, "99"), (B, "missing")],
    ),
    Try("N11", "codes written as numbers", [send(), *status(3, "02 10:00"), *status("4", "02 10:01")], [], (B, 2, 0)),
    Try("N12", "only the recipient knows", [*WITHOUT_REPLY, *status("03", "02 10:00", [B])], [(A, "03")]),
    Try(
        "N12",
        "the sender has it at another time",
        [*WITHOUT_REPLY, *status("03", "02 10:00", [B]), *status("03", "05 10:00", [A])],
        [],
        (A, 1, 0),
    ),
    Try("N13", "nobody sent it", [receipt()], [(B, "")]),
    Try(
        "N13",
        "a day of the sender's log lost",
        [receipt()],
        [],
        (B, 0, 1),
        {"coverage": lost(A, "2021-03-02", "sends")},
    ),
    Try("N13", "sent", [send(), receipt()], [], (B, 1, 0)),
    Try(
        "L1",
        "sent again after it was done",
        [document(), send(), send("02 10:00", axis_doc_id="m2"), receipt()],
        [(A, "2021-03-02T03:00:00Z")],
    ),
    Try(
        "L1",
        "done only at that very instant",
        [send(state_at="2021-03-02T10:00:00"), send("02 10:00", axis_doc_id="m2")],
        [],
        (A, 2, 0),
    ),
    Try(
        "L1",
        "refused in between",
        [*WITHOUT_REPLY, *status("02", "02 09:30"), send("02 10:00", axis_doc_id="m2")],
        [],
        (A, 2, 0),
    ),
    Try(
        "L1",
        "the first failed, but was received",
        [send(state="fail"), receipt(), send("02 10:00", axis_doc_id="m2")],
        [(A, "2021-03-02T03:00:00Z")],
    ),
    Try(
        "R1",
        "a recall without answer",
        [*good(), send("03 08:00", **RECALL), receipt("03 08:01", **RECALL)],
        [(B, "2021-03-03T01:00:00Z")],
    ),
    Try(
        "R1",
        "answered",
        [*good(), send("03 08:00", **RECALL), receipt("03 08:01", **RECALL), *status("15", "05 08:00")],
        [],
        (B, 1, 0),
    ),
    Try(
        "R1",
        "a 13 in its own log",
        [*good(), *status("13", "03 08:00", [A, B], from_org=A, to_org=B)],
        [(B, "2021-03-03T01:00:00Z")],
    ),
    Try(
        "R1", "a 13 that never arrived", [*good(), *status("13", "03 08:00", [A], from_org=A, to_org=B)], [], (B, 0, 0)
    ),
]


@pytest.mark.parametrize("one", CASES, ids=lambda one: f"{one.code} {one.name}")
def test_rule(one: Try) -> None:
    one.check()


def test_the_good_story_breaks_no_rule() -> None:
    for code in {one.code for one in CASES}:
        Try(code, "good", good()).check()
