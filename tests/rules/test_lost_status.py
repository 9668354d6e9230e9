"""N12 lost_status: cases. The sender's log should know an answer four hours later."""

import pytest

from tests.rules.harness import Case, Judged, judge_case, receipt, send, status

BREACH = Judged((("H03.02", "12/SNV-VP", "H03.03", "03"),), {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
NOBODY = Judged((), {})
TOLD = status("03", "2021-02-02 11:00")

CASES = [
    (Case("the sender knows nothing", [send(), TOLD]), BREACH),
    (Case("the sender knows it", [send(), TOLD, status("03", "2021-02-02 11:00", log="H03.02")]), FINE),
    (Case("the sender knows another code", [send(), TOLD, status("05", "2021-02-02 11:00", log="H03.02")]), BREACH),
    (Case("01 is not missed", [send(), status("01", "2021-02-02 11:00")]), NOBODY),
    (Case("four hours end with the period", [send(), status("03", "2021-02-07 20:00")], gaps=[], end="2021-02-08", as_of="2021-02-09"), BREACH),
    (Case("the day after next is not complete yet", [send(), status("03", "2021-02-07 20:00")]), Judged((), {"H03.02": (0, 0, 1)})),
    (Case("a second later", [send(), status("03", "2021-02-07 20:00:01")]), NOBODY),
    (Case("a gap at the sender the day after", [send(), TOLD], gaps=["H03.02 2021-02-03 statuses"]), Judged((), {"H03.02": (0, 0, 1)})),
    (Case("a gap two days after", [send(), TOLD], gaps=["H03.02 2021-02-04"]), BREACH),
    (Case("the sender is an outsider", [status("03", "2021-02-02 11:00", to_org="G22")]), NOBODY),
    (Case("the receipt matches no send", [receipt(), TOLD]), NOBODY),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "lost_status") == expected
