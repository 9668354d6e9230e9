"""G2 undelivered: cases. The policy is four hours after the latest send that did not fail."""

import pytest

from tests.rules.harness import Case, Judged, judge_case, receipt, send, status

UNDER_WAY = {"state": "processing", "state_at": None}
BREACH = Judged((("H03.02", "12/SNV-VP", "H03.03", ""),), {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})

CASES = [
    (Case("never done, never seen", [send(**UNDER_WAY)]), BREACH),
    (Case("done, but the recipient's complete log knows nothing", [send()]), BREACH),
    (Case("done, and the recipient's log has a gap that day", [send()], gaps=["H03.03 2021-02-02 receipts"]), FINE),
    (Case("done, and a gap the day after", [send()], gaps=["H03.03 2021-02-03 statuses"]), FINE),
    (Case("done, and the recipient is not pulled", [send()], agencies={"H03.03": {"pulled": False}}, gaps=[f"H03.03 2021-02-0{n}" for n in range(1, 8)]), FINE),
    (Case("a receipt", [send(**UNDER_WAY), receipt()]), FINE),
    (Case("a status 01", [send(**UNDER_WAY), status("01", "2021-02-05 09:00")]), FINE),
    (Case("a status 01 in the sender's log", [send(**UNDER_WAY), status("01", "2021-02-05 09:00", log="H03.02")]), FINE),
    (Case("a failed receipt is N1", [send(), receipt(state="fail")]), NOBODY),
    (Case("only failed sends are G1", [send(state="fail")]), NOBODY),
    (
        Case(
            "the latest attempt failed (G1), an earlier one did not and never arrived",
            [send(**UNDER_WAY), send(attempt=2, sent_at="2021-02-02 11:00", state="fail", state_at="2021-02-02 11:05")],
        ),
        BREACH,
    ),
    (Case("deadline at as_of is tested", [send(**UNDER_WAY, sent_at="2021-02-07 20:00")]), BREACH),
    (Case("deadline a second after as_of is not", [send(**UNDER_WAY, sent_at="2021-02-07 20:00:01")]), NOBODY),
    (Case("deadline at the period's start belongs to the week before", [send(**UNDER_WAY, sent_at="2021-01-31 20:00", issued_date="2021-01-30")]), NOBODY),
    (Case("the latest send counts", [send(**UNDER_WAY), send(**UNDER_WAY, attempt=2, sent_at="2021-02-07 21:00")]), NOBODY),
    (Case("a gap at the sender", [send(**UNDER_WAY)], gaps=["H03.02 2021-02-02 statuses"]), UNKNOWN),
    (Case("a gap at the recipient", [send(**UNDER_WAY)], gaps=["H03.03 2021-02-02 statuses"]), UNKNOWN),
    (Case("a gap after the deadline", [send(**UNDER_WAY)], gaps=["H03.03 2021-02-03", "H03.02 2021-02-03"]), BREACH),
    (Case("a recipient outside the registry has no log to wait for", [send(**UNDER_WAY, recipient="G22")]), Judged((("H03.02", "12/SNV-VP", "G22", ""),), {"H03.02": (1, 1, 0)})),
    (
        Case(
            "a lost recall",
            [send(axis_doc_id="a1"), receipt(axis_doc_id="a1"), send(axis_doc_id="r1", business_type=1, sent_at="2021-02-03 08:00")],
        ),
        Judged((("H03.02", "12/SNV-VP", "H03.03", "2021-02-03T01:00:00Z"),), {"H03.02": (2, 1, 0)}),
    ),
    (
        Case(
            "a recall that was answered has arrived",
            [
                send(axis_doc_id="a1"), receipt(axis_doc_id="a1"), send(axis_doc_id="r1", business_type=1, sent_at="2021-02-03 08:00"),
                status("15", "2021-02-03 09:00", axis_doc_id="r1"),
            ],
        ),
        Judged((), {"H03.02": (2, 0, 0)}),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "undelivered") == expected
