"""Whether each agency's system answered the probe, and for how long what a probe found is taken to last.

A probe's answer holds until the agency's next probe. Where that is more than twice the agency's usual distance away
nobody looked: the answer holds for its own instant only, and neither an outage nor availability is claimed for the gap.
The same goes for the time from the last probe to `as_of` (rules.md, H1, does not say it; probing that stopped is no
proof of an outage that went on).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from audit.facts.agencies import AgencyIndex
from audit.facts.arrays import Ints, Mask, instants, is_true
from audit.working_time import NAT, WorkingCalendar


@dataclass(frozen=True)
class Probes:
    """Probes up to `as_of`, in the order of (agency, at), one an agency and instant.

    Attributes:
        agency: Index of the agency asked.
        at: When.
        ok: Whether the system answered; of two probes at one instant either.
        certificate_ends_at: End of the certificate that it showed, NAT = none told.
        held_until: Until when the answer holds: the next probe, `as_of`, or `at` itself.
        follows: The agency's previous probe holds until this one.
    """

    agency: Ints
    at: Ints
    ok: Mask
    certificate_ends_at: Ints
    held_until: Ints
    follows: Mask

    @classmethod
    def read(cls, frame: pd.DataFrame, agencies: AgencyIndex, as_of_at: int) -> Probes:
        """From the frame of design.md section 3 (agency, at, ok, certificate_ends_at)."""
        told = pd.DataFrame(
            {
                "agency": agencies.indexes(frame["agency"]),
                "at": instants(frame["at"]),
                "ok": is_true(frame["ok"]),
                "ends_at": instants(frame["certificate_ends_at"]),
            }
        )
        told = told[(told["agency"] >= 0) & (told["at"] != NAT) & (told["at"] <= as_of_at)]
        if told.duplicated(["agency", "at"]).any():
            told = told.groupby(["agency", "at"], as_index=False).max()
        told = told.sort_values(["agency", "at"])
        agency, at = told["agency"].to_numpy(dtype=np.int64), told["at"].to_numpy(dtype=np.int64)
        last = np.append(agency[1:] != agency[:-1], True)[: len(agency)]
        next_at = np.where(last, as_of_at, np.append(at[1:], as_of_at)[: len(at)])
        holds = next_at - at <= 2 * _intervals(agency, at)
        return cls(
            agency=agency,
            at=at,
            ok=told["ok"].to_numpy(dtype=bool),
            certificate_ends_at=told["ends_at"].to_numpy(dtype=np.int64),
            held_until=np.where(holds, next_at, at),
            follows=np.append(False, (holds & ~last)[:-1])[: len(at)],
        )

    @cached_property
    def failed_runs(self) -> FailedRuns:
        """Every run of failed probes."""
        failed = ~self.ok
        begins = np.flatnonzero(failed & ~(self.follows & np.append(False, failed[:-1])[: len(failed)]))
        # a run goes on while the next probe failed too and follows
        goes_on = np.append(failed[1:] & self.follows[1:], False)[: len(failed)]
        ends = np.flatnonzero(failed & ~goes_on)
        return FailedRuns(
            self.agency[begins], self.at[begins], self.held_until[ends], ends - begins + 1, self._good(ends)
        )

    def _good(self, last: Ints) -> Mask:
        """Whether a good probe ended the run, given the places of its last probes."""
        place = np.minimum(last + 1, len(self.at) - 1)
        return (last + 1 < len(self.at)) & self.follows[place] & self.ok[place]

    def in_working_time(self, calendar: WorkingCalendar) -> Mask:
        """Which probes lie in a session of a working day (its end is outside)."""
        return calendar.working_time(self.at, self.at + 1) > 0


@dataclass(frozen=True, slots=True)
class FailedRuns:
    """Runs of failed probes, in the order of (agency, started_at).

    Attributes:
        agency: Index of the agency.
        started_at: The first failed probe.
        ended_at: The first good one; the last failed one where a gap came; `as_of` where the run lasts.
        probes: How many failed.
        recovered: A good probe ended it.
    """

    agency: Ints
    started_at: Ints
    ended_at: Ints
    probes: Ints
    recovered: Mask


def _intervals(agency: Ints, at: Ints) -> np.ndarray:
    """For every probe the median distance of its agency's probes, microseconds; infinite where there is only one.

    A single probe has no interval that a gap could be measured by: what it found holds until `as_of`, as H1 says.
    """
    distance = pd.Series(at).groupby(agency).diff()
    return distance.groupby(agency).transform("median").fillna(np.inf).to_numpy(dtype=np.float64)
