"""docs/quy-tac.md is what the catalogue, the labels and the law say."""

from audit.rules import CATALOGUE
from tools.rules_page import PAGE, page


def test_the_page_is_the_catalogue():
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_rule_has_its_check_remedy_and_ground():
    text = page()
    for rule in CATALOGUE:
        part = text.split(f"## {rule.code} – ")[1].split("\n## ")[0]
        assert "**Kiểm tra:** ." not in part
        assert part.split("**Căn cứ:**")[1].split("**Ngưỡng, cấu hình:**")[0].strip()


def test_limits_stand_under_the_keys_by_which_they_are_set():
    text = page()
    assert "`limits.undelivered_hours` = 4" in text
    assert "`limits.urgent_send_minutes` = khan 120, thuong_khan 60, hoa_toc 30" in text
    assert "`rules.missing_timestamp.after_law` = false" in text


def test_law_that_ended_says_so():
    assert "khoản 1 Điều 9 Thông tư số 41/2017/TT-BTTTT (quy định; đến 14/11/2026)" in page()
