"""N: what recipients do late, wrongly or not at all."""

from __future__ import annotations

from audit.simulator.clock import DAY, HOUR, MINUTE, MORNING_OPENS, end_of
from audit.simulator.delivery import FORWARD_MINUTES, RESOLVE_HOURS
from audit.simulator.model import Document, Pair, Receipt
from audit.simulator.plants.plant import Plant
from audit.simulator.plants.steps import (
    arrival,
    arrived,
    blame,
    in_progress,
    pair_of_the_careless,
    tells_forwarding,
    without_due,
)
from audit.simulator.truth import FOREVER
from audit.simulator.workshop import Window, Workshop, not_urgent, urgent


def failed_receipt(workshop: Workshop, window: Window) -> None:
    """N1: the recipient's system could not read the packet; whatever the sender's axis says."""
    pair = workshop.take_pair(window)
    if pair is None:
        return
    at, axis_id = workshop.postman.send(pair, workshop.restart(pair))
    pair.receipts.append(Receipt(axis_id, at, "fail", at + 2, error="Lỗi giải mã gói tin edXML"))
    blame(workshop, "failed_receipt", pair, "high", anchor=at)


def received_at_second_try(workshop: Workshop, window: Window) -> None:
    """Near N1: the packet failed, was sent again and read."""
    pair = workshop.take_pair(window, not_urgent)
    if pair is None:
        return
    at = workshop.restart(pair)
    done_at, axis_id = workshop.postman.send(pair, at)
    pair.receipts.append(Receipt(axis_id, done_at, "fail", done_at + 2, error="Lỗi giải mã gói tin edXML"))
    pair.sends[-1].state, pair.sends[-1].error = "fail", "Lỗi giải mã gói tin edXML"
    second_at, axis_id = workshop.postman.send(pair, done_at + 10 * MINUTE)
    workshop.postman.receive(pair, axis_id, second_at, False)
    workshop.spare("failed_receipt", pair.document, pair.recipient, recipient=pair.recipient)


def unanswered(workshop: Workshop, window: Window) -> None:
    """N2, and once its limit has passed N5: taken in by the system, and nobody looked."""
    pair = pair_of_the_careless(workshop, window, without_due)
    if pair is None:
        return
    wants_reply = workshop.rng.random() < 0.3
    receipt = arrived(workshop, pair, wants_reply)
    day = workshop.clock.effective_day(arrival(receipt))
    blame(workshop, "unanswered_receipt", pair, "high", anchor=end_of(day), anchored="deadline")
    if wants_reply and workshop.offices[pair.recipient].reports_completion:
        limit = end_of(workshop.clock.working_after(day, 10))
        blame(
            workshop,
            "backlog",
            pair,
            "high",
            anchor=limit,
            anchored="open",
            opened_at=arrival(receipt),
            visible_from=limit + 1,
        )


def late_acknowledgement(workshop: Workshop, window: Window) -> None:
    """N3: accepted the working day after; until then it is N2."""
    pair = pair_of_the_careless(workshop, window, without_due)
    if pair is None:
        return
    receipt = arrived(workshop, pair)
    day = workshop.clock.effective_day(arrival(receipt))
    at = workshop.clock.next_working(day) * DAY + MORNING_OPENS + workshop.rng.randint(5 * MINUTE, 8 * HOUR)
    workshop.postman.acknowledge(pair, receipt, at)
    workshop.postman.forward(pair, receipt, at + workshop.rng.randint(0, 5 * MINUTE))
    deadline = end_of(day)
    blame(workshop, "unanswered_receipt", pair, "high", anchor=deadline, anchored="deadline", visible_until=at)
    blame(workshop, "late_acknowledgement", pair, "medium", anchor=deadline, anchored="deadline", visible_from=at)


def acknowledged_at_midnight(workshop: Workshop, window: Window) -> None:
    """Near N2 and N3: it arrived just after closing time, and was accepted at the end of the next working day."""
    pair = workshop.take_pair(window, _registered_early)
    if pair is None:
        return
    arrived_at = workshop.clock.close(pair.document.issued_day)
    axis_id = workshop.postman.axis_id()
    workshop.restart(pair)
    workshop.postman.send(pair, arrived_at - 20)
    pair.sends[-1].axis_id, pair.sends[-1].state_at = axis_id, arrived_at
    receipt = workshop.postman.arrive(pair, axis_id, arrived_at, False)
    day = workshop.clock.effective_day(arrived_at)
    at = end_of(day) - 1
    workshop.postman.acknowledge(pair, receipt, at)
    workshop.postman.forward(pair, receipt, at + workshop.rng.randint(1, HOUR))
    workshop.spare("unanswered_receipt", pair.document, pair.recipient, recipient=pair.recipient)
    workshop.spare("late_acknowledgement", pair.document, pair.recipient, recipient=pair.recipient)


def _registered_early(document: Document) -> bool:
    """Signed and sealed on one day, well before the office closes."""
    same_day = document.signed_at is not None and document.signed_at // DAY == document.registered_at // DAY
    return same_day and without_due(document) and document.registered_at % DAY < 16 * HOUR


def late_forwarding(workshop: Workshop, window: Window) -> None:
    """N4: accepted in time, then left at the clerk's for two working days."""
    pair = workshop.take_pair(window, without_due, tells_forwarding)
    if pair is None:
        return
    receipt = arrived(workshop, pair)
    day = workshop.clock.effective_day(arrival(receipt))
    workshop.postman.acknowledge(pair, receipt, workshop.postman.handling(pair.document, arrival(receipt))[0])
    deadline = end_of(workshop.clock.next_working(day))
    late = (
        workshop.clock.working_after(day, workshop.rng.randint(2, 4)) * DAY
        + 9 * HOUR
        + workshop.rng.randint(0, 2 * HOUR)
    )
    workshop.postman.forward(pair, receipt, late)
    blame(workshop, "late_forwarding", pair, "medium", anchor=deadline, anchored="deadline")


def late_urgent_forwarding(workshop: Workshop, window: Window) -> None:
    """N4 of an urgent document: hours, not days."""
    pair = workshop.take_pair(window, urgent, tells_forwarding)
    if pair is None:
        return
    receipt = arrived(workshop, pair)
    limit = FORWARD_MINUTES[pair.document.urgency or ""] * MINUTE
    workshop.postman.acknowledge(pair, receipt, arrival(receipt) + workshop.rng.randint(60, limit))
    late = arrival(receipt) + limit + workshop.rng.randint(5 * MINUTE, 70 * MINUTE)
    workshop.postman.forward(pair, receipt, late)
    blame(workshop, "late_forwarding", pair, "high", anchor=arrival(receipt) + limit, anchored="deadline")


def forwarded_in_time(workshop: Workshop, window: Window) -> None:
    """Near N4: forwarded in the last minute."""
    pair = workshop.take_pair(window, without_due, tells_forwarding)
    if pair is None:
        return
    receipt = arrived(workshop, pair)
    day = workshop.clock.effective_day(arrival(receipt))
    workshop.postman.acknowledge(pair, receipt, workshop.postman.handling(pair.document, arrival(receipt))[0])
    workshop.postman.forward(pair, receipt, end_of(workshop.clock.next_working(day)) - 30)
    workshop.spare("late_forwarding", pair.document, pair.recipient, recipient=pair.recipient)


def overdue(workshop: Workshop, window: Window) -> None:
    """N5: forwarded, and not done by the due date; sometimes done days later, which is N7 from then on."""
    earlier = Window(window.first - 7, window.first, window.first, window.dense)
    pair = workshop.take_pair(earlier, without_due, tells_forwarding)
    if pair is None:
        return
    receipt = in_progress(workshop, pair)
    first = workshop.clock.working_after(max(receipt.forwarded_at or 0, window.first * DAY) // DAY - 1, 1)
    receipt.due_day = workshop.clock.working_after(first, workshop.rng.randint(0, 2))
    _leave_open(workshop, pair, receipt, end_of(receipt.due_day))


def never_finished(workshop: Workshop, window: Window) -> None:
    """N5 without a due date: ten working days and nothing."""
    earlier = Window(window.first - 17, window.first - 11, window.first - 11, window.dense)
    pair = workshop.take_pair(earlier, without_due, tells_forwarding)
    if pair is None:
        return
    receipt = in_progress(workshop, pair)
    limit = end_of(workshop.clock.working_after(workshop.clock.effective_day(arrival(receipt)), 10))
    _leave_open(workshop, pair, receipt, limit)


def due_on_last_day(workshop: Workshop, window: Window) -> None:
    """Near N5 and N7: still open when its last day ends, and done at 24:00 sharp."""
    earlier = Window(window.first - 7, window.first, window.first, window.dense)
    pair = workshop.take_pair(earlier, without_due, tells_forwarding)
    if pair is None:
        return
    receipt = in_progress(workshop, pair)
    receipt.due_day = window.end - 1
    workshop.postman.complete(pair, receipt, end_of(receipt.due_day))
    workshop.spare("backlog", pair.document, pair.recipient, recipient=pair.recipient)
    workshop.spare("late_processing", pair.document, pair.recipient, recipient=pair.recipient)


def urgent_unfinished(workshop: Workshop, window: Window) -> None:
    """N6: an urgent document, forwarded at once and then forgotten; some, never all of a dense week, are done late."""
    pair = workshop.take_pair(window, urgent, tells_forwarding)
    if pair is None:
        return
    receipt = arrived(workshop, pair, True)
    acknowledged_at, forwarded_at = workshop.postman.handling(pair.document, arrival(receipt))
    workshop.postman.acknowledge(pair, receipt, acknowledged_at)
    workshop.postman.forward(pair, receipt, forwarded_at)
    limit = arrival(receipt) + RESOLVE_HOURS[pair.document.urgency or ""] * HOUR
    closed_at = FOREVER
    others = any(one.rule == "urgent_backlog" and one.opened_at >= window.first * DAY for one in workshop.truth)
    if workshop.rng.random() < 0.5 and (others or not window.dense):
        closed_at = limit + workshop.rng.randint(2 * HOUR, 60 * HOUR)
        workshop.postman.complete(pair, receipt, closed_at)
    more = {"anchor": limit, "anchored": "open", "opened_at": arrival(receipt), "visible_from": limit + 1}
    blame(workshop, "urgent_backlog", pair, "critical", **more, visible_until=closed_at)


def _leave_open(workshop: Workshop, pair: Pair, receipt: Receipt, limit: int) -> None:
    """Open beyond its limit; done some days later or never."""
    closed_at = FOREVER
    if workshop.rng.random() < 0.5:
        day = workshop.clock.working_after(limit // DAY - 1, workshop.rng.randint(1, 3))
        closed_at = day * DAY + 9 * HOUR + workshop.rng.randint(0, 2 * HOUR)
        workshop.postman.complete(pair, receipt, closed_at)
    more = {"anchor": limit, "anchored": "open", "opened_at": arrival(receipt), "visible_from": limit + 1}
    blame(workshop, "backlog", pair, "high", **more, visible_until=closed_at)
    if closed_at < FOREVER and receipt.due_day is not None:
        blame(workshop, "late_processing", pair, "high", anchor=closed_at)


PLANTS = (
    Plant(failed_receipt, 4),
    Plant(received_at_second_try, 1),
    Plant(unanswered, 36),
    Plant(late_acknowledgement, 40),
    Plant(acknowledged_at_midnight, 1),
    Plant(late_forwarding, 16),
    Plant(late_urgent_forwarding, 2),
    Plant(forwarded_in_time, 1),
    Plant(overdue, 18),
    Plant(never_finished, 8),
    Plant(due_on_last_day, 1),
    Plant(urgent_unfinished, 3),
)
