"""T1 missing_information: cases."""

import pytest

from tests.rules.harness import Case, Judged, details, document, judge_case, send

FINDING = (("H03.02", "12/SNV-VP", "", ""),)
BREACH = Judged(FINDING, {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})


def case(name: str, **fields: object) -> Case:
    return Case(name, [document(**fields), send()])


CASES = [
    (case("complete"), FINE),
    (case("no subject", subject=None), BREACH),
    (case("a blank subject", subject="   "), BREACH),
    (case("a placeholder", signer_name="N/A"), BREACH),
    (case("a placeholder in capitals", signer_position="NULL"), BREACH),
    (case("page_count 0", page_count=0), BREACH),
    (case("page_count 1", page_count=1), FINE),
    (case("no recipients", recipients=[]), BREACH),
    (case("recipients not told", recipients=None), BREACH),
    (case("a field nobody requires", signed_at=None, signer_competence=None, secrecy=None), FINE),
    (case("an urgency nobody knows is told", urgency="gấp"), FINE),
    (case("no file is D1", files=[]), FINE),
    (Case("no number", [document(number=None, document_uid="u1"), send(number=None, document_uid="u1")]), Judged((("H03.02", "u1", "", ""),), {"H03.02": (1, 1, 0)})),
    (
        Case("a number that is a time stamp", [document(number="20210202090000", document_uid="u1"), send(number="20210202090000", document_uid="u1")]),
        Judged((("H03.02", "u1", "", ""),), {"H03.02": (1, 1, 0)}),
    ),
    (Case("a policy that requires less", [document(subject=None), send()], policy={"required": {"fields": ["number"]}}), FINE),
    (Case("a policy that requires nothing", [document(subject=None), send()], policy={"required": {"fields": []}}), FINE),
    (Case("a policy that requires more", [document(secrecy=None), send()], policy={"required": {"fields": ["secrecy"]}}), BREACH),
    (Case("known by its sends alone", [send()]), UNKNOWN),
    (Case("not sent", [document(subject=None)]), NOBODY),
    (Case("first sent before the period", [document(subject=None, issued_date="2021-01-29"), send(issued_date="2021-01-29", sent_at="2021-01-31 23:59")]), NOBODY),
    (Case("sent again in the period", [document(subject=None, issued_date="2021-01-29"), send(issued_date="2021-01-29", sent_at="2021-01-31 23:59"), send(issued_date="2021-01-29", attempt=2)]), NOBODY),
    (Case("only an update was sent", [document(subject=None), send(business_type=2)]), NOBODY),
    (Case("a replacement is a document", [document(subject=None), send(business_type=3)]), BREACH),
    (Case("a failed send is a send", [document(subject=None), send(state="fail")]), BREACH),
    (Case("completed on a later day", [document(subject=None), document(day="2021-02-04"), send()]), FINE),
    (Case("completed after as_of", [document(subject=None), document(day="2021-02-08"), send()]), BREACH),
    (Case("a sender outside the registry", [document("H03.02", sender="H14.01", subject=None), send("H03.02", sender="H14.01")]), NOBODY),
    (Case("an agency that keeps no documents", [send()], agencies={"H03.02": {"tables": ["sends", "receipts", "statuses"]}}), NOBODY),
    (
        Case("after its end the successor is blamed", [document(subject=None), send()], agencies={"H03.02": {"valid_to": "2021-02-01", "successor": "H03.03"}}),
        Judged((("H03.03", "12/SNV-VP", "", ""),), {"H03.03": (1, 1, 0)}),
    ),
    (Case("after an end without successor nobody is", [document(subject=None), send()], agencies={"H03.02": {"valid_to": "2021-02-01"}}), NOBODY),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "missing_information") == expected


def test_the_fields_are_listed() -> None:
    assert details(case("two", page_count=0, subject="-"), "missing_information") == [
        {"fields": ["subject", "page_count"]}
    ]
