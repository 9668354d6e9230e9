"""G5 late_urgent_send: cases. khẩn 120, thượng khẩn 60, hoả tốc 30 minutes after signing, day and night."""

import pytest

from tests.rules.harness import Case, Judged, document, judge_case, send, severities

BREACH = Judged((("H03.02", "12/SNV-VP", "", ""),), {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})

CASES = [
    (Case("khẩn after 120 minutes", [document(urgency="khan"), send(sent_at="2021-02-02 11:00")]), FINE),
    (Case("khẩn a second later", [document(urgency="khan"), send(sent_at="2021-02-02 11:00:01")]), BREACH),
    (Case("thượng khẩn after 60 minutes", [document(urgency="thuong_khan"), send(sent_at="2021-02-02 10:00")]), FINE),
    (Case("thượng khẩn a minute later", [document(urgency="thuong_khan"), send(sent_at="2021-02-02 10:01")]), BREACH),
    (Case("hoả tốc after 30 minutes", [document(urgency="hoa_toc"), send(sent_at="2021-02-02 09:30")]), FINE),
    (Case("hoả tốc after 31", [document(urgency="hoa_toc"), send(sent_at="2021-02-02 09:31")]), BREACH),
    (Case("never", [document(urgency="hoa_toc")]), BREACH),
    (Case("by night the clock runs", [document(urgency="khan", signed_at="2021-02-02 22:00"), send(sent_at="2021-02-03 07:30")]), BREACH),
    (Case("not urgent", [document(), send(sent_at="2021-02-05 09:00")]), Judged((), {})),
    (Case("without signed_at", [document(urgency="khan", signed_at=None)]), Judged((), {})),
    (Case("a gap", [document(urgency="khan")], gaps=["H03.02 2021-02-02 sends"]), Judged((), {"H03.02": (0, 0, 1)})),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "late_urgent_send") == expected


def test_only_hoa_toc_is_critical() -> None:
    assert severities(Case("hoả tốc", [document(urgency="hoa_toc")]), "late_urgent_send") == ["critical"]
    assert severities(Case("khẩn", [document(urgency="khan")]), "late_urgent_send") == ["high"]
