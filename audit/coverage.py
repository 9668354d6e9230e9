"""What is known of the logs: per agency, day and table, from the evidence.

No data is not compliance: rules look here before they say that something did not happen (``rules.md`` section 1,
*Coverage*), and rule H2 blames an agency whose log could not be had.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

import pandas as pd

from audit.errors import FailedAt
from audit.evidence import AttemptRecord, Evidence, Told
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
    by_day = {day: _Day(evidence.told(day)) for day in wanted if day < as_of}
    rows: list[Row] = []
    for agency in registry.agencies:
        for day in wanted:
            for table in WIRE_TABLES:
                reason = _not_due(agency, day, table, as_of)
                if reason:
                    rows.append((agency.code, day, table, "not_due", 0, 0, 0, None, reason))
                else:
                    rows.append(by_day[day].row(agency, day, table, rejects[agency.code, day, table]))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    text = dict.fromkeys(("agency", "table", "state", "failed_at", "reason"), "str")
    return frame.astype({**text, "day": "datetime64[s]", "rows": "int64", "rejects": "int64", "pages": "int64"})


class _Day:
    """What the evidence tells of one day."""

    def __init__(self, told: Told | None) -> None:
        self._counted = {(one.agency, one.source, one.table): one for one in (told.counted if told else [])}
        self._attempts: dict[tuple[str, str, str], list[AttemptRecord]] = {}
        for attempt in told.attempts if told else []:
            if not attempt.provisional:
                self._attempts.setdefault((attempt.agency, attempt.source, attempt.table), []).append(attempt)

    def row(self, agency: Agency, day: date, table: str, rejects: int) -> Row:
        """What all sources that tell a table make known of it: complete only where each of them is."""
        names = [name for name in agency.source_names or ("",) if table in agency.through(name).tables]
        found = [counted for name in names if (counted := self._counted.get((agency.code, name, table)))]
        rows, pages = sum(one.rows for one in found), sum(one.pages for one in found)
        lacking = [name for name in names if not self._is_complete(agency.code, name, table)]
        if not lacking:
            return agency.code, day, table, "complete", rows - rejects, rejects, pages, None, ""
        attempts = [self._attempts.get((agency.code, name, table), []) for name in lacking]
        failed_at: FailedAt = (
            "agency" if any(one.failed_at == "agency" for each in attempts for one in each) else "ours"
        )
        reason = "; ".join(_reason(name, each) for name, each in zip(lacking, attempts, strict=True))
        if not found:
            return agency.code, day, table, "missing", 0, 0, 0, failed_at, reason
        return agency.code, day, table, "partial", rows - rejects, rejects, pages, failed_at, reason

    def _is_complete(self, agency: str, source: str, table: str) -> bool:
        counted = self._counted.get((agency, source, table))
        return counted is not None and counted.is_complete


def _reason(source: str, attempts: Sequence[AttemptRecord]) -> str:
    told = (attempts[-1].reason or "the pull was broken off") if attempts else "no attempt was made"
    return f"{source}: {told}" if source else told


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
