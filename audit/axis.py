"""What the axis' client interfaces have in common: lists of messages by day, and each message's edXML by its id.

A list tells who, when and in what transport state; the message itself tells which document it is. Rows of the contract
need both, so a page holds both: an archive of the list's answer (``list.json``) and the answers that brought the
messages (``<position>.edoc``), as they were received; a message that the list names more than once stands in it once,
at its first position. A list is cut into slices of `SLICE` messages; the cursor is ``call.page.offset``: which of the
table's calls, which page of its answer, and where in that.

A system may ignore the asked day and page (``wire.md`` 2.1, [U]): entries of other days are left out, an entry whose
time cannot be read is of the asked day, and an answer equal to the one before it ends the list.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple

from audit.archive import pack, unpack
from audit.axis_messages import PageMessages
from audit.edxml import Message, PageRows, rows_of
from audit.edxml.times import wire_instant
from audit.errors import PermanentSourceError, SourceError
from audit.http import Answer
from audit.json_values import TooManyValuesError
from audit.settings import Agency
from audit.source import Access, ContractError, RawPage, Reading, Request, Source

SLICE: Final = 100
"""Messages of one page of ours."""
KEPT_BYTES_MAX: Final = 64 * 1024 * 1024
"""Messages kept in memory: a day's documents and sends are made of the same ones."""
PAGE_BYTES_MAX: Final = 512 * 1024 * 1024
"""Messages of one page of ours together. What is over is not asked for: its rows become rejects."""
UNPACKED_MAX: Final = 1024 * 1024 * 1024
LISTS_BYTES_MAX: Final = 4 * 1024 * 1024 * 1024
"""Bytes of a list in all pages of ours together, each of which holds it whole."""
LIST_NAME: Final = "list.json"
STATES: Final = frozenset({"initial", "processing", "done", "fail"})

Side = Literal["sent", "received"]


class Call(NamedTuple):
    """A list that a table is made of."""

    side: Side
    message_type: Literal["edoc", "status"]


class Place(NamedTuple):
    """Where a page is, as its cursor says."""

    call: int = 0
    page: int = 1
    offset: int = 0

    @classmethod
    def of(cls, cursor: str) -> Place:
        """The place of a cursor; the first one for anything that is no cursor of ours."""
        parts = cursor.split(".")
        if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 9 for part in parts):
            return cls()
        return cls(*map(int, parts))

    @property
    def cursor(self) -> str:
        """The cursor of the place."""
        return f"{self.call}.{self.page}.{self.offset}"


@dataclass(frozen=True)
class Dialect:
    """How one interface writes its answers.

    Attributes:
        calls: The lists of each table.
        entries: The entries of a list's answer. Raises ValueError where it is none.
        edoc: The edXML in the answer that brought a message. Raises ValueError where there is none.
        facts: What an entry tells, in the contract's fields.
        page_rows: Entries of a full page of a list; None: a list has one page.
    """

    calls: Mapping[str, tuple[Call, ...]]
    entries: Callable[[bytes], list[Any]]
    edoc: Callable[[bytes], bytes]
    facts: Callable[[Mapping[str, Any], Call], Facts]
    page_rows: int | None = None


@dataclass(frozen=True)
class Facts:
    """What an entry of a list tells of a message.

    Attributes:
        message_id: By which the message is asked for.
        times: When it came and changed; of the asked day is what has one of that day.
        row: Fields of the contract's row.
        recipient: Of a message sent, whom the entry is about.
        key: Number and notation as the list writes them, for a message that cannot be had.
    """

    message_id: str | None
    times: Sequence[str | None]
    row: Mapping[str, Any]
    recipient: str | None = None
    key: Mapping[str, Any] | None = None


class AxisSource(Source):
    """A client of the axis."""

    dialect: Dialect

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self._lists: dict[tuple[Call, str, int], Answer] = {}
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._kept_bytes = 0

    @abstractmethod
    def ask_list(self, request: Request, call: Call, page: int) -> Answer:
        """One page of a list of the asked day. Raises SourceError."""

    @abstractmethod
    def ask_edoc(self, message_id: str) -> bytes:
        """The answer that brings a message. Raises SourceError."""

    @abstractmethod
    def refusal(self, body: bytes) -> SourceError | None:
        """What a list's answer that is no list says; None where it says nothing that is known."""

    def fetch(self, request: Request) -> RawPage:
        place = Place.of(request.cursor)
        call = self.dialect.calls[request.table][place.call]
        answer = self._list(request, call, place.page)
        bodies = [(LIST_NAME, answer.body)]
        try:
            entries = self.dialect.entries(answer.body)
        except ValueError:
            entries = []  # `read` tells what is wrong, once the answer is kept
        asked: set[str] = set()
        left = PAGE_BYTES_MAX
        for position, entry in enumerate(entries[place.offset : place.offset + SLICE], place.offset):
            facts = self.dialect.facts(entry, call) if isinstance(entry, dict) else None
            if facts is None or not facts.message_id or facts.message_id in asked or not _is_of(facts, request):
                continue
            edoc = self._edoc(facts.message_id)
            left -= len(edoc)
            if left < 0:
                break
            asked.add(facts.message_id)
            bodies.append((f"{position}.edoc", edoc))
        return RawPage(request, answer.url, answer.status, datetime.now(UTC), pack(bodies), answer.headers)

    def read(self, page: RawPage) -> Reading:
        agency, request = self.access.agency, page.request
        place = Place.of(request.cursor)
        try:
            body = _bodies(page.body)[LIST_NAME]
            entries = self.dialect.entries(body)
        except TooManyValuesError as error:
            raise ContractError(agency.code, str(error)) from error
        except (ValueError, KeyError) as error:
            known = self.refusal(_bodies(page.body).get(LIST_NAME, b""))
            raise known or ContractError(agency.code, "the answer is no list of messages") from error
        if len(body) * len(entries) > SLICE * LISTS_BYTES_MAX:
            raise ContractError(agency.code, f"a list of {len(entries)} messages in {len(body)} bytes")
        rows = json.loads(self.items(agency, request, page.body))
        following = self._following(request, place, len(entries))
        return Reading(len(rows), following.cursor if following else None, None, None)

    def _following(self, request: Request, place: Place, count: int) -> Place | None:
        if place.offset + SLICE < count:
            return place._replace(offset=place.offset + SLICE)
        calls = self.dialect.calls[request.table]
        if self.dialect.page_rows == count:
            after = self._list(request, calls[place.call], place.page + 1)
            if after.body != self._list(request, calls[place.call], place.page).body:
                return Place(place.call, place.page + 1)
        return Place(place.call + 1) if place.call + 1 < len(calls) else None

    def _list(self, request: Request, call: Call, page: int) -> Answer:
        """A page of a list, asked for once a table and day: its slices must be of the same list."""
        key = (call, f"{request.table} {request.day}", page)
        if key not in self._lists:
            if page == 1:
                self._lists.clear()
            self._lists[key] = self.ask_list(request, call, page)
        return self._lists[key]

    def _edoc(self, message_id: str) -> bytes:
        found = self._kept.get(message_id)
        if found is None:
            try:
                found = self.ask_edoc(message_id)
            except PermanentSourceError as error:
                if error.http_status in (401, 403):
                    raise
                found = b""  # this message cannot be had, the others can: its row becomes a reject
            self._kept[message_id] = found
            self._kept_bytes += len(found)
            while self._kept_bytes > KEPT_BYTES_MAX:
                self._kept_bytes -= len(self._kept.popitem(last=False)[1])
        return found


def items_of(dialect: Dialect, agency: Agency, request: Request, body: bytes) -> bytes:
    """The rows of a page as JSON; see `audit.source.Source.items`."""
    place = Place.of(request.cursor)
    calls = dialect.calls[request.table]
    bodies = _bodies(body)
    if LIST_NAME not in bodies or place.call >= len(calls):
        raise ValueError("there is no list in it")
    page = PageRows()
    entries = dialect.entries(bodies[LIST_NAME])
    messages = PageMessages(dialect.edoc, bodies)
    documents: set[str] = set()
    for position, entry in enumerate(entries[place.offset : place.offset + SLICE], place.offset):
        if not isinstance(entry, dict):
            page.rows.append(f"entry {position + 1} of the list is none")
            continue
        facts = dialect.facts(entry, calls[place.call])
        if not _is_of(facts, request):
            continue
        name = messages.name(position, facts.message_id)
        if name in documents:
            continue  # it stands in the list as often as it has recipients
        message = messages.read(name)
        page.add(facts.message_id, _rows(agency, request.table, facts, message))
        if request.table == "documents" and isinstance(message, Message):
            documents.add(name)
    return json.dumps(_once(page.rows)).encode()


def transport_state(*told: object) -> str | None:
    """The state that both ends' states make: failed at one is failed, done is what the receiving end has done.

    A word that is none of the four comes back as it is.
    """
    words = [str(word).strip().lower() for word in told if word not in (None, "")]
    if "fail" in words:
        return "fail"
    return words[-1] if words else None


def _rows(agency: Agency, table: str, facts: Facts, message: Message | str) -> list[Any]:
    """The rows of an entry, whose message there is, or why there is none."""
    if isinstance(message, str):
        # without the message a row has no date: the log rejects it, with what the list told
        return [{**(facts.key or {}), **facts.row, "description": message}]
    if table == "sends" and facts.recipient:
        message = replace(message, recipients=(facts.recipient,))
    if message.is_status != (table == "statuses"):
        return [f"{facts.message_id}: another kind of message than the list says"]
    # whose it is, the list has decided: an organ's account also sends for its units, and to itself
    owner = {"documents": agency.code, "sends": agency.code, "receipts": None}
    if table in owner:
        message = replace(message, sender=owner[table])
    found = rows_of(table, message, agency)
    if table == "statuses" and facts.recipient:
        # to whom it went, the list knows: of a sender's own request (13) the message does not tell
        found = [{**row, "to_org": row["to_org"] or facts.recipient} for row in found]
    if table == "documents":
        return list(found)  # what the list tells is of the sending
    return [row | {name: value for name, value in facts.row.items() if value is not None} for row in found]


def _once(rows: list[Any]) -> list[Any]:
    """Each row once."""
    seen: dict[str, Any] = {}
    for row in rows:
        seen.setdefault(json.dumps(row, sort_keys=True), row)
    return list(seen.values())


def _is_of(facts: Facts, request: Request) -> bool:
    days = {time[:10] for text in facts.times if (time := wire_instant(text)) is not None}
    return request.day.isoformat() in days or not any(len(day) == 10 and day[4] == "-" for day in days)


def _bodies(body: bytes) -> dict[str, bytes]:
    return {entry.name: entry.body for entry in unpack(body, UNPACKED_MAX) if entry.body is not None}
