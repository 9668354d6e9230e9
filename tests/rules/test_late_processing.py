"""N7 late_processing: cases. A due date means its 24:00."""

import pytest

from tests.rules.harness import Case, Judged, document, judge_case, receipt, send, status

BREACH = Judged((("H03.03", "12/SNV-VP", "H03.03", ""),), {"H03.03": (1, 1, 0)})
FINE = Judged((), {"H03.03": (1, 0, 0)})
NOBODY = Judged((), {})
AGAIN = receipt(axis_doc_id="A2", arrived_at=None, state_at="2021-02-02 12:00", due_at="2021-02-02")

CASES = [
    (Case("completed at 24:00 of the due date", [send(), receipt(due_at="2021-02-03", completed_at="2021-02-04 00:00")]), FINE),
    (Case("a second later", [send(), receipt(due_at="2021-02-03", completed_at="2021-02-04 00:00:01")]), BREACH),
    (Case("due at an instant", [send(), receipt(due_at="2021-02-03 11:00", completed_at="2021-02-03 11:01")]), BREACH),
    (Case("06 is the earlier completion", [send(), receipt(due_at="2021-02-03", completed_at="2021-02-05 09:00"), status("06", "2021-02-03 09:00")]), FINE),
    (Case("the document's due date", [document(due_date="2021-02-03"), send(), receipt(completed_at="2021-02-04 09:00")]), BREACH),
    (Case("of two messages the first one's, whose instant is told", [send(), receipt(due_at="2021-02-04", completed_at="2021-02-03 09:00"), AGAIN]), FINE),
    (Case("of two messages the first one's, whose instant is not told", [send(), receipt(arrived_at="2021-02-02 15:00", due_at="2021-02-04", completed_at="2021-02-03 09:00"), AGAIN]), BREACH),
    (Case("no due date", [send(), receipt(completed_at="2021-02-06 09:00")]), NOBODY),
    (Case("not completed", [send(), receipt(due_at="2021-02-03")]), NOBODY),
    (Case("completed after the period", [send(), receipt(due_at="2021-02-03", completed_at="2021-02-08 00:00")], as_of="2021-02-10"), NOBODY),
    (Case("the system cannot tell", [send(), receipt(due_at="2021-02-03", completed_at="2021-02-05 09:00")], agencies={"H03.03": {"reports_completion": False}}), NOBODY),
    (Case("a gap decides nothing: both instants are in hand", [send(), receipt(due_at="2021-02-03", completed_at="2021-02-05 09:00")], gaps=["H03.03 2021-02-04"]), BREACH),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "late_processing") == expected
