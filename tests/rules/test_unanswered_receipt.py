"""N2 unanswered_receipt and N3 late_acknowledgement: cases. Arrived on Tuesday 2 February at 10:01: the deadline is its 24:00."""

import pytest

from tests.rules.harness import Case, Judged, deadlines, judge_case, receipt, send, status

BREACH = Judged((("H03.03", "12/SNV-VP", "H03.03", ""),), {"H03.03": (1, 1, 0)})
FINE = Judged((), {"H03.03": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.03": (0, 0, 1)})
NOBODY = Judged((), {})
ARRIVED = [send(), receipt()]
UNDER_WAY = send(state="processing", state_at=None)
"""A send that tells no arrival, so that the receipt's counts."""

CASES = [
    (Case("silence", ARRIVED), BREACH, FINE),
    (Case("01 acknowledges nothing", [*ARRIVED, status("01", "2021-02-02 10:02")]), BREACH, FINE),
    (Case("03 at 24:00", [*ARRIVED, status("03", "2021-02-03 00:00")]), FINE, FINE),
    (Case("03 a second later", [*ARRIVED, status("03", "2021-02-03 00:00:01")]), FINE, BREACH),
    (Case("a code written 3", [*ARRIVED, status("3", "2021-02-02 11:00")]), FINE, FINE),
    (Case("refused in time", [*ARRIVED, status("02", "2021-02-02 15:00", description="Thiếu phụ lục")]), FINE, FINE),
    (Case("06 alone", [*ARRIVED, status("06", "2021-02-02 15:00")]), FINE, FINE),
    (Case("03 in the sender's log only", [*ARRIVED, status("03", "2021-02-02 15:00", log="H03.02")]), FINE, FINE),
    (Case("returned as misrouted", [*ARRIVED, status("02", "2021-02-04 08:00", description="Gửi nhầm đơn vị")]), NOBODY, NOBODY),
    (Case("silence and a gap at the recipient", ARRIVED, gaps=["H03.03 2021-02-02 statuses"]), UNKNOWN, UNKNOWN),
    (Case("late and a gap", [*ARRIVED, status("03", "2021-02-03 08:00")], gaps=["H03.03 2021-02-02 receipts"]), FINE, UNKNOWN),
    (Case("a gap after the deadline", ARRIVED, gaps=["H03.03 2021-02-03"]), BREACH, FINE),
    (Case("in time whatever the gap", [*ARRIVED, status("03", "2021-02-02 15:00")], gaps=["H03.03 2021-02-02 receipts"]), FINE, FINE),
    (Case("arrived after working hours counts as the next day", [UNDER_WAY, receipt(arrived_at="2021-02-02 17:00"), status("03", "2021-02-03 16:00")]), FINE, FINE),
    (Case("arrived a second before the session's end", [UNDER_WAY, receipt(arrived_at="2021-02-02 16:59:59"), status("03", "2021-02-03 08:00")]), FINE, BREACH),
    (Case("a failed receipt is no arrival", [send(), receipt(state="fail")]), NOBODY, NOBODY),
    (Case("the sender's done alone needs one day more", [send()], gaps=["H03.03 2021-02-03"]), UNKNOWN, UNKNOWN),
    (Case("a recipient outside the registry is nobody's", [send(recipient="G22"), status("01", "2021-02-02 10:05", from_org="G22", log="H03.02")]), NOBODY, NOBODY),
    (Case("recalled before the deadline", [*ARRIVED, status("13", "2021-02-02 14:00", from_org="H03.02", to_org="H03.03", log="H03.03")]), NOBODY, NOBODY),
    (
        Case("recalled after it", [*ARRIVED, status("13", "2021-02-03 14:00", from_org="H03.02", to_org="H03.03", log="H03.03")]),
        BREACH,
        FINE,
    ),
    (
        Case(
            "a recall that was refused does not excuse",
            [
                *ARRIVED, status("13", "2021-02-02 14:00", from_org="H03.02", to_org="H03.03", log="H03.03"),
                status("16", "2021-02-02 15:00"),
            ],
        ),
        BREACH,
        FINE,
    ),
    (
        Case(
            "03 that bears the recall's id answers the recall only",
            [
                send(axis_doc_id="a1"), receipt(axis_doc_id="a1"), send(axis_doc_id="r1", business_type=2, sent_at="2021-02-02 14:00"),
                status("03", "2021-02-02 15:00", axis_doc_id="r1"),
            ],
        ),
        BREACH,
        FINE,
    ),
    (
        Case(
            "03 without an id after a recall, with none before, is both",
            [send(axis_doc_id="a1"), receipt(axis_doc_id="a1"), send(axis_doc_id="r1", business_type=2, sent_at="2021-02-02 14:00"), status("03", "2021-02-02 15:00")],
        ),
        FINE,
        FINE,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("case", "unanswered", "late"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, unanswered: Judged, late: Judged) -> None:
    assert judge_case(case, "unanswered_receipt") == unanswered
    assert judge_case(case, "late_acknowledgement") == late


def test_a_document_of_an_ended_agency_is_answered_by_its_successor() -> None:
    merged = {"H03.03": {"valid_to": "2021-02-02", "successor": "H03.04"}}
    row = {"arrived_at": "2021-02-02 17:30"}
    assert judge_case(
        Case("ended that day", [UNDER_WAY, receipt(**row)], agencies=merged), "unanswered_receipt"
    ).findings == (("H03.04", "12/SNV-VP", "H03.03", ""),)
    alone = {"H03.03": {"valid_to": "2021-02-02"}}
    assert judge_case(Case("no successor", [UNDER_WAY, receipt(**row)], agencies=alone), "unanswered_receipt") == NOBODY


def test_tet_is_no_working_time() -> None:
    case = Case(
        "Friday evening before Tết",
        [UNDER_WAY, receipt(arrived_at="2021-02-09 17:00")],
        start="2021-02-08",
        end="2021-02-22",
    )
    assert deadlines(case, "unanswered_receipt") == ["2021-02-18T00:00:00"]
