"""What an account is: why a rule looks at something or does not, when it looks, and what it would need to decide.

The verdict is always the rule's own (`audit.explain.verdict`). An account tells what led to it: the steps to anchor and
deadline, the conditions of the population that are not met, the facts and days of log that are missing. It reads the
facts that the rule reads; a test holds every account against its rule on random provinces.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from audit.explain.step import Step, Word, step
from audit.explain.target import NONE, Target, agency_name, day, instant, one
from audit.facts import Facts
from audit.facts.arrays import equals
from audit.rule import Members, Rule
from audit.working_time import NAT

ROLE_OF_GROUP: Final = {"N": "recipient", "R": "recipient", "H": "owner"}
"""Who is blamed, where the rule's line of the catalogue says nothing else; all other groups blame the sender."""
ROLE_OF_CODE: Final = {"N9": "sender", "N11": "issuer", "N12": "sender"}


@dataclass(frozen=True, slots=True)
class Timeline:
    """When a rule looks at a target.

    Attributes:
        steps: how anchor and deadline come about, in order.
        anchored_at: the anchor; NAT where there is none.
        deadline_at: the deadline, limit or due; NAT where the rule has none.
        by_deadline: the rule is anchored by its deadline.
    """

    steps: tuple[Step, ...] = ()
    anchored_at: int = NAT
    deadline_at: int = NAT
    by_deadline: bool = False


def by_deadline(at: int, *steps: Step) -> Timeline:
    """The timeline of a rule that is anchored by its deadline."""
    return Timeline((*steps, step("timeline.deadline", deadline=instant(at))), at, at, by_deadline=True)


class Account(ABC):
    """The account of one rule.

    Attributes:
        tables: of the blamed agency's log without which the rule is not tested; none: being in scope is enough.
        of_pair: members are pairs or rows of pairs, not whole documents.
        by_extra: members of one pair are told apart by `extra`.
        is_exact: every condition that the rule sets is told, so that what meets them all is a member.
    """

    tables: ClassVar[tuple[str, ...]] = ()
    of_pair: ClassVar[bool] = True
    by_extra: ClassVar[bool] = False
    is_exact: ClassVar[bool] = True

    def __init__(self, rule: Rule) -> None:
        self.rule: Final = rule

    @property
    def role(self) -> str:
        """In which role an agency is blamed: sender, recipient, issuer, owner."""
        return ROLE_OF_CODE.get(self.rule.code, ROLE_OF_GROUP.get(self.rule.group, "sender"))

    @abstractmethod
    def candidates(self, facts: Facts, document: int, recipient: int | None) -> list[Target]:
        """What of a document could be a member: at least one target, whether it is one or not."""

    @abstractmethod
    def timeline(self, target: Target) -> Timeline:
        """When the rule looks; only asked where `unfounded` has nothing to say."""

    def unfounded(self, target: Target) -> Iterator[Step]:
        """Conditions not met without which there is no anchor at all."""
        del target
        yield from ()

    def outside(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        """Why the anchor is none of the period; nothing where it is."""
        yield from outside_period(target.facts, timeline)

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        """Further conditions not met, of a target with an anchor and somebody to blame."""
        del target, blamed, timeline
        yield from ()

    def lacks(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        """What is missing for a decision: facts, and days of log."""
        del target, timeline
        yield from ()

    def complies(self, target: Target, values: Mapping[str, int]) -> str:
        """Which of the rule's ways to be kept a member took: the end of a sentence's key, ``""`` where there is one."""
        del target, values
        return ""

    def positions(self, target: Target, members: Members, timeline: Timeline) -> list[int]:
        """The members that a target is: one, or none; several only where nothing in the log tells them apart."""
        mask = (members.document == target.document) & (members.anchored_at == timeline.anchored_at)
        mask &= members.agency == self.answerable(target, timeline)
        if self.of_pair:
            mask &= members.recipient == target.recipient
        if self.by_extra:
            mask &= members.extra == target.extra
        return [int(position) for position in np.flatnonzero(mask)]

    def blamed_agency(self, target: Target) -> int:
        """Whom the rule would blame, were it still there."""
        return target.recipient if self.role == "recipient" else target.sender

    def kept_out(self, target: Target) -> list[Step]:
        """Why a target is no member; nothing where it is one."""
        if not target.facts.policy.rule(self.rule.id).enabled:
            return [step("kept_out.switched_off", rule=self.rule.code)]
        reasons = list(self.unfounded(target))
        if reasons:
            return reasons
        timeline = self.timeline(target)
        reasons = [*self.outside(target, timeline), *self._out_of_scope(target, timeline)]
        blamed = self.answerable(target, timeline)
        return reasons + (list(self.excluded(target, blamed, timeline)) if blamed != NONE else [])

    def answerable(self, target: Target, timeline: Timeline) -> int:
        """Who answers for the blamed agency on the anchor's day; NONE where nobody does."""
        blamed = one(self.blamed_agency(target))
        return int(target.facts.blamed(blamed, one(timeline.anchored_at), at_end=timeline.by_deadline)[0])

    def _out_of_scope(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        facts, blamed = target.facts, self.answerable(target, timeline)
        if blamed == NONE:
            on = day(int(facts.day_of(one(timeline.anchored_at), at_end=timeline.by_deadline)[0]))
            yield step("kept_out.out_of_scope", agency=agency_name(facts, self.blamed_agency(target)), day=on)
        elif self.tables:
            yield from not_told(facts, blamed, self.tables)


def outside_period(facts: Facts, timeline: Timeline) -> Iterator[Step]:
    """The anchor does not lie in the period, or is later than the audit sees."""
    period, at = facts.period, timeline.anchored_at
    holds = period.holds_deadline if timeline.by_deadline else period.holds_event
    if holds(one(at))[0]:
        return
    if at > period.as_of_at:
        key = "kept_out.deadline_to_come" if timeline.by_deadline else "kept_out.event_to_come"
        yield step(key, at=instant(at), as_of=instant(period.as_of_at))
    else:
        key = "kept_out.deadline_elsewhere" if timeline.by_deadline else "kept_out.event_elsewhere"
        yield step(key, at=instant(at), first=day(period.start_day), last=day(period.end_day - 1))


def not_told(facts: Facts, agency: int, tables: tuple[str, ...]) -> Iterator[Step]:
    """The audit is not told these tables of an agency at all: it is not pulled, or its system does not keep them."""
    if agency == NONE or facts.agencies.tells(one(agency), *tables)[0]:
        return
    name = agency_name(facts, agency)
    holder = int(facts.agencies.log_of[agency])
    if agency < facts.agencies.registered and not facts.agencies.pulled[holder]:
        yield step("kept_out.not_pulled", agency=name)
        return
    missing = [table for table in tables if not facts.agencies.tells(one(agency), table)[0]]
    yield step("kept_out.keeps_no_table", agency=name, tables=tuple(Word("tables", table) for table in missing))


def without_flag(facts: Facts, agency: int, flag: str) -> Iterator[Step]:
    """The agency's system cannot tell what the rule looks at."""
    if not facts.agencies.flag(flag)[agency]:
        yield step(f"kept_out.{flag}", agency=agency_name(facts, agency))


def missing_days(facts: Facts, agency: int, first_at: int, last_at: int, tables: tuple[str, ...]) -> Iterator[Step]:
    """The days of an agency's log that are needed and not complete, from the day of an instant to that of a limit."""
    first, last = int(facts.day_of(one(first_at))[0]), int(facts.day_of(one(last_at), at_end=True)[0])
    yield from missing_days_between(facts, agency, first, last, tables)


def missing_days_between(facts: Facts, agency: int, first: int, last: int, tables: tuple[str, ...]) -> Iterator[Step]:
    """As `missing_days`, by day numbers, both included; a step for each table and each stretch of days."""
    span = np.arange(first, last + 1, dtype=np.int64)
    for table in tables:
        whole = facts.coverage.complete(np.full(len(span), agency), span, span, (table,))
        gaps = span[~whole]
        for group in np.split(gaps, np.flatnonzero(np.diff(gaps) > 1) + 1):
            if len(group):
                yield _gap(facts, agency, table, int(group[0]), int(group[-1]))


def _gap(facts: Facts, agency: int, table: str, first: int, last: int) -> Step:
    answering = int(facts.agencies.answerable(one(agency), one(first))[0])
    holder = int(facts.agencies.log_of[agency if answering == NONE else answering])
    if first >= facts.period.as_of_day:
        return step("lacks.day_to_come", agency=agency_name(facts, holder), table=Word("tables", table), day=day(first))
    return step(
        "lacks.day" if first == last else "lacks.days",
        agency=agency_name(facts, holder),
        table=Word("tables", table),
        first=day(first),
        last=day(last),
        state=_state(facts, holder, table, first),
    )


def _state(facts: Facts, holder: int, table: str, number: int) -> Word:
    """What the coverage says of a day; a day that it does not know was never asked for."""
    frame = facts.frames.coverage
    told = frame[
        equals(frame["agency"], str(facts.agencies.codes[holder]))
        & equals(frame["table"], table)
        & (frame["day"].to_numpy(dtype="datetime64[D]") == np.datetime64(day(number)))
    ]
    return Word("coverage", str(told["state"].iloc[0]) if len(told) else "missing")
