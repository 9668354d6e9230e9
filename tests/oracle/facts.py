"""What is known of a pair: arrival, acknowledged, forwarded … each definition of rules.md section 1 in one place."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import normalise as n
from .events import ACKNOWLEDGING, ANSWERS, Event
from .rows import ReceiptRow, Row, SendRow
from .world import Pair

if TYPE_CHECKING:
    from .build import World

URGENT = ("khan", "thuong_khan", "hoa_toc")  # "**Urgent** = urgency khan, thuong_khan, hoa_toc"
Message = list[SendRow]


@dataclass(kw_only=True)
class Facts:
    """Facts of one pair; instants are None where the thing did not happen by `as_of`."""

    arrival: datetime | None
    only_sender_tells: bool  # "where only the sender's `done` tells of the arrival"
    acknowledged: datetime | None
    forwarded: datetime | None
    completed: datetime | None
    refused: datetime | None
    reasons: list[str]
    due: datetime | None
    urgency: str | None  # one of URGENT, else None
    subject: str | None
    needs_reply: bool | None
    recalled_at: datetime | None
    failed_receipt: bool


def facts_of(pair: Pair, world: "World") -> Facts:
    """All facts of a pair. "Per pair, messages of type 0 and 3 (a replacement is a document of its own)"."""
    events = document_events(pair)
    receipts = pair.receipts
    told = earliest(
        *(e.at for e in events if e.code == "01"),  # "status 01"
        *(r.arrived_at for r in receipts if r.state != "fail"),  # "`arrived_at` of a receipt not in state `fail`"
        *(e.at for e in events if e.code in ACKNOWLEDGING),  # "first of 02–06"
    )
    done = earliest(*(s.done_at for s in pair.sends if _done_counts(s, pair, world)))
    refused, reasons = _refusal(pair, events)
    return Facts(
        arrival=earliest(told, done),
        only_sender_tells=told is None and done is not None,
        # "**Acknowledged** = first of 02–06"
        acknowledged=earliest(*(e.at for e in events if e.code in ACKNOWLEDGING)),
        # "**Forwarded** = first of 04 05 06, `forwarded_at`, `completed_at`"
        forwarded=earliest(
            *(e.at for e in events if e.code in ("04", "05", "06")),
            *(r.forwarded_at for r in receipts),
            *(r.completed_at for r in receipts),
        ),
        # "**Completed** = first of 06, `completed_at`"
        completed=earliest(*(e.at for e in events if e.code == "06"), *(r.completed_at for r in receipts)),
        refused=refused,
        reasons=reasons,
        due=_due(pair),
        urgency=urgency_of(_urgency(pair)),
        subject=_told(pair, "subject"),
        needs_reply=max(_first_told(pair, "needs_reply"), default=None),
        recalled_at=earliest(*(recall.arrival for recall in pair.recalls if recall.takes_back)),
        failed_receipt=any(r.state == "fail" for r in receipts),
    )


def earliest(*instants: datetime | None) -> datetime | None:
    """The earliest of those that are there."""
    return min((at for at in instants if at is not None), default=None)


def urgency_of(word: str | None) -> str | None:
    """ "unknown or unreadable urgency is judged as not urgent"."""
    return word if word in URGENT else None


def document_events(pair: Pair) -> list[Event]:
    """The statuses that speak of the document.

    Not the answers to a recall; nor (READING 16) a status that bears only ids of messages of type 1 and 2.
    """
    recalls = {s.axis for s in pair.all_sends if s.type in (1, 2)} | {
        r.axis for r in pair.all_receipts if r.type in (1, 2)
    }
    return [e for e in pair.events if not e.of_recall_only and not (e.axes and e.axes <= recalls)]


def _done_counts(send: SendRow, pair: Pair, world: "World") -> bool:
    """ "`state_at` of a `done` send whose message has no receipt in state `fail`, unless the recipient's own log is complete
    on that day and the next and knows neither receipt nor status of the pair"."""
    if send.done_at is None or any(r.state == "fail" and same_message(send, r) for r in pair.receipts):
        return False
    knows = any(in_own_log(row, pair.recipient, world) for row in (*pair.all_receipts, *pair.status_rows))
    return knows or not _log_complete_around(send.done_at, pair, world)


def in_own_log(row: Row, code: str, world: "World") -> bool:
    """Whether the row stands in the agency's own log."""
    return world.registry.speaks_for(row.log, code, row.log_day)


def same_message(send: SendRow, receipt: ReceiptRow) -> bool:
    """READING 17: the ids are equal, or one of the two has none."""
    return send.axis is None or receipt.axis is None or send.axis == receipt.axis


def _log_complete_around(at: datetime, pair: Pair, world: "World") -> bool:
    on = n.local_day(at)
    return world.coverage.complete(pair.recipient, on, n.next_day(on), "receipts", "statuses")


def _refusal(pair: Pair, events: list[Event]) -> tuple[datetime | None, list[str]]:
    """ "**Refused** = first of 02, `returned_at`", and the reasons given (READING 18: of the first 02 and of the return)."""
    first = next((e for e in events if e.code == "02"), None)
    returned = [r for r in pair.receipts if r.returned_at is not None]
    refused = earliest(first.at if first else None, *(r.returned_at for r in returned))
    told = [row.description for row in first.rows] if first else []
    return refused, [reason for reason in (*told, *(r.return_reason for r in returned)) if reason is not None]


def _due(pair: Pair) -> datetime | None:
    """ "`due` = receipt's `due_at`, else the document's `due_date`"."""
    told = min(_first_told(pair, "due"), default=None)
    return told or (pair.document.row.due if pair.document.row else None)


def _first_told(pair: Pair, name: str) -> list[Any]:
    """READING 65: what the first receipt that tells says, and every other one of the same instant."""
    told = [receipt for receipt in pair.receipts if getattr(receipt, name) is not None]
    first = min((receipt.anchor for receipt in told), default=None)
    return [getattr(receipt, name) for receipt in told if receipt.anchor == first]


def _urgency(pair: Pair) -> str | None:
    """As `_told`; of receipts of one instant the highest."""
    row = pair.document.row
    if row is not None and row.urgency is not None:
        return row.urgency
    words = _first_told(pair, "urgency")
    return max(words, key=lambda word: URGENT.index(word) if word in URGENT else -1, default=None)


def _told(pair: Pair, name: str) -> str | None:
    """ "each from the sender's document row where present, else from the recipient's receipt, else unknown"."""
    rows = [pair.document.row, *pair.receipts] if pair.document.row else pair.receipts
    return next((value for row in rows if (value := getattr(row, name)) is not None), None)


def messages(pair: Pair, types: Iterable[int]) -> list[Message]:
    """Sends grouped into messages, by type and axis id. READING 19: without id, attempt 1 begins a new message."""
    groups: dict[tuple[int, object], Message] = {}
    begun = 0
    for send in sorted(pair.all_sends, key=lambda s: (s.sent_at, s.attempt, s.seq)):
        if send.type in types:
            if send.axis is None and send.attempt == 1:
                begun += 1
            groups.setdefault((send.type, send.axis or begun), []).append(send)
    return list(groups.values())


def message_arrival(pair: Pair, message: Message, world: "World") -> datetime | None:
    """When a message of type 1 or 2 arrived. READING 20: the definition of a pair's arrival, said of the message."""
    first = message[0]
    bearing = [
        e
        for e in pair.events
        if first.axis is not None and first.axis in e.axes and e.code in ("01", *ACKNOWLEDGING, *ANSWERS)
        if e.issuer == pair.recipient
    ]
    receipts = [r for r in pair.all_receipts if r.type == first.type and same_message(first, r)]
    done = earliest(*(s.done_at for s in message))
    if done is not None and any(r.state == "fail" for r in receipts):
        done = None
    if (
        done is not None
        and not _recipient_knows(pair, first, receipts, world)
        and _log_complete_around(done, pair, world)
    ):
        done = None
    return earliest(*(e.at for e in bearing), *(r.arrived_at for r in receipts if r.state != "fail"), done)


def _recipient_knows(pair: Pair, first: SendRow, receipts: list[ReceiptRow], world: "World") -> bool:
    """Its own log holds a receipt of the message, a status that bears its id, or an answer without id after it was sent."""
    if any(in_own_log(r, pair.recipient, world) for r in receipts):
        return True
    for event in pair.events:
        bears = first.axis is not None and first.axis in event.axes
        idless = not event.axes and event.code in ANSWERS and event.at >= first.sent_at
        own = event.issuer == pair.recipient and any(in_own_log(row, pair.recipient, world) for row in event.rows)
        if own and (bears or idless):
            return True
    return False
