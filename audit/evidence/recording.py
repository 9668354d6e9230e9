"""An attempt under way, and what of it is on the disk."""

from __future__ import annotations

import sqlite3
from typing import Final

from audit.errors import FailedAt
from audit.evidence import changes
from audit.evidence.changes import Change, Ending
from audit.evidence.day import DayEvidence
from audit.evidence.records import Attempt, Outcome, PageRecord
from audit.source import RawPage, Reading, Request


class Recording:
    """One attempt as it goes on, written in as few commits as may be.

    The bytes of a page are on the disk when `keep` returns. That the attempt began, and that those bytes are its next
    page, is written with the bytes that come next, or with the attempt's end: in one transaction, so that whoever goes
    on after a kill asks for that page again, and no page is ever missing between two others.
    """

    def __init__(self, evidence: DayEvidence, run_id: str, request: Request, kind: str, *, provisional: bool) -> None:
        self._evidence: Final = evidence
        self._attempt: Attempt | None = None
        series = None if provisional else evidence.resumable(request, kind)
        self.pages: Final[list[PageRecord]] = [] if series is None else evidence.pages(series)
        """The pages that it goes on with."""

        def begin(connection: sqlite3.Connection) -> None:
            self._attempt = changes.begin(connection, run_id, request, kind, series, provisional=provisional)

        self._pending: list[Change] = [begin]

    def keep(self, body: bytes) -> str:
        """Keeps what was received; its SHA-256. Returns when it is on the disk."""
        packed = changes.pack(body)
        self._write(lambda connection: changes.keep(connection, packed))
        return packed.sha256

    def add(self, page: RawPage, sha256: str, reading: Reading) -> None:
        """A kept body is the next page."""
        self._pending.append(lambda connection: changes.add(connection, self._begun.series, page, sha256, reading))

    def refuse(self, page: RawPage, sha256: str, reason: str) -> None:
        """A kept body is no page of what was asked."""
        self._pending.append(lambda connection: changes.refuse(connection, self._begun.id, page, sha256, reason))

    def end(
        self,
        outcome: Outcome,
        reason: str = "",
        failed_at: FailedAt | None = None,
        http_status: int | None = None,
    ) -> None:
        """The attempt ended so. Returns when all of it is on the disk."""
        ending = Ending(outcome, reason, failed_at, http_status)
        self._write(lambda connection: changes.end(connection, self._begun.id, ending))

    @property
    def _begun(self) -> Attempt:
        if self._attempt is None:
            raise RuntimeError("an attempt begins with its first change")
        return self._attempt

    def _write(self, last: Change) -> None:
        steps = [*self._pending, last]

        def change(connection: sqlite3.Connection) -> None:
            for step in steps:
                step(connection)

        self._evidence.apply(change)
        self._pending = []
