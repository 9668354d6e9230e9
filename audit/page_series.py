"""The pages of one pull, recorded one after the other, and whether they fit together (``log-api.md``)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from audit.errors import PermanentSourceError, TransientSourceError
from audit.evidence import PageRecord, Recording
from audit.instants import end_of
from audit.source import RawPage, Reading, Request, Source


class InconsistentPullError(TransientSourceError):
    """The pages contradict each other or the contract; the pull begins anew."""


class PageSeries:
    """The pages of an attempt so far, and whether they fit together."""

    def __init__(self, recording: Recording, request: Request) -> None:
        self.recording: Final = recording
        self._request = request
        self._cursors: set[str] = set()
        self._next: str | None = ""
        self._total: int | None = None
        self._made_at: datetime | None = None
        self._fingerprints: set[int] = set()
        self.count = 0
        self.rows = 0
        for page in recording.pages:
            self._take(page.cursor, page, page.generated_at or page.fetched_at)

    def next_cursor(self) -> str | None:
        """The cursor to ask for; None after the last page.

        Raises:
            InconsistentPullError: It was asked before, or there are more rows already than there should be.
        """
        if self._next in self._cursors:
            raise InconsistentPullError(self._request.agency, "a cursor came twice")
        if self._total is not None and self.rows > self._total:
            raise InconsistentPullError(self._request.agency, "more rows than the total tells")
        return self._next

    def add(self, page: RawPage, sha256: str, reading: Reading) -> None:
        """Records the page.

        Raises:
            InconsistentPullError: Its total is another one, or it repeats rows of a page before: where the total counts
                them, others are missing. Nothing is recorded. Of pages that an earlier run brought no rows are known.
        """
        if self.count and reading.total != self._total:
            raise InconsistentPullError(self._request.agency, "the total changed within the pull")
        if repeated := len(self._fingerprints & reading.fingerprints):
            raise InconsistentPullError(self._request.agency, f"{repeated} rows came again on a later page")
        self._fingerprints |= reading.fingerprints
        self.recording.add(page, sha256, reading)
        self._take(page.request.cursor, reading, reading.generated_at or page.fetched_at)

    def check_end(self, source: Source, *, is_over: bool) -> None:
        """Looks at the pages, all there.

        Raises:
            InconsistentPullError: They are no complete pull.
            PermanentSourceError: Nothing proves that they speak of the whole day. They are evidence of what they tell,
                and the next run begins anew.
        """
        if source.capabilities.tells_total and self.rows != self._total:
            raise InconsistentPullError(self._request.agency, "fewer rows than the total tells")
        if is_over and self._made_at is not None and self._made_at < end_of(self._request.day):
            raise InconsistentPullError(self._request.agency, "made before the day's end")
        if is_over and (lacking := source.lacks(self._request)):
            raise PermanentSourceError(self._request.agency, lacking)

    def _take(self, cursor: str, page: Reading | PageRecord, made_at: datetime) -> None:
        self._cursors.add(cursor)
        self._next = page.next_cursor
        self._total = page.total
        self._made_at = made_at if self._made_at is None else min(self._made_at, made_at)
        self.count += 1
        self.rows += page.rows
