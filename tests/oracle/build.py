"""Builds the world of a case: rows as of `as_of` → documents → pairs → events and recalls."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from . import normalise as n
from .calendar import Calendar
from .case import Case
from .coverage import Coverage
from .events import Recall, answer, events
from .facts import Facts, facts_of, in_own_log, message_arrival, messages
from .policy import with_defaults
from .registry import Registry
from .rows import DocumentRow, Key, Reader, StatusRow
from .versions import as_of_instant, at_as_of, newest, read_rows
from .world import Document, Pair, differ


@dataclass
class World:
    """Everything that a rule may look at."""

    case: Case
    policy: dict[str, Any]
    registry: Registry
    calendar: Calendar
    coverage: Coverage
    as_of: datetime
    start: date
    end: date
    documents: list[Document]
    register: list[DocumentRow]
    probes: dict[str, list[dict[str, Any]]]
    rejects: list[dict[str, Any]]
    _facts: dict[int, Facts] = field(default_factory=dict)

    @property
    def pairs(self) -> list[Pair]:
        """All pairs of all documents."""
        return [pair for document in self.documents for pair in document.pairs.values()]

    def happened_in_period(self, at: datetime) -> bool:
        """ "Events are anchored by instant in `[start, end)`"."""
        return n.start_of_day(self.start) <= at < n.start_of_day(self.end) and at <= self.as_of

    def due_in_period(self, deadline: datetime) -> bool:
        """ "the rows whose deadline lies in `(start, end]` and is ≤ `as_of`"."""
        return n.start_of_day(self.start) < deadline <= n.start_of_day(self.end) and deadline <= self.as_of

    def facts(self, pair: Pair) -> Facts:
        """The facts of a pair, computed once."""
        if id(pair) not in self._facts:
            self._facts[id(pair)] = facts_of(pair, self)
        return self._facts[id(pair)]

    def limit(self, name: str) -> Any:
        """A key of [limits]."""
        return self.policy["limits"][name]


def build(case: Case) -> World:
    """The world as it stood at `as_of`."""
    policy = with_defaults(case.policy)
    placeholders = policy["placeholders"]["values"]
    registry = Registry(case.agencies, placeholders)
    as_of = as_of_instant(case.as_of)
    rows, rejects = read_rows(case.logs, Reader(registry, placeholders), as_of)
    tables = {table: at_as_of(newest(found), as_of) for table, found in rows.items()}
    world = World(
        case=case,
        policy=policy,
        registry=registry,
        calendar=Calendar(case.calendar),
        coverage=Coverage(case.coverage, registry, as_of),
        as_of=as_of,
        start=case.start,
        end=case.end,
        documents=_documents(tables),
        register=tables["documents"],
        probes=_probes(case.probes, registry, as_of),
        rejects=rejects,
    )
    for pair in world.pairs:
        _settle(pair, world)
    return world


def _documents(tables: dict[str, list[Any]]) -> list[Document]:
    by_key: dict[Key, list[Document]] = {}
    # "else to the first (earliest log day, then uid)"
    for row in sorted(tables["documents"], key=lambda row: (row.first_day, row.uid or "", row.seq)):
        found = by_key.setdefault((row.sender, row.key), [])
        _place(row, found)
    for row in tables["sends"]:
        _document(by_key, row.sender, row).pair(row.recipient).all_sends.append(row)
    for row in tables["receipts"]:
        _document(by_key, row.sender, row).pair(row.recipient).all_receipts.append(row)
    known = set(by_key)
    for row in tables["statuses"]:
        sender, recipient = _sides(row, known)
        _document(by_key, sender, row).pair(recipient).status_rows.append(row)
    return [document for found in by_key.values() for document in found]


def _place(row: DocumentRow, found: list[Document]) -> None:
    """Two rows of one key are two documents only where uid **and** subject or main file differ.

    READING 14: a missing uid is no different uid; rows of one document: the newer row speaks for it, the first keeps its place.
    """
    for document in found:
        same_uid = row.uid is None or document.row is None or document.row.uid is None or row.uid == document.row.uid
        if same_uid or not differ(row, document.row, n.folded):  # type: ignore[arg-type]
            older = document.row
            if older is None or row.seq > older.seq:
                document.row, document.notation = row, row.notation or ""
            return
    found.append(Document(row.sender, row.key, row, second=bool(found), notation=row.notation or ""))


def _document(by_key: dict[Key, list[Document]], sender: str, row: Any) -> Document:
    """ "pairs go to the one whose uid matches, else to the first" (READING 15: row by row)."""
    found = by_key.setdefault((sender, row.key), [])
    if not found:
        found.append(Document(sender, row.key, notation=row.notation or ""))
    return next((one for one in found if row.uid is not None and one.uid == row.uid), found[0])


def _sides(row: StatusRow, known: set[Key]) -> tuple[str, str]:
    """Sender and recipient of the pair of a status.

    "The document of a status is that of `to_org` (of a 13: of `from_org`), unless no document, send or receipt of that
    agency bears the key and one of the other side does."
    """
    sender, recipient = (row.from_org, row.to_org) if row.code == "13" else (row.to_org, row.from_org)
    if (sender, row.key) not in known and (recipient, row.key) in known:
        return recipient, sender
    return sender, recipient


def _settle(pair: Pair, world: World) -> None:
    """Events and recalls of a pair."""
    pair.events = events(pair.status_rows, world.limit("same_event_minutes"))
    pair.recalls = [*_recall_messages(pair, world), *_requests_to_take_back(pair, world)]
    answer(pair.recalls, pair.events, pair.recipient)


def _requests_to_take_back(pair: Pair, world: World) -> list[Recall]:
    found = []
    for event in pair.events:
        if event.code == "13":
            # "A 13 arrives when it stands in the recipient's own log, at its `at`"
            arrival = event.at if any(in_own_log(row, pair.recipient, world) for row in event.rows) else None
            axis = next((row.axis for row in event.rows if row.axis), None)
            found.append(Recall(13, event.at, axis, arrival))
    return found


def _recall_messages(pair: Pair, world: World) -> list[Recall]:
    found = []
    for message in messages(pair, (1, 2)):
        arrival = message_arrival(pair, message, world)
        found.append(Recall(message[0].type, message[0].sent_at, message[0].axis, arrival))
    return found


def _probes(probes: list[dict[str, Any]], registry: Registry, as_of: datetime) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for probe in probes:
        code, at = registry.canonical(probe["agency"]), _as_instant(probe["at"])
        if code is not None and at is not None and at <= as_of:
            ends = _as_instant(probe.get("certificate_ends_at"))
            found.setdefault(code, []).append({"at": at, "ok": bool(probe["ok"]), "ends": ends})
    return {code: sorted(listed, key=lambda probe: probe["at"]) for code, listed in found.items()}


def _as_instant(value: Any) -> datetime | None:
    return value.astimezone(n.LOCAL) if isinstance(value, datetime) else n.instant(value)
