"""What an explanation is made of: values, and no text. `audit.explain.wording` makes the text.

A step names a sentence of ``wording.vi.toml`` and what stands in its places, so that an explanation can be printed for
an inspector and read by a program, and no sentence is ever put together in code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeAlias

Outcome = Literal["breach", "compliant", "not_decided", "not_member", "no_longer"]
"""What is explained: a finding; a member that keeps the rule; one that cannot be decided; what the rule does not look
at; a finding of before that is none any more."""


@dataclass(frozen=True, slots=True)
class AgencyName:
    """An agency as people call it; `name` is ``""`` for one that the registry does not know."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Rest:
    """Days on end that are not worked, both included; `holiday` where a weekday is among them."""

    first: date
    last: date
    holiday: bool


@dataclass(frozen=True, slots=True)
class Word:
    """A code word and the section of the labels that translates it."""

    section: str
    code: str


Plain: TypeAlias = str | int | date | datetime | AgencyName | Rest | Word
Value: TypeAlias = Plain | tuple[Plain, ...]
"""Instants are aware; of several values a list is printed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One sentence: its key, e.g. ``calendar.next_working_day``, and its values."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the explanation under its heading, e.g. ``working``."""

    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class RawLine:
    """A row of the evidence as it was received.

    Attributes:
        table, agency, log_day: whose log of which day it stands in.
        page: SHA-256 of the raw page. line: place in the page, from 1.
        url, fetched_at: where the page came from and when; ``""`` and None where the page is not there any more.
        row: the row's raw JSON; None where it cannot be shown.
        trouble: key of the sentence that says what is wrong with the page; ``""``: its hash was verified.
    """

    table: str
    agency: AgencyName
    log_day: date
    page: str
    line: int
    url: str = ""
    fetched_at: datetime | None = None
    row: str | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that is told of one finding, or of one member of a rule's population.

    Attributes:
        rule, code: of the rule.
        finding_id: of a finding, of now or of before; else None.
        outcome: what is explained.
        sections: in the order in which they are read.
        lines: the rows of the evidence.
    """

    rule: str
    code: str
    finding_id: str | None
    outcome: Outcome
    sections: tuple[Section, ...]
    lines: tuple[RawLine, ...] = ()


def step(key: str, **values: Value | None) -> Step:
    """A step; values that are not known are left out, so that a sentence which needs one cannot be made."""
    return Step(key, {name: value for name, value in values.items() if value is not None})
