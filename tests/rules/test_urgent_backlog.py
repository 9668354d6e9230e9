"""N6 urgent_backlog: cases. khẩn 24, thượng khẩn 8, hoả tốc 4 hours after the arrival, day and night."""

import pytest

from tests.rules.harness import Case, Judged, judge_case, receipt, send, severities, status

BREACH = Judged((("H03.03", "12/SNV-VP", "H03.03", ""),), {"H03.03": (1, 1, 0)})
UNDER_WAY = send(state="processing", state_at=None)
FINE = Judged((), {"H03.03": (1, 0, 0)})


def arrived(at: str, urgency: str, **fields: object) -> object:
    return receipt(arrived_at=at, urgency=urgency, **fields)


CASES = [
    (Case("khẩn, open", [UNDER_WAY, arrived("2021-02-02 10:00", "khan")]), BREACH),
    (Case("khẩn: 24 hours end with as_of", [UNDER_WAY, arrived("2021-02-07 00:00", "khan")]), FINE),
    (Case("khẩn: a second earlier", [UNDER_WAY, arrived("2021-02-06 23:59:59", "khan")]), BREACH),
    (Case("thượng khẩn: 8 hours", [UNDER_WAY, arrived("2021-02-07 16:00", "thuong_khan")]), FINE),
    (Case("thượng khẩn: a minute more", [UNDER_WAY, arrived("2021-02-07 15:59", "thuong_khan")]), BREACH),
    (Case("hoả tốc: 4 hours", [UNDER_WAY, arrived("2021-02-07 20:00", "hoa_toc")]), FINE),
    (Case("hoả tốc: a minute more", [UNDER_WAY, arrived("2021-02-07 19:59", "hoa_toc")]), BREACH),
    (Case("a due date goes first", [UNDER_WAY, arrived("2021-02-02 10:00", "khan", due_at="2021-02-20")]), FINE),
    (Case("completed", [UNDER_WAY, arrived("2021-02-02 10:00", "khan"), status("06", "2021-02-06 10:00")]), FINE),
    (Case("not urgent", [UNDER_WAY, arrived("2021-02-02 10:00", "thuong")]), Judged((), {})),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "urgent_backlog") == expected


def test_severity() -> None:
    assert severities(CASES[0][0], "urgent_backlog") == ["critical"]
