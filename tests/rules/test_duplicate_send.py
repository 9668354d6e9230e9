"""L1 duplicate_send: cases. The first send was done on 2 February at 10:00."""

import pytest

from tests.rules.harness import Case, Judged, details, judge_case, receipt, send, status

EXTRA = "2021-02-02T07:00:00Z"
AGAIN = send(attempt=2, sent_at="2021-02-02 14:00")
BREACH = Judged((("H03.02", "12/SNV-VP", "H03.03", EXTRA),), {"H03.02": (2, 1, 0)})
FINE = Judged((), {"H03.02": (2, 0, 0)})
THREE = [send(sent_at="2021-02-02 09:00", state="fail"), send(attempt=2), send(attempt=3, sent_at="2021-02-02 14:00")]
"""The second was done, at 10:00; the third came after it."""
GAP = ["H03.02 2021-02-02 statuses"]

CASES = [
    (Case("done, and sent again", [send(), AGAIN]), BREACH),
    (Case("failed, and sent again", [send(state="fail"), AGAIN]), FINE),
    (Case("under way, and sent again", [send(state="processing", state_at=None), AGAIN]), FINE),
    (Case("done only after the second", [send(state_at="2021-02-02 15:00"), AGAIN]), FINE),
    (Case("done at the same instant is not before", [send(state_at="2021-02-02 14:00"), AGAIN]), FINE),
    (Case("its message was received", [send(axis_doc_id="a1", state="fail"), receipt(axis_doc_id="a1"), AGAIN]), BREACH),
    (Case("another message was received", [send(axis_doc_id="a1", state="fail"), receipt(axis_doc_id="a2"), AGAIN]), FINE),
    (Case("refused between", [send(), status("02", "2021-02-02 11:00"), AGAIN]), FINE),
    (Case("refused after both", [send(), AGAIN, status("02", "2021-02-02 15:00")]), BREACH),
    (Case("recalled between", [send(), send(business_type=1, axis_doc_id="r1", sent_at="2021-02-02 12:00"), AGAIN]), FINE),
    (Case("asked back between", [send(), status("13", "2021-02-02 12:00", from_org="H03.02", to_org="H03.03", log="H03.02"), AGAIN]), FINE),
    (Case("its message came in broken", [send(axis_doc_id="a1", state="fail"), receipt(axis_doc_id="a1", state="fail"), AGAIN]), FINE),
    (Case("nobody tells when its message came in", [send(axis_doc_id="a1", state="fail"), receipt(axis_doc_id="a1", arrived_at=None, state_at="2021-02-02 10:01"), AGAIN]), FINE),
    (Case("messages without an axis id are not one message", [send(state="fail"), receipt(), AGAIN]), FINE),
    (Case("refused at the instant of the first", [send(), status("02", "2021-02-02 10:00"), AGAIN]), FINE),
    (Case("refused at the instant of the second", [send(), status("02", "2021-02-02 14:00"), AGAIN]), FINE),
    (Case("accepted between", [send(), status("03", "2021-02-02 11:00"), AGAIN]), BREACH),
    (Case("an answer to a recall between is no recall", [send(), status("16", "2021-02-02 11:00"), AGAIN]), BREACH),
    (Case("returned between", [send(), receipt(returned_at="2021-02-02 12:00"), AGAIN]), FINE),
    (Case("returned after both", [send(), receipt(returned_at="2021-02-02 15:00"), AGAIN]), BREACH),
    (Case("a recall that was returned between", [send(), receipt(business_type=1, axis_doc_id="r1", returned_at="2021-02-02 12:00"), AGAIN]), BREACH),
    (Case("a third send, the second was done", THREE), Judged(BREACH.findings, {"H03.02": (3, 1, 0)})),
    (Case("a third send, the second was refused", [*THREE, status("02", "2021-02-02 11:00")]), Judged((), {"H03.02": (3, 0, 0)})),
    (Case("a third send, the second was returned", [*THREE, receipt(returned_at="2021-02-02 11:00")]), Judged((), {"H03.02": (3, 0, 0)})),
    (Case("a replacement is an earlier send, and excuses nothing by itself", [send(business_type=3), AGAIN]), Judged(BREACH.findings, {"H03.02": (1, 1, 0)})),
    (Case("an excuse in hand needs no whole log", [send(issued_date="2021-02-01", sent_at="2021-02-01 10:00"), send(issued_date="2021-02-01", attempt=2, sent_at="2021-02-03 14:00"), status("02", "2021-02-01 11:00", issued_date="2021-02-01")], gaps=GAP), FINE),
    (Case("to another recipient", [send(), send(recipient="H03.04", sent_at="2021-02-02 14:00")]), FINE),
    (Case("a gap between the two", [send(issued_date="2021-02-01", sent_at="2021-02-01 10:00"), send(issued_date="2021-02-01", attempt=2, sent_at="2021-02-03 14:00")], gaps=GAP), Judged((), {"H03.02": (1, 0, 1)})),
    (Case("a recall is no duplicate", [send(), send(business_type=2, axis_doc_id="u1", sent_at="2021-02-02 14:00")]), Judged((), {"H03.02": (1, 0, 0)})),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "duplicate_send") == expected


def test_the_earlier_send_is_named() -> None:
    assert details(Case("twice", [send(), AGAIN]), "duplicate_send") == [{"earlier_sent_at": "2021-02-02T03:00:00Z"}]
