"""K3 signing_order: cases."""

import pytest

from tests.rules.harness import Case, Judged, details, judge_case, signature
from tests.rules.signed import BREACH, FINE, UNKNOWN, WITHOUT_SIGNATURES, case


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
    *WITHOUT_SIGNATURES,
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "signing_order") == expected


def test_both_times_are_told() -> None:
    told = details(case("early", person("09:00"), agency("08:30")), "signing_order")
    assert told == [{"signer_signed_at": "2021-02-02T02:00:00Z", "agency_signed_at": "2021-02-02T01:30:00Z"}]
