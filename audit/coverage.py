"""What is known of the logs: per agency, day and table, from the evidence.

No data is not compliance: rules look here before they say that something did not happen (``rules.md`` section 1,
*Coverage*), and rule H2 blames an agency whose log could not be had.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Final

import pandas as pd

from audit.errors import FailedAt
from audit.evidence import AttemptRecord, Counted, DayEvidence, Evidence
from audit.log import Log
from audit.registry import Registry
from audit.settings import Agency
from audit.tables import WIRE_TABLES

COLUMNS: Final = ("agency", "day", "table", "state", "rows", "rejects", "pages", "failed_at", "reason")
STATES: Final = ("complete", "partial", "missing", "not_due")

Row = tuple[str, date, str, str, int, int, int, FailedAt | None, str]


def coverage(registry: Registry, evidence: Evidence, log: Log, days: Iterable[date], as_of: date) -> pd.DataFrame:
    """The state of every agency's every table on the given days.

    States: `complete`; `partial`, some rows are in hand; `missing`, none are; `not_due`, nothing is expected: the
    agency is not valid that day, is not pulled (its rows may be in the log of its `log_of`, which has rows of its own
    here), does not keep the table, or the day has not ended.

    Args:
        registry: The agencies; each has its rows.
        evidence: What was pulled.
        log: Where the rejects are counted; days that were not conformed have none yet.
        days: Local days.
        as_of: The first local day that is not seen.

    Returns:
        One row an agency (registry order), day (in order) and table: agency (str), day (datetime64[s]), table, state
        (str), rows (int64, readable ones), rejects, pages (int64), failed_at (str: agency, ours; missing where nothing
        failed), reason (str, English; ``""`` where complete).
    """
    wanted = sorted(set(days))
    found = log.read("rejects", wanted, ["agency", "log_day", "table"]).astype({"agency": "str", "table": "str"})
    rejects = Counter(zip(found["agency"], found["log_day"].dt.date, found["table"], strict=True))
    by_day = {day: _Day(evidence.existing(day)) for day in wanted if day < as_of}
    rows: list[Row] = []
    for agency in registry.agencies:
        for day in wanted:
            for table in WIRE_TABLES:
                reason = _not_due(agency, day, table, as_of)
                if reason:
                    rows.append((agency.code, day, table, "not_due", 0, 0, 0, None, reason))
                else:
                    rows.append(by_day[day].row(agency.code, day, table, rejects[agency.code, day, table]))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    text = dict.fromkeys(("agency", "table", "state", "failed_at", "reason"), "str")
    return frame.astype({**text, "day": "datetime64[s]", "rows": "int64", "rejects": "int64", "pages": "int64"})


class _Day:
    """What the evidence tells of one day."""

    def __init__(self, evidence: DayEvidence | None) -> None:
        counted = evidence.counted() if evidence else []
        attempts = evidence.attempts() if evidence else []
        self._counted: dict[tuple[str, str], Counted] = {(one.agency, one.table): one for one in counted}
        self._attempts: dict[tuple[str, str], list[AttemptRecord]] = {}
        for attempt in attempts:
            self._attempts.setdefault((attempt.agency, attempt.table), []).append(attempt)

    def row(self, agency: str, day: date, table: str, rejects: int) -> Row:
        counted = self._counted.get((agency, table))
        if counted is not None and counted.is_complete:
            return agency, day, table, "complete", counted.rows - rejects, rejects, counted.pages, None, ""
        attempts = [one for one in self._attempts.get((agency, table), ()) if not one.provisional]
        failed_at: FailedAt = "agency" if any(one.failed_at == "agency" for one in attempts) else "ours"
        reason = (attempts[-1].reason or "the pull was broken off") if attempts else "no attempt was made"
        if counted is None:
            return agency, day, table, "missing", 0, 0, 0, failed_at, reason
        return agency, day, table, "partial", counted.rows - rejects, rejects, counted.pages, failed_at, reason


def _not_due(agency: Agency, day: date, table: str, as_of: date) -> str:
    """Why nothing is expected; ``""`` if something is."""
    if day >= as_of:
        return "the day has not ended"
    if (agency.valid_from and day < agency.valid_from) or (agency.valid_to and day > agency.valid_to):
        return "the agency does not exist that day"
    if not agency.is_pulled:
        return "the agency is not pulled"
    if table not in agency.tables:
        return "the agency does not keep the table"
    return ""
