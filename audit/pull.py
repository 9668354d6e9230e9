"""Pulling: for each agency, day and table, every page into the evidence, and how it ended.

Agencies are asked side by side, each by one thread with its own connections and its own time; within an agency the
newest day comes first. One agency's failure never stops another's: it is recorded, and becomes coverage. An interrupted
pull goes on at its next cursor, in this run after an answer that was no page, else in the next run; one that
contradicts itself begins anew.

A pull is complete (``log-api.md``) when its last page says so, its distinct pages hold the rows that the system told
of, the total never changed, and no page was made before the day's end. All else is partial. A day that is not over is
pulled provisionally, for alerts; what says that it is not closed is never taken for a closed day.

``failed_at`` (rule H2): *ours* are 401 and 403 as long as the agency's system has never given us a page, our settings,
our disk, our proxy and the end of the time; everything else is the agency's.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, Literal

from audit.asking_again import has_changed
from audit.errors import ConfigError, DataError, FailedAt, PermanentSourceError, SourceError, TransientSourceError
from audit.evidence import DayEvidence, Evidence, Outcome, Recording
from audit.http import HttpClient
from audit.instants import end_of
from audit.page_series import InconsistentPullError, PageSeries
from audit.progress import Progress
from audit.registry import Registry
from audit.replay import open_replay
from audit.settings import Agency, Settings
from audit.source import ContractError, Request, Source
from audit.sources import open_source

HELD_MOST: Final = 60
"""Days whose evidence stays open during a run; a year's files at once might be too many."""
TRIES: Final = 2
"""How often a table is begun in one run, where an answer was no page or contradicted others."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PullOptions:
    """How to pull, beyond what the settings say."""

    refresh: bool = False
    """Pull days that are complete anew."""
    again: frozenset[date] = frozenset()
    """Days that are pulled anew where they are complete and have changed since (`audit.asking_again`)."""
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    """Stands at the attempts in the evidence."""
    progress: Progress | None = None
    """Advanced by one an agency, day and table."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    """The clock that tells whether a day is over."""
    replay: Path | None = None
    """Folder of recorded pages (`audit.replay`) to read instead of asking the agencies."""


@dataclass(frozen=True)
class PullEntry:
    """How the pull of one agency, day and table ended in this run."""

    agency: str
    day: date
    table: str
    outcome: Literal["complete", "partial", "kept", "provisional"]
    """``kept``: it was complete before, and was not asked again or has not changed; ``provisional``: the day is not
    over."""
    pages: int = 0
    """Pages in hand, of this run and those it went on from."""
    rows: int = 0
    failed_at: FailedAt | None = None
    reason: str = ""
    was_changed: bool = False
    """It was complete before, and the system now tells another log of that day."""
    source: str = ""
    """Name of the agency's source; ``""``: its first one."""


@dataclass(frozen=True)
class PullReport:
    """What a run pulled, by agency, newest day first, and table."""

    entries: tuple[PullEntry, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing that was asked is missing."""
        return not any(entry.failed_at for entry in self.entries)


def pull(
    settings: Settings,
    registry: Registry,
    evidence: Evidence,
    days: Iterable[date],
    agencies: Sequence[str] | None = None,
    options: PullOptions | None = None,
) -> PullReport:
    """Pulls what is not complete of the given local days, of all agencies that are pulled and valid that day.

    Args:
        settings: How to reach the agencies, and how much at once.
        registry: The agencies.
        evidence: Where the pages go.
        days: Days of the log.
        agencies: Canonical codes of those to pull; None: all.
        options: Everything else.

    Failures are in the report and in the evidence; nothing is raised for them.
    """
    job = _Job(settings, registry, evidence, options or PullOptions())
    newest_first = sorted(set(days), reverse=True)
    wanted = [
        agency for agency in registry.agencies if agency.is_pulled and (agencies is None or agency.code in agencies)
    ]
    at_once = settings.audit.pull.agencies_at_once
    with job.held, ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="pull") as pool:
        try:
            running = [
                pool.submit(_AgencyPull(job, agency.through(name), newest_first, name).run)
                for agency in wanted
                for name in agency.source_names or ("",)
            ]
            return PullReport(tuple(entry for future in running for entry in future.result()))
        finally:
            # only matters when interrupted: whoever waits or is about to ask sees it
            job.stop.set()
            pool.shutdown(wait=True, cancel_futures=True)


class _Job:
    """What all agencies of one run share."""

    def __init__(self, settings: Settings, registry: Registry, evidence: Evidence, options: PullOptions) -> None:
        self.settings: Final = settings
        self.registry: Final = registry
        self.evidence: Final = evidence
        self.options: Final = options
        self.stop: Final = threading.Event()
        self.held: Final = ExitStack()
        """Evidence that stays open until the run ends."""
        self._lock = threading.Lock()
        self._days: set[date] = set()
        self._complete: dict[date, frozenset[tuple[str, str, str]]] = {}

    def complete(self, day: date) -> frozenset[tuple[str, str, str]]:
        """Agencies, sources and tables of a day that were complete when this run began with it."""
        with self._lock:
            if day not in self._complete:
                told = self.evidence.told(day)
                self._complete[day] = frozenset(
                    (one.agency, one.source, one.table) for one in (told.counted if told else []) if one.is_complete
                )
            return self._complete[day]

    def evidence_of(self, day: date) -> DayEvidence:
        """The evidence of a day, to be written."""
        found = self.evidence.day(day)
        with self._lock:
            if day not in self._days and len(self._days) < HELD_MOST:
                self._days.add(day)
                self.held.enter_context(found.held())
        return found

    def advance(self, note: str) -> None:
        if self.options.progress is not None:
            with self._lock:
                self.options.progress.advance(1, note)


class _AgencyPull:
    """The pull of one source of an agency, in one thread; `agency` is seen through that source."""

    def __init__(self, job: _Job, agency: Agency, days: Sequence[date], source: str) -> None:
        self._job = job
        self._agency = agency
        self._requests = [
            Request(agency.code, table, day, source=source)
            for day in days
            if self._is_valid_on(day)
            for table in agency.tables
        ]
        self._entries: list[PullEntry] = []
        self._deadline = float("inf")

    def run(self) -> list[PullEntry]:
        """All tables of all days; never raises."""
        try:
            minutes = self._job.settings.audit.pull.agency_minutes_max
            self._deadline = time.monotonic() + 60 * minutes
            http = self._http(self._deadline)
            folder = self._job.options.replay
            opened = open_source if folder is None else open_replay(folder)
            with opened(self._agency, http, self._job.registry.canonical_code) as source:
                for request in self._requests:
                    self._done(self._table(source, request))
        except ConfigError as error:
            logger.error("%s is not pulled: %s", self._agency.code, error)  # noqa: TRY400  # the trace tells nothing
            self._give_up("our settings of this agency are wrong")
        except Exception:
            logger.exception("the pull of %s failed", self._agency.code)
            self._give_up("an error of ours; see the job's log")
        return self._entries

    def _table(self, source: Source, request: Request) -> PullEntry:
        entry = PullEntry(request.agency, request.day, request.table, "kept", source=request.source)
        try:
            was_complete = not self._job.options.refresh and self._is_complete(request)
            if was_complete and not self._has_changed(source, request):
                return entry
            for _ in range(TRIES):
                entry, again = self._attempt(source, request)
                if not again:
                    break
            entry = replace(entry, was_changed=was_complete)
        except DataError as error:
            logger.error("%s", error)  # noqa: TRY400  # the day's evidence is at fault; other days may be whole
            return replace(entry, outcome="partial", failed_at="ours", reason="the evidence cannot be written")
        return entry

    def _attempt(self, source: Source, request: Request) -> tuple[PullEntry, bool]:
        """One attempt, and whether another one in this run may help."""
        kind = self._agency.source.kind if self._agency.source else ""
        is_over = end_of(request.day) <= self._job.options.now()
        evidence = self._job.evidence_of(request.day)
        recording = Recording(evidence, self._job.options.run_id, request, kind, provisional=not is_over)
        pages = PageSeries(recording, request)
        was_resumed = pages.count > 0
        outcome: Literal["complete", "provisional"] = "complete" if is_over else "provisional"
        entry = PullEntry(request.agency, request.day, request.table, outcome, source=request.source)
        try:
            self._pages(source, request, pages, is_over=is_over)
        except SourceError as error:
            # a further log is not the agency's own system: that it fails is no fault of the agency (rule H2)
            failed_at: FailedAt = "ours" if request.source else self._failed_at(error)
            recording.end(_outcome(error), error.reason, failed_at, error.http_status)
            logger.warning("%s %s %s: %s", request.agency, request.day, request.stream, error.reason)
            again = isinstance(error, InconsistentPullError | ContractError)
            entry = replace(entry, outcome="partial", failed_at=failed_at, reason=error.reason)
            return replace(entry, pages=pages.count, rows=pages.rows), again or (was_resumed and _is_refusal(error))
        recording.end("complete")
        return replace(entry, pages=pages.count, rows=pages.rows), False

    def _pages(self, source: Source, request: Request, pages: PageSeries, *, is_over: bool) -> None:
        """All pages that are missing. Raises SourceError where the pull is not complete then."""
        most = self._agency.source.pages_max if self._agency.source else 0
        while (cursor := pages.next_cursor()) is not None:
            if self._job.stop.is_set():
                raise TransientSourceError(request.agency, "the run was stopped", failed_at="ours")
            if time.monotonic() >= self._deadline:
                raise TransientSourceError(request.agency, "the time for this agency is used up", failed_at="ours")
            if pages.count >= most:
                raise PermanentSourceError(request.agency, f"more than {most} pages")
            page = source.fetch(replace(request, cursor=cursor))
            sha256 = pages.recording.keep(page.body)
            try:
                reading = source.read(page)
                if is_over and not reading.is_closed:
                    raise PermanentSourceError(request.agency, "the day is not closed yet", http_status=page.status)
                pages.add(page, sha256, reading)
            except SourceError as error:
                pages.recording.refuse(page, sha256, error.reason)
                raise
        pages.check_end(source, is_over=is_over)

    def _failed_at(self, error: SourceError) -> FailedAt:
        if error.http_status in (401, 403) and not self._job.evidence.has_worked(error.agency):
            return "ours"
        return error.failed_at

    def _is_complete(self, request: Request) -> bool:
        return (request.agency, request.source, request.table) in self._job.complete(request.day)

    def _has_changed(self, source: Source, request: Request) -> bool:
        """Whether a day that is to be asked for again has changed; no, where its system does not tell now."""
        if request.day not in self._job.options.again or not source.capabilities.asks_again:
            return False
        try:
            changed = has_changed(source, self._agency, request, self._job.evidence.day(request.day))
        except SourceError as error:
            logger.info("%s %s %s: not asked again: %s", request.agency, request.day, request.table, error.reason)
            return False
        if changed:
            logger.warning("%s %s %s: a closed day's log has changed", request.agency, request.day, request.table)
        return changed

    def _is_valid_on(self, day: date) -> bool:
        begins, ends = self._agency.valid_from, self._agency.valid_to
        return (begins is None or begins <= day) and (ends is None or day <= ends)

    def _http(self, deadline: float) -> HttpClient:
        if self._agency.source is None:
            raise ConfigError.of("agencies.toml", f"{self._agency.code}.source", "(missing)", "how to reach its system")

        def sleep(seconds: float) -> None:
            self._job.stop.wait(seconds)

        return HttpClient(self._agency.code, self._agency.source, self._job.settings.audit.pull, deadline, sleep)

    def _give_up(self, reason: str) -> None:
        for request in self._requests[len(self._entries) :]:
            entry = PullEntry(request.agency, request.day, request.table, "partial", source=request.source)
            self._done(replace(entry, failed_at="ours", reason=reason))

    def _done(self, entry: PullEntry) -> None:
        self._entries.append(entry)
        self._job.advance(entry.agency)


def _outcome(error: SourceError) -> Outcome:
    if isinstance(error, InconsistentPullError):
        return "inconsistent"
    return "interrupted" if isinstance(error, TransientSourceError) else "failed"


def _is_refusal(error: SourceError) -> bool:
    """Whether the system said no to a cursor that it had given before."""
    return isinstance(error, PermanentSourceError) and error.http_status in (400, 404, 410, 422)
