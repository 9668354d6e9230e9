"""Which components of form a text shows (T5), however it is spelt; and which texts cannot be judged."""

from __future__ import annotations

import unicodedata

import pytest

from audit.signatures.components import LETTERS, found_in, is_judgeable

LETTER = """SỞ NỘI VỤ
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 05/SNV-VP Bắc Kạn, ngày 04 tháng 02 năm 2021
V/v báo cáo công tác tháng 01
Kính gửi: Các cơ quan chuyên môn thuộc UBND tỉnh.
Thực hiện Quyết định số 12/QĐ-UBND ngày 15 tháng 01 năm 2021 của Ủy ban nhân dân tỉnh, Sở Nội vụ đề nghị các đơn vị
báo cáo kết quả thực hiện trước ngày 20 hằng tháng./.
Nơi nhận:
- Như trên;
- Lưu: VT.
KT. GIÁM ĐỐC
PHÓ GIÁM ĐỐC
Lò Thị Mẩy
"""
DECISION = LETTER.replace("V/v báo cáo công tác tháng 01", "QUYẾT ĐỊNH\nVề việc giao dự toán").replace(
    "05/SNV-VP", "05/QĐ-SNV"
)
REPORT = LETTER.replace("V/v báo cáo công tác", "BÁO CÁO\nKết quả công tác").replace("05/SNV-VP", "05/BC-SNV")


@pytest.mark.parametrize("text", [LETTER, DECISION, REPORT], ids=["letter", "decision", "report"])
def test_whole_documents(text: str) -> None:
    assert found_in(text) == set(LETTERS)
    assert is_judgeable(text)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("decomposed", LETTER, unicodedata.normalize("NFD", LETTER)),
        ("the other place of the tone", "CỘNG HÒA", "CỘNG HOÀ"),
        ("long dashes", "Độc lập - Tự do - Hạnh phúc", "Độc lập – Tự do – Hạnh phúc"),
        ("no colon", "Số: 05", "Số 05"),
        ("blanks around the stroke", "Số: 05/SNV-VP", "Số: 05 / SNV-VP"),
        ("one column behind the other", "SỞ NỘI VỤ\nCỘNG HÒA XÃ HỘI", "SỞ NỘI VỤ CỘNG HÒA XÃ HỘI"),
        ("broken lines", "VIỆT NAM\n", "VIỆT\nNAM\n"),
        ("date in a line of its own", " Bắc Kạn, ngày", "\nBắc Kạn, ngày"),
        ("recipients in capitals", "Nơi nhận:", "NƠI NHẬN:"),
        ("the signer beside the recipients", "- Như trên;\n", "- Như trên; GIÁM ĐỐC\n"),
        ("carriage returns", LETTER, LETTER.replace("\n", "\r\n")),
        ("a letter of the number", "Số: 05/", "Số: 05a/"),
        ("a two-line agency", "SỞ NỘI VỤ", "UBND TỈNH BẮC KẠN\nSỞ NỘI VỤ"),
    ],
)
def test_spellings_do_not_matter(name: str, old: str, new: str) -> None:
    assert old in LETTER, name
    assert found_in(LETTER.replace(old, new)) == set(LETTERS)


@pytest.mark.parametrize(
    ("letter", "old", "new"),
    [
        ("a", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n", ""),
        ("a", "Độc lập - Tự do - Hạnh phúc\n", ""),
        ("b", "SỞ NỘI VỤ\n", ""),
        ("c", "Số: 05/SNV-VP ", "Số: /SNV-VP "),
        ("c", "Số: 05/SNV-VP ", ""),
        ("d", "Bắc Kạn, ngày 04 tháng 02 năm 2021", "Bắc Kạn, ngày tháng năm 2021"),
        ("d", "Bắc Kạn, ", ""),
        ("đ", "V/v báo cáo công tác tháng 01\n", ""),
        ("g", "Lò Thị Mẩy\n", ""),
        ("g", "KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC\n", ""),
        ("i", "Nơi nhận:\n", ""),
    ],
)
def test_one_is_missing(letter: str, old: str, new: str) -> None:
    assert old in LETTER
    assert found_in(LETTER.replace(old, new)) == set(LETTERS) - {letter}


def test_a_kind_without_a_subject_is_no_subject() -> None:
    assert "đ" not in found_in(LETTER[: LETTER.index("V/v")] + "THÔNG BÁO\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SỞ NỘI VỤ",
        "The quick brown fox jumps over the lazy dog. " * 10,
        "Céng hoµ x· héi chñ nghÜa viÖt nam. §éc lËp - Tù do - H¹nh phóc. " * 10,
    ],
    ids=["nothing", "a stamp alone", "English", "an old font's code"],
)
def test_texts_that_cannot_be_judged(text: str) -> None:
    assert not is_judgeable(text)
