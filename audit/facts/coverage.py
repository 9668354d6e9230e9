"""Which days of which log are complete: the ground of every statement that something did not happen (rules.md,
"Coverage").
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from audit.facts.agencies import AgencyIndex
from audit.facts.arrays import Ints, Mask, blocks, days, equals

TABLES = ("documents", "sends", "receipts", "statuses")
_AT_ONCE = 1 << 16


class Coverage:
    """Complete days per answerable agency and table, asked by ranges of days.

    The log that is needed for an agency on a day is that of the agency which answers for it then (itself or its
    successor), or of the agency that keeps its rows (`log_of`).
    """

    def __init__(self, coverage: pd.DataFrame, agencies: AgencyIndex, as_of_day: int) -> None:
        frame = coverage[days(coverage["day"]) < as_of_day]
        day = days(frame["day"])
        self._first_day = int(day.min()) if len(day) else as_of_day
        self._end_day = as_of_day
        span = max(as_of_day - self._first_day, 0)
        holder = agencies.indexes(frame["agency"])
        complete = equals(frame["state"], "complete")
        needed_log = self._needed_log(agencies, span)
        self._gaps: dict[str, Ints] = {}
        for table in TABLES:
            full = np.zeros((len(agencies), span), dtype=bool)
            mine = equals(frame["table"], table) & complete & (holder >= 0)
            full[holder[mine], day[mine] - self._first_day] = True
            of_agency = full[needed_log, np.arange(span)[None, :]]
            self._gaps[table] = np.concatenate(
                [np.zeros((len(agencies), 1), dtype=np.int64), np.cumsum(~of_agency, axis=1)], axis=1
            )

    def _needed_log(self, agencies: AgencyIndex, span: int) -> Ints:
        """Whose log is needed, per agency and day; on days when nobody answers for an agency, its own."""
        agency = np.repeat(np.arange(len(agencies)), span)
        day = np.tile(np.arange(self._first_day, self._first_day + span), len(agencies))
        answering = agencies.answerable(agency, day)
        log = agencies.log_of[np.where(answering >= 0, answering, agency)]
        return log.reshape(len(agencies), span)

    def complete(self, agency: Ints, first_day: Ints, last_day: Ints, tables: tuple[str, ...]) -> Mask:
        """True where every day from first to last, both included, of all these tables of the agency's log is complete.

        Days that have not ended at `as_of` are not complete; a range without a day (last before first) needs nothing.
        """
        answer = np.empty(len(agency), dtype=bool)
        has_gaps = np.logical_or.reduce([self._gaps[table][:, -1] > 0 for table in tables])
        for block in blocks(len(agency)):
            start, stop, of = first_day[block] - self._first_day, last_day[block] - self._first_day + 1, agency[block]
            empty = stop <= start
            answer[block] = ((start >= 0) & (last_day[block] < self._end_day) & (of >= 0)) | empty
            asked = np.flatnonzero(answer[block] & ~empty & has_gaps[of])
            if len(asked):
                of, start, stop = of[asked], start[asked], stop[asked]
                whole = [self._gaps[table][of, stop] == self._gaps[table][of, start] for table in tables]
                answer[block][asked] = np.logical_and.reduce(whole)
        return answer
