"""G4 overdue_send: what its findings tell. The cases stand beside those of G3 in `test_late_send`."""

from tests.rules.harness import Case, deadlines, details, document, judge_case, observed, send


def test_a_breach_tells_how_many_recipients_are_missing() -> None:
    case = Case("one of two", [document(recipients=["H03.03", "H03.04"]), send()])
    assert details(case, "overdue_send") == [{"recipients": 2, "not_sent": 1, "not_sent_to": ["H03.04"]}]


def test_the_first_recipients_that_are_missing_are_named_and_none_where_all_were_sent_to() -> None:
    several = Case("four", [document(recipients=["H03.06", "H03.04", "H03.05", "H03.03"])])
    assert details(several, "overdue_send") == [
        {"recipients": 4, "not_sent": 4, "not_sent_to": ["H03.03", "H03.04", "H03.05"]}
    ]
    late = Case("late", [document(), send(sent_at="2021-02-05 10:00")])
    assert details(late, "overdue_send") == [{"recipients": 1, "not_sent": 0}]


def test_deadline_is_the_end_of_the_next_working_day() -> None:
    assert deadlines(Case("Tuesday", [document()]), "overdue_send") == ["2021-02-04T00:00:00"]
    tet = Case("before Tết", [document(signed_at="2021-02-09 16:59")], start="2021-02-08", end="2021-02-22")
    assert deadlines(tet, "overdue_send") == ["2021-02-18T00:00:00"]


def test_a_near_miss_is_no_breach() -> None:
    assert judge_case(Case("at 24:00", [document(), send(sent_at="2021-02-04 00:00")]), "overdue_send").findings == ()


def test_the_send_that_came_late_is_observed_and_none_where_there_was_none() -> None:
    late = Case("late", [document(), send(sent_at="2021-02-05 10:00")])
    assert observed(late, "overdue_send") == ["2021-02-05T10:00:00"]
    assert observed(Case("never", [document()]), "overdue_send") == [""]
