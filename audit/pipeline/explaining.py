"""The step behind `explain`: finds what is asked about, judges its rule again, and tells why it is what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from audit.engine import read_facts
from audit.explain.accounts import account_of
from audit.explain.raw_lines import RawLines
from audit.explain.search import find_documents
from audit.explain.step import Explanation
from audit.explain.story import Judged, Past, Sources, explain_finding, explain_gone, explain_target
from audit.explain.target import Target
from audit.facts import Facts
from audit.law import LawBook
from audit.ledger.finding_history import FindingHistory, history_of
from audit.ledger.sightings import STANDING_RULES
from audit.period import DAY, Period, local_day
from audit.pipeline.gathering import conform_days
from audit.pipeline.judged import JudgedStore
from audit.pipeline.judging import judge_inputs
from audit.pipeline.workspace import Workspace
from audit.rule import Rule
from audit.rules import RULES

DOCUMENTS_MAX: Final = 5
"""Most documents that one question is answered for."""


@dataclass(frozen=True, slots=True)
class Question:
    """Why has this document a finding of this rule, or none?

    Attributes:
        reference: number and notation as people write them, `814/UBND-VXNV`; else the document's uid.
        rule: what is asked about. sender, recipient: canonical codes, None = any.
        issued_on: None = any.
    """

    reference: str
    rule: Rule
    sender: str | None = None
    recipient: str | None = None
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A finding as it was told before: its content, its rule, and the `as_of` at which it was last there."""

    content: Mapping[str, Any]
    rule: Rule
    as_of: date
    history: FindingHistory | None


def explain_by_id(workspace: Workspace, finding_id: str, as_of: date | None) -> Explanation | None:
    """The explanation of a finding that the ledger or a judgement at hand knows; None where neither does.

    Args:
        workspace: where to look.
        finding_id: 16 hex digits.
        as_of: the first day not seen; None: as when the finding was last there.
    """
    known = _known(workspace, finding_id)
    if known is None:
        return None
    seen_at = as_of or known.as_of
    period = _period_of(known, seen_at)
    sources = _sources(workspace, period)
    judged = Judged.by(known.rule, sources)
    if finding_id in judged.ids:
        past = _past(workspace, judged, finding_id, period)
        return explain_finding(sources, judged, finding_id, past)
    state = "open" if judged.suspects(finding_id) else "resolved"
    return explain_gone(sources, judged, known.content, Past(known.history, state, {}, seen_at))


def explain_document(workspace: Workspace, question: Question, period: Period) -> list[Explanation]:
    """Why the documents of a reference have findings of a rule, or none; nothing where there is no such document."""
    sources = _sources(workspace, period)
    judged = Judged.by(question.rule, sources)
    past = _Pasts(workspace, judged, period)
    found: list[Explanation] = []
    documents = find_documents(sources.facts, question.reference, question.sender, question.issued_on)
    for document in documents[:DOCUMENTS_MAX]:
        for target in _targets(sources.facts, question, document):
            found += explain_target(sources, judged, target, past)
    return _once(found)


def _targets(facts: Facts, question: Question, document: int) -> list[Target]:
    recipient = None
    if question.recipient is not None:
        positions = np.flatnonzero(facts.agencies.codes == question.recipient)
        if not len(positions):
            return []
        recipient = int(positions[0])
    return account_of(question.rule).candidates(facts, document, recipient)


def _once(explanations: list[Explanation]) -> list[Explanation]:
    """Two targets may share a finding; it is told once."""
    seen: set[str] = set()
    kept = []
    for one in explanations:
        if one.finding_id is None or one.finding_id not in seen:
            kept.append(one)
            seen.add(one.finding_id or "")
    return kept


class _Pasts(dict[str, Past]):
    """The past of findings, looked up when asked for."""

    def __init__(self, workspace: Workspace, judged: Judged, period: Period) -> None:
        super().__init__()
        self._workspace, self._judged, self._period = workspace, judged, period

    def __missing__(self, finding_id: str) -> Past:
        return _past(self._workspace, self._judged, finding_id, self._period)


def _past(workspace: Workspace, judged: Judged, finding_id: str, period: Period) -> Past:
    """What the ledger knows of a finding that stands, as told at the period's `as_of`."""
    frame = judged.readable.loc[[finding_id]].reset_index(drop=True)
    told = workspace.ledger.with_history(frame, period).iloc[0]
    with workspace.ledger.begin() as connection:
        history = history_of(connection, finding_id)
    return Past(history, str(told["state"]), told["detail"], period.as_of)


def _known(workspace: Workspace, finding_id: str) -> Known | None:
    """What the ledger tells of a finding, else the newest judgement at hand."""
    with workspace.ledger.begin() as connection:
        history = history_of(connection, finding_id)
    if history is not None and history.stretches and history.content["rule"] in RULES:
        last = history.stretches[-1].last_as_of
        return Known(history.content, RULES[str(history.content["rule"])], last, history)
    found = JudgedStore(workspace.judged_folder).find(finding_id)
    if found is None:
        return None
    content, looked_at = found
    return Known(content, RULES[str(content["rule"])], local_day(looked_at), None)


def _period_of(known: Known, as_of: date) -> Period:
    """The one day that holds the finding's anchor; of backlogs the last day seen."""
    anchored_at = pd.Timestamp(known.content["anchored_at"]).to_pydatetime()
    if known.rule.id in STANDING_RULES:
        return Period(as_of - DAY, as_of, as_of)
    day = local_day(anchored_at)
    if anchored_at == known.content["deadline_at"]:
        day = local_day(_just_before(anchored_at))  # 24:00 belongs to the day that it ends
    return Period(day, day + DAY, as_of)


def _just_before(at: datetime) -> datetime:
    return at - datetime.resolution


def _sources(workspace: Workspace, period: Period) -> Sources:
    with workspace.locked("explain"):
        conform_days(workspace)
    facts = read_facts(judge_inputs(workspace, period), period.start, period.end, period.as_of)
    settings = workspace.settings
    return Sources(facts, LawBook(settings.law, settings.policy), RawLines(workspace.evidence, workspace.registry))
