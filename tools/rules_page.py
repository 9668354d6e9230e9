"""Write docs/quy-tac.md from the catalogue, the labels and the law. `tests/test_rules_page.py` keeps them equal."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "quy-tac.md"
DAY: Final = date(2021, 2, 4)
"""The law is cited as it stood on the day of letter 814; findings cite what is in force on their own day."""

HEAD: Final = """# Quy tắc kiểm tra

Trang này được tạo từ danh mục quy tắc, `config/labels.vi.toml` và `config/law.toml` (`tools/rules_page.py`);
không sửa bằng tay. Căn cứ ghi theo quy định có hiệu lực ngày 04/02/2021; mỗi vi phạm viện dẫn quy định có hiệu lực
vào ngày của chính nó. Mức độ là mức cơ bản, trước khi xét độ khẩn và chủ đề ưu tiên. Căn cứ là *chính sách* khi do
địa phương đặt ra (ngưỡng trong `config/rules.toml`).
"""
SEVERITIES: Final = {"critical": "Nghiêm trọng", "high": "Cao", "medium": "Trung bình", "low": "Thấp"}


def page() -> str:
    """The whole page, for the shipped settings."""
    from audit.law import LawBook  # noqa: PLC0415  # after the path is set
    from audit.rules import CATALOGUE  # noqa: PLC0415
    from audit.settings import SHIPPED, load_settings  # noqa: PLC0415

    settings = load_settings(SHIPPED)
    book = LawBook(settings.law, settings.policy)
    lines = [HEAD]
    for rule in CATALOGUE:
        label = settings.labels.rules[rule.id]
        lines.append(f"## {rule.code} – {label.title} (`{rule.id}`)\n")
        lines.append(f"- **Mức độ:** {SEVERITIES[rule.severity.text]}")
        lines.append(f"- **Kiểm tra:** {label.check}.")
        lines.append(f"- **Cách khắc phục:** {label.remedy}.")
        lines.append("- **Căn cứ:**")
        lines += [
            f"  - {citation.text}{' (chính sách)' if citation.basis == 'policy' else ''}"
            for citation in book.citations(rule.id, DAY)
        ]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    PAGE.write_text(page(), encoding="utf-8")
