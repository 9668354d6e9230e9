"""N10 status_out_of_order: cases."""

import pytest

from tests.rules.harness import Case, Judged, judge_case, receipt, send, status

FINE = Judged((), {"H03.03": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.03": (0, 0, 1)})


def breach(*extras: str) -> Judged:
    return Judged(tuple(("H03.03", "12/SNV-VP", "H03.03", extra) for extra in extras), {"H03.03": (1, 1, 0)})


CASES = [
    (Case("04 before 03", [send(), status("04", "2021-02-02 11:00"), status("03", "2021-02-02 11:01")]), breach("before_03")),
    (Case("03 and 05 in one second", [send(), status("03", "2021-02-02 11:00"), status("05", "2021-02-02 11:00")]), FINE),
    (Case("no 03 at all", [send(), status("04", "2021-02-02 11:00"), status("06", "2021-02-02 12:00")]), FINE),
    (Case("accepted after refusing", [send(), status("02", "2021-02-02 11:00"), status("03", "2021-02-02 12:00")]), breach("after_02")),
    (Case("sent again between", [send(), status("02", "2021-02-02 11:00"), send(attempt=2, sent_at="2021-02-02 11:30"), status("03", "2021-02-02 12:00")]), FINE),
    (Case("six minutes before the first send", [send(), status("01", "2021-02-02 09:54"), status("03", "2021-02-02 12:00")]), breach("before_send")),
    (Case("five minutes before", [send(), status("01", "2021-02-02 09:55"), status("03", "2021-02-02 12:00")]), FINE),
    (Case("both faults", [send(), status("05", "2021-02-02 09:00"), status("03", "2021-02-02 12:00")]), breach("before_03", "before_send")),
    (Case("one status alone", [send(), status("04", "2021-02-02 11:00")]), Judged((), {})),
    (Case("only in the sender's log", [send(), status("04", "2021-02-02 11:00", log="H03.02"), status("03", "2021-02-02 12:00", log="H03.02")]), Judged((), {})),
    (Case("the latest is of another week", [send(), status("04", "2021-02-02 11:00"), status("03", "2021-02-08 08:00")], as_of="2021-02-10"), Judged((), {})),
    (Case("a gap at the recipient between", [send(), status("04", "2021-02-02 11:00"), status("03", "2021-02-04 11:00")], gaps=["H03.03 2021-02-03 statuses"]), UNKNOWN),
    (Case("a gap at the sender disproves no order of statuses", [send(), status("04", "2021-02-03 11:00"), status("03", "2021-02-03 11:01")], gaps=["H03.02 2021-02-02 sends"]), breach("before_03")),
    (Case("an earlier send may stand in the sender's gap", [send(sent_at="2021-02-03 10:00"), status("01", "2021-02-03 08:00"), status("03", "2021-02-03 11:01")], gaps=["H03.02 2021-02-02 sends"]), UNKNOWN),
    (Case("nothing wrong in hand, and a gap at the sender", [send(), status("03", "2021-02-03 11:00"), status("04", "2021-02-03 11:01")], gaps=["H03.02 2021-02-02 sends"]), UNKNOWN),
    (Case("a gap in the receipts does not matter", [send(), receipt(), status("04", "2021-02-02 11:00"), status("03", "2021-02-02 11:01")], gaps=["H03.03 2021-02-02 receipts"]), breach("before_03")),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "status_out_of_order") == expected
