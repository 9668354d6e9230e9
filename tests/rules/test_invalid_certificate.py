"""K4 invalid_certificate: cases."""

import pytest

from tests.rules.harness import ISSUER, Case, Judged, details, document, file, judge_case, send, signature
from tests.rules.signed import AGENCY, FINE, UNKNOWN, WITHOUT_SIGNATURES, case


def person(name: str, **fields: object) -> Case:
    """The person's signature of 2 February, 9:00, with the serial 5402."""
    return case(name, signature("person", **fields), AGENCY)


def invalid(*extras: str) -> Judged:
    return Judged(tuple(("H03.02", "12/SNV-VP", "", extra) for extra in extras), {"H03.02": (1, 1, 0)})


CASES = [
    (person("good"), FINE),
    (person("signed in its last moment", valid_to="2021-02-02 09:00"), FINE),
    (person("signed after its end", valid_to="2021-02-02 08:59:59"), invalid("5402")),
    (person("signed in its first moment", valid_from="2021-02-02 09:00"), FINE),
    (person("signed before its beginning", valid_from="2021-02-02 09:00:01"), invalid("5402")),
    (person("revoked before", revoked_at="2021-02-01 00:00"), invalid("5402")),
    (person("revoked in that moment", revoked_at="2021-02-02 09:00"), invalid("5402")),
    (person("revoked later", revoked_at="2021-02-02 09:00:01"), FINE),
    (person("another issuer", issuer="CN=VNPT-CA SHA2, C=VN"), invalid("5402")),
    (person("the old issuer, without accents", issuer="CN=Co quan chung thuc so Chinh phu, O=Ban Co yeu Chinh phu, C=VN"), FINE),
    (person("in capitals", issuer=ISSUER.upper()), FINE),
    (person("the same, decomposed", issuer="CN=Cơ quan chứng thực số Chính phủ"), FINE),
    (person("no serial: its position", serial=None, revoked_at="2021-02-01 00:00"), invalid("1")),
    (case("both", signature(issuer="CN=VNPT-CA"), signature("agency", issuer="CN=VNPT-CA", serial=None)), invalid("2", "5402")),
    (case("one certificate twice is one finding", signature(issuer="CN=VNPT-CA"), signature(valid_to="2021-01-01 00:00"), AGENCY), invalid("5402")),
    (person("no signing time is K6", signed_at=None, valid_to="2020-01-01 00:00"), UNKNOWN),
    (person("no end is K6", valid_to=None), UNKNOWN),
    (person("no end, but too early", valid_to=None, valid_from="2022-01-01 00:00"), invalid("5402")),
    (person("no issuer is K6", issuer=None), UNKNOWN),
    (person("no signing time, but a foreign issuer", signed_at=None, issuer="CN=VNPT-CA"), invalid("5402")),
    (Case("policy names another issuer", [document(), send()], policy={"certificates": {"accepted_issuers": ["VNPT"]}}), invalid("5402", "7A31")),
    (Case("an annex does not count", [document(files=[file(), file(name="a.pdf", role="attachment", signatures=[signature(issuer="CN=X")])]), send()]), FINE),
    *WITHOUT_SIGNATURES,
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "invalid_certificate") == expected


def test_why_is_told() -> None:
    told = details(
        person("all", valid_to="2021-02-01 00:00", revoked_at="2021-02-01 12:00", issuer="CN=X"), "invalid_certificate"
    )
    assert told[0]["reasons"] == ["outside_validity", "revoked", "foreign_issuer"]
    assert (told[0]["position"], told[0]["signed_at"], told[0]["issuer"]) == (1, "2021-02-02T02:00:00Z", "CN=X")


def test_one_certificate_twice_tells_both_reasons() -> None:
    twice = case("twice", signature(issuer="CN=X"), signature(valid_to="2021-01-01 00:00"), AGENCY)
    assert details(twice, "invalid_certificate")[0]["reasons"] == ["outside_validity", "foreign_issuer"]
