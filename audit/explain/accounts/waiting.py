"""N5 to N7: documents that wait, and documents dealt with after their due date."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping

from audit.explain.account import Account, Timeline, missing_days, without_flag
from audit.explain.accounts.receiving import Arrived
from audit.explain.accounts.sending import URGENCY_OF
from audit.explain.calendar_steps import effective_day, working_day_after
from audit.explain.course import arrival
from audit.explain.step import Step, Word, step
from audit.explain.target import Target, happened, instant, one, pairs_of
from audit.facts import Facts
from audit.facts.backlog import needs_no_reply
from audit.facts.documents import NOT_URGENT
from audit.facts.urgency import urgent_deadline
from audit.working_time import HOUR, NEVER


class _Waiting(Arrived):
    """Pairs open at some moment of the period, anchored at its end."""

    def timeline(self, target: Target) -> Timeline:
        due, closed_at = int(target.facts.due_at[target.pair]), target.facts.period.closed_at
        if happened(due):
            limit, steps = due, [step("timeline.due", due=instant(due))]
        else:
            limit, steps = self._limit(target)
        looked = step("timeline.looked_at_end", at=instant(closed_at))
        told = (arrival(target), *steps, step("timeline.limit", limit=instant(limit)), looked)
        return Timeline(told, closed_at, limit, by_deadline=True)

    def outside(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        del target, timeline  # anchored in every period in which it was open: `excluded` tells of those
        yield from ()

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        del timeline
        facts, period = target.facts, target.facts.period
        yield from without_flag(facts, blamed, "reports_completion")
        if needs_no_reply(facts)[target.pair]:
            yield step("kept_out.needs_no_reply")
        arrived_at, completed_at = target.of_pair("arrived_at"), target.of_pair("completed_at")
        since = max(arrived_at, period.start_at)
        if not (since < period.end_at and since <= period.as_of_at):
            yield step("kept_out.arrived_after_period", at=instant(arrived_at))
        elif completed_at <= since:
            yield step("kept_out.completed_before_period", at=instant(completed_at))
        for column in ("refused", "recalled"):
            if target.of_pair(f"{column}_at") < NEVER:
                yield step(f"kept_out.{column}", at=instant(target.of_pair(f"{column}_at")))

    def lacks(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        del timeline
        first, last = target.of_pair("arrived_at"), target.facts.period.as_of_at
        yield from missing_days(target.facts, target.recipient, first, last, self.tables)

    def complies(self, target: Target, values: Mapping[str, int]) -> str:
        del values
        return "completed" if target.of_pair("completed_at") < NEVER else ""

    @abstractmethod
    def _limit(self, target: Target) -> tuple[int, list[Step]]:
        """The limit of a document without a due date, and how it comes about."""

    @staticmethod
    def _level(target: Target) -> int:
        return int(target.facts.pair_urgency[target.pair])


class Backlog(_Waiting):
    """N5."""

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        if self._level(target) > NOT_URGENT:
            yield step("kept_out.urgent_backlog", urgency=Word("urgency", URGENCY_OF[self._level(target)]))
        yield from super().excluded(target, blamed, timeline)

    def _limit(self, target: Target) -> tuple[int, list[Step]]:
        facts = target.facts
        effective, told = effective_day(facts, target.of_pair("arrived_at"))
        last, then = working_day_after(facts, effective, facts.policy.limits.backlog_working_days)
        return int(facts.calendar.end_of_day(one(last))[0]), [step("timeline.no_due"), told, then]


class UrgentBacklog(_Waiting):
    """N6."""

    def unfounded(self, target: Target) -> Iterator[Step]:
        reasons = list(super().unfounded(target))
        yield from reasons
        if not reasons and self._level(target) <= NOT_URGENT:
            yield step("kept_out.not_urgent")

    def _limit(self, target: Target) -> tuple[int, list[Step]]:
        limits, level = target.facts.policy.limits.urgent_backlog_hours, self._level(target)
        at = int(urgent_deadline(one(target.of_pair("arrived_at")), one(level), limits, HOUR)[0])
        urgency, hours = Word("urgency", URGENCY_OF[level]), getattr(limits, URGENCY_OF[level])
        return at, [step("timeline.no_due"), step("timeline.urgent_hours", urgency=urgency, hours=hours)]


class LateProcessing(Account):
    """N7."""

    def candidates(self, facts: Facts, document: int, recipient: int | None) -> list[Target]:
        return pairs_of(facts, document, recipient) or [Target(facts, document)]

    def unfounded(self, target: Target) -> Iterator[Step]:
        if target.of_pair("completed_at") == NEVER:
            yield step("kept_out.not_completed", as_of=instant(target.facts.period.as_of_at))
        elif not happened(int(target.facts.due_at[target.pair])):
            yield step("kept_out.no_due")

    def timeline(self, target: Target) -> Timeline:
        completed_at, due = target.of_pair("completed_at"), int(target.facts.due_at[target.pair])
        steps = (step("timeline.due", due=instant(due)), step("timeline.completed", at=instant(completed_at)))
        return Timeline(steps, completed_at, due)

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        del timeline
        yield from without_flag(target.facts, blamed, "reports_completion")
        for column in ("refused", "recalled"):
            if target.of_pair(f"{column}_at") < NEVER:
                yield step(f"kept_out.{column}", at=instant(target.of_pair(f"{column}_at")))


ACCOUNTS: Mapping[str, type[Account]] = {
    "backlog": Backlog,
    "urgent_backlog": UrgentBacklog,
    "late_processing": LateProcessing,
}
