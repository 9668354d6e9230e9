"""``rules.toml``: what the law leaves open. Names and defaults are those of ``rules.md`` section 4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from audit.catalogue import RULE_IDS
from audit.settings.base import (
    AgencyKind,
    Flag,
    Pattern,
    Positive,
    Section,
    Severity,
    Share,
    Text,
    Unique,
    Whole,
)


class UrgencyMinutes(Section):
    """Elapsed minutes by urgency level (NĐ 30/2020, PL I III.2.b: exactly three)."""

    khan: Positive
    thuong_khan: Positive
    hoa_toc: Positive


class UrgencyHours(Section):
    """Elapsed hours by urgency level."""

    khan: Positive
    thuong_khan: Positive
    hoa_toc: Positive


class Limits(Section):
    """``[limits]``"""

    undelivered_hours: Positive = 4
    urgent_send_minutes: UrgencyMinutes = UrgencyMinutes(khan=120, thuong_khan=60, hoa_toc=30)
    urgent_forward_minutes: UrgencyMinutes = UrgencyMinutes(khan=120, thuong_khan=60, hoa_toc=30)
    backlog_working_days: Positive = 10
    urgent_backlog_hours: UrgencyHours = UrgencyHours(khan=24, thuong_khan=8, hoa_toc=4)
    lost_status_hours: Positive = 4
    early_status_minutes: Whole = 5
    same_event_minutes: Whole = 2
    duplicate_content_days: Positive = 30
    number_gap_jump: Positive = 20
    unmatched_days: Positive = 30
    rejudge_days: Positive = 28
    outage_minutes: Whole = 15
    certificate_days: Positive = 30
    rank_minimum_tested: Whole = 20
    rank_maximum_incomplete: Share = 0.2


class Placeholders(Section):
    """``[placeholders]``: texts that stand for nothing."""

    values: Annotated[tuple[Text, ...], Unique] = (
        "N/A",
        "NA",
        "null",
        "none",
        ".",
        "-",
        "…",
        "không",
        "không có",
        "GW-AUTO",
    )
    reasons: Annotated[tuple[Text, ...], Unique] = (
        "Từ chối",
        "Từ chối tiếp nhận",
        "Từ chối tiếp nhận văn bản điện tử",
        "Từ chối không tiếp nhận văn bản điện tử",
        "Trả lại",
    )


class Misrouted(Section):
    """``[misrouted]``: reasons that say "wrong recipient"."""

    patterns: Annotated[tuple[Pattern, ...], Unique] = (
        "gửi nhầm",
        "không thuộc thẩm quyền",
        "sai nơi nhận",
        "không đúng nơi nhận",
    )


class Certificates(Section):
    """``[certificates]``"""

    accepted_issuers: Annotated[tuple[Text, ...], Unique, Field(min_length=1)] = (
        "CA phục vụ các cơ quan Nhà nước",
        "Cơ quan chứng thực số Chính phủ",
    )


class Exempt(Section):
    """``[exempt]``: kinds of agency whose notations follow rules of their own (T2)."""

    kinds: Annotated[tuple[AgencyKind, ...], Unique] = ("party", "mass_organisation")


RequiredField = Literal[
    "number",
    "notation",
    "issued_date",
    "doc_type",
    "subject",
    "signer_name",
    "signer_position",
    "signer_competence",
    "signed_at",
    "urgency",
    "secrecy",
    "page_count",
    "declared_file_count",
    "recipients",
    "document_uid",
]


class Required(Section):
    """``[required]``: fields whose absence is T1."""

    fields: Annotated[tuple[RequiredField, ...], Unique] = (
        "number",
        "notation",
        "issued_date",
        "doc_type",
        "subject",
        "signer_name",
        "signer_position",
        "urgency",
        "page_count",
        "recipients",
    )


_TARGETS: Mapping[AgencyKind, float] = {
    "people_committee_province": 0.9,
    "department": 0.9,
    "people_committee_district": 0.8,
    "people_committee_commune": 0.6,
}


class Targets(Section):
    """``[targets]``: shares to reach, by kind of agency; a kind that is absent has no target (Nghị quyết 17/NQ-CP)."""

    sent_electronically: Mapping[AgencyKind, Share] = _TARGETS
    signed_by_both: Mapping[AgencyKind, Share] = _TARGETS


class RuleSettings(Section):
    """``[rules.<id>]``; None: as the rule itself says."""

    enabled: Flag = True
    severity: Severity | None = None
    after_law: Flag = False
    """Only `missing_timestamp`: go on after TT 41/2017 ended on 15 November 2026."""
    merge_series: tuple[tuple[Text, ...], ...] = ()
    """Only `number_gap`: kinds of document that share one series of numbers, e.g. ``[["QĐ", "CT"]]``."""


class Policy(Section):
    """The whole of ``rules.toml``."""

    limits: Limits = Limits()
    placeholders: Placeholders = Placeholders()
    misrouted: Misrouted = Misrouted()
    certificates: Certificates = Certificates()
    exempt: Exempt = Exempt()
    required: Required = Required()
    targets: Targets = Targets()
    rules: Mapping[str, RuleSettings] = Field(default_factory=dict, validate_default=True)
    """By rule id; use `rule`, which answers for absent ones too."""

    @field_validator("rules")
    @classmethod
    def _known(cls, value: Mapping[str, RuleSettings]) -> Mapping[str, RuleSettings]:
        return {rule_id: value.get(rule_id, RuleSettings()) for rule_id in RULE_IDS} | dict(value)

    def rule(self, rule_id: str) -> RuleSettings:
        """The settings of a rule, the defaults where the file is silent."""
        return self.rules.get(rule_id, RuleSettings())

    def at(self, path: str) -> Any:
        """What stands under a path such as ``limits.undelivered_hours``. Raises KeyError for a path that is none."""
        node: Any = self
        for part in path.split("."):
            if isinstance(node, Mapping):
                node = node[part]
            elif part in getattr(type(node), "model_fields", ()):
                node = getattr(node, part)
            else:
                raise KeyError(path)
        return node

    def places_of(self, path: str) -> Mapping[str, Any]:
        """What a text about `path` may name in braces: the keys of a table, else ``value``; nothing for ``""``.

        Raises:
            KeyError: A path that is none.
        """
        if not path:
            return {}
        value = self.at(path)
        return value.model_dump() if isinstance(value, Section) else {"value": value}
