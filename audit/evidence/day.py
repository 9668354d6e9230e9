"""The evidence of one day: one SQLite file."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import zstandard

from audit.errors import DataError, FailedAt
from audit.evidence.records import Attempt, AttemptRecord, Counted, Outcome, PageRecord
from audit.evidence.statements import COUNTED, LATEST_PROVISIONAL, RESUMABLE, SCHEMA
from audit.source import RawPage, Reading, Request

PACK_LEVEL: Final = 6
BUSY_TIMEOUT_S: Final = 60.0


class DayEvidence:
    """The evidence of one day of the log; the file is made if there is none.

    For several threads at once. The file is open only while something is read or written: years of days must not run
    out of file handles.

    Raises:
        DataError: From every method: the file is damaged, locked for long, or the disk is full.
    """

    def __init__(self, path: Path, day: date) -> None:
        self.path: Final = path
        self.day: Final = day
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connection() as connection:
            connection.executescript(SCHEMA)

    def begin(self, run_id: str, request: Request, kind: str, *, provisional: bool = False) -> Attempt:
        """A new attempt; it goes on with the pages of the last one if that was interrupted or killed."""
        with self._transaction() as connection:
            found = None
            if not provisional:
                found = connection.execute(RESUMABLE, (request.agency, request.table, kind)).fetchone()
            values = (run_id, request.agency, request.table, kind, provisional, _now())
            cursor = connection.execute(
                "INSERT INTO attempts (series, run_id, agency, table_name, kind, provisional, started_at)"
                " VALUES (0, ?, ?, ?, ?, ?, ?)",
                values,
            )
            attempt = int(cursor.lastrowid or 0)
            series = found[0] if found else attempt
            connection.execute("UPDATE attempts SET series = ? WHERE id = ?", (series, attempt))
        return Attempt(attempt, series)

    def keep(self, body: bytes) -> str:
        """Keeps what was received; its SHA-256. Returns when it is on the disk."""
        sha256 = hashlib.sha256(body).hexdigest()
        with self._transaction() as connection:
            if not connection.execute("SELECT 1 FROM bodies WHERE sha256 = ?", (sha256,)).fetchone():
                packed = zstandard.ZstdCompressor(level=PACK_LEVEL).compress(body)
                connection.execute("INSERT INTO bodies VALUES (?, ?, ?)", (sha256, len(body), packed))
        return sha256

    def add(self, attempt: Attempt, page: RawPage, sha256: str, reading: Reading) -> None:
        """Records a kept body as the next page of the attempt's series, together with the cursor after it."""
        with self._transaction() as connection:
            (last,) = connection.execute("SELECT count(*) FROM pages WHERE series = ?", (attempt.series,)).fetchone()
            connection.execute(
                "INSERT OR IGNORE INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    attempt.series,
                    last + 1,
                    page.request.cursor,
                    reading.next_cursor,
                    sha256,
                    reading.rows,
                    reading.total,
                    reading.generated_at and reading.generated_at.isoformat(),
                    *_origin(page),
                ),
            )

    def refuse(self, attempt: Attempt, page: RawPage, sha256: str, reason: str) -> None:
        """Records that a kept body is no page of what was asked."""
        values = (attempt.id, page.request.cursor, sha256, reason, *_origin(page))
        with self._transaction() as connection:
            connection.execute("INSERT INTO refused VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)

    def end(
        self,
        attempt: Attempt,
        outcome: Outcome,
        reason: str = "",
        failed_at: FailedAt | None = None,
        http_status: int | None = None,
    ) -> None:
        """Records how an attempt ended."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE attempts SET ended_at = ?, outcome = ?, reason = ?, failed_at = ?, http_status = ?"
                " WHERE id = ?",
                (_now(), outcome, reason, failed_at, http_status, attempt.id),
            )

    def pages(self, series: int) -> list[PageRecord]:
        """The pages of a series in the order of the pull."""
        rows = self._rows(
            "SELECT page_no, cursor, next_cursor, sha256, rows, total, generated_at, url, fetched_at"
            " FROM pages WHERE series = ? ORDER BY page_no",
            (series,),
        )
        return [
            PageRecord(page_no, cursor, after, sha256, count, total, _instant(made_at), url, datetime.fromisoformat(at))
            for page_no, cursor, after, sha256, count, total, made_at, url, at in rows
        ]

    def page_hashes(self) -> dict[int, list[str]]:
        """SHA-256 of the pages of every series, in the order of the pull."""
        found: dict[int, list[str]] = {}
        for series, sha256 in self._rows("SELECT series, sha256 FROM pages ORDER BY series, page_no"):
            found.setdefault(series, []).append(sha256)
        return found

    def body(self, sha256: str) -> bytes:
        """What was received, proved by its SHA-256.

        Raises:
            DataError: It is not there, or not the same any more.
        """
        rows = self._rows("SELECT size, packed FROM bodies WHERE sha256 = ?", (sha256,))
        if not rows:
            raise DataError(self.path.name, f"the page {sha256} is missing")
        size, packed = rows[0]
        try:
            body = zstandard.ZstdDecompressor().decompress(packed, max_output_size=size)
        except zstandard.ZstdError as error:
            raise DataError(self.path.name, f"the page {sha256} is damaged") from error
        if hashlib.sha256(body).hexdigest() != sha256:
            raise DataError(self.path.name, f"the page {sha256} was changed")
        return body

    def attempts(self) -> list[AttemptRecord]:
        """All attempts, in the order in which they began."""
        rows = self._rows(
            "SELECT agency, table_name, provisional, outcome, failed_at, reason, http_status, started_at"
            " FROM attempts ORDER BY id"
        )
        return [
            AttemptRecord(
                agency, table, bool(provisional), outcome, failed_at, reason, status, datetime.fromisoformat(at)
            )
            for agency, table, provisional, outcome, failed_at, reason, status, at in rows
        ]

    def counted(self) -> list[Counted]:
        """The pages that count, by agency and table; see the module's docstring."""
        return _counted(self._rows(COUNTED))

    def provisional(self) -> list[Counted]:
        """The pages of the latest provisional series of each agency and table, for alerts about the running day."""
        return _counted(self._rows(LATEST_PROVISIONAL))

    def has_worked(self, agency: str) -> bool:
        """Whether the agency's system has given us a page."""
        return bool(self._rows("SELECT 1 FROM attempts JOIN pages USING (series) WHERE agency = ? LIMIT 1", (agency,)))

    def damaged(self) -> list[str]:
        """What is wrong with the file: a sentence each; nothing where every page is as it was received."""
        found = [str(row[0]) for row in self._rows("PRAGMA integrity_check") if row[0] != "ok"]
        found += [f"{row[0]} refers to what is not there" for row in self._rows("PRAGMA foreign_key_check")]
        for (sha256,) in self._rows("SELECT sha256 FROM bodies ORDER BY sha256"):
            try:
                self.body(sha256)
            except DataError as error:
                found.append(error.reason)
        return found

    def _rows(self, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
        with self._connection() as connection:
            return connection.execute(statement, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock, closing(sqlite3.connect(self.path, BUSY_TIMEOUT_S, isolation_level=None)) as connection:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA foreign_keys = ON")
                yield connection
        except sqlite3.Error as error:
            raise DataError(self.path.name, f"the evidence cannot be read or written ({error})") from error


def _origin(page: RawPage) -> tuple[str, int, str, str]:
    """Where and when a page came: address, HTTP status, headers, time."""
    headers = json.dumps(dict(page.headers), ensure_ascii=False, sort_keys=True)
    return page.url, page.status, headers, page.fetched_at.isoformat()


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _counted(rows: list[Any]) -> list[Counted]:
    return [
        Counted(series, agency, table, kind, bool(is_complete), pages, received)
        for series, agency, table, kind, is_complete, pages, received in rows
    ]
