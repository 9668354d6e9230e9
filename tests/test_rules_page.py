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
        assert part.split("**Căn cứ:**")[1].strip()
