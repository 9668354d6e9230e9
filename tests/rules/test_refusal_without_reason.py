"""N8 refusal_without_reason: cases."""

import pytest

from tests.rules.harness import Case, Judged, judge_case, receipt, send, status

BREACH = Judged((("H03.03", "12/SNV-VP", "H03.03", ""),), {"H03.03": (1, 1, 0)})
FINE = Judged((), {"H03.03": (1, 0, 0)})
NOBODY = Judged((), {})


def refused(description: str | None, **fields: object) -> list[object]:
    return [send(), receipt(**fields), status("02", "2021-02-02 15:00", description=description)]


CASES = [
    (Case("no description", refused(None)), BREACH),
    (Case("blank", refused("  ")), BREACH),
    (Case("a placeholder", refused("N/A")), BREACH),
    (Case("only the status' own name", refused("Từ chối tiếp nhận văn bản điện tử")), BREACH),
    (Case("the same in capitals", refused("TỪ CHỐI  TIẾP NHẬN")), BREACH),
    (Case("a reason", refused("Văn bản thiếu phụ lục kèm theo")), FINE),
    (Case("the reason stands in the register", refused(None, returned_at="2021-02-02 15:00", return_reason="Sai thẩm quyền")), FINE),
    (Case("returned in the register only", [send(), receipt(returned_at="2021-02-02 15:00", return_reason="Trả lại")]), BREACH),
    (Case("not refused", [send(), receipt(), status("03", "2021-02-02 15:00")]), NOBODY),
    (Case("a 02 that refuses a recall", [send(), receipt(), status("03", "2021-02-02 10:30"), status("13", "2021-02-03 08:00", from_org="H03.02", to_org="H03.03", log="H03.03"), status("02", "2021-02-03 09:00")]), NOBODY),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "refusal_without_reason") == expected
