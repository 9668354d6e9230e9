"""Outages: runs of failed probes that took more working time than policy bears (rule H1, and the report's systems)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audit.facts.arrays import Ints, Mask
from audit.facts.once import once
from audit.working_time import MINUTE

if TYPE_CHECKING:
    from audit.facts import Facts


@dataclass(frozen=True, slots=True)
class Outages:
    """Outages that began in the period at agencies in scope that day, in the order of (agency, started_at).

    Attributes:
        agency, started_at, ended_at, probes, recovered: As in `audit.facts.probes.FailedRuns`.
        working_minutes: How long, within working time, rounded down.
    """

    agency: Ints
    started_at: Ints
    ended_at: Ints
    probes: Ints
    recovered: Mask
    working_minutes: Ints


@once
def outages(facts: Facts) -> Outages:
    """The outages of the period."""
    runs = facts.probes.failed_runs
    lasted = facts.calendar.working_time(runs.started_at, runs.ended_at)
    chosen = facts.period.holds_event(runs.started_at) & (lasted > facts.policy.limits.outage_minutes * MINUTE)
    chosen &= facts.agencies.in_scope(runs.agency, facts.day_of(runs.started_at))
    place = np.flatnonzero(chosen)
    return Outages(
        agency=runs.agency[place],
        started_at=runs.started_at[place],
        ended_at=runs.ended_at[place],
        probes=runs.probes[place],
        recovered=runs.recovered[place],
        working_minutes=lasted[place] // MINUTE,
    )
