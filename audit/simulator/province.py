"""The simulated province: what its logs hold, day by day, and what the audit must find in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, cast

from audit.settings import Agency
from audit.simulator.clock import DAY, HOUR, end_of
from audit.simulator.model import Document, Pair, Receipt, Send, Status
from audit.simulator.offices import Office
from audit.simulator.options import SimulationOptions
from audit.simulator.rendering import Row, Writer, receipt_changes
from audit.simulator.truth import Truth
from audit.working_time import day_number

Table = Literal["documents", "sends", "receipts", "statuses"]
TABLES: Final[tuple[Table, ...]] = ("documents", "sends", "receipts", "statuses")
Place = tuple[str, int, Table]
"""Agency, day number, table."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A day on which an agency's log service misbehaves: ``down`` answers 503, ``loop`` repeats its cursor."""

    agency: str
    day: date
    kind: Literal["down", "loop"]
    tables: tuple[Table, ...] = TABLES


@dataclass(slots=True, eq=False, repr=False)
class Province:
    """A province whose past is known.

    Attributes:
        options: What was asked for.
        agencies: Its registry, in order.
        truth: Every finding that follows from what was planted, whatever the period; select with `truth_for`.
        near_misses: Findings that a careless judge would make: one minute inside a deadline, one dash another way.
        probes: Rows of the table `probes` (`design.md` section 3), for ``run_audit.py probe --import``.
        failures: Days on which a log service does not answer as it should.
        unpulled: Agencies without a log service.
        signers: Entries for ``signers.toml``.
        papers: The files that can be fetched, by agency and SHA-256; agencies that allow it are there.
        trust: The files of the trust folder, by name: what an audit needs to check their signatures.
    """

    options: SimulationOptions
    agencies: tuple[Agency, ...]
    offices: Mapping[str, Office]
    documents: list[Document]
    truth: list[Truth] = field(default_factory=list)
    near_misses: list[Truth] = field(default_factory=list)
    probes: list[dict[str, Any]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    unpulled: tuple[str, ...] = ()
    signers: list[dict[str, Any]] = field(default_factory=list)
    papers: dict[str, dict[str, bytes]] = field(default_factory=dict)
    trust: dict[str, bytes] = field(default_factory=dict)
    _index: dict[Place, list[Any]] = field(default_factory=dict)
    _writers: dict[str, Writer] = field(default_factory=dict)

    def rows(self, agency: str, day: date, table: Table, until: int | None = None) -> list[Row]:
        """The rows of one agency's log, as on the wire, in the order in which they were made; [] where there are none.

        Args:
            agency: Canonical code.
            day: Local day.
            table: One of `TABLES`.
            until: For a running day, the instant (seconds of local time) at which it is looked at; None: its end.
        """
        writer, number = self.writer(agency), day_number(day)
        entries = self.entries(agency, day, table)
        end = end_of(number) if until is None else until
        if until is not None:
            entries = begun(entries, number, until)
        if table == "documents":
            return [writer.document(document, end) for document in cast(Iterable[Document], entries)]
        if table == "sends":
            return [writer.send(pair, send, end) for pair, send in cast(Iterable[tuple[Pair, Send]], entries)]
        if table == "receipts":
            return [
                writer.receipt(pair, receipt, end) for pair, receipt in cast(Iterable[tuple[Pair, Receipt]], entries)
            ]
        statuses = cast(Iterable[tuple[Pair, Status, int]], entries)
        return [writer.status(pair, status, at) for pair, status, at in statuses]

    def entries(self, agency: str, day: date, table: Table) -> Sequence[Any]:
        """What happened, of which one agency's log has a row that day, in the order in which the rows were made.

        A `Document`; (`Pair`, `Send`); (`Pair`, `Receipt`); (`Pair`, `Status`, instant at which the log got it).
        """
        return self._index.get((agency, day_number(day), table), ())

    def writer(self, agency: str) -> Writer:
        """Who writes the rows of an agency's log."""
        found = self._writers.get(agency)
        return found or self._writers.setdefault(agency, Writer(self.offices[agency], self.offices))

    def shown_until(self, day: date) -> int | None:
        """The instant (seconds of local time) up to which a log tells of a day: its end; of the running day, the hour
        at which it is looked at; None: it tells nothing of it.
        """
        number, hour = day_number(day), self.options.running_hour
        if day == self.options.end and hour is not None:
            return number * DAY + hour * HOUR
        return end_of(number) if day < self.options.end else None

    def days(self) -> list[date]:
        """The days that the logs hold to their ends."""
        first, end = day_number(self.options.first_day), day_number(self.options.end)
        return [date.fromordinal(date(1970, 1, 1).toordinal() + day) for day in range(first, end)]

    def truth_for(self, start: date, end: date, as_of: date | None = None) -> list[Truth]:
        """What a run over ``[start, end)`` must report, looking at 24:00 of the day before `as_of` (None: `end`)."""
        seen = day_number(as_of or end) * DAY
        return [item for item in self.truth if item.holds(day_number(start) * DAY, day_number(end) * DAY, seen)]

    def build_index(self) -> None:
        """Sorts everything that happened into the days and logs where it left a row."""
        index: defaultdict[Place, list[Any]] = defaultdict(list)
        for document in self.documents:
            if document.has_row and document.sender in self.offices:
                index[document.sender, document.registered_at // DAY, "documents"].append(document)
                if document.revised_at is not None and document.revised_at // DAY != document.registered_at // DAY:
                    index[document.sender, document.revised_at // DAY, "documents"].append(document)
            for pair in document.pairs:
                self._index_pair(index, pair)
        self._index = dict(index)

    def _index_pair(self, index: defaultdict[Place, list[Any]], pair: Pair) -> None:
        sender, recipient = pair.document.sender, pair.recipient
        if sender in self.offices:
            for send in pair.sends:
                index[sender, send.sent_at // DAY, "sends"].append((pair, send))
                if send.state_at is not None and send.state_at // DAY != send.sent_at // DAY:
                    index[sender, send.state_at // DAY, "sends"].append((pair, send))
        if recipient in self.offices:
            for receipt in pair.receipts:
                for day in sorted({at // DAY for at in receipt_changes(receipt)}):
                    index[recipient, day, "receipts"].append((pair, receipt))
        for status in pair.statuses:
            if status.in_recipient_log_at is not None and recipient in self.offices:
                index[recipient, status.in_recipient_log_at // DAY, "statuses"].append(
                    (pair, status, status.in_recipient_log_at)
                )
            if status.in_sender_log_at is not None and sender in self.offices:
                index[sender, status.in_sender_log_at // DAY, "statuses"].append(
                    (pair, status, status.in_sender_log_at)
                )


def begun(entries: Sequence[Any], day: int, until: int) -> list[Any]:
    """What has left a row of a day by `until`."""
    return [entry for entry in entries if _begun(entry, day * DAY, until)]


def _begun(entry: Any, start: int, until: int) -> bool:
    """Whether what an index entry stands for has left a row of the day that begins at `start`, by `until`."""
    if isinstance(entry, Document):
        made = [entry.registered_at, *([] if entry.revised_at is None else [entry.revised_at])]
    elif isinstance(entry[1], Send):
        made = [entry[1].sent_at, *([] if entry[1].state_at is None else [entry[1].state_at])]
    elif isinstance(entry[1], Receipt):
        made = receipt_changes(entry[1])
    else:
        made = [entry[2]]
    return any(start <= at <= until for at in made)
