"""Q3 signer_certificate_mismatch: cases."""

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
    (Case("no file is D1", [document(files=[]), send()]), NOBODY),
    (Case("unsigned is K1", [document(files=[file(signatures=[])]), send()]), NOBODY),
    (Case("files are not told", [document(files=None), send()]), UNKNOWN),
    (Case("signatures are not told", [document(files=[file(signatures=None)]), send()]), UNKNOWN),
    (Case("known by its sends alone", [send()]), UNKNOWN),
    (Case("the system does not report signatures", [document(), send()], agencies={"H03.02": {"reports_signatures": False}}), NOBODY),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "signer_certificate_mismatch") == expected


def test_both_names_are_told() -> None:
    told = details(named("another's", "CN=Nông Văn Páo, C=VN"), "signer_certificate_mismatch")
    assert told == [{"signer_name": "Lò Thị Mẩy", "subject": "CN=Nông Văn Páo, C=VN", "common_name": "Nông Văn Páo"}]
