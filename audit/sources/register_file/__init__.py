"""Registers that clerks export: Excel or CSV, dropped into a folder, or fetched over HTTP(S) or SFTP.

A page is one file as it is. Where the place names the day (``{day}``), everything in the file is of that day; else a
line is of the day on which it was registered, and one whose day cannot be read is of the day of the line above it: a
register is kept in order. A file that is none becomes one reject, of the first table that the agency keeps.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from audit.drop_place import open_place
from audit.dropped_files import DAY_MARK, is_dated
from audit.errors import ConfigError, PermanentSourceError
from audit.settings import Agency
from audit.source import Access, Capabilities, RawPage, Reading, Request, Source
from audit.sources.register_file.entries import Line, lines_of
from audit.sources.register_file.headings import COLUMNS, find_header
from audit.sources.register_file.sheets import Sheet, UnreadableFileError, read_sheets

_WEB: Final = ("http://", "https://")


class RegisterFile(Source):
    """A register in files."""

    capabilities = Capabilities(running_day=True, tells_total=False, tells_time=False, asks_again=True)

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        source, code = access.agency.source, access.agency.code
        if source is None or not source.path:
            raise ValueError(f"{code} has no register_file source")  # the settings have checked it
        self._path: Final = source.path
        self._bytes_max: Final = source.page_bytes_max
        self._is_web: Final = source.path.lower().startswith(_WEB)
        if self._is_web and "@" in urlsplit(source.path).netloc:
            allowed = "an address without user and password; they stand under username and password"
            raise ConfigError.of("agencies.toml", f"{code}.source.path", "(hidden)", allowed)
        for heading, column in source.mapping.items():
            if column not in COLUMNS:
                raise ConfigError.of(
                    "agencies.toml", f"{code}.source.mapping.{heading}", column, "one of " + ", ".join(sorted(COLUMNS))
                )
        self._place: Final = None if self._is_web else open_place(code, source)
        self._headers: Final = _credentials(access.agency) if self._is_web else {}

    def close(self) -> None:
        if self._place is not None:
            self._place.close()
        super().close()

    def fetch(self, request: Request) -> RawPage:
        if self._place is None:
            url = self._path.replace(DAY_MARK, request.day.isoformat())
            answer = self.access.http.ask(url, headers=self._headers | request.conditions)
            return RawPage(request, answer.url, answer.status, answer.fetched_at, answer.body, answer.headers)
        names = [name for name in self._place.names(request.day, by_time=False) if name >= request.cursor]
        if not names:
            return RawPage(request, self._place.label(request.day), 0, datetime.now(UTC), b"")
        body = self._place.read(request.day, names[0], self._bytes_max)
        if body is None:
            raise PermanentSourceError(request.agency, f"a file of more than {self._bytes_max} bytes")
        return RawPage(request, self._place.label(request.day, names[0]), 0, datetime.now(UTC), body)

    def read(self, page: RawPage) -> Reading:
        rows = json.loads(self.items(self.access.agency, page.request, page.body))
        following: list[str] = []
        if self._place is not None and page.body:
            names = self._place.names(page.request.day, by_time=False)
            following = [name for name in names if name >= page.request.cursor][1:]
        return Reading(len(rows), following[0] if following else None, None, None)

    @staticmethod
    def items(agency: Agency, request: Request, body: bytes) -> bytes:
        if not body:
            return b"[]"
        try:
            sheets = read_sheets(body, agency.source.sheet if agency.source else "")
            found = _lines(sheets, agency)
        except UnreadableFileError as error:
            return json.dumps([str(error)] if request.table == agency.tables[0] else []).encode()
        rows: list[Any] = [line.row for line in _of_day(found.get(request.table, []), agency, request)]
        return json.dumps(rows).encode()


def _lines(sheets: list[Sheet], agency: Agency) -> dict[str, list[Line]]:
    """The lines of all sheets by table. Raises UnreadableFileError where no sheet has a header."""
    mapping = agency.source.mapping if agency.source else {}
    direction = agency.source.direction if agency.source else ""
    found: dict[str, list[Line]] = {}
    headers = [(sheet, header) for sheet in sheets if (header := find_header(sheet.rows, mapping)) is not None]
    if not headers:
        raise UnreadableFileError("no row names the columns of a register")
    for sheet, header in headers:
        incoming = direction == "incoming" or (not direction and header.is_incoming)
        lines = lines_of(sheet.rows, header, agency, incoming=incoming)
        found.setdefault("receipts" if incoming else "documents", []).extend(lines)
    return found


def _of_day(lines: list[Line], agency: Agency, request: Request) -> list[Line]:
    """The lines of the day that is asked for."""
    if agency.source is not None and is_dated(agency.source.path):
        return lines
    day = next((line.day for line in lines if line.day is not None), request.day.isoformat())
    wanted = []
    for line in lines:
        day = line.day or day
        if day == request.day.isoformat():
            wanted.append(line)
    return wanted


def _credentials(agency: Agency) -> dict[str, str]:
    """The headers that open a web address: the token's, or those of user and password."""
    source = agency.source
    if source is not None and source.token is not None:
        scheme = "Bearer " if source.header.lower() == "authorization" else ""
        return {source.header: scheme + source.token.resolve(f"{agency.code}.source.token").reveal()}
    if source is not None and source.username and source.password is not None:
        password = source.password.resolve(f"{agency.code}.source.password").reveal()
        return {"Authorization": "Basic " + base64.b64encode(f"{source.username}:{password}".encode()).decode("ascii")}
    return {}


SOURCE: Final = RegisterFile
