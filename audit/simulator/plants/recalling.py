"""R1, and the messages of type 1 and 2 that G1 and G2 watch: recalls and updates."""

from __future__ import annotations

from audit.simulator.clock import DAY, HOUR, MINUTE, MORNING_OPENS, end_of, utc_text
from audit.simulator.model import Pair, Send, Status
from audit.simulator.plants.plant import Plant
from audit.simulator.plants.steps import accuse, arrival, blame, in_progress, without_due
from audit.simulator.truth import Severity
from audit.simulator.workshop import Window, Workshop

RECALL, UPDATE = 1, 2
_REASONS = {RECALL: "Thu hồi do ban hành nhầm", UPDATE: "Cập nhật trích yếu"}


def settled_pair(workshop: Workshop, window: Window) -> tuple[Pair, int] | None:
    """A pair that has been accepted and forwarded, and an instant on the next working morning to say something more."""
    pair = workshop.take_pair(window, without_due)
    if pair is None:
        return None
    receipt = in_progress(workshop, pair, False)
    after = max(workshop.clock.effective_day(arrival(receipt)), (receipt.forwarded_at or 0) // DAY)
    return pair, workshop.clock.next_working(after) * DAY + MORNING_OPENS + workshop.rng.randint(10 * MINUTE, 4 * HOUR)


def say(workshop: Workshop, pair: Pair, at: int, business_type: int) -> tuple[int, str]:
    """Sends a recall or an update that arrives; returns when, and its message id."""
    arrived_at, axis_id = workshop.postman.send(pair, at, business_type=business_type)
    pair.sends[-1].reason = _REASONS[business_type]
    receipt = workshop.postman.arrive(pair, axis_id, arrived_at, False, business_type)
    receipt.sha256, receipt.due_day = None, None
    return arrived_at, axis_id


def unanswered_recall(workshop: Workshop, window: Window) -> None:
    """R1: a recall or an update that nobody answers, or a request to take back (13)."""
    found = settled_pair(workshop, window)
    if found is None:
        return
    pair, at = found
    if workshop.rng.random() < 0.25:
        pair.statuses.append(
            Status("13", at, False, at + 4, at, workshop.postman.axis_id(), "Yêu cầu lấy lại: gửi nhầm dự thảo")
        )
        arrived_at = at
    else:
        arrived_at, _ = say(workshop, pair, at, workshop.rng.choice((RECALL, UPDATE)))
    deadline = end_of(workshop.clock.effective_day(arrived_at))
    blame(workshop, "unanswered_recall", pair, "high", extra=utc_text(at), anchor=deadline, anchored="deadline")


def recall_answered(workshop: Workshop, window: Window) -> None:
    """Near R1 and L1: answered in the last minutes of the day; then the right document is sent."""
    found = settled_pair(workshop, window)
    if found is None:
        return
    pair, at = found
    arrived_at, axis_id = say(workshop, pair, at, RECALL)
    answered_at = end_of(workshop.clock.effective_day(arrived_at)) - 2 * MINUTE
    workshop.postman.answer(pair, "15", answered_at, axis_id)
    again = answered_at + MINUTE
    workshop.postman.send(pair, again)
    workshop.spare("unanswered_recall", pair.document, pair.recipient, recipient=pair.recipient, extra=utc_text(at))
    workshop.spare(
        "duplicate_send", pair.document, pair.document.sender, recipient=pair.recipient, extra=utc_text(again)
    )


def failed_recall(workshop: Workshop, window: Window) -> None:
    """G1 or G2 of a recall: the recipient never learns of it."""
    found = settled_pair(workshop, window)
    if found is None:
        return
    pair, at = found
    if workshop.rng.random() < 0.5:
        workshop.postman.fail(pair, at, business_type=RECALL)
        severity: Severity = "high"
        accuse(workshop, "failed_send", pair, severity, extra=utc_text(at), anchor=at)
    else:
        pair.sends.append(
            Send(workshop.postman.axis_id(), len(pair.sends) + 1, at, "processing", at + 3, RECALL, _REASONS[RECALL])
        )
        more = {"extra": utc_text(at), "anchor": at + 4 * HOUR, "anchored": "deadline"}
        accuse(workshop, "undelivered", pair, "high", **more)


PLANTS = (Plant(unanswered_recall, 3), Plant(recall_answered, 1), Plant(failed_recall, 2))
