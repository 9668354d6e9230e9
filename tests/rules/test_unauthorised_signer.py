"""Q2 unauthorised_signer: cases."""

import pytest

from tests.rules.harness import Case, Judged, document, judge_case, send

FINDING = (("H03.02", "12/SNV-VP", "", ""),)
BREACH = Judged(FINDING, {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})

REGISTER = {"agency": "H03.02", "name": "Lò Thị Mẩy", "position": "GIÁM ĐỐC"}


def case(name: str, register: list[dict[str, object]], **fields: object) -> Case:
    return Case(name, [document(**fields), send()], signers=register)


CASES = [
    (case("listed", [REGISTER]), FINE),
    (case("another name", [REGISTER], signer_name="Nông Văn Páo"), BREACH),
    (case("a title, other letters, a blank more", [REGISTER], signer_name="ThS. LÒ  THỊ MẨY"), FINE),
    (case("another position does not matter", [REGISTER], signer_position="CHÁNH VĂN PHÒNG"), FINE),
    (case("ended on the day of issue", [REGISTER | {"valid_to": "2021-02-02"}]), FINE),
    (case("ended the day before", [REGISTER | {"valid_to": "2021-02-01"}]), BREACH),
    (case("begins on the day of issue", [REGISTER | {"valid_from": "2021-02-02"}]), FINE),
    (case("begins the day after", [REGISTER | {"valid_from": "2021-02-03"}]), BREACH),
    (case("one of two entries is in force", [REGISTER | {"valid_to": "2020-12-31"}, REGISTER | {"valid_from": "2021-01-01"}]), FINE),
    (case("listed for another agency", [REGISTER, REGISTER | {"agency": "H03.03", "name": "Nông Văn Páo"}], signer_name="Nông Văn Páo"), BREACH),
    (case("no register", []), NOBODY),
    (case("only another agency has a register", [REGISTER | {"agency": "H03.03"}]), NOBODY),
    (case("no name", [REGISTER], signer_name=None), UNKNOWN),
    (Case("no date", [document("H03.02", "2021-02-02", issued_date=None, document_uid="u", signed_at="2021-02-02 09:00"), send(issued_date=None, document_uid="u")], signers=[REGISTER]), UNKNOWN),
    (Case("known by its sends alone", [send()], signers=[REGISTER]), UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "unauthorised_signer") == expected
