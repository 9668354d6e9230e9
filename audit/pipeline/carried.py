"""Files that came inside messages (edXML, the axis): the evidence holds them already, and nobody is asked for anything.

A page of such a source is an archive of messages, each with its files. What the log says of a file names the page.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple, Self

from audit.archive import unpack
from audit.edxml import UnreadableMessageError, read_message
from audit.errors import DataError
from audit.pipeline.workspace import Workspace
from audit.sources import vxp
from audit.sources.edxml import messages_of

logger = logging.getLogger(__name__)

_UNPACKED_MAX: Final = 1024 * 1024 * 1024


class Place(NamedTuple):
    """Which page of the evidence tells of a file."""

    day: date
    page: str


class CarriedFiles:
    """The files of one agency's messages; of one page at a time, so ask for them page by page."""

    def __init__(self, workspace: Workspace, agency: str, kind: str, places: Mapping[str, Place]) -> None:
        self._evidence, self._agency, self._messages = workspace.evidence, agency, MESSAGES[kind]
        self._places = places
        self._at: Place | None = None
        self._contents: dict[str, bytes] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._contents = {}

    def fetch(self, sha256: str) -> bytes | None:
        """The bytes that have this hash; None where the page does not hold them (any more)."""
        place = self._places[sha256]
        if place != self._at:
            self._at, self._contents = place, self._read(place)
        return self._contents.get(sha256)

    def _read(self, place: Place) -> dict[str, bytes]:
        evidence = self._evidence.existing(place.day)
        if evidence is None:
            return {}
        found: dict[str, bytes] = {}
        try:
            for message in self._messages(evidence.body(place.page)):
                with suppress(UnreadableMessageError):
                    files = read_message(message).attachments
                    found |= {file.sha256: file.content for file in files if file.sha256 and file.content is not None}
        except (DataError, ValueError) as error:
            logger.warning("%s: the files of a page cannot be read: %s", self._agency, error)
        return found


def _of_folder(page: bytes) -> Iterator[bytes]:
    """The messages of a page of dropped files."""
    yield from (entry.body for entry in messages_of(page) if entry.body is not None)


def _of_axis(page: bytes) -> Iterator[bytes]:
    """The messages of a page of the axis: the answers beside the list."""
    for entry in unpack(page, _UNPACKED_MAX):
        if entry.name.endswith(".edoc") and entry.body is not None:
            with suppress(ValueError):
                yield vxp.edoc(entry.body)


MESSAGES: Final[Mapping[str, Callable[[bytes], Iterator[bytes]]]] = MappingProxyType(
    {"edxml": _of_folder, "vxp": _of_axis}
)
"""How the messages of a page are found, by the kind of source."""
