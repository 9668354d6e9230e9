"""N3 late_acknowledgement: what its finding tells. The cases stand beside those of N2 in `test_unanswered_receipt`."""

from tests.rules.harness import Case, deadlines, judge_case, receipt, send, severities, status

LATE = Case("late", [send(), receipt(), status("03", "2021-02-03 00:01")])
IN_TIME = Case("in time", [send(), receipt(), status("03", "2021-02-02 23:59")])


def test_late_by_a_minute_is_a_breach_and_in_time_by_a_minute_is_none() -> None:
    assert judge_case(LATE, "late_acknowledgement").findings == (("H03.03", "12/SNV-VP", "H03.03", ""),)
    assert judge_case(IN_TIME, "late_acknowledgement").findings == ()


def test_deadline_and_severity() -> None:
    assert deadlines(LATE, "late_acknowledgement") == ["2021-02-03T00:00:00"]
    assert severities(LATE, "late_acknowledgement") == ["medium"]
