"""N8 to N12: what recipients answered, how, and whether it came back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from audit.explain.account import Account, Timeline, by_deadline, missing_days, missing_days_between, not_told
from audit.explain.step import Step, Word, step
from audit.explain.target import NONE, Target, agency_name, instant, one, pairs_of
from audit.facts import Facts
from audit.facts.arrays import Ints
from audit.facts.receiving import unmatched_pairs
from audit.facts.rows import NO_CODE
from audit.working_time import HOUR, NEVER, NO_DAY

_LOST_CODES = (2, 3, 4, 5, 6, 15, 16)


class _OfPair(Account):
    def candidates(self, facts: Facts, document: int, recipient: int | None) -> list[Target]:
        return pairs_of(facts, document, recipient) or [Target(facts, document)]


class RefusalWithoutReason(_OfPair):
    """N8."""

    def unfounded(self, target: Target) -> Iterator[Step]:
        if target.of_pair("refused_at") == NEVER:
            yield step("kept_out.not_refused", as_of=instant(target.facts.period.as_of_at))

    def timeline(self, target: Target) -> Timeline:
        at = target.of_pair("refused_at")
        return Timeline((step("timeline.refused", at=instant(at)),), at)


class Misrouted(_OfPair):
    """N9."""

    def unfounded(self, target: Target) -> Iterator[Step]:
        if target.of_pair("first_message_at") == NEVER and target.of_pair("refused_at") == NEVER:
            yield step("kept_out.not_sent", as_of=instant(target.facts.period.as_of_at))

    def timeline(self, target: Target) -> Timeline:
        told = [(name, target.of_pair(name)) for name in ("first_message_at", "refused_at")]
        known = [(name, at) for name, at in told if at < NEVER]
        steps = tuple(step(f"timeline.{name.removesuffix('_at')}", at=instant(at)) for name, at in known)
        return Timeline(steps, max(at for _, at in known))


class StatusOutOfOrder(_OfPair):
    """N10. What is proved by rows in hand is a member whatever the sender's system tells, which only the rule knows."""

    tables = ("statuses",)
    is_exact = False

    def unfounded(self, target: Target) -> Iterator[Step]:
        if len(self._own(target)) < 2:
            yield step("kept_out.fewer_than_two_statuses", as_of=instant(target.facts.period.as_of_at))

    def timeline(self, target: Target) -> Timeline:
        last = int(self._own(target).max())
        return Timeline((step("timeline.last_status", at=instant(last)),), last)

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        del blamed
        facts = target.facts
        sender = int(facts.blamed(one(target.sender), one(timeline.anchored_at), at_end=False)[0])
        yield from not_told(facts, sender, ("sends",))

    def lacks(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        facts, own = target.facts, self._own(target)
        yield from missing_days(facts, target.recipient, int(own.min()), int(own.max()), ("statuses",))
        last = int(facts.day_of(one(timeline.anchored_at))[0])
        issued = int(facts.issued_day[target.document])
        first = int(facts.day_of(one(int(own.min())))[0]) if issued == NO_DAY else issued
        yield from missing_days_between(facts, target.sender, min(first, last), last, ("sends",))

    @staticmethod
    def _own(target: Target) -> Ints:
        """When the recipient's own statuses of the document were given, by its own log."""
        own = target.facts.own_events
        speaking = target.facts.speaking_events[target.facts.event_of_statuses[own.first]]
        return np.asarray(own.at[(own.pair == target.pair) & speaking])


class UnknownStatus(Account):
    """N11 (`row` is the event)."""

    by_extra = True

    def candidates(self, facts: Facts, document: int, recipient: int | None) -> list[Target]:
        pairs = pairs_of(facts, document, recipient) or [Target(facts, document)]
        found = [
            pair.at_row(int(row), self._extra(facts, int(row)))
            for pair in pairs
            for row in np.flatnonzero(facts.events.pair == pair.pair)
        ]
        return found or pairs

    @staticmethod
    def _extra(facts: Facts, event: int) -> str:
        if facts.events.code[event] != NO_CODE:
            return ""
        code = facts.statuses.frame.texts("status_code", facts.events.first[[event]])[0]
        return "missing" if code is None else str(code)

    def blamed_agency(self, target: Target) -> int:
        return int(target.facts.events.issuer[target.row])

    def unfounded(self, target: Target) -> Iterator[Step]:
        if target.row == NONE:
            yield step("kept_out.no_status", as_of=instant(target.facts.period.as_of_at))

    def timeline(self, target: Target) -> Timeline:
        at = int(target.facts.events.at[target.row])
        return Timeline((step("timeline.status", at=instant(at)),), at)


class LostStatus(Account):
    """N12 (`row` is the recipient's own event)."""

    tables = ("statuses",)
    by_extra = True

    def candidates(self, facts: Facts, document: int, recipient: int | None) -> list[Target]:
        pairs = pairs_of(facts, document, recipient) or [Target(facts, document)]
        own = facts.own_events
        codes = facts.statuses.frame.texts("status_code", own.first)
        found = [
            pair.at_row(int(row), str(codes[row])) for pair in pairs for row in np.flatnonzero(own.pair == pair.pair)
        ]
        return found or pairs

    def unfounded(self, target: Target) -> Iterator[Step]:
        if target.row == NONE:
            yield step("kept_out.no_own_status", as_of=instant(target.facts.period.as_of_at))
        elif target.facts.own_events.code[target.row] not in _LOST_CODES:
            yield step("kept_out.status_not_returned", status=Word("statuses", target.extra))

    def timeline(self, target: Target) -> Timeline:
        at, hours = int(target.facts.own_events.at[target.row]), target.facts.policy.limits.lost_status_hours
        given = step("timeline.own_status", status=Word("statuses", target.extra), code=target.extra, at=instant(at))
        return by_deadline(at + hours * HOUR, given, step("timeline.lost_status_hours", hours=hours))

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        del blamed, timeline
        if unmatched_pairs(target.facts)[target.pair]:
            yield step("kept_out.unmatched_receipt", recipient=agency_name(target.facts, target.recipient))

    def lacks(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        del timeline
        facts = target.facts
        first = int(facts.day_of(one(int(facts.own_events.at[target.row])))[0])
        for agency in (target.sender, target.recipient):
            yield from missing_days_between(facts, agency, first, first + 1, ("statuses",))


ACCOUNTS: Mapping[str, type[Account]] = {
    "refusal_without_reason": RefusalWithoutReason,
    "misrouted": Misrouted,
    "status_out_of_order": StatusOutOfOrder,
    "unknown_status": UnknownStatus,
    "lost_status": LostStatus,
}
