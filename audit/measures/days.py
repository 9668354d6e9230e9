"""Of which tables of its log an agency told anything in the period, and how many of its days are complete."""

from __future__ import annotations

from audit.facts import Facts
from audit.facts.arrays import Mask
from audit.facts.coverage import TABLES
from audit.facts.log_days import LogDays, log_days
from audit.measures.counts import Count, per_agency, share


class TableDays:
    """The due days of the period, by agency."""

    def __init__(self, facts: Facts) -> None:
        self._days: LogDays = log_days(facts)
        self._size = len(facts.agencies)

    def of(self, table: str) -> Mask:
        """Agencies with at least one complete day of `table` in the period: a count of nothing there is a count."""
        place = TABLES.index(table)
        told = self._days.due[:, place] & self._days.complete[:, place]
        return per_agency(self._size, self._days.agency, told) > 0

    def coverage_share(self) -> Count:
        """coverage_share: days on which every due table is complete / days due (rules.md section 3)."""
        due = per_agency(self._size, self._days.agency)
        return share("coverage_share", per_agency(self._size, self._days.agency, self._days.whole), due)
