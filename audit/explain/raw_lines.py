"""From the places that a finding names back to the rows as they were received, their pages' hashes computed again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from audit.errors import DataError
from audit.evidence import DayEvidence, Evidence
from audit.explain.step import AgencyName, RawLine, Step, Word, step
from audit.records import split
from audit.registry import Registry
from audit.source import Request
from audit.sources import source_class

MISSING: Final = "evidence.missing"
DAMAGED: Final = "evidence.damaged"
AGENCY_GONE: Final = "evidence.agency_gone"
NO_SUCH_LINE: Final = "evidence.no_such_line"


class RawLines:
    """Reads rows of the evidence.

    Args:
        evidence: the raw pages.
        registry: the agencies whose logs they are of.
    """

    def __init__(self, evidence: Evidence, registry: Registry) -> None:
        self._evidence: Final = evidence
        self._registry: Final = registry

    def read(self, places: Iterable[Mapping[str, Any]]) -> tuple[RawLine, ...]:
        """The rows at some places: mappings with table, agency, log_day, page, line, as findings have them."""
        return tuple(self._read(place) for place in places)

    def attempts(self, agency: str, day: date) -> tuple[Step, ...]:
        """How every attempt to pull an agency's log of a day ended, in order."""
        evidence = self._evidence.existing(day)
        if evidence is None:
            return ()
        told = [one for one in evidence.attempts() if one.agency == agency and not one.provisional]
        return tuple(
            step(
                "attempts.one_because" if one.failed_at else "attempts.one",
                at=one.started_at,
                table=Word("tables", one.table),
                outcome=Word("outcomes_of_pulls", one.outcome or "killed"),
                failed_at=Word("failed_at", one.failed_at) if one.failed_at else None,
                reason=one.reason,
            )
            for one in told
        )

    def _read(self, place: Mapping[str, Any]) -> RawLine:
        table, agency, page, line = place["table"], place["agency"], place["page"], int(place["line"])
        day = date.fromisoformat(place["log_day"])
        if agency not in self._registry.codes:
            return RawLine(table, AgencyName(agency, ""), day, page, line, trouble=AGENCY_GONE)
        holder = self._registry.agency(agency)
        name = AgencyName(agency, holder.name)
        evidence = self._evidence.existing(day)
        found = None if evidence is None else _page(evidence, agency, table, page)
        if evidence is None or found is None:
            return RawLine(table, name, day, page, line, trouble=MISSING)
        kind, source, cursor, url, fetched_at = found
        seen, request = holder.through(source), Request(agency, table, day, cursor, source=source)
        try:
            rows = split(source_class(kind).items(seen, request, evidence.body(page)))
        except (DataError, ValueError):
            return RawLine(table, name, day, page, line, url, fetched_at, trouble=DAMAGED)
        if not 1 <= line <= len(rows):
            return RawLine(table, name, day, page, line, url, fetched_at, trouble=NO_SUCH_LINE)
        row = bytes(rows[line - 1]).decode("utf-8", errors="replace")
        return RawLine(table, name, day, page, line, url, fetched_at, row)


def _page(evidence: DayEvidence, agency: str, table: str, page: str) -> tuple[str, str, str, str, datetime] | None:
    """Kind and name of the source, cursor, address and time of a page that counts; None where none has this hash."""
    for counted in evidence.counted():
        if (counted.agency, counted.table) == (agency, table):
            for one in evidence.pages(counted.series):
                if one.sha256 == page:
                    return counted.kind, counted.source, one.cursor, one.url, one.fetched_at
    return None
