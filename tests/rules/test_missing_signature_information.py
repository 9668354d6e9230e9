"""K6 missing_signature_information: cases."""

import pytest

from tests.rules.harness import Case, Judged, details, document, file, judge_case, send, signature
from tests.rules.signed import AGENCY, BREACH, FINE, PERSON, WITHOUT_SIGNATURES, case

CASES = [
    (case("complete", PERSON, AGENCY), FINE),
    *((case(f"no {name}", signature(**{name: None}), AGENCY), BREACH) for name in ("subject", "serial", "issuer", "valid_from", "valid_to", "signed_at")),
    (case("a placeholder is nothing", signature(subject="N/A"), AGENCY), BREACH),
    (case("the agency's counts too", PERSON, signature("agency", serial=None)), BREACH),
    (case("the party is K2's matter", PERSON, AGENCY, signature(None)), FINE),
    (case("the time stamp is K7's", signature(timestamp_at=None), AGENCY), FINE),
    (case("flags are K5's", signature(intact=None, valid=None, covers_file=None), AGENCY), FINE),
    (case("a wrong value is K4's", signature(issuer="CN=X"), AGENCY), FINE),
    (Case("an annex does not count", [document(files=[file(), file(name="a.pdf", role="attachment", signatures=[signature(serial=None)])]), send()]), FINE),
    *WITHOUT_SIGNATURES,
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "missing_signature_information") == expected


def test_the_fields_of_all_signatures_are_listed() -> None:
    told = details(
        case("two", signature(signed_at=None), signature("agency", serial=None)), "missing_signature_information"
    )
    assert told == [{"fields": ["serial", "signed_at"]}]
