"""audit.facts.notation and audit.facts.names: what a notation and a certificate's subject say."""

import pytest

from audit.facts.names import common_name, person_name
from audit.facts.notation import Form, Kinds, NotationReader, Reading
from audit.settings import load_settings

KINDS = Kinds(load_settings().document_types)
TYPED, LETTER, NORMATIVE = Form.TYPED, Form.LETTER, Form.NORMATIVE


@pytest.mark.parametrize(
    ("notation", "reading"),
    [
        ("QĐ-BNV", Reading(TYPED, "QĐ", "BNV")),
        ("BNV-VP", Reading(LETTER, "", "BNV")),
        ("UBND-VXNV", Reading(LETTER, "", "UBND")),
        ("TTr-SNV-VP", Reading(TYPED, "TTr", "SNV-VP")),
        ("BC-Đ.TNCS", Reading(TYPED, "BC", "Đ.TNCS")),
        ("BC-Đ.TNCS-QĐ", Reading(TYPED, "BC", "Đ.TNCS-QĐ")),
        ("SY-UBND", Reading(TYPED, "SY", "UBND")),
        ("2021/QĐ-UBND", Reading(NORMATIVE, "QĐ", "UBND", "2021")),
        ("2021/NQ-HĐND", Reading(NORMATIVE, "NQ", "HĐND", "2021")),
        ("2021/BC-UBND", Reading(Form.NONE)),
        ("1999/QĐ-UBND", Reading(Form.NONE)),
        ("UBND-VX&NV", Reading(LETTER, "", "UBND")),
        ("UBND&X-VX", Reading(Form.NONE)),
        ("CV/TU", Reading(Form.NONE)),
        ("UBND", Reading(Form.NONE)),
        ("-UBND", Reading(Form.NONE)),
        ("UBND-", Reading(Form.NONE)),
        ("", Reading(Form.NONE)),
    ],
)  # fmt: skip
def test_reading(notation: str, reading: Reading) -> None:
    assert NotationReader(KINDS, ("SNV",)).read(notation, None) == reading


def test_the_longest_of_the_senders_own_notations_is_the_organ() -> None:
    reader = NotationReader(KINDS, ("BQL", "BQL-KCN"))
    assert reader.read("BQL-KCN-VP", None) == Reading(LETTER, "", "BQL-KCN")
    assert reader.read("BQL-KCN", None) == Reading(LETTER, "", "BQL")


def test_signs_of_regular_expressions_in_own_notations_are_plain_letters() -> None:
    reader = NotationReader(KINDS, ("S.*", "(X"))
    assert reader.read("(X-VP", None) == Reading(LETTER, "", "(X")
    assert reader.read("Sabc-VP", None).form is Form.NONE


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("CN=Lò Thị Mẩy, O=UBND", "Lò Thị Mẩy"),
        ("C=VN,cn = Lò Thị Mẩy", "Lò Thị Mẩy"),
        ("2.5.4.3=Lò Thị Mẩy;C=VN", "Lò Thị Mẩy"),
        (r"CN=Sở A\, B, C=VN", "Sở A, B"),
        ('CN="Sở A, B", C=VN', "Sở A, B"),
        ("/C=VN/O=A/B/CN=Sở A/B", "Sở A/B"),
        ("/CN=Lò Thị Mẩy/emailAddress=a@b", "Lò Thị Mẩy"),
        ("Lò Thị Mẩy", "Lò Thị Mẩy"),
        ("O=UBND, C=VN", None),
        ("CN=, C=VN", None),
        ("O=UBND\r\nCN=Lò Thị Mẩy\nC=VN", "Lò Thị Mẩy"),
        ("OCN=x, C=VN", None),
    ],
)
def test_common_name(subject: str, name: str | None) -> None:
    assert common_name(subject) == name


@pytest.mark.parametrize(
    "text", ["LÒ THỊ MẨY", " lò  thị mẩy", "Bà Lò Thị Mẩy", "PGS. TS. Lò Thị Mẩy", "GS.TS.Lò Thị Mẩy", "ThS Lò Thị Mẩy"]
)
def test_one_person(text: str) -> None:
    assert person_name(text) == "lò thị mẩy"


@pytest.mark.parametrize(
    ("text", "name"), [("Bàn Thị Tsa", "bàn thị tsa"), ("Ông", "ông"), ("Tsằn A Páo", "tsằn a páo")]
)
def test_what_only_looks_like_a_title(text: str, name: str) -> None:
    assert person_name(text) == name


@pytest.mark.timeout(10)
def test_texts_made_to_stop_the_reader_take_no_time() -> None:
    reader = NotationReader(KINDS, ("SNV", "SNV-VP", "TTr", "TTr-X"))
    for part in ("SNV", "SNV-VP", "TTr", "TTr-X", "A"):
        assert reader.read("QĐ-" + f"{part}-" * 2000 + "a", "Quyết định").form is Form.NONE
    for part in (", ", "\n", "/", "/CN", "CN", "\\", '"', ",CN", ",CN =", "/a"):
        common_name(part * 20_000)
        common_name("/" + part * 20_000)
    for part in ("ts.", "ts ", "bà ", "ông", "."):
        person_name(part * 20_000)
