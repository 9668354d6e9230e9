"""K6 missing_signature_information: cases."""

import pytest

from tests.rules.harness import Case, Judged, details, document, file, judge_case, send, signature

FINDING = (("H03.02", "12/SNV-VP", "", ""),)
BREACH = Judged(FINDING, {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})


def case(name: str, *signatures: dict[str, object], **fields: object) -> Case:
    """A main file with these signatures."""
    return Case(name, [document(files=[file(signatures=list(signatures))], **fields), send()])


PERSON, AGENCY = signature("person"), signature("agency")


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
    (Case("no file is D1", [document(files=[]), send()]), NOBODY),
    (Case("unsigned is K1", [document(files=[file(signatures=[])]), send()]), NOBODY),
    (Case("files are not told", [document(files=None), send()]), UNKNOWN),
    (Case("signatures are not told", [document(files=[file(signatures=None)]), send()]), UNKNOWN),
    (Case("known by its sends alone", [send()]), UNKNOWN),
    (Case("the system does not report signatures", [document(), send()], agencies={"H03.02": {"reports_signatures": False}}), NOBODY),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "missing_signature_information") == expected


def test_the_fields_of_all_signatures_are_listed() -> None:
    told = details(
        case("two", signature(signed_at=None), signature("agency", serial=None)), "missing_signature_information"
    )
    assert told == [{"fields": ["serial", "signed_at"]}]
