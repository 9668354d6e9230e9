"""Steps and wishes that several plants share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from audit.simulator.model import Document, Pair, Receipt, known
from audit.simulator.offices import Office
from audit.simulator.workshop import Window, Workshop

CARELESS_RECIPIENTS: Final = ("H03.38", "H03.36")
CARELESS_SENDERS: Final = ("H03.16", "H03.36")
_CARELESS: Final = 0.5


def pair_of_the_careless(
    workshop: Workshop, window: Window, wish: Callable[[Document], bool], *, senders: bool = False
) -> Pair | None:
    """A pair as `Workshop.take_pair` takes it, every other time of agencies that are known for their carelessness."""
    if workshop.rng.random() < _CARELESS:
        if senders:
            pair = workshop.take_pair(window, lambda document: document.sender in CARELESS_SENDERS and wish(document))
        else:
            pair = workshop.take_pair(window, wish, lambda office: office.code in CARELESS_RECIPIENTS)
        if pair is not None:
            return pair
    return workshop.take_pair(window, wish)


def arrived(workshop: Workshop, pair: Pair, wants_reply: bool | None = False) -> Receipt:
    """Begins the pair anew: sent and taken in by the recipient's system, nothing else; no due date."""
    at, axis_id = workshop.postman.send(pair, workshop.restart(pair))
    receipt = workshop.postman.arrive(pair, axis_id, at, wants_reply)
    receipt.due_day = None
    return receipt


def arrival(receipt: Receipt) -> int:
    """When it arrived."""
    return known(receipt.arrived_at)


def in_progress(workshop: Workshop, pair: Pair, wants_reply: bool | None = True) -> Receipt:
    """Accepted and forwarded in time, and nothing more."""
    receipt = arrived(workshop, pair, wants_reply)
    acknowledged_at, forwarded_at = workshop.postman.handling(pair.document, arrival(receipt))
    workshop.postman.acknowledge(pair, receipt, acknowledged_at)
    workshop.postman.forward(pair, receipt, forwarded_at)
    return receipt


def blame(workshop: Workshop, rule: str, pair: Pair, severity: str, **more: Any) -> None:
    """Notes a finding about the recipient of a pair."""
    workshop.expect(rule, pair.document, pair.recipient, severity, recipient=pair.recipient, **more)


def accuse(workshop: Workshop, rule: str, pair: Pair, severity: str, **more: Any) -> None:
    """Notes a finding about the sender of a pair."""
    workshop.expect(rule, pair.document, pair.document.sender, severity, recipient=pair.recipient, **more)


def note(workshop: Workshop, rule: str, document: Document, severity: str, extra: str = "") -> None:
    """Notes a finding about the sender of a document; anchored at its first send."""
    workshop.expect(rule, document, document.sender, severity, extra=extra, anchor=first_send(document))


def first_send(document: Document) -> int:
    """When it was first sent to anybody."""
    return min(send.sent_at for pair in document.pairs for send in pair.sends)


def without_due(document: Document) -> bool:
    """Ordinary mail without a due date on its face."""
    return not document.urgent and document.due_day is None


def tells_forwarding(office: Office) -> bool:
    """A system that tells of forwarding and completion."""
    return office.reports_forwarding and office.reports_completion
