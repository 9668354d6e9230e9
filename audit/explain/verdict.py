"""What the rule itself says of a target: the member's row, its findings, and the sentences for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

import numpy as np

from audit.explain.account import Account, Timeline
from audit.explain.step import Outcome, Plain, Step, Value, Word
from audit.explain.target import NONE, Target, agency_name, happened, instant
from audit.explain.wording import has_template
from audit.rule import Rule, Verdicts

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_WORDS: Final = {"reasons": "faults", "tables": "tables", "fields": "fields"}
"""Keys of `detail` that hold lists of code words, and the section that translates them."""
_OF_SIGNATURES: Final = {"subject": "signature_subject", "signed_at": "signature_signed_at"}
"""Fields of a signature that bear the names of other fields of a document (K6)."""
_MOMENTS: Final = ("arrived", "acknowledged", "forwarded", "completed", "refused", "recalled")


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a rule's population.

    Attributes:
        verdicts: what the rule says of all members. position: the member's row. found: rows of its findings.
    """

    verdicts: Verdicts
    position: int
    found: tuple[int, ...]

    @classmethod
    def at(cls, verdicts: Verdicts, position: int) -> Member:
        """The member of a row with all its findings."""
        mine = np.flatnonzero(verdicts.findings.member == position)
        return cls(verdicts, position, tuple(int(row) for row in mine))

    @property
    def outcome(self) -> Outcome:
        """What the rule says of it."""
        if self.value("breach"):
            return "breach"
        return "compliant" if self.value("decided") else "not_decided"

    def value(self, column: str) -> int:
        """A number of the member's row."""
        return int(getattr(self.verdicts.members, column)[self.position])

    @property
    def values(self) -> Mapping[str, int]:
        """The instants of its row."""
        return {name: self.value(name) for name in ("anchored_at", "deadline_at", "observed_at")}


def member_of(account: Account, target: Target, verdicts: Verdicts, timeline: Timeline) -> Member | None:
    """The member that a target is, the gravest where several are alike; None where it is none."""
    found = [Member.at(verdicts, position) for position in account.positions(target, verdicts.members, timeline)]
    ranks: list[Outcome] = ["breach", "not_decided", "compliant"]
    return min(found, key=lambda member: ranks.index(member.outcome), default=None)


def conclusions(account: Account, target: Target, member: Member) -> tuple[Step, ...]:
    """The sentences of a member: one for each finding, or the one for compliance."""
    rule, outcome = account.rule, member.outcome
    if outcome == "breach":
        found = tuple(_of_finding(rule, target, member, row) for row in member.found)
        return (*found, *_grounds_of_check(member))
    if outcome == "not_decided":
        return ()
    variant = account.complies(target, member.values)
    key = f"verdict.{rule.id}.compliant{'_' if variant else ''}{variant}"
    known = _values(target, member.values) | _of_message(target, rule)
    return (Step(key if has_template(key) else "verdict.any_compliant", known),)


def _grounds_of_check(member: Member) -> tuple[Step, ...]:
    """Whether findings about signatures rest on the audit's own check or on the agency's word."""
    details = [member.verdicts.findings.detail[row] or {} for row in member.found]
    words = dict.fromkeys(detail["checked"] for detail in details if "checked" in detail)
    return tuple(Step(f"verdict.rests_on_{word}", {}) for word in words)


def _of_finding(rule: Rule, target: Target, member: Member, row: int) -> Step:
    findings, values = member.verdicts.findings, dict(member.values)
    values |= {name: int(findings.own[name][row]) for name in values if name in findings.own}
    extra, detail, recipient = str(findings.extra[row]), findings.detail[row] or {}, int(findings.recipient[row])
    known = _values(target, values) | detail_values(rule, detail) | _extra_values(rule, extra)
    if recipient != NONE:
        known["recipient"] = agency_name(target.facts, recipient)
    known |= {name: str(findings.own[name][row]) for name in ("number", "notation") if name in findings.own}
    variants = (extra, "late" if happened(values["observed_at"]) else "", "")
    keys = [f"verdict.{rule.id}.breach{'_' if variant else ''}{variant}" for variant in variants]
    return Step(next((key for key in keys if has_template(key)), "verdict.any_breach"), known)


def _values(target: Target, values: Mapping[str, int]) -> dict[str, Value]:
    """Whatever a sentence may name of a member."""
    facts = target.facts
    told: dict[str, Value | None] = {name.removesuffix("_at"): instant(at) for name, at in values.items()}
    told["as_of"] = instant(facts.period.as_of_at)
    if target.document != NONE:
        told["sender"] = agency_name(facts, target.sender)
        key = facts.keys.iloc[target.document]
        told["reference"] = "/".join(str(part) for part in (key["number"], key["notation"]) if isinstance(part, str))
    if target.recipient != NONE:
        told["recipient"] = agency_name(facts, target.recipient)
        told["recipient_code"] = str(facts.agencies.codes[target.recipient])
    if target.pair != NONE:
        told |= {name: instant(target.of_pair(f"{name}_at")) for name in _MOMENTS}
    return {name: value for name, value in told.items() if value is not None}


def _of_message(target: Target, rule: Rule) -> dict[str, Value]:
    """Of a recall or update: its own arrival and answer."""
    if target.row == NONE or rule.member not in ("message", "pair"):
        return {}
    messages = target.facts.messages
    told = {
        "arrived": instant(int(messages.arrived_at[target.row])),
        "answered": instant(int(messages.answered_at[target.row])),
    }
    return {name: at for name, at in told.items() if at is not None}


def detail_values(rule: Rule, detail: Mapping[str, Any]) -> dict[str, Value]:
    """The facts that a rule left with a finding, typed; what is missing is left out."""
    typed = {
        name: _typed(rule, name, value) for name, value in detail.items() if value is not None and name != "waiver"
    }
    return {name: value for name, value in typed.items() if value not in (None, ())}


def _typed(rule: Rule, name: str, value: Any) -> Value | None:
    if isinstance(value, (list, tuple)):
        return tuple(_item(rule, name, str(one)) for one in value)
    if isinstance(value, (bool, int)):
        return int(value)
    if name == "secrecy":
        return Word("secrecy", str(value))
    return typed_text(str(value))


def _item(rule: Rule, name: str, text: str) -> Plain:
    if rule.group == "K" and name == "fields":
        text = _OF_SIGNATURES.get(text, text)
    return Word(_WORDS[name], text) if name in _WORDS else text


def typed_text(text: str) -> Plain:
    """A text of a finding: an instant, a day, or itself."""
    if _INSTANT.fullmatch(text):
        return datetime.fromisoformat(text).astimezone(UTC)
    return date.fromisoformat(text) if _DAY.fullmatch(text) else text


def _extra_values(rule: Rule, extra: str) -> dict[str, Value]:
    if not extra:
        return {}
    told: dict[str, Value] = {"extra": extra}
    if rule.code == "T5":
        told["component"] = Word("components", extra)
    typed = typed_text(extra)
    if isinstance(typed, date) and not isinstance(typed, datetime):
        told["extra_day"] = typed
    return told
