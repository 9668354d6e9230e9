"""N4 late_forwarding: cases. Arrived on Tuesday 2 February at 10:01: forwarded by 24:00 of the 3rd; urgent by the minute, from the send's `done` at 10:00."""

import pytest

from tests.rules.harness import Case, Judged, document, judge_case, receipt, send, severities, status

BREACH = Judged((("H03.03", "12/SNV-VP", "H03.03", ""),), {"H03.03": (1, 1, 0)})
FINE = Judged((), {"H03.03": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.03": (0, 0, 1)})
NOBODY = Judged((), {})
ACCEPTED = [send(), receipt(), status("03", "2021-02-02 10:30")]
URGENT = [document(urgency="thuong_khan"), *ACCEPTED]

CASES = [
    (Case("accepted and left", ACCEPTED), BREACH),
    (Case("04 at 24:00", [*ACCEPTED, status("04", "2021-02-04 00:00")]), FINE),
    (Case("04 a second later", [*ACCEPTED, status("04", "2021-02-04 00:00:01")]), BREACH),
    (Case("the register tells it", [send(), receipt(forwarded_at="2021-02-03 16:00"), status("03", "2021-02-02 10:30")]), FINE),
    (Case("completed is forwarded", [send(), receipt(completed_at="2021-02-03 16:00"), status("03", "2021-02-02 10:30")]), FINE),
    (Case("never acknowledged is N2", [send(), receipt()]), NOBODY),
    (Case("refused", [*ACCEPTED, status("02", "2021-02-02 15:00", description="Thiếu phụ lục")]), NOBODY),
    (Case("the system cannot tell", ACCEPTED, agencies={"H03.03": {"reports_forwarding": False}}), NOBODY),
    (Case("a gap", ACCEPTED, gaps=["H03.03 2021-02-03 receipts"]), UNKNOWN),
    (Case("urgent: an hour", [*URGENT, status("04", "2021-02-02 11:00")]), FINE),
    (Case("urgent: a second more", [*URGENT, status("04", "2021-02-02 11:00:01")]), BREACH),
    (Case("urgency told by the receipt only", [send(), receipt(urgency="hoa_toc"), status("03", "2021-02-02 10:05"), status("04", "2021-02-02 10:32")]), BREACH),
    (Case("the register's word goes before the receipt's", [document(), send(), receipt(urgency="hoa_toc"), status("03", "2021-02-02 10:05"), status("04", "2021-02-02 10:32")]), FINE),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "late_forwarding") == expected


def test_urgent_ones_are_graver() -> None:
    assert severities(Case("thượng khẩn", URGENT), "late_forwarding") == ["high"]
    assert severities(Case("thường", ACCEPTED), "late_forwarding") == ["medium"]
