"""Q3 signer_certificate_mismatch: cases."""

import pytest

from tests.rules.harness import Case, Judged, details, judge_case, signature
from tests.rules.signed import AGENCY, BREACH, FINE, PERSON, UNKNOWN, WITHOUT_SIGNATURES, case


def named(name: str, subject: str | None, **fields: object) -> Case:
    return case(name, signature("person", subject=subject), AGENCY, **fields)


CASES = [
    (named("the signer's own", "CN=Lò Thị Mẩy, O=UBND tỉnh Bắc Kạn"), FINE),
    (named("another person's", "CN=Nông Văn Páo, O=UBND tỉnh Bắc Kạn"), BREACH),
    (named("other letters, a blank more", "CN=LÒ  THỊ MẨY,C=VN"), FINE),
    (named("decomposed letters", "CN=Lò Thị Mẩy"), FINE),
    (named("titles dropped", "CN=PGS.TS. Lò Thị Mẩy"), FINE),
    (named("titles dropped on the document", "CN=Lò Thị Mẩy", signer_name="Bà Lò Thị Mẩy"), FINE),
    (named("CN is not the first", "C=VN, O=UBND tỉnh, CN=Lò Thị Mẩy"), FINE),
    (named("OpenSSL's form", "/C=VN/O=UBND tỉnh/CN=Lò Thị Mẩy"), FINE),
    (named("quoted", 'O="UBND, tỉnh", CN="Lò Thị Mẩy"'), FINE),
    (named("the bare name", "Lò Thị Mẩy"), FINE),
    (named("the name in another attribute", "O=Lò Thị Mẩy, C=VN"), BREACH),
    (named("a name within another attribute's value", "O=XCN=Lò Thị Mẩy, CN=Nông Văn Páo"), BREACH),
    (named("without accents it is another name", "CN=Lo Thi May"), BREACH),
    (case("one of two is the signer's", signature(subject="CN=Nông Văn Páo"), PERSON, AGENCY), FINE),
    (case("the agency's name does not count", signature(subject="CN=Nông Văn Páo"), signature("agency", subject="CN=Lò Thị Mẩy")), BREACH),
    (case("no personal signature", AGENCY), UNKNOWN),
    (named("no subject", None), UNKNOWN),
    (named("no signer", "CN=Lò Thị Mẩy", signer_name=None), UNKNOWN),
    *WITHOUT_SIGNATURES,
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "signer_certificate_mismatch") == expected


def test_both_names_are_told() -> None:
    told = details(named("another's", "CN=Nông Văn Páo, C=VN"), "signer_certificate_mismatch")
    assert told == [{"signer_name": "Lò Thị Mẩy", "subject": "CN=Nông Văn Páo, C=VN", "common_name": "Nông Văn Páo"}]
