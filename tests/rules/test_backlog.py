"""N5 backlog: cases. Arrived on Monday 4 January 2021: the tenth working day after it is 18 January."""

import pytest

from tests.rules.harness import Case, Judged, document, judge_case, receipt, send, status

OLD = {"issued_date": "2021-01-04"}
SENT = send(**OLD, sent_at="2021-01-04 09:00")
BREACH = Judged((("H03.03", "12/SNV-VP", "H03.03", ""),), {"H03.03": (1, 1, 0)})
FINE = Judged((), {"H03.03": (1, 0, 0)})
NOBODY = Judged((), {})


def arrived(**fields: object) -> object:
    return receipt(**OLD, arrived_at="2021-01-04 10:00", **fields)


CASES = [
    (Case("open long after the tenth day", [SENT, arrived()]), BREACH),
    (Case("the tenth working day is as_of", [SENT, arrived()], start="2021-01-12", end="2021-01-19"), FINE),
    (Case("a day later", [SENT, arrived()], start="2021-01-13", end="2021-01-20"), BREACH),
    (Case("completed before the period", [SENT, arrived(completed_at="2021-01-31 09:00")]), NOBODY),
    (Case("completed in the period, late", [SENT, arrived(completed_at="2021-02-03 09:00")]), FINE),
    (Case("06 completes", [SENT, arrived(), status("06", "2021-02-03 09:00", **OLD)]), FINE),
    (Case("05 does not", [SENT, arrived(), status("05", "2021-01-05 09:00", **OLD)]), BREACH),
    (Case("a due date of the receipt", [SENT, arrived(due_at="2021-03-01")]), FINE),
    (Case("a due date of the document", [document(**OLD, due_date="2021-03-01"), SENT, arrived()]), FINE),
    (Case("the receipt's goes before the document's", [document(**OLD, due_date="2021-03-01"), SENT, arrived(due_at="2021-01-10")]), BREACH),
    (Case("due on the last day: its 24:00 is as_of", [SENT, arrived(due_at="2021-02-07")]), FINE),
    (Case("due the day before", [SENT, arrived(due_at="2021-02-06")]), BREACH),
    (Case("needs no reply", [SENT, arrived(needs_reply=False)]), NOBODY),
    (Case("a later message needs none, whose instant is not told", [SENT, arrived(needs_reply=True), receipt(**OLD, axis_doc_id="A2", arrived_at=None, state_at="2021-01-06 12:00", needs_reply=False)]), BREACH),
    (Case("refused", [SENT, arrived(), status("02", "2021-01-05 09:00", description="Sai", **OLD)]), NOBODY),
    (Case("urgent is N6", [SENT, arrived(urgency="khan")]), NOBODY),
    (Case("the system cannot tell completion", [SENT, arrived()], agencies={"H03.03": {"reports_completion": False}}), NOBODY),
    (Case("a gap since the arrival", [SENT, arrived()], gaps=["H03.03 2021-02-05 statuses"]), Judged((), {"H03.03": (0, 0, 1)})),
    (Case("recalled", [SENT, arrived(), status("13", "2021-01-06 09:00", from_org="H03.02", to_org="H03.03", log="H03.03", **OLD)]), NOBODY),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "backlog") == expected
