"""R1 unanswered_recall: cases. The recall arrives on Wednesday 3 February: to be answered by its 24:00."""

import pytest

from tests.rules.harness import Case, Judged, judge_case, receipt, send, status

EXTRA = "2021-02-03T01:00:00Z"
BREACH = Judged((("H03.03", "12/SNV-VP", "H03.03", EXTRA),), {"H03.03": (1, 1, 0)})
FINE = Judged((), {"H03.03": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.03": (0, 0, 1)})
RECALLED = [
    send(axis_doc_id="a1"), receipt(axis_doc_id="a1"), status("03", "2021-02-02 10:30"),
    send(axis_doc_id="r1", business_type=1, sent_at="2021-02-03 08:00"),
    receipt(axis_doc_id="r1", business_type=1, arrived_at="2021-02-03 08:01"),
]  # fmt: skip
ASKED = [
    send(),
    receipt(),
    status("03", "2021-02-02 10:30"),
    status("13", "2021-02-03 08:00", from_org="H03.02", to_org="H03.03", log="H03.03"),
]

CASES = [
    (Case("silence", RECALLED), BREACH),
    (Case("agreed", [*RECALLED, status("15", "2021-02-03 10:00", axis_doc_id="r1")]), FINE),
    (Case("refused", [*RECALLED, status("16", "2021-02-03 10:00")]), FINE),
    (Case("answered much later", [*RECALLED, status("03", "2021-02-05 10:00")]), FINE),
    (Case("an answer to another message", [*RECALLED, status("15", "2021-02-03 10:00", axis_doc_id="r9")]), BREACH),
    (Case("a request 13, unanswered", ASKED), BREACH),
    (Case("a request 13, answered", [*ASKED, status("15", "2021-02-03 09:00")]), FINE),
    (Case("a request 13 that never came", [send(), receipt(), status("13", "2021-02-03 08:00", from_org="H03.02", to_org="H03.03", log="H03.02")]), Judged((), {})),
    (Case("silence and a gap", RECALLED, gaps=["H03.03 2021-02-03 statuses"]), UNKNOWN),
    (Case("a recall that did not arrive is G2", [send(axis_doc_id="a1"), receipt(axis_doc_id="a1"), send(axis_doc_id="r1", business_type=1, sent_at="2021-02-03 08:00")]), Judged((), {})),
    (Case("an update", [send(axis_doc_id="a1"), receipt(axis_doc_id="a1"), send(axis_doc_id="u1", business_type=2, sent_at="2021-02-03 08:00"), receipt(axis_doc_id="u1", business_type=2, arrived_at="2021-02-03 08:05")]), BREACH),
    (Case("a replacement is a document of its own", [send(business_type=3), receipt(business_type=3)]), Judged((), {})),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "unanswered_recall") == expected
