"""N13 unmatched_receipt: cases."""

import pytest

from tests.rules.harness import Case, Judged, judge_case, receipt, send

BREACH = Judged((("H03.03", "12/SNV-VP", "H03.03", ""),), {"H03.03": (1, 1, 0)})
ENDED = {"H03.02": {"valid_to": "2021-02-02", "successor": "H03.04"}}
FINE = Judged((), {"H03.03": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.03": (0, 0, 1)})

CASES = [
    (Case("no such send", [receipt()]), BREACH),
    (Case("a send", [send(), receipt()]), FINE),
    (Case("the number is written with a zero", [send(number="8"), receipt(number="08")]), FINE),
    (Case("another dash and case", [send(), receipt(notation="snv – vp")]), FINE),
    (Case("another date", [send(), receipt(issued_date="2021-02-01")]), Judged((("H03.03", "12/SNV-VP", "H03.03", ""),), {"H03.03": (1, 1, 0)})),
    (Case("a send to somebody else", [send(recipient="H03.04"), receipt()]), BREACH),
    (Case("an outsider's document", [receipt(sender="G22", notation="VPCP-KSTT")]), Judged((), {})),
    (Case("a gap between issue and arrival", [receipt(arrived_at="2021-02-04 10:00")], gaps=["H03.02 2021-02-03 sends"]), UNKNOWN),
    (Case("a gap before the issue date", [receipt()], gaps=["H03.02 2021-02-01 sends"]), BREACH),
    (Case("issued long ago: thirty days are enough", [receipt(issued_date="2021-01-01", arrived_at="2021-02-04 10:00")], gaps=["H03.02 2021-01-04 sends"]), BREACH),
    (Case("a gap on the thirtieth day", [receipt(issued_date="2021-01-01", arrived_at="2021-02-04 10:00")], gaps=["H03.02 2021-01-05 sends"]), UNKNOWN),
    (Case("a send of the last day, in the log that the successor goes on with", [send(log="H03.04", day="2021-02-03"), receipt()], agencies=ENDED), FINE),
    (Case("a send in the successor's log before it was one", [send(log="H03.04", day="2021-02-02"), receipt()], agencies=ENDED), BREACH),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "unmatched_receipt") == expected
