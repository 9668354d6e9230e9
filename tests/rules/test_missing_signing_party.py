"""K2 missing_signing_party: cases."""

import pytest

from tests.rules.harness import Case, Judged, document, file, judge_case, send, signature

FINDING = (("H03.02", "12/SNV-VP", "", ""),)
BREACH = Judged(FINDING, {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})


def case(name: str, *signatures: dict[str, object], **fields: object) -> Case:
    """A main file with these signatures."""
    return Case(name, [document(files=[file(signatures=list(signatures))], **fields), send()])


PERSON, AGENCY = signature("person"), signature("agency")


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
    (Case("no file is D1", [document(files=[]), send()]), NOBODY),
    (Case("unsigned is K1", [document(files=[file(signatures=[])]), send()]), NOBODY),
    (Case("files are not told", [document(files=None), send()]), UNKNOWN),
    (Case("signatures are not told", [document(files=[file(signatures=None)]), send()]), UNKNOWN),
    (Case("known by its sends alone", [send()]), UNKNOWN),
    (Case("the system does not report signatures", [document(), send()], agencies={"H03.02": {"reports_signatures": False}}), NOBODY),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "missing_signing_party") == expected
