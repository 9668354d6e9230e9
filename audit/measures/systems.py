"""Systems and interruptions: availability, and the frames behind the report's part on systems."""

from __future__ import annotations

import numpy as np
import pandas as pd

from audit.facts import Facts
from audit.facts.arrays import Ints, latest
from audit.facts.outages import outages
from audit.measures.counts import Count, per_agency, share
from audit.working_time import MINUTE, NAT


def availability(facts: Facts) -> Count:
    """availability: working time in which the system answered / working time in which probes tell (minutes).

    A failed probe counts from itself to the next one, short or long: the 15 minutes of H1 bound what is a breach, not
    what is a time without the system. Time that no probe tells of (`audit.facts.probes`) is in neither count.
    """
    probes, period, size = facts.probes, facts.period, len(facts.agencies)
    start = np.clip(probes.at, period.start_at, period.closed_at)
    end = np.clip(probes.held_until, period.start_at, period.closed_at)
    told = facts.calendar.working_time(start, end) / MINUTE
    agency = np.where(facts.agencies.in_scope(probes.agency, facts.day_of(start)), probes.agency, -1)
    inside = agency >= 0
    up = inside & probes.ok
    return share(
        "availability",
        np.bincount(agency[up], weights=told[up], minlength=size).astype(np.float64),
        np.bincount(agency[inside], weights=told[inside], minlength=size).astype(np.float64),
    )


def outage_frame(facts: Facts) -> pd.DataFrame:
    """The outages of the period, by agency and start.

    Columns: agency (code), started_at, ended_at (``datetime64[us, UTC]``; NaT while it lasts), working_minutes.
    """
    down = outages(facts)
    return pd.DataFrame(
        {
            "agency": pd.Series(facts.agencies.codes[down.agency], dtype=object),
            "started_at": _utc(down.started_at),
            "ended_at": _utc(np.where(down.recovered, down.ended_at, NAT)),
            "working_minutes": down.working_minutes,
        }
    )


def system_frame(facts: Facts) -> pd.DataFrame:
    """One row an agency that was probed in the period, in the registry's order, for the report's part on systems.

    Columns: agency (code), probes, failed (counts), availability (share of working time, NaN = no data), outages,
    outage_minutes, longest_minutes (H1's, working minutes), last_failure_at, certificate_ends_at
    (``datetime64[us, UTC]``, NaT = none; that of the last probe up to `as_of` which tells one).
    """
    size, probes, down = len(facts.agencies), facts.probes, outages(facts)
    here = facts.period.holds_event(probes.at)
    failed = here & ~probes.ok
    up = availability(facts)
    longest = np.zeros(size, dtype=np.int64)
    np.maximum.at(longest, down.agency, down.working_minutes)
    ends_at = np.full(size, NAT, dtype=np.int64)
    tells = probes.certificate_ends_at != NAT
    ends_at[probes.agency[tells]] = probes.certificate_ends_at[tells]
    with np.errstate(invalid="ignore"):
        shares = up.numerator / (up.denominator if up.denominator is not None else np.nan)
    frame = pd.DataFrame(
        {
            "agency": pd.Series(facts.agencies.codes, dtype=object),
            "probes": per_agency(size, probes.agency, here).astype(np.int64),
            "failed": per_agency(size, probes.agency, failed).astype(np.int64),
            "availability": shares,
            "outages": per_agency(size, down.agency).astype(np.int64),
            "outage_minutes": np.bincount(down.agency, weights=down.working_minutes, minlength=size).astype(np.int64),
            "longest_minutes": longest,
            "last_failure_at": _utc(latest(size, probes.agency[failed], probes.at[failed])),
            "certificate_ends_at": _utc(ends_at),
        }
    )
    known = np.arange(size) < facts.agencies.registered
    return frame[(frame["probes"] > 0) & known].reset_index(drop=True)


def _utc(at: Ints) -> pd.Series:
    return pd.Series(at.astype("datetime64[us]")).dt.tz_localize("UTC")
