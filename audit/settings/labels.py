"""``labels.vi.toml``: every Vietnamese word that is not in a template."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from audit.settings.base import Section, Text


class RuleLabel(Section):
    """How a rule is called, what it checks, and what to do about a breach."""

    title: Text
    check: str = ""
    """One sentence without its full stop; a deployment's own labels may leave it out."""
    remedy: Text


Words = Mapping[str, Text]
"""Id = word."""


class Labels(Section):
    """The whole of ``labels.vi.toml``."""

    rules: Mapping[str, RuleLabel]
    """By rule id."""
    groups: Words
    """By the letter of the code: ``G`` = ``Gửi văn bản``."""
    outcomes: Words
    severities: Words
    states: Words
    coverage: Words
    tables: Words
    urgency: Words
    secrecy: Words
    kinds: Words
    """Kinds of agency."""
    statuses: Words
    """By the two-digit code."""
    components: Words
    """Letters of NĐ 30/2020, Điều 8 khoản 2."""
    fields: Words
    """Columns of the log, as the reports name them."""
    worklist: Words
    """Heads of the worklist, in order."""
    figures: Words
    """The six figures of page 1, in order."""
    indicators: Words = Field(default_factory=dict)
    extras: Words = Field(default_factory=dict)
    """Values of `extra` that are words: ``gap`` and the like."""
    failed_at: Words = Field(default_factory=dict)
