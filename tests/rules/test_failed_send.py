"""G1 failed_send: cases."""

import pytest

from tests.rules.harness import Case, Judged, details, document, judge_case, receipt, send, severities, status

FAIL = {"state": "fail", "state_at": "2021-02-02 10:05"}
FINDING = (("H03.02", "12/SNV-VP", "H03.03", ""),)
BREACH = Judged(FINDING, {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})

STUCK_THEN_FAILED = [
    send(state="processing", state_at=None),
    send(attempt=2, sent_at="2021-02-02 11:00", state="fail", state_at="2021-02-02 11:05"),
]

CASES = [
    (Case("the only attempt failed", [send(**FAIL)]), BREACH),
    (Case("both attempts failed", [send(**FAIL), send(attempt=2, sent_at="2021-02-02 11:00", state="fail", state_at="2021-02-02 11:05")]), BREACH),
    (Case("a later attempt was done", [send(**FAIL), send(attempt=2, sent_at="2021-02-02 11:00")]), FINE),
    (Case("a later attempt is under way", [send(**FAIL), send(attempt=2, sent_at="2021-02-02 11:00", state="processing", state_at=None)]), FINE),
    (Case("an earlier attempt is under way still, the latest failed: G2 names the pair as well", STUCK_THEN_FAILED), BREACH),
    (Case("fail without state_at is a failure", [send(state="fail", state_at=None)]), BREACH),
    (Case("fail later than as_of counts as processing", [send(state="fail", state_at="2021-02-08 00:00:01")]), FINE),
    (Case("the recipient answered all the same", [send(**FAIL), status("03", "2021-02-02 10:30")]), FINE),
    (Case("the recipient received it", [send(**FAIL), receipt()]), FINE),
    (Case("received in state fail is N1", [send(**FAIL), receipt(state="fail")]), NOBODY),
    (Case("a wrong code is N9", [send(**FAIL, recipient="H03.99")]), NOBODY),
    (Case("first send before the period", [send(sent_at="2021-01-31 23:59:59", state="fail", state_at="2021-02-01 08:00", issued_date="2021-01-30")]), NOBODY),
    (Case("first send at the period's first instant", [send(sent_at="2021-02-01 00:00", state="fail", state_at="2021-02-01 08:00")]), BREACH),
    (Case("the sender's log has a gap before as_of", [send(**FAIL)], gaps=["H03.02 2021-02-06 sends"]), UNKNOWN),
    (Case("a gap in another table of the sender", [send(**FAIL)], gaps=["H03.02 2021-02-06 receipts"]), BREACH),
    (Case("a gap at the recipient", [send(**FAIL)], gaps=["H03.03 2021-02-02"]), BREACH),
    (Case("done proves compliance whatever the gap", [send()], gaps=["H03.02 2021-02-06"]), FINE),
    (Case("the newest version wins", [send(**FAIL), send(day="2021-02-03", state="done", state_at="2021-02-03 08:00")]), FINE),
    (
        Case(
            "a recall that failed is a message of its own",
            [send(axis_doc_id="a1"), send(axis_doc_id="r1", business_type=1, sent_at="2021-02-03 08:00", state="fail", state_at="2021-02-03 08:01")],
        ),
        Judged((("H03.02", "12/SNV-VP", "H03.03", "2021-02-03T01:00:00Z"),), {"H03.02": (2, 1, 0)}),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "failed_send") == expected


def test_urgent_documents_are_critical() -> None:
    assert severities(Case("khẩn", [document(urgency="khan"), send(**FAIL)]), "failed_send") == ["critical"]
    assert severities(Case("thường", [document(), send(**FAIL)]), "failed_send") == ["high"]
    assert severities(Case("nobody tells how urgent it is", [send(**FAIL)]), "failed_send") == ["high"]


def test_a_breach_tells_how_often_it_was_tried_and_how_the_last_attempt_ended() -> None:
    again = send(attempt=2, sent_at="2021-02-02 11:00", state="fail", state_at="2021-02-02 11:05", error_code="E102")
    assert details(Case("twice", [send(**FAIL), again]), "failed_send") == [
        {"attempts": 2, "last_at": "2021-02-02T04:00:00Z", "error_code": "E102"}
    ]
    assert details(Case("no code", [send(**FAIL)]), "failed_send") == [
        {"attempts": 1, "last_at": "2021-02-02T03:00:00Z"}
    ]


def test_the_sends_of_the_document_say_nothing_of_a_message_that_recalls_it() -> None:
    recall = send(attempt=2, business_type=1, sent_at="2021-02-03 09:00", state="fail", state_at="2021-02-03 09:01")
    assert details(Case("recall failed", [send(), recall]), "failed_send") == [{}]
