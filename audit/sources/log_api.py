"""The plain log interface, version 1: ``contract/log-api.md``, as OpenAPI in ``contract/openapi.json``."""

from __future__ import annotations

from typing import Final, NoReturn

import msgspec

from audit.instants import instant_of, parse_instant
from audit.json_values import TooManyValuesError, check_values
from audit.records import split
from audit.settings import Agency
from audit.source import Access, Capabilities, ContractError, RawPage, Reading, Request, Source

CURSOR_LENGTH_MAX: Final = 2_000
"""A longer cursor fits no address."""
TOTAL_MAX: Final = 100_000_000
PAGE_ROWS_MAX: Final = 1_000
"""Most rows of a page, as the contract says."""
PAGE_ROWS_READ: Final = 10 * PAGE_ROWS_MAX
"""Most rows of a page that is read nevertheless: a day in one piece is no harm, a page without end is."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around the rows of a page."""

    table: str
    day: str
    agency: str
    generated_at: str
    """Instant at which the system made the page."""
    total: int
    """Rows of the table and day, the same on every page."""
    items: msgspec.Raw
    """The rows, not decoded."""
    next: str | int | None = None
    """Cursor of the next page; none: the last one."""
    closed: bool | None = None
    """False: the day is running, the rows are its state so far."""


_DECODER: Final = msgspec.json.Decoder(Envelope)
_ONCE: Final = frozenset({"documents", "sends", "receipts"})
"""Tables with a row for each thing, in its state at the day's end (``log-api.md``); of statuses two may be equal."""


class LogApi(Source):
    """A system that offers the plain log interface."""

    capabilities = Capabilities(running_day=True, tells_total=True, tells_time=True, asks_again=True)

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        source = access.agency.source
        if source is None or source.base_url is None or source.token is None:
            raise ValueError(f"{access.agency.code} has no log_api source")  # the settings have checked it
        self._url: Final = f"{source.base_url}/v1/log"
        self._header: Final = source.header
        self._token: Final = source.token.resolve(f"{access.agency.code}.source.token")

    def fetch(self, request: Request) -> RawPage:
        scheme = "Bearer " if self._header.lower() == "authorization" else ""
        parameters = {"day": request.day.isoformat()} | ({"cursor": request.cursor} if request.cursor else {})
        answer = self.access.http.ask(
            f"{self._url}/{request.table}",
            parameters=parameters,
            headers={self._header: f"{scheme}{self._token.reveal()}", "Accept": "application/json"}
            | request.conditions,
        )
        return RawPage(request, answer.url, answer.status, answer.fetched_at, answer.body, answer.headers)

    def read(self, page: RawPage) -> Reading:
        asked = page.request
        try:
            check_values(page.body)
            envelope = _DECODER.decode(page.body)
            rows = split(bytes(envelope.items))
        except TooManyValuesError as error:
            _refuse(page, str(error))
        except (ValueError, RecursionError):
            _refuse(page, "the answer is not a page of the contract")
        if len(rows) > PAGE_ROWS_READ:
            _refuse(page, f"a page of more than {PAGE_ROWS_READ} rows")
        cursor = None if envelope.next is None else str(envelope.next)
        generated_at = parse_instant(envelope.generated_at)
        if envelope.table != asked.table:
            _refuse(page, "the answer is of another table")
        if envelope.day != asked.day.isoformat():
            _refuse(page, "the answer is of another day")
        if self.access.canonical(envelope.agency) != asked.agency:
            _refuse(page, "the answer is of another agency")
        if not 0 <= envelope.total <= TOTAL_MAX:
            _refuse(page, "the total is no number of rows")
        if generated_at is None:
            _refuse(page, "generated_at is no time")
        if cursor is not None and not 0 < len(cursor) <= CURSOR_LENGTH_MAX:
            _refuse(page, "the cursor is empty or too long")
        once = rows if asked.table in _ONCE else []
        return Reading(
            rows=len(rows),
            next_cursor=cursor,
            total=envelope.total,
            generated_at=instant_of(generated_at),
            is_closed=envelope.closed is not False,
            fingerprints=frozenset(hash(bytes(row)) for row in once),
        )

    @staticmethod
    def items(agency: Agency, request: Request, body: bytes) -> bytes:  # noqa: ARG004  # its rows are the contract's own
        return bytes(_DECODER.decode(body).items)


def _refuse(page: RawPage, reason: str) -> NoReturn:
    raise ContractError(page.request.agency, reason, http_status=page.status)


SOURCE: Final = LogApi
