"""The evidence of one day: one SQLite file."""

from __future__ import annotations

import hashlib
import json
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, cast

import zstandard

from audit.errors import DataError
from audit.evidence import changes
from audit.evidence.changes import Change
from audit.evidence.commits import CommittedFile
from audit.evidence.records import AttemptRecord, Counted, PageRecord
from audit.evidence.statements import COUNTED, LATEST_PROVISIONAL, SCHEMA
from audit.source import SOURCE_MARK, KnownPage, Request


class DayEvidence:
    """The evidence of one day of the log; the file is made if there is none.

    For several threads at once. The file is open only while something is read or written, or it is held: years of days
    must not run out of file handles.

    Raises:
        DataError: From every method: the file is damaged, locked for long, or the disk is full.
    """

    def __init__(self, path: Path, day: date) -> None:
        self.path: Final = path
        self.day: Final = day
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = CommittedFile(path)
        self._file.read(lambda connection: connection.executescript(SCHEMA))

    def held(self) -> AbstractContextManager[None]:
        """Keeps the file open within: for a pull, which writes a thousand times."""
        return self._file.held()

    def apply(self, change: Change) -> None:
        """Writes a change in one transaction. Returns when it is on the disk."""
        self._file.apply(change)

    def resumable(self, request: Request, kind: str) -> int | None:
        """The series that a new attempt goes on with, if the last one was interrupted or killed."""
        return cast(int | None, self._file.read(lambda connection: changes.resumable(connection, request, kind)))

    def keep(self, body: bytes) -> str:
        """Keeps what was received; its SHA-256. Returns when it is on the disk."""
        packed = changes.pack(body)
        self.apply(lambda connection: changes.keep(connection, packed))
        return packed.sha256

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

    def known_pages(self, request: Request) -> list[KnownPage]:
        """The pages that count for an agency, source and table, with what was said of when they change."""
        asked = (request.agency, request.source, request.table)
        found = [one.series for one in self.counted() if (one.agency, one.source, one.table) == asked]
        select = "SELECT cursor, next_cursor, sha256, headers FROM pages WHERE series = ? ORDER BY page_no"
        rows = self._rows(select, (found[0],)) if found else []
        told = [(cursor, after, sha256, json.loads(headers)) for cursor, after, sha256, headers in rows]
        return [
            KnownPage(cursor, after, sha256, headers.get("ETag", ""), headers.get("Last-Modified", ""))
            for cursor, after, sha256, headers in told
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
            # the library goes by what the frame says of itself, whatever limit it is given
            if zstandard.frame_content_size(packed) != size:
                raise DataError(self.path.name, f"the page {sha256} is damaged")
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
                agency,
                *_table_and_source(table),
                bool(provisional),
                outcome,
                failed_at,
                reason,
                status,
                datetime.fromisoformat(at),
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
        return cast(list[Any], self._file.read(lambda connection: connection.execute(statement, values).fetchall()))


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _counted(rows: list[Any]) -> list[Counted]:
    return [
        Counted(series, agency, *_table_and_source(table), kind, bool(is_complete), pages, received)
        for series, agency, table, kind, is_complete, pages, received in rows
    ]


def _table_and_source(stream: str) -> tuple[str, str]:
    """What `Request.stream` is made of."""
    table, _, source = stream.partition(SOURCE_MARK)
    return table, source
