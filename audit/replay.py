"""Recorded pages: an agency's raw pages in a folder, from which a pull can be repeated without the agency.

That is how a bug at an agency is reported and mended: who sees it records the pages (``try-source --record``, or
`record` from the evidence), who mends it pulls them (``pull --replay``). For each agency, day and table there is a
folder ``<agency>/<day>/<table>`` (of a further source ``<table>@<name>``) with ``pages.json`` (cursor, file, address,
status, time of each page, in order, and why they do not speak of the whole day, if they do not) and the bodies as they
were received. No secret is in it but what the documents themselves say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from audit.errors import PermanentSourceError
from audit.http import HttpClient
from audit.records import split
from audit.settings import Agency, Secret
from audit.source import Access, ContractError, RawPage, Reading, Request, Source
from audit.sources import source_class

INDEX: Final = "pages.json"
_BODY_MAX: Final = 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Recorded:
    """A page in the folder."""

    file: str
    cursor: str
    url: str
    status: int
    fetched_at: datetime


def record(folder: Path, pages: Sequence[RawPage], lacking: str = "") -> None:
    """Writes the pages of one agency, day and table, in the order of their pull, and `Source.lacks` after the last."""
    if not pages:
        return
    place = _place(folder, pages[0].request)
    place.mkdir(parents=True, exist_ok=True)
    index = []
    for number, page in enumerate(pages, start=1):
        name = f"{number:04d}.body"
        (place / name).write_bytes(page.body)
        index.append(
            {
                "file": name,
                "cursor": page.request.cursor,
                "url": page.url,
                "status": page.status,
                "fetched_at": page.fetched_at.astimezone(UTC).isoformat(),
            }
        )
    told = {"lacking": lacking, "pages": index}
    (place / INDEX).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


class Replay(Source):
    """Recorded pages in place of an agency's system; what is made of them is what its kind of source makes."""

    def __init__(self, access: Access, folder: Path) -> None:
        super().__init__(access)
        kind = access.agency.source.kind if access.agency.source else ""
        self._folder = folder
        self._class = source_class(kind)
        self._source = self._class(replace(access, agency=_without_secrets(access.agency)))
        # as that of the kind, for whoever checks how a pull ends
        self.capabilities = self._source.capabilities  # type: ignore[misc]

    def fetch(self, request: Request) -> RawPage:
        found = self._recorded(request).get(request.cursor)
        if found is None:
            raise PermanentSourceError(request.agency, "the page is not in the recording", failed_at="ours")
        try:
            with (_place(self._folder, request) / found.file).open("rb") as file:
                body = file.read(_BODY_MAX)
        except OSError as error:
            raise PermanentSourceError(request.agency, "a recorded page cannot be read", failed_at="ours") from error
        return RawPage(request, found.url, found.status, found.fetched_at, body)

    def read(self, page: RawPage) -> Reading:
        if self.capabilities.tells_total:
            return self._source.read(page)  # such a page tells everything itself
        try:
            rows = len(split(self._class.items(self.access.agency, page.request, page.body)))
        except ValueError as error:
            raise ContractError(page.request.agency, "the recorded page is none of its kind") from error
        cursors = list(self._recorded(page.request))
        after = cursors[cursors.index(page.request.cursor) + 1 :]
        return Reading(rows, after[0] if after else None, None, None)

    def lacks(self, request: Request) -> str:
        return str(self._index(request).get("lacking", ""))

    @staticmethod
    def items(agency: Agency, request: Request, body: bytes) -> bytes:
        kind = agency.source.kind if agency.source else ""
        return source_class(kind).items(agency, request, body)

    def _recorded(self, request: Request) -> Mapping[str, Recorded]:
        """The recorded pages of a table by cursor, in order."""
        try:
            found = [_entry(entry) for entry in self._index(request)["pages"]]
        except (ValueError, KeyError, TypeError) as error:
            raise _damaged(request) from error
        return {entry.cursor: entry for entry in found}

    def _index(self, request: Request) -> Mapping[str, Any]:
        try:
            index = json.loads((_place(self._folder, request) / INDEX).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            reason = "nothing of this day and table is in the recording"
            raise PermanentSourceError(request.agency, reason, failed_at="ours") from error
        except (OSError, ValueError) as error:
            raise _damaged(request) from error
        if not isinstance(index, dict):
            raise _damaged(request)
        return index


def open_replay(folder: Path) -> Callable[[Agency, HttpClient, Callable[[str], str]], Source]:
    """What opens recorded pages where `audit.sources.open_source` would open the agency's system."""
    return lambda agency, http, canonical: Replay(Access(agency, http, canonical), folder)


def _damaged(request: Request) -> PermanentSourceError:
    return PermanentSourceError(request.agency, "the recording is damaged", failed_at="ours")


def _entry(entry: Mapping[str, Any]) -> Recorded:
    name = str(entry["file"])
    if Path(name).name != name:
        raise ValueError("a file outside of the recording")
    fetched_at = datetime.fromisoformat(str(entry["fetched_at"]))
    if fetched_at.tzinfo is None:
        raise ValueError("a time without offset")
    return Recorded(name, str(entry["cursor"]), str(entry["url"]), int(entry["status"]), fetched_at)


def _place(folder: Path, request: Request) -> Path:
    return folder / request.agency / request.day.isoformat() / request.stream


class _NoSecret:
    """In place of a reference: who replays has no credentials, and nothing is asked."""

    def resolve(self, key: str = "", file: str = "") -> Secret:  # noqa: ARG002  # as that of a reference
        return Secret("replayed")


def _without_secrets(agency: Agency) -> Agency:
    if agency.source is None:
        return agency
    hidden = {name: _NoSecret() for name in ("token", "secret", "password") if getattr(agency.source, name) is not None}
    return agency.model_copy(update={"source": agency.source.model_copy(update=hidden)})
