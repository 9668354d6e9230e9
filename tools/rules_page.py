"""Write docs/quy-tac.md from the catalogue, the labels, the law and the policy; a test keeps them equal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from audit.law import Citation
    from audit.rule import Rule
    from audit.settings import Settings

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "quy-tac.md"
FIRST_DAY: Final = date(2021, 1, 1)
"""The audit's logs begin here: a ground that is older has no beginning worth telling."""

HEAD: Final = """# Quy tắc kiểm tra

Trang này được tạo từ danh mục quy tắc, `config/labels.vi.toml`, `config/law.toml` và `config/rules.toml`
(`tools/rules_page.py`); không sửa bằng tay. Mức độ là mức cơ bản, trước khi xét độ khẩn và chủ đề ưu tiên. Căn cứ là
*chính sách* khi do địa phương đặt ra, còn lại là *quy định*; căn cứ có thời hạn thì ghi thời hạn, mỗi vi phạm viện dẫn
căn cứ có hiệu lực vào ngày của chính nó. *Ngưỡng* ghi khóa của `config/rules.toml` và giá trị đang đặt. Mọi quy tắc
có thể tắt hoặc đổi mức độ ở `[rules.<mã quy tắc>]`. Thời hạn tính theo `config/calendar.toml` (ngày, giờ làm việc).
Vì sao một văn bản bị nêu hoặc không bị nêu: `run_audit.py explain`.
"""
CALENDAR: Final = frozenset(
    (
        *("late_send", "overdue_send", "unanswered_receipt", "late_acknowledgement", "late_forwarding", "backlog"),
        *("wrong_date", "unanswered_recall", "system_outage"),
    )
)
"""Rules whose deadline or measure is working time."""
REGISTERS: Final = {
    "wrong_competence": "`config/signers.toml`: ủy quyền ký TUQ.",
    "unauthorised_signer": "`config/signers.toml`: người có thẩm quyền ký của từng cơ quan",
    "foreign_notation": "`config/agencies.toml`, khóa `notations`: ký hiệu của từng cơ quan",
    "malformed_notation": "`config/document_types.toml`: tên loại và chữ viết tắt",
    "number_gap": "`config/agencies.toml`, khóa `register_whole`; `rules.number_gap.merge_series`: loại chung dãy số",
    "late_forwarding": "`config/agencies.toml`, khóa `reports_forwarding`",
    "misrouted": "`config/agencies.toml`: mã định danh và thời gian hiệu lực",
}
"""What else of the configuration a rule looks at."""


def page() -> str:
    """The whole page, for the shipped settings."""
    from audit.rules import CATALOGUE  # noqa: PLC0415  # after the path is set
    from audit.settings import SHIPPED, load_settings  # noqa: PLC0415

    settings = load_settings(SHIPPED)
    lines = [HEAD, "| Mã | Quy tắc | Mức độ | Căn cứ |", "| --- | --- | --- | --- |"]
    lines += [_row(rule, settings) for rule in CATALOGUE]
    lines.append("")
    for rule in CATALOGUE:
        lines += [*_part(rule, settings), ""]
    return "\n".join(lines).rstrip() + "\n"


def _row(rule: Rule, settings: Settings) -> str:
    kinds = {citation.basis for citation in _citations(rule, settings)}
    words = [word for basis, word in (("law", "quy định"), ("policy", "chính sách")) if basis in kinds]
    title = settings.labels.rules[rule.id].title
    return f"| {rule.code} | {title} | {settings.labels.severities[rule.severity.text]} | {', '.join(words)} |"


def _part(rule: Rule, settings: Settings) -> Iterator[str]:
    label = settings.labels.rules[rule.id]
    yield f"## {rule.code} – {label.title} (`{rule.id}`)\n"
    yield f"- **Mức độ:** {settings.labels.severities[rule.severity.text]}"
    yield f"- **Kiểm tra:** {label.check}."
    yield f"- **Cách khắc phục:** {label.remedy}."
    yield "- **Căn cứ:**"
    yield from (f"  - {_ground(citation)}" for citation in _citations(rule, settings))
    limits = list(_limits(rule, settings))
    if limits:
        yield "- **Ngưỡng, cấu hình:**"
        yield from (f"  - {limit}" for limit in limits)


def _citations(rule: Rule, settings: Settings) -> tuple[Citation, ...]:
    from audit.law import LawBook  # noqa: PLC0415

    return LawBook(settings.law, settings.policy).all_of(rule.id)


def _ground(citation: Citation) -> str:
    """A ground, and until when or since when it holds where the audit's years do not lie within."""
    from audit.registry import ALWAYS  # noqa: PLC0415
    from audit.working_time import date_of, day_number  # noqa: PLC0415

    told = []
    if citation.valid_from > day_number(FIRST_DAY):
        told.append(f"từ {date_of(citation.valid_from):%d/%m/%Y}")
    if citation.valid_to != ALWAYS:
        told.append(f"đến {date_of(citation.valid_to):%d/%m/%Y}")
    kind = "chính sách" if citation.basis == "policy" else "quy định"
    return f"{citation.text} ({'; '.join([kind, ' '.join(told)]) if told else kind})"


def _limits(rule: Rule, settings: Settings) -> Iterator[str]:
    cited = settings.law.rules[rule.id]
    keys = [ground.key for ground in settings.law.policies if ground.id in cited and ground.key]
    yield from (f"`{key}` = {_value(settings.policy.at(key))}" for key in keys)
    if rule.id in CALENDAR:
        yield "`config/calendar.toml`: ngày nghỉ, ngày làm bù, giờ làm việc"
    if rule.id in REGISTERS:
        yield REGISTERS[rule.id]


def _value(value: Any) -> str:
    """A setting as it stands in the file, near enough to be found there."""
    if hasattr(value, "model_dump"):
        return ", ".join(f"{name} {number}" for name, number in value.model_dump().items())
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(f"“{one}”" for one in value) if isinstance(value, tuple) else str(value)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    PAGE.write_text(page(), encoding="utf-8")
