"""N1 to N4, N13 and R1: what came in, and whether it was answered and passed on in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from audit.explain.account import (
    Account,
    Timeline,
    by_deadline,
    missing_days,
    missing_days_between,
    not_told,
    without_flag,
)
from audit.explain.accounts.sending import URGENCY_OF
from audit.explain.calendar_steps import effective_day, working_day_after
from audit.explain.course import arrival
from audit.explain.step import Step, Word, step
from audit.explain.target import NONE, Target, agency_name, day, happened, instant, one, pairs_of
from audit.facts import Facts
from audit.facts.documents import NOT_URGENT
from audit.facts.receiving import received_at
from audit.facts.sending import instant_texts
from audit.facts.urgency import urgent_deadline
from audit.working_time import DAY, NEVER, NO_DAY


class Arrived(Account):
    """Pairs that arrived: the ground of N2 to N6."""

    tables = ("receipts", "statuses")

    def candidates(self, facts: Facts, document: int, recipient: int | None) -> list[Target]:
        return pairs_of(facts, document, recipient) or [Target(facts, document)]

    def unfounded(self, target: Target) -> Iterator[Step]:
        if target.of_pair("arrived_at") == NEVER:
            failed = target.pair != NONE and bool(target.of_pair("failed_receipt"))
            key = "kept_out.arrived_broken" if failed else "kept_out.not_arrived"
            yield step(key, as_of=instant(target.facts.period.as_of_at))


class _Acknowledgement(Arrived):
    """N2 to N4: left out are pairs refused as misrouted, and pairs recalled before the deadline."""

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        del blamed
        if target.facts.misrouted[target.pair]:
            yield step("kept_out.misrouted", at=instant(target.of_pair("refused_at")))
        recalled_at = target.of_pair("recalled_at")
        if recalled_at < timeline.deadline_at:
            yield step("kept_out.recalled", at=instant(recalled_at))

    def timeline(self, target: Target) -> Timeline:
        effective, told = effective_day(target.facts, target.of_pair("arrived_at"))
        at = int(target.facts.calendar.end_of_day(one(effective))[0])
        return by_deadline(at, arrival(target), told, step("timeline.same_day", day=day(effective)))

    def lacks(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        extra_day = target.of_pair("told_by_sender_only") * DAY
        first, last = target.of_pair("arrived_at"), timeline.deadline_at + extra_day
        reasons = list(missing_days(target.facts, target.recipient, first, last, ("receipts", "statuses")))
        if reasons and extra_day:
            yield step("lacks.arrival_by_sender_only")
        yield from reasons


class LateAcknowledgement(_Acknowledgement):
    """N3."""

    def complies(self, target: Target, values: Mapping[str, int]) -> str:
        del target
        return "in_time" if happened(values["observed_at"]) else ""


class Forwarding(_Acknowledgement):
    """N4."""

    def timeline(self, target: Target) -> Timeline:
        facts, arrived_at = target.facts, target.of_pair("arrived_at")
        level = int(facts.pair_urgency[target.pair])
        if level > NOT_URGENT:
            limits = facts.policy.limits.urgent_forward_minutes
            at = int(urgent_deadline(one(arrived_at), one(level), limits)[0])
            urgency, minutes = Word("urgency", URGENCY_OF[level]), getattr(limits, URGENCY_OF[level])
            return by_deadline(at, arrival(target), step("timeline.urgent_minutes", urgency=urgency, minutes=minutes))
        effective, told = effective_day(facts, arrived_at)
        next_day, then = working_day_after(facts, effective)
        at = int(facts.calendar.end_of_day(one(next_day))[0])
        return by_deadline(at, arrival(target), told, then, step("timeline.end_of_day", day=day(next_day)))

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        yield from without_flag(target.facts, blamed, "reports_forwarding")
        yield from super().excluded(target, blamed, timeline)
        if target.of_pair("acknowledged_at") == NEVER:
            yield step("kept_out.not_acknowledged")
        if target.of_pair("refused_at") < NEVER:
            yield step("kept_out.refused", at=instant(target.of_pair("refused_at")))


class _OfReceipt(Account):
    """Receipts of type 0 and 3 (`row` is the receipt)."""

    def candidates(self, facts: Facts, document: int, recipient: int | None) -> list[Target]:
        pairs = pairs_of(facts, document, recipient) or [Target(facts, document)]
        rows = received_at(facts)[0]
        found = [pair.at_row(int(row)) for pair in pairs for row in rows if facts.pair_of_receipts[row] == pair.pair]
        return found + [pair for pair in pairs if pair.pair == NONE or pair.pair not in facts.pair_of_receipts[rows]]

    def unfounded(self, target: Target) -> Iterator[Step]:
        if target.row == NONE:
            yield step("kept_out.no_receipt", as_of=instant(target.facts.period.as_of_at))

    def timeline(self, target: Target) -> Timeline:
        row, at = received_at(target.facts)
        received = int(at[np.flatnonzero(row == target.row)[0]])
        return Timeline((step("timeline.received", at=instant(received)),), received)


class FailedReceipt(_OfReceipt):
    """N1."""

    tables = ("receipts", "statuses")

    def lacks(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        facts = target.facts
        yield from missing_days(facts, target.recipient, timeline.anchored_at, facts.period.as_of_at, self.tables)

    def complies(self, target: Target, values: Mapping[str, int]) -> str:
        del values
        return "arrived" if target.of_pair("arrived_at") < NEVER else ""


class UnmatchedReceipt(_OfReceipt):
    """N13."""

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        del blamed
        facts = target.facts
        sender = int(facts.blamed(one(target.sender), one(timeline.anchored_at), at_end=False)[0])
        if sender == NONE:
            on = day(int(facts.day_of(one(timeline.anchored_at))[0]))
            yield step("kept_out.sender_out_of_scope", agency=agency_name(facts, target.sender), day=on)
        yield from not_told(facts, sender, ("sends",))

    def lacks(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        facts, last = target.facts, int(target.facts.day_of(one(timeline.anchored_at))[0])
        issued = int(facts.issued_day[target.document])
        earliest = last - facts.policy.limits.unmatched_days
        first = min(max(issued, earliest), last) if issued != NO_DAY else earliest
        yield from missing_days_between(facts, target.sender, first, last, ("sends",))


class UnansweredRecall(Account):
    """R1 (`row` is the message)."""

    tables = ("receipts", "statuses")
    by_extra = True

    def candidates(self, facts: Facts, document: int, recipient: int | None) -> list[Target]:
        pairs = pairs_of(facts, document, recipient) or [Target(facts, document)]
        messages = facts.messages
        found = [
            pair.at_row(row, str(instant_texts(messages.sent_at[[row]])[0]))
            for pair in pairs
            for row in range(len(messages.pair))
            if messages.pair[row] == pair.pair
        ]
        return found or pairs

    def unfounded(self, target: Target) -> Iterator[Step]:
        if target.row == NONE:
            yield step("kept_out.no_recall")
        elif not happened(int(target.facts.messages.arrived_at[target.row])):
            sent_at = instant(int(target.facts.messages.sent_at[target.row]))
            yield step("kept_out.recall_not_arrived", at=sent_at, as_of=instant(target.facts.period.as_of_at))

    def timeline(self, target: Target) -> Timeline:
        messages = target.facts.messages
        sent_at, arrived_at = int(messages.sent_at[target.row]), int(messages.arrived_at[target.row])
        effective, told = effective_day(target.facts, arrived_at)
        at = int(target.facts.calendar.end_of_day(one(effective))[0])
        kind = Word("business_types", str(messages.kind[target.row]))
        came = step("timeline.recall_arrived", kind=kind, sent_at=instant(sent_at), at=instant(arrived_at))
        return by_deadline(at, came, told, step("timeline.same_day", day=day(effective)))

    def lacks(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        arrived_at = int(target.facts.messages.arrived_at[target.row])
        yield from missing_days(target.facts, target.recipient, arrived_at, timeline.deadline_at, self.tables)


ACCOUNTS: Mapping[str, type[Account]] = {
    "failed_receipt": FailedReceipt,
    "unanswered_receipt": _Acknowledgement,
    "late_acknowledgement": LateAcknowledgement,
    "late_forwarding": Forwarding,
    "unmatched_receipt": UnmatchedReceipt,
    "unanswered_recall": UnansweredRecall,
}
