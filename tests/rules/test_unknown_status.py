"""N11 unknown_status: cases."""

import pytest

from tests.rules.harness import Case, Judged, judge_case, send, status

CASES = [
    (Case("a code of nobody's list", [send(), status("07", "2021-02-02 11:00")]), Judged((("H03.03", "12/SNV-VP", "H03.03", "07"),), {"H03.03": (1, 1, 0)})),
    (Case("local codes of a vendor", [send(), status("103", "2021-02-02 11:00")]), Judged((("H03.03", "12/SNV-VP", "H03.03", "103"),), {"H03.03": (1, 1, 0)})),
    (Case("no code", [send(), status(None, "2021-02-02 11:00")]), Judged((("H03.03", "12/SNV-VP", "H03.03", "missing"),), {"H03.03": (1, 1, 0)})),
    (Case("one digit", [send(), status("5", "2021-02-02 11:00")]), Judged((), {"H03.03": (1, 0, 0)})),
    (Case("the same message in both logs", [send(), status("07", "2021-02-02 11:00"), status("07", "2021-02-02 11:01", log="H03.02")]), Judged((("H03.03", "12/SNV-VP", "H03.03", "07"),), {"H03.03": (1, 1, 0)})),
    (Case("issued by the sender", [send(), status("99", "2021-02-02 11:00", from_org="H03.02", to_org="H03.03")]), Judged((("H03.02", "12/SNV-VP", "H03.03", "99"),), {"H03.02": (1, 1, 0)})),
    (Case("issued by an outsider", [send(recipient="G22"), status("99", "2021-02-02 11:00", from_org="G22", log="H03.02")]), Judged((), {})),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "unknown_status") == expected
