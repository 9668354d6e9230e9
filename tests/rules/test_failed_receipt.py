"""N1 failed_receipt: cases."""

import pytest

from tests.rules.harness import Case, Judged, details, judge_case, receipt, send, status

BREACH = Judged((("H03.03", "12/SNV-VP", "H03.03", ""),), {"H03.03": (1, 1, 0)})
FINE = Judged((), {"H03.03": (1, 0, 0)})
NOBODY = Judged((), {})
BROKEN = receipt(state="fail", axis_doc_id="a1")

CASES = [
    (Case("received broken", [send(axis_doc_id="a1"), BROKEN]), BREACH),
    (Case("even without a send", [BROKEN]), BREACH),
    (Case("received well", [send(), receipt()]), FINE),
    (Case("received again", [send(axis_doc_id="a1"), BROKEN, receipt(axis_doc_id="a2", arrived_at="2021-02-03 08:00")]), Judged((), {"H03.03": (2, 0, 0)})),
    (Case("acknowledged all the same", [send(axis_doc_id="a1"), BROKEN, status("03", "2021-02-02 11:00")]), FINE),
    (Case("fail without state_at is a failure", [send(), receipt(state="fail", state_at=None)]), BREACH),
    (Case("a recall received broken is no document", [send(), receipt(state="fail", business_type=1)]), NOBODY),
    (Case("done later, though nobody tells when it arrived", [BROKEN, receipt(axis_doc_id="a2", arrived_at=None, state_at="2021-02-03 08:00")]), Judged((), {"H03.03": (2, 0, 0)})),
    (Case("done before does not mend", [BROKEN, receipt(axis_doc_id="a0", arrived_at=None, state_at="2021-02-02 09:00")]), Judged(BREACH.findings, {"H03.03": (2, 1, 0)})),
    (Case("a recall that came in later mends nothing", [BROKEN, receipt(axis_doc_id="r1", business_type=1, arrived_at="2021-02-03 08:00")]), BREACH),
    (Case("a gap before as_of", [BROKEN], gaps=["H03.03 2021-02-07 receipts"]), Judged((), {"H03.03": (0, 0, 1)})),
    (Case("done after it arrived, but before it failed", [receipt(state="fail", state_at="2021-02-02 12:00"), receipt(axis_doc_id="a2", arrived_at=None, state_at="2021-02-02 11:00")]), Judged(BREACH.findings, {"H03.03": (2, 1, 0)})),
    (Case("done at the instant of the failure is not later", [BROKEN, receipt(axis_doc_id="a2", arrived_at=None, state_at="2021-02-02 10:01")]), Judged(BREACH.findings, {"H03.03": (2, 1, 0)})),
    (Case("a failure without state_at is one of its arrival: done before", [receipt(state="fail", state_at=None), receipt(axis_doc_id="a2", arrived_at=None, state_at="2021-02-02 09:00")]), Judged(BREACH.findings, {"H03.03": (2, 1, 0)})),
    (Case("a failure without state_at is one of its arrival: done after", [receipt(state="fail", state_at=None), receipt(axis_doc_id="a2", arrived_at=None, state_at="2021-02-02 11:00")]), Judged((), {"H03.03": (2, 0, 0)})),
    (Case("received well needs no whole log", [send(), receipt()], gaps=["H03.03 2021-02-07 receipts"]), FINE),
    (Case("received again needs no whole log", [BROKEN, receipt(axis_doc_id="a2", arrived_at="2021-02-03 08:00")], gaps=["H03.03 2021-02-07 receipts"]), Judged((), {"H03.03": (2, 0, 0)})),
    (Case("without arrived_at the state's instant counts", [receipt(arrived_at=None, state="fail", state_at="2021-02-08 00:00", day="2021-02-05")], as_of="2021-02-09"), NOBODY),
    (Case("without either the log day", [receipt(arrived_at=None, state="initial", state_at=None, day="2021-02-05")]), FINE),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "failed_receipt") == expected


def test_a_breach_tells_how_often_it_came_in_broken_and_when_last() -> None:
    case = Case("once", [receipt(state="fail", state_at="2021-02-02 11:05", error_code="E7")])
    assert details(case, "failed_receipt") == [{"attempts": 1, "last_at": "2021-02-02T04:05:00Z", "error_code": "E7"}]
