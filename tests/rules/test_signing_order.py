"""K3 signing_order: cases."""

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


def person(at: str | None, name: str = "Lò Thị Mẩy") -> dict[str, object]:
    return signature("person", signed_at=at and f"2021-02-02 {at}", subject=f"CN={name}")


def agency(at: str | None) -> dict[str, object]:
    return signature("agency", signed_at=at and f"2021-02-02 {at}")


CASES = [
    (case("the agency after the person", person("09:00"), agency("09:30")), FINE),
    (case("at the same time", person("09:00"), agency("09:00")), FINE),
    (case("the agency before the person", person("09:00"), agency("08:59:59")), BREACH),
    (case("the order of the list does not matter", agency("09:30"), person("09:00")), FINE),
    (case("the agency's first counts", person("09:00"), agency("08:00"), agency("09:30")), BREACH),
    (case("the signer's last counts", person("09:00"), agency("09:30"), person("09:45")), BREACH),
    (case("another person's later signature does not count", person("09:00"), agency("09:30"), person("10:00", "Nông Văn Páo")), FINE),
    (case("another person's earlier one neither", person("08:00", "Nông Văn Páo"), agency("08:30"), person("09:00")), BREACH),
    (case("no name matches: the first personal one", person("08:00", "Nông Văn Páo"), agency("08:30"), person("09:00", "Sùng A Tủa")), FINE),
    (case("no name matches, the first is late", person("09:00", "Nông Văn Páo"), agency("08:30"), person("08:00", "Sùng A Tủa")), BREACH),
    (case("no signer is told: the first personal one", person("09:00"), agency("08:30"), signer_name=None), BREACH),
    (case("the person's time is missing", person(None), agency("09:30")), UNKNOWN),
    (case("the agency's time is missing", person("09:00"), agency(None)), UNKNOWN),
    (case("one of the agency's times is missing", person("09:00"), agency("09:30"), agency(None)), UNKNOWN),
    (case("… and another is early", person("09:00"), agency("08:30"), agency(None)), BREACH),
    (case("one party only is K2", person("09:00")), UNKNOWN),
    (Case("no file is D1", [document(files=[]), send()]), NOBODY),
    (Case("unsigned is K1", [document(files=[file(signatures=[])]), send()]), NOBODY),
    (Case("files are not told", [document(files=None), send()]), UNKNOWN),
    (Case("signatures are not told", [document(files=[file(signatures=None)]), send()]), UNKNOWN),
    (Case("known by its sends alone", [send()]), UNKNOWN),
    (Case("the system does not report signatures", [document(), send()], agencies={"H03.02": {"reports_signatures": False}}), NOBODY),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "signing_order") == expected


def test_both_times_are_told() -> None:
    told = details(case("early", person("09:00"), agency("08:30")), "signing_order")
    assert told == [{"signer_signed_at": "2021-02-02T02:00:00Z", "agency_signed_at": "2021-02-02T01:30:00Z"}]
