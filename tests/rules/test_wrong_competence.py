"""Q1 wrong_competence: cases."""

import pytest

from tests.rules.harness import Case, Judged, details, document, judge_case, send

FINDING = (("H03.02", "12/SNV-VP", "", ""),)
BREACH = Judged(FINDING, {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})

REGISTER = [
    {"agency": "H03.02", "name": "Lò Thị Mẩy", "position": "GIÁM ĐỐC", "authorised": True, "valid_to": "2021-02-02"}
]


def case(name: str, competence: str | None, position: str | None, **more: object) -> Case:
    return Case(name, [document(signer_competence=competence, signer_position=position), send()], **more)


def wrong(*extras: str) -> Judged:
    return Judged(tuple(("H03.02", "12/SNV-VP", "", extra) for extra in extras), {"H03.02": (1, 1, 0)})


CASES = [
    (case("the head, in his own name", None, "GIÁM ĐỐC"), FINE),
    (case("letter 814", "TM. ỦY BAN NHÂN DÂN; KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"), FINE),
    (case("line breaks, lower case, no blank", "tm.Ủy ban nhân dân\r\nkt.Chủ tịch", "Phó Chủ tịch"), FINE),
    (case("KT. by the head", "TM. ỦY BAN NHÂN DÂN; KT. CHỦ TỊCH", "CHỦ TỊCH"), wrong("KT")),
    (case("a deputy in his own name", None, "PHÓ GIÁM ĐỐC"), wrong("deputy")),
    (case("a deputy for the collective only", "TM. ỦY BAN NHÂN DÂN", "PHÓ CHỦ TỊCH"), wrong("deputy")),
    (case("a prefix within a line", "TM. ỦY BAN NHÂN DÂN KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"), wrong("deputy")),
    (case("a prefix without its dot", "KT CHỦ TỊCH", "PHÓ CHỦ TỊCH"), wrong("deputy")),
    (case("decomposed letters", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"), FINE),
    (case("a deputy with the head's powers", "Q. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"), FINE),
    (case("by order of another", "TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"), FINE),
    (case("by order of himself", "TL. CHÁNH VĂN PHÒNG", "Chánh  Văn phòng"), wrong("TL")),
    (case("a deputy under TL. and KT.", "TL. CHỦ TỊCH; KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"), FINE),
    (case("a deputy under TL. alone", "TL. CHỦ TỊCH", "PHÓ CHÁNH VĂN PHÒNG"), wrong("deputy")),
    (case("a deputy by his own order", "TL. PHÓ CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"), wrong("TL", "deputy")),
    (case("TUQ. without a register is not tested", "TUQ. CHỦ TỊCH", "GIÁM ĐỐC"), NOBODY),
    (case("TUQ. of another agency's register", "TUQ. CHỦ TỊCH", "GIÁM ĐỐC", signers=[REGISTER[0] | {"agency": "H03.03"}]), NOBODY),
    (case("… but something else is wrong", "TUQ. CHỦ TỊCH; KT. GIÁM ĐỐC", "GIÁM ĐỐC"), wrong("KT")),
    (case("TUQ. with an authorisation", "TUQ. CHỦ TỊCH", "GIÁM ĐỐC", signers=REGISTER), FINE),
    (case("TUQ. with one that ended the day before", "TUQ. CHỦ TỊCH", "GIÁM ĐỐC", signers=[REGISTER[0] | {"valid_to": "2021-02-01"}]), wrong("TUQ")),
    (case("TUQ. with one that begins that day", "TUQ. CHỦ TỊCH", "GIÁM ĐỐC", signers=[REGISTER[0] | {"valid_from": "2021-02-02"}]), FINE),
    (case("TUQ. listed, not authorised", "TUQ. CHỦ TỊCH", "GIÁM ĐỐC", signers=[REGISTER[0] | {"authorised": False}]), wrong("TUQ")),
    (case("TUQ. of another", "TUQ. CHỦ TỊCH", "GIÁM ĐỐC", signers=[REGISTER[0] | {"name": "Nông Văn Páo"}]), wrong("TUQ")),
    (Case("TUQ., the signer is not told", [document(signer_competence="TUQ. CHỦ TỊCH", signer_name=None), send()], signers=REGISTER), UNKNOWN),
    (case("no position", "KT. GIÁM ĐỐC", None), UNKNOWN),
    (case("no position, TUQ.", "TUQ. GIÁM ĐỐC", None), UNKNOWN),
    (Case("known by its sends alone", [send()]), UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "wrong_competence") == expected


def test_both_are_told() -> None:
    told = details(case("KT", "KT. GIÁM ĐỐC", "Giám đốc"), "wrong_competence")
    assert told == [{"signer_competence": "KT. GIÁM ĐỐC", "signer_position": "Giám đốc"}]
