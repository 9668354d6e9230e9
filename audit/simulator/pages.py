"""The answers of an agency's log service: pages of at most 1000 rows, encoded once and kept.

Contract: ``log-api.md``. What goes wrong on purpose (`Failure`) goes wrong here.
"""

from __future__ import annotations

import zlib
from datetime import date, timedelta
from threading import Lock
from typing import Final, NamedTuple

import msgspec

from audit.simulator.clock import local_text
from audit.simulator.province import TABLES, Province, Table

PAGE_ROWS: Final = 1000
_STEP: Final = 7919  # cursors are opaque: no client may count on their being numbers of pages


class Answer(NamedTuple):
    """An HTTP answer: status and body, compressed (gzip) if `zipped`."""

    status: int
    body: bytes
    zipped: bool = False
    kind: str = "application/json"
    """Its Content-Type."""


class Pages:
    """The log services of a province.

    Args:
        province: Whose logs.
        page_rows: Rows of a page, 1 to 1000.
    """

    def __init__(self, province: Province, page_rows: int = PAGE_ROWS) -> None:
        if not 1 <= page_rows <= PAGE_ROWS:
            raise ValueError(f"pages of {page_rows} rows: the contract allows 1 to {PAGE_ROWS}")
        self._province, self._page_rows = province, page_rows
        self._failures: Final = {(failure.agency, failure.day): failure for failure in province.failures}
        self._cache: dict[tuple[str, date, Table], list[bytes]] = {}
        self._lock = Lock()

    def prepare(self) -> int:
        """Encodes every page beforehand; returns how many there are."""
        known = [code for code in self._province.offices if code not in self._province.unpulled]
        return sum(
            len(self._pages(code, day, table)) for code in known for day in self._province.days() for table in TABLES
        )

    def answer(self, agency: str, table: str, day_text: str, cursor: str) -> Answer:
        """What ``GET /v1/log/{table}?day=…&cursor=…`` brings, the token being right."""
        options = self._province.options
        try:
            day = date.fromisoformat(day_text)
        except ValueError:
            return refusal(400, "day must be YYYY-MM-DD")
        if table not in TABLES or day < options.first_day:
            return refusal(404, "not kept")
        if self._province.shown_until(day) is None:
            return refusal(409, "the day is not closed yet")
        failure = self._failures.get((agency, day))
        if failure is not None and table in failure.tables:
            if failure.kind == "down":
                return refusal(503, "service unavailable")
            return self._looping(agency, day, failure.tables[0], cursor)
        pages = self._pages(agency, day, table)
        place = _place(cursor)
        if place is None or place >= len(pages):
            return refusal(400, "unknown cursor")
        return Answer(200, pages[place], zipped=True)

    def paper(self, agency: str, sha256: str) -> Answer:
        """What ``GET /v1/files/{sha256}`` brings, the token being right."""
        content = self._province.papers.get(agency, {}).get(sha256)
        return refusal(404, "not kept") if content is None else Answer(200, content, kind="application/pdf")

    def _pages(self, agency: str, day: date, table: Table) -> list[bytes]:
        key = (agency, day, table)
        with self._lock:  # pages are cheap, a writer's memory is not for two threads
            found = self._cache.get(key)
            if found is None:
                found = self._cache[key] = self._encode_all(agency, day, table)
        return found

    def _encode_all(self, agency: str, day: date, table: Table) -> list[bytes]:
        """The pages of a table and day; of the running day, as it looks at its hour."""
        now = self._province.shown_until(day) if day == self._province.options.end else None
        rows = self._province.rows(agency, day, table, until=now)
        head = _head(agency, day, table, len(rows))
        if now is not None:
            head |= {"generated_at": f"{local_text(now)}+07:00", "closed": False}
        parts = [rows[at : at + self._page_rows] for at in range(0, len(rows), self._page_rows)] or [[]]
        cursors = [*(f"{_STEP * place:x}" for place in range(1, len(parts))), None]
        return [_page(head, part, following) for part, following in zip(parts, cursors, strict=True)]

    def _looping(self, agency: str, day: date, table: Table, cursor: str) -> Answer:
        """A service in circles: half of the rows, then for ever the same cursor."""
        rows = self._province.rows(agency, day, table)
        half = len(rows) // 2
        part = rows[half:] if cursor else rows[:half]
        return Answer(200, _page(_head(agency, day, table, len(rows)), part, "again"), zipped=True)


def refusal(status: int, reason: str) -> Answer:
    """An answer that brings no rows."""
    return Answer(status, msgspec.json.encode({"error": reason}))


def _place(cursor: str) -> int | None:
    """The page of a cursor; None for one that was never given out."""
    if not cursor:
        return 0
    try:
        place, rest = divmod(int(cursor, 16), _STEP)
    except ValueError:
        return None
    return place if rest == 0 and place > 0 else None


def _head(agency: str, day: date, table: Table, total: int) -> dict[str, object]:
    closed_at = f"{day + timedelta(days=1)}T00:10:00+07:00"
    return {"table": table, "day": day.isoformat(), "agency": agency, "generated_at": closed_at, "total": total}


def _page(head: dict[str, object], items: list[dict[str, object]], following: str | None) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)  # 31: with a gzip head, whose time stamp zlib leaves at zero
    return packer.compress(msgspec.json.encode({**head, "items": items, "next": following})) + packer.flush()


def unzip(body: bytes) -> bytes:
    """The body for a client that takes no gzip."""
    return zlib.decompress(body, 31)
