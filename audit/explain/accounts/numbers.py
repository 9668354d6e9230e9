"""L1 to L3 and T4: what was sent, numbered or issued twice, and what is missing between two numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from audit.explain.account import Account, Timeline, missing_days, missing_days_between
from audit.explain.step import Step, Word, step
from audit.explain.target import NONE, Target, agency_name, instant, one, pairs_of
from audit.facts import Facts
from audit.facts.content import main_file_keys, with_message
from audit.facts.pairs import CHAIN_KINDS
from audit.facts.recalls import REPLACEMENT
from audit.facts.reuse import numbered_alike
from audit.facts.sending import instant_texts
from audit.facts.series import series_in_period, series_of
from audit.rule import Members
from audit.working_time import NO_DAY

_NEW = 0


class DuplicateSend(Account):
    """L1 (`row` is the send)."""

    tables = ("sends", "statuses")

    def candidates(self, facts: Facts, document: int, recipient: int | None) -> list[Target]:
        pairs = pairs_of(facts, document, recipient) or [Target(facts, document)]
        sends = facts.sends
        found = [
            pair.at_row(int(row), str(instant_texts(sends.sent_at[[row]])[0]))
            for pair in pairs
            for row in np.flatnonzero((facts.pair_of_sends == pair.pair) & (sends.kind == _NEW))
        ]
        return found or pairs

    def unfounded(self, target: Target) -> Iterator[Step]:
        if target.row == NONE:
            yield step("kept_out.no_new_send", as_of=instant(target.facts.period.as_of_at))

    def timeline(self, target: Target) -> Timeline:
        at = int(target.facts.sends.sent_at[target.row])
        return Timeline((step("timeline.send", at=instant(at)),), at)

    def lacks(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        facts, sends = target.facts, target.facts.sends
        chain = (facts.pair_of_sends == target.pair) & np.isin(sends.kind, CHAIN_KINDS)
        first = int(sends.sent_at[chain].min())
        yield from missing_days(facts, target.sender, first, timeline.anchored_at, self.tables)


class _Issued(Account):
    """Documents of the register issued in the period, sent or not."""

    of_pair = False

    def candidates(self, facts: Facts, document: int, recipient: int | None) -> list[Target]:
        del recipient  # the whole document is judged
        return [Target(facts, document)]

    def unfounded(self, target: Target) -> Iterator[Step]:
        if target.entry == NONE:
            yield step("kept_out.unregistered", sender=agency_name(target.facts, target.sender))
        elif target.of_document("issued_day") == NO_DAY:
            yield step("kept_out.no_issue_date")

    def timeline(self, target: Target) -> Timeline:
        at = int(target.facts.calendar.start_of_day(one(target.of_document("issued_day")))[0])
        return Timeline((step("timeline.issued", at=instant(at)),), at)

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        del timeline
        if not target.facts.registry.keeps("documents")[blamed]:
            name = agency_name(target.facts, blamed)
            yield step("kept_out.keeps_no_table", agency=name, tables=(Word("tables", "documents"),))


class NumberReused(_Issued):
    """L2."""

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        yield from super().excluded(target, blamed, timeline)
        if not numbered_alike(target.facts).numbered[target.document]:
            yield step("kept_out.no_reference")

    def lacks(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        del timeline
        alike = numbered_alike(target.facts)
        if alike.has_earlier[target.document] and not alike.comparable[target.document]:
            yield step("lacks.comparable_content")


class DuplicateContent(_Issued):
    """L3."""

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        yield from super().excluded(target, blamed, timeline)
        if with_message(target.facts, REPLACEMENT)[target.document]:
            yield step("kept_out.replacement")
        if not main_file_keys(target.facts)[target.document]:
            yield step("kept_out.no_main_file_hash")


class NumberGap(_Issued):
    """T4: the member is the series that the document's number belongs to, anchored by the last one of the period."""

    is_exact = False

    def positions(self, target: Target, members: Members, timeline: Timeline) -> list[int]:
        del members, timeline  # members stand in the order of the series
        series, wanted = series_in_period(target.facts), series_of(target.facts, target.document)
        return [position for position, number in enumerate(series.number.tolist()) if number == wanted]

    def unfounded(self, target: Target) -> Iterator[Step]:
        reasons = list(super().unfounded(target))
        yield from reasons
        if reasons:
            return
        if not target.facts.agencies.flag("register_whole")[target.sender]:
            yield step("kept_out.register_whole", sender=agency_name(target.facts, target.sender))
        if series_of(target.facts, target.document) is None:
            yield step("kept_out.no_number_of_a_series")

    def lacks(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        del timeline
        facts, period = target.facts, target.facts.period
        yield from missing_days_between(facts, target.sender, period.start_day, period.end_day - 1, ("documents",))


ACCOUNTS: Mapping[str, type[Account]] = {
    "duplicate_send": DuplicateSend,
    "number_reused": NumberReused,
    "duplicate_content": DuplicateContent,
    "number_gap": NumberGap,
}
