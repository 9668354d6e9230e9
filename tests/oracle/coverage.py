"""Coverage "per agency, day and table": which days of whose log are complete as the audit looks."""

from datetime import date, datetime, timedelta
from typing import Any

from . import normalise as n
from .registry import Registry


class Coverage:
    """Reads the coverage entries of a case; "absence of an entry = missing, no attempt made"."""

    def __init__(self, entries: list[dict[str, Any]], registry: Registry, as_of: datetime) -> None:
        self._registry = registry
        self._as_of = as_of
        self._entries = {
            (registry.canonical(entry["agency"]), n.day(entry["day"]), entry["table"]): entry for entry in entries
        }

    def entry(self, agency: str, on: date, table: str) -> dict[str, Any] | None:
        """The entry of the log that holds the agency's rows ("`log_of`")."""
        return self._entries.get((self._registry.log_of(agency), on, table))

    def complete_on(self, agency: str, on: date, *tables: str) -> bool:
        """These tables of that day are complete in the log that is needed for the agency.

        "from the day after `valid_to` the successor is blamed …, and its log is the one needed": day by day (READING 10).
        A day that has not ended at `as_of` is not complete yet (READING 11).
        """
        if n.end_of_day(on) > self._as_of:
            return False
        needed = self._registry.answering(agency, on) or agency
        found = [self.entry(needed, on, table) for table in tables]
        return all(entry is not None and entry["state"] == "complete" for entry in found)

    def complete(self, agency: str, first: date, last: date, *tables: str) -> bool:
        """ "every needed day of the log that would hold it is complete": `first` to `last`, both included."""
        days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
        return all(self.complete_on(agency, on, *tables) for on in days)
