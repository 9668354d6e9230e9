"""What is written of a pull: the single steps, each a function of an open connection.

They are put together into transactions by `audit.evidence.day` and `audit.evidence.recording`.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeAlias

import zstandard

from audit.errors import FailedAt
from audit.evidence.records import Attempt, Outcome
from audit.evidence.statements import RESUMABLE
from audit.source import RawPage, Reading, Request

PACK_LEVEL: Final = 3

Change: TypeAlias = Callable[[sqlite3.Connection], None]
"""A step of a transaction. It may be done twice, when the transaction that it was part of is undone."""


class Packed(NamedTuple):
    """A body as it is kept."""

    sha256: str
    size: int
    packed: bytes


def pack(body: bytes) -> Packed:
    """What is kept of a body."""
    # a compressor is for one thread, and cheap
    return Packed(
        hashlib.sha256(body).hexdigest(), len(body), zstandard.ZstdCompressor(level=PACK_LEVEL).compress(body)
    )


def resumable(connection: sqlite3.Connection, request: Request, kind: str) -> int | None:
    """The series that a new attempt goes on with, if the last one was interrupted or killed."""
    found = connection.execute(RESUMABLE, (request.agency, request.stream, kind)).fetchone()
    return int(found[0]) if found else None


def begin(
    connection: sqlite3.Connection, run_id: str, request: Request, kind: str, series: int | None, *, provisional: bool
) -> Attempt:
    """A new attempt; `series`: that of the pages it goes on with, None: its own."""
    cursor = connection.execute(
        "INSERT INTO attempts (series, run_id, agency, table_name, kind, provisional, started_at)"
        " VALUES (0, ?, ?, ?, ?, ?, ?)",
        (run_id, request.agency, request.stream, kind, provisional, _now()),
    )
    attempt = int(cursor.lastrowid or 0)
    own = attempt if series is None else series
    connection.execute("UPDATE attempts SET series = ? WHERE id = ?", (own, attempt))
    return Attempt(attempt, own)


def keep(connection: sqlite3.Connection, body: Packed) -> None:
    """Keeps what was received; once, however often it comes."""
    connection.execute("INSERT OR IGNORE INTO bodies VALUES (?, ?, ?)", body)


def add(connection: sqlite3.Connection, series: int, page: RawPage, sha256: str, reading: Reading) -> None:
    """Records a kept body as the next page of a series, together with the cursor after it."""
    (last,) = connection.execute("SELECT count(*) FROM pages WHERE series = ?", (series,)).fetchone()
    connection.execute(
        "INSERT OR IGNORE INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            series,
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


def refuse(connection: sqlite3.Connection, attempt: int, page: RawPage, sha256: str, reason: str) -> None:
    """Records that a kept body is no page of what was asked."""
    values = (attempt, page.request.cursor, sha256, reason, *_origin(page))
    connection.execute("INSERT INTO refused VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)


class Ending(NamedTuple):
    """How an attempt ended."""

    outcome: Outcome
    reason: str = ""
    failed_at: FailedAt | None = None
    http_status: int | None = None


def end(connection: sqlite3.Connection, attempt: int, ending: Ending) -> None:
    """Records how an attempt ended."""
    connection.execute(
        "UPDATE attempts SET ended_at = ?, outcome = ?, reason = ?, failed_at = ?, http_status = ? WHERE id = ?",
        (_now(), *ending, attempt),
    )


def _origin(page: RawPage) -> tuple[Any, ...]:
    """Where and when a page came: address, HTTP status, headers, time."""
    headers = json.dumps(dict(page.headers), ensure_ascii=False, sort_keys=True)
    return page.url, page.status, headers, page.fetched_at.isoformat()


def _now() -> str:
    return datetime.now(UTC).isoformat()
