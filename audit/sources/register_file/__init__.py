"""Registers that clerks export: Excel or CSV, dropped into a folder, or fetched over HTTP(S) or SFTP.

A page is one file as it is. Where the place names the day (``{day}``), everything in the file is of that day; else a
line is of the day on which it was registered, and one whose day cannot be read is of the day of the line above it: a
register is kept in order. A file that is none becomes one reject, of the first table that the agency keeps. When a
day is whole: ``proofs.py``.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from audit.drop_place import DropPlace, has_news, mark_of, open_place
from audit.dropped_files import DAY_MARK, is_dated
from audit.errors import ConfigError, PermanentSourceError
from audit.settings import Agency
from audit.source import NOT_MODIFIED, Access, Capabilities, RawPage, Reading, Request, Source
from audit.sources.register_file.entries import Line, lines_of
from audit.sources.register_file.headings import COLUMNS, find_header
from audit.sources.register_file.proofs import NO_REGISTER, Told, lacking, web_time
from audit.sources.register_file.sheets import Sheet, UnreadableFileError, read_sheets

_WEB: Final = ("http://", "https://")


class RegisterFile(Source):
    """A register in files."""

    # clerks export registers in the evening, and a register tells days: nothing of it is pressing at an hour
    capabilities = Capabilities(running_day=False, tells_total=False, tells_time=False, asks_again=True)

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
        self._is_dated: Final = is_dated(source.path)
        self._place: Final = None if self._is_web else open_place(code, source)
        self._written_at: datetime | None = None
        """When the file that was fetched last was written."""
        self._told: Final[dict[tuple[date, str], list[Told]]] = {}
        """What the files of this run that hold a register told, by day and table."""
        self._headers: Final = _credentials(access.agency) if self._is_web else {}

    def close(self) -> None:
        if self._place is not None:
            self._place.close()
        super().close()

    def fetch(self, request: Request) -> RawPage:
        if not request.cursor:
            self._told.pop((request.day, request.table), None)
        if self._place is None:
            url = self._path.replace(DAY_MARK, request.day.isoformat())
            answer = self.access.http.ask(url, headers=self._headers | request.conditions)
            self._written_at = web_time(answer.headers.get("Last-Modified", ""))
            return RawPage(request, answer.url, answer.status, answer.fetched_at, answer.body, answer.headers)
        return self._file(self._place, request)

    def _file(self, place: DropPlace, request: Request) -> RawPage:
        files = place.files(request.day)
        headers = {"ETag": mark_of(files)}
        if request.known is not None and not has_news(files, request.known.etag):
            return RawPage(request, place.label(request.day), NOT_MODIFIED, datetime.now(UTC), b"", headers)
        file = next((file for file in files if file.name >= request.cursor), None)
        if file is None:  # it went away since
            return RawPage(request, place.label(request.day), 0, datetime.now(UTC), b"", headers)
        self._written_at = file.written_at
        body = place.read(request.day, file.name, self._bytes_max)
        if body is None:
            raise PermanentSourceError(request.agency, f"a file of more than {self._bytes_max} bytes")
        return RawPage(request, place.label(request.day, file.name), 0, datetime.now(UTC), body, headers)

    def read(self, page: RawPage) -> Reading:
        agency, request = self.access.agency, page.request
        found = _tables(page.body, agency)
        if not isinstance(found, str) and request.table in found:
            told = Told.of(found[request.table], self._written_at, page.fetched_at)
            self._told.setdefault((request.day, request.table), []).append(told)
        following: list[str] = []
        if self._place is not None and page.body:
            following = [file.name for file in self._place.files(request.day) if file.name >= request.cursor][1:]
        return Reading(len(_rows(found, agency, request)), following[0] if following else None, None, None)

    def lacks(self, request: Request) -> str:
        told = self._told.get((request.day, request.table), [])
        if not self._is_dated:
            return lacking(told, request.day)
        return "" if told or self._holds_register(request) else NO_REGISTER

    def _holds_register(self, request: Request) -> bool:
        """Whether a file of the day's own place holds the table: an earlier run may have read it."""
        if self._place is None:
            return False
        for file in self._place.files(request.day):
            found = _tables(self._place.read(request.day, file.name, self._bytes_max) or b"", self.access.agency)
            if not isinstance(found, str) and request.table in found:
                return True
        return False

    @staticmethod
    def items(agency: Agency, request: Request, body: bytes) -> bytes:
        return json.dumps(_rows(_tables(body, agency), agency, request)).encode()


def _tables(body: bytes, agency: Agency) -> dict[str, list[Line]] | str:
    """The lines of a file by table; a text, why, where it is no register."""
    if not body:
        return {}
    try:
        return _lines(read_sheets(body, agency.source.sheet if agency.source else ""), agency)
    except UnreadableFileError as error:
        return str(error)


def _rows(found: dict[str, list[Line]] | str, agency: Agency, request: Request) -> list[Any]:
    """The rows of what `_tables` found; a text, which is no row, where it is no register."""
    if isinstance(found, str):
        return [found] if request.table == agency.tables[0] else []
    return [line.row for line in _of_day(found.get(request.table, []), agency, request)]


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
