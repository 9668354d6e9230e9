"""What goes into the judge and what comes out."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass
class Case:
    """A province's logs and configuration, and the question: period `[start, end)` as seen at `as_of`."""

    agencies: dict[str, Any]
    calendar: dict[str, Any]
    document_types: dict[str, Any]
    start: date
    end: date
    as_of: datetime
    policy: dict[str, Any] = field(default_factory=dict)
    topics: list[dict[str, Any]] = field(default_factory=list)
    signers: list[dict[str, Any]] | None = None
    logs: list[dict[str, Any]] = field(default_factory=list)
    coverage: list[dict[str, Any]] = field(default_factory=list)
    probes: list[dict[str, Any]] = field(default_factory=list)
    texts: dict[str, str | None] = field(default_factory=dict)
    """Files at hand, by SHA-256: the letters of the components that their text lacks; None = it has no such text."""


@dataclass
class Judgement:
    """Findings (dicts, sorted by finding_id), outcomes {(code, agency): (tested, breaches, findings, not_decided, outcome)}, rejects."""

    findings: list[dict[str, Any]]
    outcomes: dict[tuple[str, str], tuple[int, int, int, int, str]]
    rejects: list[dict[str, Any]]
