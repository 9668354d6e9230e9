"""What a source is: a kind of system from which an agency's daily log can be pulled, page by page.

A source does three things, apart from each other so that a page is kept before anything reads it:

1. `Source.fetch` asks for one page and brings it raw;
2. `Source.read` checks that the page is what was asked, and tells where the next one is;
3. `Source.items` turns a kept page into rows of the contract (``log-api.md``), whatever the system's own dialect is. It
   depends on the page alone, so the log can be made again from the evidence at any time.

The kinds stand in ``audit/sources/``, one a file.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Final, Self

from audit.errors import TransientSourceError
from audit.http import HttpClient
from audit.settings import Agency

NOT_MODIFIED: Final = 304
"""What HTTP answers to conditions that still hold."""


@dataclass(frozen=True)
class KnownPage:
    """A page in hand, and by what its system would tell that it has not changed."""

    cursor: str
    next_cursor: str | None
    sha256: str
    etag: str = ""
    last_modified: str = ""


SOURCE_MARK: Final = "@"
"""Stands between a table and the name of a further source."""


@dataclass(frozen=True)
class Request:
    """One page of one table and day of an agency's log."""

    agency: str
    """Canonical code."""
    table: str
    day: date
    cursor: str = ""
    """Where the page is, in the source's own terms; ``""``: the first one."""
    source: str = ""
    """Name of the agency's source that is asked; ``""``: its first one."""

    @property
    def stream(self) -> str:
        """The table as the evidence names it: of a further source, its name stands behind."""
        return f"{self.table}{SOURCE_MARK}{self.source}" if self.source else self.table

    known: KnownPage | None = None
    """What is in hand of it: a source that can asks only for what has changed since (`RawPage.is_unchanged`)."""

    @property
    def conditions(self) -> dict[str, str]:
        """The headers by which an HTTP server is asked only for what has changed."""
        if self.known is None:
            return {}
        given = {"If-None-Match": self.known.etag, "If-Modified-Since": self.known.last_modified}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class RawPage:
    """What a system answered, before anything has read it."""

    request: Request
    url: str
    """Where it came from, without secrets: an address, or a file's name."""
    status: int
    """HTTP status; 0 where there is none."""
    fetched_at: datetime
    """UTC."""
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """Those that tell what was sent and when, for the evidence."""

    @property
    def is_unchanged(self) -> bool:
        """Whether the system says that it is still the page in hand; there is no body then."""
        return self.status == NOT_MODIFIED


@dataclass(frozen=True)
class Reading:
    """What a page says about itself and the pull that it is part of."""

    rows: int
    """Rows in the page."""
    next_cursor: str | None
    """None: it is the last page."""
    total: int | None
    """Rows that the system says the table has that day; None where a system cannot tell."""
    generated_at: datetime | None
    """When the system made the page; None where a system cannot tell."""
    is_closed: bool = True
    """False: the system says that the day is not over, and the rows are its state so far."""
    fingerprints: frozenset[int] = frozenset()
    """Hashes, of this process, of rows that a day's log holds once; none where a system cannot be held to that."""


@dataclass(frozen=True)
class Capabilities:
    """What a kind of source can do."""

    running_day: bool
    """Whether it may serve a day that is not over."""
    tells_total: bool
    """Whether it tells how many rows there are; else a pull is complete with its last page."""
    tells_time: bool
    """Whether it tells when a page was made; else the time of fetching stands for it."""
    asks_again: bool = False
    """Whether a complete day may be asked for again: asking changes nothing there, and equal rows come as equal bytes
    (`Source.items`)."""


class ContractError(TransientSourceError):
    """An answer that is not what was asked: a gateway's HTML, another day. The pull is partial and tried again."""


@dataclass(frozen=True)
class Access:
    """What a source needs to reach one agency's system."""

    agency: Agency
    http: HttpClient
    canonical: Callable[[str], str]
    """Canonical code of an agency named on the wire."""


class Source(ABC):
    """One agency's system. For one thread; close it, or use it as a context manager."""

    capabilities: ClassVar[Capabilities]

    def __init__(self, access: Access) -> None:
        self.access: Final = access

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of connections and files."""
        self.access.http.close()

    @abstractmethod
    def fetch(self, request: Request) -> RawPage:
        """One page, raw.

        Raises:
            TransientSourceError, PermanentSourceError: The system did not give it.
        """

    @abstractmethod
    def read(self, page: RawPage) -> Reading:
        """What the page says about itself.

        Raises:
            ContractError: The page is not what was asked.
        """

    def lacks(self, request: Request) -> str:  # noqa: ARG002  # for kinds whose pages do not tell it themselves
        """Why what was given of a day that is over does not speak of the whole of it; ``""`` where it does.

        Asked after the last page of `request`'s table and day.

        Raises:
            TransientSourceError, PermanentSourceError: The system cannot be looked at.
        """
        return ""

    @staticmethod
    @abstractmethod
    def items(agency: Agency, request: Request, body: bytes) -> bytes:
        """The page's rows as a JSON array of rows of the contract; of the arguments alone.

        Of the agency count its names, and how its files are to be read (`Settings.conform_digest`): a mapping that was
        wrong is mended in the settings, and the log made again from the evidence.

        An element that is no object stands for a row that could not even be turned: it becomes a reject.

        Raises:
            ValueError: The body is no page of this kind.
        """
