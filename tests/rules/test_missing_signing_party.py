"""K2 missing_signing_party: cases."""

import pytest

from tests.rules.harness import Case, Judged, judge_case, signature
from tests.rules.signed import AGENCY, FINE, PERSON, UNKNOWN, WITHOUT_SIGNATURES, case


def missing(party: str) -> Judged:
    return Judged((("H03.02", "12/SNV-VP", "", party),), {"H03.02": (1, 1, 0)})


CASES = [
    (case("both", PERSON, AGENCY), FINE),
    (case("the person only", PERSON), missing("agency")),
    (case("the agency only", AGENCY), missing("person")),
    (case("two persons", PERSON, PERSON), missing("agency")),
    (case("party in other letters", signature("Person"), signature("AGENCY")), FINE),
    (case("one party is not told", PERSON, signature(None)), UNKNOWN),
    (case("a word that is no party", AGENCY, signature("robot")), UNKNOWN),
    (case("both, and one that is not told", PERSON, AGENCY, signature(None)), FINE),
    (case("no party is told", signature(None)), UNKNOWN),
    *WITHOUT_SIGNATURES,
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "missing_signing_party") == expected
