"""How recipients answer, forward and work off what they receive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from audit.facts import Facts
from audit.facts.arrays import Ints, Mask
from audit.facts.backlog import needs_no_reply
from audit.measures.counts import Count, durations, per_agency, plain, share
from audit.measures.days import TableDays
from audit.rule import Verdicts
from audit.working_time import NEVER

AGE_BANDS: Final = (
    ("backlog_age_0_10", 0, 10),
    ("backlog_age_11_30", 11, 30),
    ("backlog_age_31_90", 31, 90),
    ("backlog_age_90_up", 91, None),
)
"""Indicator, first and last age in calendar days since the local day of arrival."""


def acknowledging(facts: Facts, verdicts: Mapping[str, Verdicts]) -> tuple[list[Count], list[pd.DataFrame]]:
    """acknowledged_in_day_share, and the durations from arrival to acknowledgement and to forwarding, working minutes.

    The share is that of N3's population: acknowledged at or before the deadline / decided. Durations are of the decided
    members of N3 and N4 that were acknowledged or forwarded at all; those that never were are N2's and N4's to report.
    """
    size = len(facts.agencies)
    agency, pair, deadline = _decided_pairs(facts, verdicts.get("late_acknowledgement"))
    acknowledged_at = facts.pairs.acknowledged_at
    in_time = acknowledged_at[pair] <= deadline
    found = share("acknowledged_in_day_share", per_agency(size, agency, in_time), per_agency(size, agency))
    by_agency = [_durations(facts, "ack_minutes", agency, pair, acknowledged_at[pair])]
    agency, pair, _ = _decided_pairs(facts, verdicts.get("late_forwarding"))
    forwarded_at = facts.pairs.forwarded_at[pair]
    by_agency.append(_durations(facts, "forward_minutes", agency, pair, forwarded_at))
    return [found], by_agency


def backlog(facts: Facts, verdicts: Mapping[str, Verdicts], told: TableDays) -> list[Count]:
    """backlog_open and its age bands at the earlier of period end and `as_of`, and backlog_overdue.

    Open are pairs that arrived and of which nothing tells that they were completed, refused or recalled by then, less
    those that need no reply; at agencies whose system tells completion, and whose log told anything in the period: of
    the others nobody knows what they completed. Overdue are the findings' members of N5 and N6.
    """
    size, pairs, closed_at = len(facts.agencies), facts.pairs, facts.period.closed_at
    ended_at = np.minimum.reduce([pairs.completed_at, pairs.refused_at, pairs.recalled_at])
    arrived_at = pairs.arrived_at
    pair = np.flatnonzero((arrived_at <= closed_at) & (ended_at > closed_at) & ~needs_no_reply(facts))
    recipient = pairs.recipient[pair]
    agency = facts.blamed(recipient, np.full(len(pair), closed_at), at_end=True)
    tells = (told.of("receipts") | told.of("statuses")) & facts.agencies.flag("reports_completion")
    agency = np.where((agency >= 0) & tells[agency], agency, -1)
    last_day = facts.day_of(np.array([closed_at]), at_end=True)[0]
    age = last_day - facts.day_of(arrived_at[pair])
    bands = [
        plain(name, per_agency(size, agency, (age >= first) & (age <= (last if last is not None else NEVER))), tells)
        for name, first, last in AGE_BANDS
    ]
    return [plain("backlog_open", per_agency(size, agency), tells), _overdue(size, verdicts), *bands]


def _overdue(size: int, verdicts: Mapping[str, Verdicts]) -> Count:
    numerator, decided = np.zeros(size), np.zeros(size)
    for rule in ("backlog", "urgent_backlog"):
        if rule in verdicts:
            members = verdicts[rule].members
            numerator += per_agency(size, members.agency, members.breach)
            decided += per_agency(size, members.agency, members.decided)
    return Count("backlog_overdue", numerator, None, decided > 0)


def _decided_pairs(facts: Facts, verdicts: Verdicts | None) -> tuple[Ints, Ints, Ints]:
    """Agency, pair and deadline of the decided members of a rule of pairs; nothing where the rule is switched off."""
    if verdicts is None:
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing, nothing
    members, decided = verdicts.members, np.flatnonzero(verdicts.members.decided)
    pair = facts.pairs_of(members.document[decided], members.recipient[decided])
    return members.agency[decided], pair, members.deadline_at[decided]


def _durations(facts: Facts, indicator: str, agency: Ints, pair: Ints, at: Ints) -> pd.DataFrame:
    happened: Mask = at < NEVER
    since = facts.pairs.arrived_at[pair[happened]]
    minutes = np.maximum(facts.calendar.working_minutes(since, at[happened]), 0)
    return durations(indicator, agency[happened], minutes, facts.agencies.codes)
