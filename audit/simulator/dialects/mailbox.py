"""What passed through an agency's connection to the axis, day by day: pieces that its lists name and its client gets.

A list shows what came or changed on a day, in its state at the end of that day. Pieces that the clerk withdrew are not
shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from audit.simulator.clock import DAY
from audit.simulator.dialects.contents import Contents
from audit.simulator.dialects.letters import Answer, Carried, Habit, Letter, answered, written
from audit.simulator.model import File, Pair, Receipt, Send, Status
from audit.simulator.province import Province, Table, begun
from audit.simulator.rendering import Row
from audit.working_time import day_number

RECALL: Final = 1
SAME_SENDING_SECONDS: Final = 5
"""What goes to several recipients within so many seconds of each other is one message."""
_KEY: Final = ("document_uid", "sender", "number", "notation", "issued_date")
EVER: Final = 2**40
"""After everything: what a message tells of its document is what became of it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A message of the axis as one side sees it; instants in seconds of local time."""

    message_id: str
    message_type: Literal["edoc", "status"]
    row: Row
    """The plain log's row of the day."""
    came_at: int
    changed_at: int | None
    make: Callable[[], bytes]
    """The message itself."""


class Mailbox:
    """One agency's side of the axis.

    Args:
        province: Whose past it is.
        contents: The files' bytes.
        agency: Canonical code.
        habit: How its system writes.
        names_recipient: Whether status messages say to whom they go.
    """

    def __init__(
        self, province: Province, contents: Contents, agency: str, habit: Habit, *, names_recipient: bool = False
    ) -> None:
        self._province, self._contents, self._agency, self._habit = province, contents, agency, habit
        self._writer: Final = province.writer(agency)
        self._names_recipient = names_recipient

    def sent(self, day: date) -> Iterator[Piece]:
        """The attempts to send that were made or ended that day."""
        for (pair, send), end in self._entries(day, "sends"):
            if not send.withdrawn:
                row = self._writer.send(pair, send, end)
                changed_at = send.state_at if send.state_at is not None and send.state_at <= end else None
                yield Piece(send.axis_id, "edoc", row, send.sent_at, changed_at, _later(self.letter, [pair], send))

    def received(self, day: date) -> Iterator[Piece]:
        """The messages that arrived, or failed to, that day."""
        number = day_number(day)
        for (pair, receipt), end in self._entries(day, "receipts"):
            came_at = receipt.state_at if receipt.arrived_at is None else receipt.arrived_at
            changed_at = receipt.state_at if receipt.state_at <= end else None
            if came_at <= end and number in (came_at // DAY, receipt.state_at // DAY):
                row = self._writer.receipt(pair, receipt, end)
                make = _later(self.incoming, pair, receipt)
                yield Piece(receipt.axis_id, "edoc", row, came_at, changed_at, make)

    def statuses(self, day: date, *, issued: bool) -> Iterator[Piece]:
        """The status messages that the log got that day: those that the agency issued, or those that it received."""
        for (pair, status, logged_at), _ in self._entries(day, "statuses"):
            own = pair.recipient if status.from_recipient else pair.document.sender
            if (own == self._agency) == issued:
                row = self._writer.status(pair, status, logged_at)
                make = _later(self.answer, row, status)
                yield Piece(_status_id(pair, status), "status", row, logged_at, None, make)

    def _entries(self, day: date, table: Table) -> Iterator[tuple[Any, int]]:
        """What happened on a day as far as it is shown, each with the instant up to which it is."""
        until = self._province.shown_until(day)
        if until is not None:
            for entry in begun(self._province.entries(self._agency, day, table), day_number(day), until):
                yield entry, until

    def letter(self, pairs: Sequence[Pair], send: Send, *, names_all: bool = True) -> bytes:
        """The message by which a document, or its recall, went to these recipients.

        Args:
            pairs: The document and its recipients.
            send: What was sent, and when.
            names_all: Name all recipients that the document has; else those of `pairs` alone.
        """
        document = pairs[0].document
        row = self._writer.document(document, EVER)
        named = row.get("recipients") if names_all else [self._writer.code(pair.recipient) for pair in pairs]
        carried = None
        if document.files is not None and send.business_type != RECALL:
            carried = [self._carried(file, told) for file, told in zip(document.files, row["files"], strict=True)]
        letter = Letter(
            document=row,
            recipients=named or (),
            business_type=send.business_type,
            reason=send.reason,
            replaces=send.replaces,
            hops=[(str(row.get("sender")), send.sent_at)],
            files=carried,
        )
        return written(letter, self._habit)

    def incoming(self, pair: Pair, receipt: Receipt) -> bytes:
        """The message as it came in, with the main file as it was received."""
        own = self._writer.code(self._agency)
        told = self._writer.receipt(pair, receipt, EVER)
        row = self._writer.document(pair.document, EVER)
        row |= {name: told.get(name) for name in _KEY} | {"due_date": told.get("due_at")}
        send = next((send for send in pair.sends if send.axis_id == receipt.axis_id), None)
        came_at = receipt.state_at if receipt.arrived_at is None else receipt.arrived_at
        hops = [(str(row.get("sender")), came_at if send is None else send.sent_at)]
        if receipt.arrived_at is not None:
            hops.append((own, receipt.arrived_at))
        files = None
        if receipt.sha256 is not None:
            files = [Carried("văn bản.pdf", "application/pdf", self._contents.of(receipt.sha256))]
        letter = Letter(
            document=row,
            recipients=[own],
            business_type=receipt.business_type,
            reason=send.reason if send else None,
            replaces=send.replaces if send else None,
            hops=hops,
            files=files,
        )
        return written(letter, self._habit)

    def answer(self, row: Row, status: Status) -> bytes:
        """A status message."""
        return answered(Answer(row, status.at, self._names_recipient), self._habit)

    def _carried(self, file: File, told: Row) -> Carried:
        return Carried(str(told["name"]), file.content_type, self._contents.of(file.sha256))


def sendings(province: Province, agency: str, day: date) -> list[list[tuple[Pair, Send]]]:
    """What the agency sent that day, by message: of one document and kind, at about the same time, once a recipient."""
    number, until = day_number(day), province.shown_until(day)
    sends = [
        (pair, send)
        for pair, send in province.entries(agency, day, "sends")
        if not send.withdrawn and send.sent_at // DAY == number and until is not None and send.sent_at <= until
    ]
    groups: list[list[tuple[Pair, Send]]] = []
    for pair, send in sorted(sends, key=lambda entry: (entry[1].sent_at, entry[0].recipient)):
        for group in groups:
            first_pair, first = group[0]
            is_same = first_pair.document is pair.document and first.business_type == send.business_type
            is_soon = send.sent_at - group[-1][1].sent_at <= SAME_SENDING_SECONDS
            if is_same and is_soon and all(pair.recipient != other.recipient for other, _ in group):
                group.append((pair, send))
                break
        else:
            groups.append([(pair, send)])
    return groups


def _later(make: Callable[..., bytes], *arguments: Any) -> Callable[[], bytes]:
    """The call, for whoever asks for the message."""
    return lambda: make(*arguments)


def _status_id(pair: Pair, status: Status) -> str:
    """An id of the axis for a status message: the same on both sides, and for ever."""
    parts = (pair.document.uid, pair.document.sender, pair.recipient, status.code, status.at, status.from_recipient)
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:32]
