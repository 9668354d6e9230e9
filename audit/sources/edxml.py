"""edXML messages in a folder or an archive of the day, here or on an SFTP server: what a gateway has put there.

A page is an archive: the messages of a folder, so many at a time, or the archive that stands there, as it is. What is
no message that can be read becomes one reject, of the first table that the agency keeps.

Where the place is not the day's own (``{day}``), a file is of the day on which it was last written, and the day is
whole once a file was written after its end.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any, Final

from audit.archive import Allowance, BadArchiveError, Entry, is_archive, pack, unpack
from audit.drop_place import Dropped, has_news, mark_of, open_place
from audit.edxml import PageRows, UnreadableMessageError, read_message, rows_of
from audit.errors import PermanentSourceError
from audit.settings import Agency
from audit.settings.tells import ALL_TABLES
from audit.source import NOT_MODIFIED, Access, Capabilities, ContractError, RawPage, Reading, Request, Source

FILES_MAX: Final = 500
"""Most files of a page."""
UNPACKED_MAX: Final = 1024 * 1024 * 1024
"""Most bytes of all messages of a page."""
NESTING_MAX: Final = 2
"""Archives within archives: a day's archive of messages that are packed one by one."""


class EdxmlFiles(Source):
    """Messages in files."""

    capabilities = Capabilities(running_day=True, tells_total=False, tells_time=False, asks_again=True)

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        source = access.agency.source
        if source is None or not source.path:
            raise ValueError(f"{access.agency.code} has no edxml source")  # the settings have checked it
        self._place: Final = open_place(access.agency.code, source)
        self._bytes_max: Final = source.page_bytes_max
        self._is_whole: Final[dict[date, bool]] = {}
        """Of days whose place was looked at: whether it speaks of all of the day."""

    def close(self) -> None:
        self._place.close()
        super().close()

    def fetch(self, request: Request) -> RawPage:
        files = self._files(request)
        headers = {"ETag": mark_of(files)}
        if request.known is not None and not has_news(files, request.known.etag):
            return RawPage(request, self._place.label(request.day), NOT_MODIFIED, datetime.now(UTC), b"", headers)
        names = [file.name for file in files if file.name >= request.cursor]
        single = names[0] if len(names) == 1 else None
        if single is not None and (body := self._archive(request, single)) is not None:
            return RawPage(request, self._place.label(request.day, single), 0, datetime.now(UTC), body, headers)
        entries: list[tuple[str, bytes]] = []
        size = 0
        for name in names[:FILES_MAX]:
            # what is larger than a page can be stands there by its name alone: it is a reject, and no file is lost
            content = self._place.read(request.day, name, self._bytes_max) or b""
            if entries and size + len(content) > self._bytes_max:
                break
            entries.append((name, content))
            size += len(content)
        return RawPage(request, self._place.label(request.day), 0, datetime.now(UTC), pack(entries), headers)

    def read(self, page: RawPage) -> Reading:
        try:
            entries = unpack(page.body, UNPACKED_MAX)
            rows = json.loads(self.items(self.access.agency, page.request, page.body))
        except ValueError as error:
            raise ContractError(page.request.agency, "the archive cannot be read") from error
        names = [file.name for file in self._place.written_on(self._place.files(page.request.day), page.request.day)]
        is_whole = len(names) <= 1 or not entries
        following = [] if is_whole else [name for name in names if name > entries[-1].name]
        return Reading(len(rows), following[0] if following else None, None, None)

    def lacks(self, request: Request) -> str:
        return "" if self._is_whole.get(request.day) else "no file was written after the day's end"

    @staticmethod
    def items(agency: Agency, request: Request, body: bytes) -> bytes:
        page = PageRows()
        for entry in messages_of(body):
            page.add(entry.name, rows_of_file(entry, agency, request.table))
        return json.dumps(page.rows).encode()

    def _files(self, request: Request) -> list[Dropped]:
        """The files of the day. What is written from now on proves nothing of the ones that are read."""
        files = self._place.files(request.day)
        self._is_whole[request.day] = self._place.is_dated or any(file.is_after(request.day) for file in files)
        return self._place.written_on(files, request.day)

    def _archive(self, request: Request, name: str) -> bytes | None:
        """The bytes of a file that is an archive; None for any other."""
        body = self._place.read(request.day, name, self._bytes_max)
        if body is None:
            raise PermanentSourceError(request.agency, f"a file of more than {self._bytes_max} bytes")
        return body if is_archive(body) else None


def messages_of(body: bytes, nesting: int = NESTING_MAX, bytes_max: int | Allowance = UNPACKED_MAX) -> list[Entry]:
    """The files of an archive and of the archives in it. Raises BadArchiveError where it is none."""
    allowance = bytes_max if isinstance(bytes_max, Allowance) else Allowance(bytes_max)
    found: list[Entry] = []
    for entry in unpack(body, allowance):
        if entry.body is None or nesting <= 1 or not is_archive(entry.body):
            found.append(entry)
            continue
        try:
            inner = messages_of(entry.body, nesting - 1, allowance)
        except BadArchiveError:
            found.append(Entry(entry.name, None))
            continue
        found += [Entry(f"{entry.name}/{one.name}", one.body) for one in inner]
    return found


def rows_of_file(entry: Entry, agency: Agency, table: str) -> list[Any]:
    """The rows that a file gives to a table; a text, which is no row, where it cannot be read."""
    is_first = table == agency.tables[0]
    try:
        if entry.body is None:
            raise UnreadableMessageError("it cannot be unpacked, or is too large")
        message = read_message(entry.body)
    except UnreadableMessageError as error:
        return [f"{entry.name}: {error}"] if is_first else []
    rows = rows_of(table, message, agency)
    if not rows and is_first and not any(rows_of(other, message, agency) for other in ALL_TABLES):
        return [f"{entry.name}: a message to nobody"]
    return rows


SOURCE: Final = EdxmlFiles
