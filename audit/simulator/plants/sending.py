"""G: documents that fail, get lost, or leave late; and L1, the same document sent twice."""

from __future__ import annotations

from audit.simulator.clock import DAY, HOUR, MINUTE, end_of, utc_text
from audit.simulator.delivery import FORWARD_MINUTES
from audit.simulator.model import Document, Pair, Send
from audit.simulator.plants.plant import Plant
from audit.simulator.plants.steps import pair_of_the_careless
from audit.simulator.truth import Severity
from audit.simulator.workshop import Window, Workshop, any_document, not_urgent, urgent

SEND_MINUTES = FORWARD_MINUTES


def failed_send(workshop: Workshop, window: Window) -> None:
    """G1: every attempt fails; the recipient never sees anything."""
    pair = pair_of_the_careless(workshop, window, any_document, senders=True)
    if pair is None:
        return
    at = workshop.restart(pair)
    for attempt in range(workshop.rng.randint(1, 3)):
        workshop.postman.fail(pair, at + attempt * 7 * MINUTE)
    severity: Severity = "critical" if pair.document.urgent else "high"
    workshop.expect("failed_send", pair.document, pair.document.sender, severity, recipient=pair.recipient, anchor=at)


def resent_after_failure(workshop: Workshop, window: Window) -> None:
    """Near G1 and L1: it failed twice, the third attempt arrived."""
    pair = workshop.take_pair(window, not_urgent)
    if pair is None:
        return
    at = workshop.restart(pair)
    workshop.postman.fail(pair, at)
    workshop.postman.fail(pair, at + 5 * MINUTE)
    arrived_at, axis_id = workshop.postman.send(pair, at + 15 * MINUTE)
    workshop.postman.receive(pair, axis_id, arrived_at, False)
    workshop.spare("failed_send", pair.document, pair.document.sender, recipient=pair.recipient)
    again = utc_text(at + 15 * MINUTE)
    workshop.spare("duplicate_send", pair.document, pair.document.sender, recipient=pair.recipient, extra=again)


def undelivered(workshop: Workshop, window: Window) -> None:
    """G2: either the axis never finishes, or it says done and the recipient's log knows nothing of it."""
    pair = pair_of_the_careless(workshop, window, any_document, senders=True)
    if pair is None:
        return
    at = workshop.restart(pair)
    visible_from = 0
    if workshop.rng.random() < 0.5:
        state = workshop.rng.choice(("initial", "processing"))
        pair.sends.append(Send(workshop.postman.axis_id(), 1, at, state, at + 2))
    else:
        done_at, _ = workshop.postman.send(pair, at)
        visible_from = end_of(done_at // DAY + 1)  # only the recipient's whole next day proves that it came to nobody
    expect_undelivered(workshop, pair, at, visible_from)


def expect_undelivered(workshop: Workshop, pair: Pair, sent_at: int, visible_from: int = 0) -> None:
    """Notes a G2 of a pair last sent at `sent_at`."""
    document = pair.document
    more = {"anchor": sent_at + 4 * HOUR, "anchored": "deadline", "visible_from": visible_from}
    workshop.expect("undelivered", document, document.sender, "high", recipient=pair.recipient, **more)


def slow_delivery(workshop: Workshop, window: Window) -> None:
    """Near G2: the axis took three hours and 59 minutes."""
    pair = workshop.take_pair(window, lambda document: not document.urgent and document.registered_at % DAY < 12 * HOUR)
    if pair is None:
        return
    at = workshop.restart(pair)
    arrived_at, axis_id = at + 4 * HOUR - MINUTE, workshop.postman.axis_id()
    pair.sends.append(Send(axis_id, 1, at, "done", arrived_at))
    workshop.postman.receive(pair, axis_id, arrived_at, False)
    workshop.spare("undelivered", pair.document, pair.document.sender, recipient=pair.recipient)


def late_send(workshop: Workshop, window: Window) -> None:
    """G3: sent in the afternoon of the working day after signing, to all or to one recipient."""
    document = workshop.take(window, not_urgent)
    if document is None:
        return
    day = _day_after_signing(workshop, document)
    at = workshop.clock.noon(day) + workshop.rng.randint(2 * HOUR, 5 * HOUR)
    _send_late(workshop, document, at)
    deadline = workshop.clock.noon(day)
    # as long as G4's deadline lies ahead and not all have it, nothing is decided; both lie on one day
    workshop.expect("late_send", document, document.sender, "medium", anchor=deadline, anchored="deadline")


def last_minute_send(workshop: Workshop, window: Window) -> None:
    """Near G3: the last recipient's send stands at the very end of the morning."""
    document = workshop.take(window, not_urgent)
    if document is None:
        return
    deadline = workshop.clock.noon(_day_after_signing(workshop, document))
    document.due_day = None
    for place, pair in enumerate(document.pairs):
        workshop.postman.deliver_pair(pair, deadline - 2 * (len(document.pairs) - 1 - place), False)
    workshop.spare("late_send", document, document.sender)
    workshop.spare("overdue_send", document, document.sender)


def overdue_send(workshop: Workshop, window: Window) -> None:
    """G4: sent days later, or one recipient never."""
    document = workshop.take(window, not_urgent)
    if document is None:
        return
    day = _day_after_signing(workshop, document)
    if workshop.rng.random() < 0.6:
        late = workshop.clock.working_after(day, workshop.rng.randint(1, 3))
        _send_late(workshop, document, late * DAY + 8 * HOUR + workshop.rng.randint(0, 2 * HOUR))
    else:
        workshop.restart(workshop.rng.choice(document.pairs))
    workshop.expect("overdue_send", document, document.sender, "high", anchor=end_of(day), anchored="deadline")


def late_urgent_send(workshop: Workshop, window: Window) -> None:
    """G5: an urgent document that lay about after signing."""
    document = workshop.take(window, urgent)
    if document is None or document.signed_at is None:
        return
    deadline = document.signed_at + SEND_MINUTES[document.urgency or ""] * MINUTE
    at = deadline + workshop.rng.randint(5 * MINUTE, 60 * MINUTE)
    workshop.postman.deliver(document, at)
    severity: Severity = "critical" if document.urgency == "hoa_toc" else "high"
    workshop.expect("late_urgent_send", document, document.sender, severity, anchor=deadline, anchored="deadline")


def urgent_in_time(workshop: Workshop, window: Window) -> None:
    """Near G5: sent at the last second of the limit."""
    document = workshop.take(window, urgent)
    if document is None or document.signed_at is None:
        return
    deadline = document.signed_at + SEND_MINUTES[document.urgency or ""] * MINUTE
    for pair in document.pairs:
        workshop.postman.deliver_pair(pair, deadline)
    workshop.spare("late_urgent_send", document, document.sender)


def duplicate_send(workshop: Workshop, window: Window) -> None:
    """L1: sent again although it had arrived; the recipient's system drops the second one."""
    pair = workshop.take_pair(window, not_urgent)
    if pair is None or pair.status("02") is not None:
        return
    again = pair.sends[-1].sent_at + workshop.rng.randint(30 * MINUTE, 3 * HOUR)
    workshop.postman.send(pair, again)
    document = pair.document
    more = {"recipient": pair.recipient, "extra": utc_text(again), "anchor": again}
    workshop.expect("duplicate_send", document, document.sender, "medium", **more)


def withdrawn_duplicate(workshop: Workshop, window: Window) -> None:
    """Near L1: entered a second time by mistake, and the row withdrawn at once (`deleted`)."""
    pair = workshop.take_pair(window, not_urgent)
    if pair is None:
        return
    again = pair.sends[-1].sent_at + 20 * MINUTE
    workshop.postman.send(pair, again)
    pair.sends[-1].withdrawn = True
    more = {"recipient": pair.recipient, "extra": utc_text(again)}
    workshop.spare("duplicate_send", pair.document, pair.document.sender, **more)


def _day_after_signing(workshop: Workshop, document: Document) -> int:
    signed_at = document.issued_day * DAY if document.signed_at is None else document.signed_at
    return workshop.clock.next_working(signed_at // DAY)


def _send_late(workshop: Workshop, document: Document, at: int) -> None:
    """Sends the document, or to one recipient only, at `at`; without a due date, which lateness would put in danger."""
    document.due_day = None
    if workshop.rng.random() < 0.5:
        workshop.postman.deliver(document, at)
    else:
        for pair in document.pairs:
            for receipt in pair.receipts:
                receipt.due_day = None
        workshop.postman.deliver_pair(workshop.rng.choice(document.pairs), at, False)


PLANTS = (
    Plant(failed_send, 6),
    Plant(resent_after_failure, 1),
    Plant(undelivered, 6),
    Plant(slow_delivery, 1),
    Plant(late_send, 6),
    Plant(last_minute_send, 1),
    Plant(overdue_send, 4),
    Plant(late_urgent_send, 3),
    Plant(urgent_in_time, 1),
    Plant(duplicate_send, 4),
    Plant(withdrawn_duplicate, 1),
)
