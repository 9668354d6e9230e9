"""The whole explanation of a finding, or of a target that is none: its sections in the order in which they are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import pandas as pd

from audit.explain.account import Account, Timeline
from audit.explain.accounts import account_of
from audit.explain.accounts.sending import URGENCY_OF
from audit.explain.course import course_of_document, course_of_pair, files_of, register_entry, signatures_of
from audit.explain.history_steps import history_steps
from audit.explain.raw_lines import RawLines
from audit.explain.search import target_of_finding
from audit.explain.step import AgencyName, Explanation, Outcome, Section, Step, Word, step
from audit.explain.system_course import probe_course
from audit.explain.target import NONE, Target, agency_name, day, instant, one
from audit.explain.verdict import Member, conclusions, member_of
from audit.facts import Facts
from audit.facts.arrays import instants
from audit.findings import ELAPSED_WHERE_URGENT, finding_ids, findings_of
from audit.findings.evidence import evidence
from audit.findings.keys import stacked
from audit.findings.suspected import suspected_ids
from audit.law import LawBook
from audit.ledger.finding_history import FindingHistory
from audit.rule import Rule, Verdicts
from audit.working_time import NAT, NO_DAY, date_of
from reports import text

_WITH_SIGNATURES: Final = frozenset({"wrong_date", "signer_certificate_mismatch", "unsigned_attachment"})
_WITH_FILES: Final = frozenset({"missing_attachment", "missing_component", "unsigned_attachment", "duplicate_content"})
_BY_EVENT: Final = frozenset("NRH")
"""Groups of rules that cite what was in force on the day of the event, not of the document (rules.md, *Citations*)."""
_URGENT: Final = frozenset({"khan", "thuong_khan", "hoa_toc"})


@dataclass(frozen=True)
class Sources:
    """What explanations are made from: the facts of a period, what findings cite, and the raw rows."""

    facts: Facts
    law: LawBook
    raw: RawLines


@dataclass(frozen=True, slots=True)
class Past:
    """What the ledger knows of a finding, and how it tells it now: state and detail."""

    history: FindingHistory | None
    state: str
    detail: Mapping[str, Any]
    as_of: date


@dataclass(frozen=True)
class Judged:
    """One rule, judged: its verdicts, and its findings as people read them.

    Attributes:
        rule, facts, verdicts: what judged what.
        found: the rows of `verdicts.findings` as integers (`audit.findings.keys.stacked`). ids: theirs.
        readable: the findings, by id.
    """

    rule: Rule
    facts: Facts
    verdicts: Verdicts
    found: pd.DataFrame
    ids: tuple[str, ...]
    readable: pd.DataFrame

    @classmethod
    def by(cls, rule: Rule, sources: Sources) -> Judged:
        """What a rule says of the facts."""
        verdicts = rule.judge(sources.facts)
        if not sources.facts.policy.rule(rule.id).enabled:  # as the engine has it: it says nothing of anybody
            verdicts = verdicts.nobody()
        told = {rule.id: verdicts}
        found = stacked(sources.facts, (rule,), told)
        readable = findings_of(sources.facts, (rule,), told, sources.law).set_index("finding_id", drop=False)
        return cls(rule, sources.facts, verdicts, found, tuple(finding_ids((rule,), found)), readable)

    def suspects(self, finding_id: str) -> bool:
        """Whether only missing data keep it from being a finding."""
        return finding_id in suspected_ids(self.facts, (self.rule,), {self.rule.id: self.verdicts})

    def finding(self, row: int) -> Mapping[str, Any]:
        """A finding by its row in the verdicts."""
        return {str(name): value for name, value in self.readable.loc[self.ids[row]].items()}


def explain_finding(sources: Sources, judged: Judged, finding_id: str, past: Past) -> Explanation | None:
    """The explanation of a finding that stands; None where this judgement has none of that id."""
    if finding_id not in judged.ids:
        return None
    row = judged.ids.index(finding_id)
    account = account_of(judged.rule)
    member = Member(judged.verdicts, int(judged.verdicts.findings.member[row]), (row,))
    target = _target_of(account, judged, member, row)
    timeline = account.timeline(target) if target.document != NONE else Timeline()
    told = _Story(sources, account, target, timeline, judged.finding(row))
    return told.explanation("breach", _breach(told, member), past)


def explain_target(sources: Sources, judged: Judged, target: Target, past: Mapping[str, Past]) -> list[Explanation]:
    """Why a target has findings of a rule, or none: an explanation a finding, else one."""
    account = account_of(judged.rule)
    founded = not list(account.unfounded(target))
    timeline = account.timeline(target) if founded else Timeline()
    member = member_of(account, target, judged.verdicts, timeline) if founded else None
    if member is not None and member.outcome == "breach":
        ids = [judged.ids[row] for row in member.found]
        found = [explain_finding(sources, judged, one_id, past[one_id]) for one_id in dict.fromkeys(ids)]
        return [explanation for explanation in found if explanation is not None]
    told = _Story(sources, account, target, timeline, None)
    if member is None:
        reasons = account.kept_out(target) or [step("kept_out.unknown")]
        return [told.explanation("not_member", tuple(reasons), None)]
    if member.outcome == "compliant":
        return [told.explanation("compliant", conclusions(account, target, member), None)]
    missing = tuple(account.lacks(target, timeline)) or (step("lacks.unknown"),)
    return [told.explanation("not_decided", missing, None)]


def explain_gone(sources: Sources, judged: Judged, content: Mapping[str, Any], past: Past) -> Explanation:
    """The explanation of a finding of before that the rule does not have now: what it says of the same target.

    It is gone, or a missing day leaves it undecided: then it is open still.
    """
    outcome: Outcome
    account = account_of(judged.rule)
    target = target_of_finding(account, sources.facts, content)
    if target is None:
        told = _Story(sources, account, Target(sources.facts), Timeline(), None)
        now = told.explanation("no_longer", (), past)
    else:
        now = explain_target(sources, judged, target, defaultdict(lambda: past))[0]
    as_of = instant(sources.facts.period.as_of_at)
    if judged.suspects(str(content["finding_id"])):
        outcome, closing = "not_decided", step("outcome.still_open", as_of=as_of)
    else:
        outcome, closing = "no_longer", step("outcome.no_longer", as_of=as_of)
    history = Section("history", history_steps(past.history, past.state, past.detail, past.as_of))
    sections = [section for section in now.sections if section.name not in ("history", "remedy")]
    sections = [
        replace(section, steps=(closing, *section.steps[0 if target else 1 :]))
        if section.name == "verdict"
        else section
        for section in sections
    ]
    return replace(now, finding_id=str(content["finding_id"]), outcome=outcome, sections=(*sections, history))


def _target_of(account: Account, judged: Judged, member: Member, row: int) -> Target:
    """What a finding is about."""
    found = judged.found.iloc[row]
    document = int(found["document"] if found["document"] != NONE else found["witness"])
    recipient = int(found["recipient"])
    target = Target(judged.facts, document, recipient, int(found["pair"]))
    if document == NONE:
        return target
    for candidate in account.candidates(judged.facts, document, recipient if account.of_pair else None):
        if list(account.unfounded(candidate)):
            continue
        if member.position in account.positions(candidate, judged.verdicts.members, account.timeline(candidate)):
            return candidate
    return target


def _breach(told: _Story, member: Member) -> tuple[Step, ...]:
    return (*conclusions(told.account, told.target, member), *told.delay())


@dataclass(frozen=True)
class _Story:
    """Everything about one target of one rule; `finding` is its finding as people read it, None where it has none."""

    sources: Sources
    account: Account
    target: Target
    timeline: Timeline
    finding: Mapping[str, Any] | None

    @property
    def _facts(self) -> Facts:
        return self.sources.facts

    @property
    def _rule(self) -> Rule:
        return self.account.rule

    def explanation(self, outcome: Outcome, verdict: tuple[Step, ...], past: Past | None) -> Explanation:
        """The sections and the raw rows."""
        parts = {
            "rule": (*self._of_rule(), *self._severity()),
            "grounds": self._grounds(),
            "document": tuple(self._document()),
            **self._told_by_logs(),
            "working": self.timeline.steps,
            "verdict": (step(f"outcome.{outcome}", as_of=instant(self._facts.period.as_of_at)), *verdict),
            "blame": tuple(self._blame()),
            "history": history_steps(past.history, past.state, past.detail, past.as_of) if past else (),
            "remedy": (step("remedy.remedy", remedy=self._labels.remedy),) if self.finding else (),
        }
        sections = tuple(Section(name, steps) for name, steps in parts.items() if steps)
        finding_id = str(self.finding["finding_id"]) if self.finding else None
        return Explanation(self._rule.id, self._rule.code, finding_id, outcome, sections, self._lines())

    @property
    def _labels(self) -> Any:
        return self._facts.settings.labels.rules[self._rule.id]

    def _of_rule(self) -> tuple[Step, ...]:
        title = step("rule.title", code=self._rule.code, title=self._labels.title, rule=self._rule.id)
        return (title, step("rule.check", check=self._labels.check)) if self._labels.check else (title,)

    def _severity(self) -> tuple[Step, ...]:
        """The severity, and what raised it."""
        base = Word("severities", self._rule.severity.text)
        if self.finding is None:
            return (step("rule.base_severity", base=base),)
        severity = Word("severities", self.finding["severity"])
        if self.finding["topic"] and self._rule.follows_topic:
            names = {topic.id: topic.name for topic in self._facts.settings.topics}
            return (step("rule.severity_topic", severity=severity, topic=names[self.finding["topic"]]),)
        if severity == base:
            return (step("rule.severity", severity=severity),)
        by_policy = self._facts.policy.rule(self._rule.id).severity is not None
        return (step("rule.severity_policy" if by_policy else "rule.severity_urgency", severity=severity, base=base),)

    def _grounds(self) -> tuple[Step, ...]:
        """What is cited, law and policy apart; the day is that of the document, for N, R and H that of the event."""
        cited_on = self._cited_on()
        if cited_on is None:
            return ()
        told = []
        for citation in self.sources.law.citations(self._rule.id, cited_on):
            gist = self.sources.law.gist(citation.ground_id)
            key = f"grounds.{citation.basis}" if gist or citation.basis == "law" else "grounds.policy"
            key = f"{key}_gist" if citation.basis == "policy" and gist else key
            told.append(step(key, text=citation.text, gist=gist))
        return (*told, step("grounds.day", day=cited_on)) if told else (step("grounds.none", day=cited_on),)

    def _cited_on(self) -> date | None:
        issued = self.target.of_document("issued_day") if self.target.document != NONE else NO_DAY
        anchor = self._anchored_at()
        if (self._rule.group in _BY_EVENT or issued == NO_DAY) and anchor != NAT:
            return date_of(int(self._facts.day_of(one(anchor), at_end=True)[0]))
        return None if issued == NO_DAY else date_of(issued)

    def _anchored_at(self) -> int:
        if self.finding is not None and pd.notna(self.finding["anchored_at"]):
            return int(instants(pd.Series([self.finding["anchored_at"]]))[0])
        return self.timeline.anchored_at

    def _document(self) -> Iterator[Step]:
        period = self._facts.period
        if self.target.document != NONE:
            yield from self._reference()
            if subject := self.target.registered("subject") or (self.finding and self.finding["subject"]):
                yield step("document.subject", subject=str(subject))
            yield step("document.sender", sender=agency_name(self._facts, self.target.sender))
            if self.target.recipient != NONE:
                yield step("document.recipient", recipient=agency_name(self._facts, self.target.recipient))
            if self.target.pair != NONE:
                level = int(self._facts.pair_urgency[self.target.pair])
                yield step("document.urgency", urgency=Word("urgency", URGENCY_OF.get(level, "unknown")))
        yield step(
            "document.period",
            first=day(period.start_day),
            last=day(period.end_day - 1),
            as_of=instant(period.as_of_at),
        )

    def _reference(self) -> Iterator[Step]:
        key = self._facts.keys.iloc[self.target.document]
        number, notation, issued = key["number"], key["notation"], int(key["issued_day"])
        if issued == NO_DAY:
            yield step("document.by_uid", number=str(number))
        else:
            yield step("document.reference", number=str(number), notation=str(notation), issued=day(issued))

    def _told_by_logs(self) -> dict[str, tuple[Step, ...]]:
        """What the logs tell, as far as it bears on the rule."""
        if self.target.document == NONE:
            return self._of_system()
        if self.account.of_pair:
            return {"course": course_of_pair(self.target)}
        told = {"register": register_entry(self.target)}
        if self._rule.group == "G":
            told["course"] = course_of_document(self.target)
        if self._rule.group == "D" or self._rule.id in _WITH_FILES:
            told["files"] = files_of(self.target)
        if self._rule.group == "K" or self._rule.id in _WITH_SIGNATURES:
            told["signatures"] = signatures_of(self.target)
        return told

    def _of_system(self) -> dict[str, tuple[Step, ...]]:
        if self.finding is None:
            return {}
        agency = str(self.finding["agency"])
        if self._rule.id == "missing_log":
            holder = self._facts.registry.agency(agency).log_of or agency
            return {"attempts": self.sources.raw.attempts(holder, date.fromisoformat(self.finding["extra"]))}
        return {"probes": probe_course(self._facts, self._rule.id, agency, self._anchored_at())}

    def delay(self) -> tuple[Step, ...]:
        """How late it was, or is so far."""
        if self.finding is None or pd.isna(self.finding["delay_minutes"]) or pd.isna(self.finding["deadline_at"]):
            return ()
        urgent = self._rule.id in ELAPSED_WHERE_URGENT and self.finding["urgency"] in _URGENT
        elapsed = self._rule.elapsed or urgent
        minutes = int(self.finding["delay_minutes"])
        if not minutes:
            return ()
        shown = text.elapsed_delay(minutes) if elapsed else text.working_delay(minutes)
        key = "working_delay" if pd.notna(self.finding["observed_at"]) else "so_far"
        if elapsed:
            key = "elapsed_delay" if key == "working_delay" else "so_far_elapsed"
        return (step(f"verdict.{key}", delay=shown, as_of=instant(self._facts.period.as_of_at)),)

    def _blame(self) -> Iterator[Step]:
        """Who is named, and why that agency."""
        if self.finding is None:
            return
        agency = self._name(self.finding["agency"])
        base = None
        if self.target.document != NONE and self.account.role != "owner":
            base = agency_name(self._facts, self.account.blamed_agency(self.target))
        if base is None or base == agency:
            yield step(f"blame.{self.account.role}", agency=agency)
        else:
            ended = self._facts.registry.agency(base.code).valid_to
            yield step("blame.successor", agency=agency, ended=base, valid_to=ended)
        if counterpart := self.finding["counterpart"]:
            yield step("blame.counterpart", counterpart=self._name(counterpart))

    def _name(self, code: str) -> AgencyName:
        registry = self._facts.registry
        return AgencyName(code, registry.agency(code).name if code in registry.codes else "")

    def _lines(self) -> tuple[Any, ...]:
        """The raw rows: the finding's, else those of the document or pair."""
        if self.finding is not None:
            return self.sources.raw.read(self.finding["evidence"])
        if self.target.document == NONE:
            return ()
        pair = self.target.pair if self.account.of_pair else NONE
        if self.account.of_pair and pair == NONE:
            return ()
        return self.sources.raw.read(evidence(self._facts, one(self.target.document), one(pair))[0])
