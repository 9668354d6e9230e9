"""G1 to G5: what was sent, when it had to be, and whether it came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from audit.explain.account import Account, Timeline, by_deadline, missing_days
from audit.explain.calendar_steps import working_day_after
from audit.explain.step import Step, Word, step
from audit.explain.target import NONE, Target, agency_name, day, happened, instant, one, pairs_of
from audit.facts import Facts
from audit.facts.documents import NOT_URGENT, URGENCY_LEVELS
from audit.facts.recalls import REQUEST
from audit.facts.routing import code_faults
from audit.facts.sending import counted_in_days, dispatch, instant_texts
from audit.facts.urgency import urgent_deadline
from audit.working_time import HOUR, NEVER, NO_DAY

URGENCY_OF = {level: text for text, level in URGENCY_LEVELS.items()}


class _Sending(Account):
    """Pairs by what their sender sent, and each message of type 1 and 2 by itself (`row` is the message)."""

    tables = ("sends", "statuses")
    by_extra = True

    def candidates(self, facts: Facts, document: int, recipient: int | None) -> list[Target]:
        pairs = pairs_of(facts, document, recipient) or [Target(facts, document)]
        messages = facts.messages
        told = [
            pair.at_row(row, str(instant_texts(messages.sent_at[[row]])[0]))
            for pair in pairs
            for row in range(len(messages.pair))
            if messages.pair[row] == pair.pair and messages.kind[row] != REQUEST
        ]
        return [*pairs, *told]

    def unfounded(self, target: Target) -> Iterator[Step]:
        facts = target.facts
        if self._first_sent_at(target) == NEVER:
            yield step("kept_out.not_sent", as_of=instant(facts.period.as_of_at))
            return
        if target.row == NONE and target.of_pair("failed_receipt"):
            yield step("kept_out.failed_receipt")
        fault = str(code_faults(facts)[target.pair])
        if fault:
            yield step(
                "kept_out.wrong_code", recipient=agency_name(facts, target.recipient), fault=Word("extras", fault)
            )

    def _first_sent_at(self, target: Target) -> int:
        return self._of(target, "sent_at", "first_sent_at") if target.pair != NONE else NEVER

    @staticmethod
    def _of(target: Target, of_message: str, of_pair: str) -> int:
        if target.row != NONE:
            return int(getattr(target.facts.messages, of_message)[target.row])
        return target.of_pair(of_pair)


class FailedSend(_Sending):
    """G1."""

    def timeline(self, target: Target) -> Timeline:
        first = self._first_sent_at(target)
        return Timeline((step("timeline.first_send", at=instant(first)),), first)

    def lacks(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        facts = target.facts
        yield from missing_days(facts, target.sender, timeline.anchored_at, facts.period.as_of_at, self.tables)

    def complies(self, target: Target, values: Mapping[str, int]) -> str:
        del values
        if self._of(target, "done", "any_done"):
            return "done"
        return "arrived" if self._of(target, "arrived_at", "arrived_at") < NEVER else ""


class Undelivered(_Sending):
    """G2."""

    def unfounded(self, target: Target) -> Iterator[Step]:
        reasons = list(super().unfounded(target))
        yield from reasons
        if not reasons and not happened(self._live_sent_at(target)):
            yield step("kept_out.all_failed")

    def timeline(self, target: Target) -> Timeline:
        sent_at, hours = self._live_sent_at(target), target.facts.policy.limits.undelivered_hours
        live = step("timeline.live_send", at=instant(sent_at))
        return by_deadline(sent_at + hours * HOUR, live, step("timeline.undelivered_hours", hours=hours))

    def lacks(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        facts, sent_at, limit = target.facts, self._live_sent_at(target), timeline.deadline_at
        yield from missing_days(facts, target.sender, sent_at, limit, self.tables)
        answering = facts.agencies.answerable(one(target.recipient), facts.day_of(one(limit), at_end=True))
        for table in ("receipts", "statuses"):
            if facts.agencies.tells(answering, table)[0]:
                yield from missing_days(facts, target.recipient, sent_at, limit, (table,))

    def _live_sent_at(self, target: Target) -> int:
        return self._of(target, "live_sent_at", "live_sent_at")


class _Dispatch(Account):
    """Documents with electronic recipients, by the recipient that was sent to last."""

    tables = ("documents", "sends")
    of_pair = False

    def candidates(self, facts: Facts, document: int, recipient: int | None) -> list[Target]:
        del recipient  # the whole document is judged
        return [Target(facts, document)]

    def unfounded(self, target: Target) -> Iterator[Step]:
        if target.entry == NONE:
            yield step("kept_out.unregistered", sender=agency_name(target.facts, target.sender))
        elif target.document not in dispatch(target.facts).document:
            yield step("kept_out.no_recipients")

    @staticmethod
    def _urgency(target: Target) -> Word:
        return Word("urgency", URGENCY_OF.get(target.of_document("urgency"), "unknown"))


class _InDays(_Dispatch):
    """G3 and G4: by the day of signing, else of issue."""

    def unfounded(self, target: Target) -> Iterator[Step]:
        reasons = list(super().unfounded(target))
        yield from reasons
        if reasons or counted_in_days(target.facts, one(target.document))[0]:
            return
        if target.of_document("counted_day") == NO_DAY:
            yield step("kept_out.no_day_to_count_from")
        else:
            yield step("kept_out.urgent_by_minutes", urgency=self._urgency(target))

    def _counting(self, target: Target) -> tuple[int, tuple[Step, ...]]:
        """The next working day after D, and how it was found."""
        counted = target.of_document("counted_day")
        signed_at = target.of_document("signed_at")
        key = "timeline.counted_from_signing" if happened(signed_at) else "timeline.counted_from_issue"
        begins = step(key, at=instant(signed_at), day=day(counted))
        next_day, told = working_day_after(target.facts, counted)
        return next_day, (begins, told)

    def lacks(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        facts = target.facts
        begins = int(facts.calendar.start_of_day(one(target.of_document("counted_day")))[0])
        yield from missing_days(facts, target.sender, begins, timeline.deadline_at, ("sends",))


class LateSend(_InDays):
    """G3."""

    def timeline(self, target: Target) -> Timeline:
        next_day, steps = self._counting(target)
        at = int(target.facts.calendar.end_of_morning(one(next_day))[0])
        return by_deadline(at, *steps, step("timeline.end_of_morning", day=day(next_day)))

    def lacks(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        yield from super().lacks(target, timeline)
        facts = target.facts
        limit = int(facts.calendar.end_of_day(one(self._counting(target)[0]))[0])
        sent = dispatch(facts)
        last = int(sent.last_first_send[sent.document == target.document][0])
        if last == NEVER and limit > facts.period.as_of_at:
            yield step("lacks.waits_for_next_limit", at=instant(limit))

    def complies(self, target: Target, values: Mapping[str, int]) -> str:
        del target
        return "in_time" if values["observed_at"] <= values["deadline_at"] else ""


class OverdueSend(_InDays):
    """G4."""

    def timeline(self, target: Target) -> Timeline:
        next_day, steps = self._counting(target)
        at = int(target.facts.calendar.end_of_day(one(next_day))[0])
        return by_deadline(at, *steps, step("timeline.end_of_day", day=day(next_day)))


class LateUrgentSend(_Dispatch):
    """G5."""

    def unfounded(self, target: Target) -> Iterator[Step]:
        reasons = list(super().unfounded(target))
        yield from reasons
        if reasons:
            return
        if target.of_document("urgency") <= NOT_URGENT:
            yield step("kept_out.not_urgent")
        elif not happened(target.of_document("signed_at")):
            yield step("kept_out.urgent_without_signing_time")

    def timeline(self, target: Target) -> Timeline:
        level, signed_at = target.of_document("urgency"), target.of_document("signed_at")
        limits = target.facts.policy.limits.urgent_send_minutes
        at = int(urgent_deadline(one(signed_at), one(level), limits)[0])
        minutes = getattr(limits, URGENCY_OF[level])
        signed = step("timeline.signed", at=instant(signed_at))
        return by_deadline(at, signed, step("timeline.urgent_minutes", urgency=self._urgency(target), minutes=minutes))

    def lacks(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        signed_at = target.of_document("signed_at")
        yield from missing_days(target.facts, target.sender, signed_at, timeline.deadline_at, ("sends",))


ACCOUNTS: Mapping[str, type[Account]] = {
    "failed_send": FailedSend,
    "undelivered": Undelivered,
    "late_send": LateSend,
    "overdue_send": OverdueSend,
    "late_urgent_send": LateUrgentSend,
}
