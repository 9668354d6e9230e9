"""The sentences: every key that the code names has a template, no template is left over, values are shown as people read them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import audit.explain
from audit.catalogue import RULE_IDS
from audit.explain.step import AgencyName, Rest, Step, Word, step
from audit.explain.wording import Wording, template, template_keys
from audit.settings import Settings

CODE = "\n".join(path.read_text(encoding="utf-8") for path in Path(audit.explain.__file__).parent.rglob("*.py"))
NAMED = set(re.findall(r'"([a-z_]+\.[a-z_0-9]+)"', CODE))
FAMILIES = {
    "verdict": None, "words": None, "headings": None, "values": None,  # looked up by rule, by code, by section, by type
    "outcome": {"breach", "compliant", "not_decided", "not_member", "no_longer", "still_open"},
    "blame": {"sender", "recipient", "issuer", "owner"},
}  # fmt: skip
PREFIXES = (
    "course.send_", "course.receipt", "course.forwarded", "course.completed", "course.returned", "course.status", "files.", "grounds.",
    "timeline.first_message", "timeline.refused", "kept_out.reports_", "kept_out.register_whole", "kept_out.refused", "kept_out.recalled",
    "calendar.next_working_day", "calendar.working_days_after", "rule.severity", "verdict.",
)  # fmt: skip
"""Keys that the code puts together."""


def test_every_key_that_the_code_names_has_a_template() -> None:
    sections = {key.partition(".")[0] for key in template_keys()}
    missing = {key for key in NAMED if key.partition(".")[0] in sections} - template_keys()
    assert not missing


def test_no_template_is_left_over() -> None:
    spare = {
        key for key in template_keys() - NAMED if key.partition(".")[0] not in FAMILIES and not key.startswith(PREFIXES)
    }
    assert not spare


def test_every_rule_says_what_a_breach_and_what_compliance_is() -> None:
    for rule_id in RULE_IDS:
        mine = {
            key.removeprefix(f"verdict.{rule_id}.") for key in template_keys() if key.startswith(f"verdict.{rule_id}.")
        }
        assert any(name.startswith("breach") for name in mine), rule_id
        assert "compliant" in mine, rule_id


@pytest.mark.parametrize(("family", "names"), [(family, names) for family, names in FAMILIES.items() if names])
def test_families_are_complete(family: str, names: set[str]) -> None:
    for name in names:
        assert template(f"{family}.{name}")


VALUES = [
    (datetime(2021, 2, 5, 9, 59, tzinfo=UTC), "", "16 giờ 59 phút thứ Sáu 05/02/2021"),
    (datetime(2021, 2, 5, 9, 59, 7, tzinfo=UTC), "", "16 giờ 59 phút 07 giây thứ Sáu 05/02/2021"),
    (datetime(2021, 2, 5, 10, tzinfo=UTC), "", "17 giờ thứ Sáu 05/02/2021"),
    (datetime(2021, 2, 5, 17, tzinfo=UTC), "", "0 giờ thứ Bảy 06/02/2021"),
    (datetime(2021, 2, 5, 17, tzinfo=UTC), "end", "24 giờ thứ Sáu 05/02/2021"),
    (datetime(2021, 2, 5, 4, 30, tzinfo=UTC), "end", "11 giờ 30 phút thứ Sáu 05/02/2021"),
    (date(2021, 2, 7), "", "Chủ nhật 07/02/2021"),
    (1234, "", "1.234"),
    (AgencyName("H03.03", "Sở Tư pháp"), "", "Sở Tư pháp (H03.03)"),
    (AgencyName("X9", ""), "", "đơn vị có mã X9, ngoài danh mục"),
    (
        Rest(date(2021, 2, 10), date(2021, 2, 16), holiday=True),
        "",
        "nghỉ lễ, Tết và nghỉ bù từ thứ Tư 10/02/2021 đến thứ Ba 16/02/2021",
    ),
    (Rest(date(2021, 4, 21), date(2021, 4, 21), holiday=True), "", "nghỉ lễ thứ Tư 21/04/2021"),
    (Word("statuses", "03"), "", "Đã tiếp nhận"),
    (Word("business_types", "1"), "", "thông báo thu hồi"),
    (Word("statuses", "77"), "", "77"),
    (("a", "b", "c"), "", "a, b và c"),
    ("\u202e\x1b[31mđỏ", "", "[31mđỏ"),
]


@pytest.mark.parametrize(("value", "form", "shown"), VALUES, ids=[case[2] for case in VALUES])
def test_values(shipped: Settings, value, form: str, shown: str) -> None:
    assert Wording(shipped.labels).value(value, form) == shown


def test_what_a_log_says_is_no_template(shipped: Settings) -> None:
    told = Wording(shipped.labels).sentence(
        step(
            "course.returned_because",
            at=datetime(2021, 2, 5, tzinfo=UTC),
            recipient=AgencyName("A", "B"),
            reason="{at} {0.__class__}",
        )
    )
    assert told.endswith("“{at} {0.__class__}”")


def test_a_sentence_without_its_value_is_not_made(shipped: Settings) -> None:
    with pytest.raises(KeyError):
        Wording(shipped.labels).sentence(Step("timeline.due", {}))
