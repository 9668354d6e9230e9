"""G3 late_send and G4 overdue_send: cases. Signed on Tuesday 2 February: morning of the 3rd ends at 11:30, the day at 24:00."""

import pytest

from tests.rules.harness import Case, Judged, document, judge_case, send

BREACH = Judged((("H03.02", "12/SNV-VP", "", ""),), {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})
TO_TWO = document(recipients=["H03.03", "H03.04"])

CASES = [
    (Case("at 11:30", [document(), send(sent_at="2021-02-03 11:30")]), FINE, FINE),
    (Case("a second later", [document(), send(sent_at="2021-02-03 11:30:01")]), BREACH, FINE),
    (Case("at 24:00", [document(), send(sent_at="2021-02-04 00:00")]), BREACH, FINE),
    (Case("the day after", [document(), send(sent_at="2021-02-04 00:00:01")]), FINE, BREACH),
    (Case("never", [document()]), FINE, BREACH),
    (Case("to one of two recipients", [TO_TWO, send()]), FINE, BREACH),
    (Case("late to one of two", [TO_TWO, send(), send(recipient="H03.04", sent_at="2021-02-03 14:00")]), BREACH, FINE),
    (Case("the first send counts, not the second", [document(), send(), send(attempt=2, sent_at="2021-02-05 08:00")]), FINE, FINE),
    (Case("an old code names the same recipient", [document(recipients=["000.00.03.H03"]), send()]), FINE, FINE),
    (Case("no electronic recipients", [document(recipients=[])]), NOBODY, NOBODY),
    (Case("urgent and signed is G5", [document(urgency="khan")]), NOBODY, NOBODY),
    (Case("urgent without signed_at", [document(urgency="khan", signed_at=None), send(sent_at="2021-02-03 14:00")]), BREACH, FINE),
    (Case("unreadable urgency is not urgent", [document(urgency="gấp"), send(sent_at="2021-02-03 14:00")]), BREACH, FINE),
    (Case("counted from the issue date without signed_at", [document(signed_at=None), send(sent_at="2021-02-03 14:00")]), BREACH, FINE),
    (Case("signed on Friday: Monday is the next working day", [document(signed_at="2021-02-05 16:00"), send(sent_at="2021-02-08 09:00")], end="2021-02-09", as_of="2021-02-09"), FINE, FINE),
    (Case("G4's deadline still to come, one recipient missing", [document(), send(recipient="H03.04")], as_of="2021-02-03", end="2021-02-03"), NOBODY, NOBODY),
    (Case("a gap at the sender, sent in time", [document(), send()], gaps=["H03.02 2021-02-03 sends"]), FINE, FINE),
    (Case("a gap at the sender, sent late", [document(), send(sent_at="2021-02-03 14:00")], gaps=["H03.02 2021-02-02 sends"]), UNKNOWN, FINE),
    (Case("a gap at the sender, not sent", [document()], gaps=["H03.02 2021-02-03 sends"]), UNKNOWN, UNKNOWN),
    (Case("without a row in the register nothing is known of recipients", [send(sent_at="2021-02-05 08:00")]), NOBODY, NOBODY),
]  # fmt: skip


@pytest.mark.parametrize(("case", "late", "overdue"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, late: Judged, overdue: Judged) -> None:
    assert judge_case(case, "late_send") == late
    assert judge_case(case, "overdue_send") == overdue


def test_late_send_waits_for_the_last_limit() -> None:
    """Seen on the evening of the 3rd … the earliest `as_of` is its end: by then G4's deadline is reached, and all is decided."""
    case = Case(
        "signed on Friday, not sent, seen on Sunday",
        [document(signed_at="2021-02-05 09:00")],
        end="2021-02-09",
        as_of="2021-02-08",
    )
    assert judge_case(case, "late_send") == NOBODY
