"""N8–N13: refusals, wrong addresses, and status messages that are out of order, unknown or lost."""

from __future__ import annotations

from audit.simulator.clock import DAY, HOUR, MINUTE, end_of
from audit.simulator.model import Document, Pair, Send
from audit.simulator.numbering import name
from audit.simulator.offices import texts
from audit.simulator.plants.plant import Plant
from audit.simulator.plants.steps import accuse, arrived, blame, first_send, in_progress, tells_forwarding, without_due
from audit.simulator.truth import day_end
from audit.simulator.workshop import Window, Workshop, not_urgent


def at_mid_morning(document: Document) -> bool:
    """Ordinary mail sent while there is enough of the day left for a few statuses."""
    return without_due(document) and 8 * HOUR < document.registered_at % DAY < 10 * HOUR


def refusal_without_reason(workshop: Workshop, window: Window) -> None:
    """N8: returned without a word, or with the status' own name."""
    pair = workshop.take_pair(window, not_urgent)
    if pair is None:
        return
    receipt = arrived(workshop, pair)
    workshop.postman.refuse(pair, receipt, "Từ chối tiếp nhận")
    if workshop.rng.random() < 0.5:
        receipt.return_reason, pair.statuses[-1].description = None, "Từ chối tiếp nhận văn bản điện tử"
    blame(workshop, "refusal_without_reason", pair, "medium", anchor=pair.statuses[-1].at)


def refused_with_reason(workshop: Workshop, window: Window) -> None:
    """Near N8, N9, N4: returned for a good reason that has nothing to do with the address."""
    pair = workshop.take_pair(window, not_urgent)
    if pair is None:
        return
    workshop.postman.refuse(pair, arrived(workshop, pair), "Văn bản thiếu phụ lục I kèm theo")
    for rule in ("refusal_without_reason", "late_forwarding"):
        workshop.spare(rule, pair.document, pair.recipient, recipient=pair.recipient)
    workshop.spare("misrouted", pair.document, pair.document.sender, recipient=pair.recipient, extra="refused")


def misrouted(workshop: Workshop, window: Window) -> None:
    """N9: returned because it was meant for somebody else."""
    pair = workshop.take_pair(window, not_urgent)
    if pair is None:
        return
    workshop.postman.refuse(pair, arrived(workshop, pair), workshop.rng.choice(texts()["reasons"]["misrouted"]))
    accuse(workshop, "misrouted", pair, "medium", extra="refused", anchor=pair.statuses[-1].at)


def unknown_address(workshop: Workshop, window: Window) -> None:
    """N9: to a code that nobody has, or that is none; the axis refuses it, which is no G1."""
    document = workshop.take(window)
    if document is None or document.recipients is None:
        return
    province = next(iter(workshop.offices)).partition(".")[0]
    malformed = workshop.rng.random() < 0.5
    pair = Pair(
        document,
        f"{province}-{workshop.rng.randint(10, 99)}" if malformed else f"{province}.{workshop.rng.randint(80, 99)}",
    )
    at = first_send(document) + 5
    pair.sends.append(Send(workshop.postman.axis_id(), 1, at, "fail", at + 3, error="Đơn vị nhận không tồn tại"))
    document.pairs.append(pair)
    document.recipients.append(pair.recipient)
    accuse(workshop, "misrouted", pair, "medium", extra="malformed" if malformed else "unknown", anchor=at)


def out_of_order(workshop: Workshop, window: Window) -> None:
    """N10: handed on before it was accepted, accepted after it was refused, or answered before it was sent."""
    pair = workshop.take_pair(window, at_mid_morning, tells_forwarding)
    if pair is None:
        return
    fault = workshop.rng.choice(("before_03", "after_02", "before_send"))
    receipt = arrived(workshop, pair)
    at = receipt.state_at + 20 * MINUTE
    if fault == "after_02":
        receipt.returned_at, receipt.return_reason = at, "Tệp đính kèm không mở được"
        workshop.postman.answer(pair, "02", at, receipt.axis_id, receipt.return_reason)
        workshop.postman.answer(pair, "03", at + 30 * MINUTE, receipt.axis_id)
    else:
        receipt.registered_at = receipt.forwarded_at = at
        workshop.postman.answer(pair, "04", at, receipt.axis_id)
        workshop.postman.answer(pair, "03", at + (0 if fault == "before_send" else 15 * MINUTE), receipt.axis_id)
    if fault == "before_send":
        first = pair.statuses[0]
        first.at = pair.sends[0].sent_at - workshop.rng.randint(6, 40) * MINUTE
        first.in_recipient_log_at = first.in_sender_log_at = receipt.state_at
    last = max(status.at for status in pair.statuses)
    blame(workshop, "status_out_of_order", pair, "low", extra=fault, anchor=last)


def clock_four_minutes_slow(workshop: Workshop, window: Window) -> None:
    """Near N10: accepted and handed on in one second, by a clock that is four minutes slow."""
    pair = workshop.take_pair(window, at_mid_morning, tells_forwarding)
    if pair is None:
        return
    receipt = arrived(workshop, pair)
    receipt.registered_at = receipt.forwarded_at = receipt.state_at + MINUTE
    pair.statuses[0].at = pair.sends[0].sent_at - 4 * MINUTE
    for code in ("04", "03"):
        workshop.postman.answer(pair, code, receipt.registered_at, receipt.axis_id)
    for fault in ("before_03", "before_send"):
        workshop.spare("status_out_of_order", pair.document, pair.recipient, recipient=pair.recipient, extra=fault)


def unknown_status(workshop: Workshop, window: Window) -> None:
    """N11: a code that the axis does not have, or none."""
    pair = workshop.take_pair(window, not_urgent)
    if pair is None:
        return
    receipt = in_progress(workshop, pair, False)
    code = workshop.rng.choice(("07", "99", "21", "103", None))
    at = max(status.at for status in pair.statuses) + 3 * MINUTE
    workshop.postman.answer(pair, code, at, receipt.axis_id, "Đã xem")
    blame(workshop, "unknown_status", pair, "low", extra=code or "missing", anchor=at)


def lost_status(workshop: Workshop, window: Window) -> None:
    """N12: the recipient's log has it, the sender's never got it."""
    pair = workshop.take_pair(window, not_urgent, tells_forwarding)
    if pair is None:
        return
    in_progress(workshop, pair, False)
    code = workshop.rng.choice(("03", "04"))
    lost = next(status for status in pair.statuses if status.code == code)
    lost.in_sender_log_at = None
    visible_from = end_of(lost.at // DAY + 1)
    more = {"extra": code, "anchor": lost.at + 4 * HOUR, "anchored": "deadline", "visible_from": visible_from}
    accuse(workshop, "lost_status", pair, "medium", **more)


def status_late_in_log(workshop: Workshop, window: Window) -> None:
    """Near N12: the sender's system fetched it three hours later."""
    pair = workshop.take_pair(window, at_mid_morning, tells_forwarding)
    if pair is None:
        return
    in_progress(workshop, pair, False)
    for status in pair.statuses:
        status.in_sender_log_at = status.at + 3 * HOUR
    for code in ("03", "04"):
        workshop.spare("lost_status", pair.document, pair.document.sender, recipient=pair.recipient, extra=code)


def unmatched_receipt(workshop: Workshop, window: Window) -> None:
    """N13: entered into the register as electronic, under a number that its sender never sent."""
    model = workshop.take_pair(window, without_due)
    if model is None or workshop.offices[model.document.sender].register_whole:
        return
    office, twin = workshop.offices[model.document.sender], model.document
    day = twin.registered_at // DAY
    stray = workshop.drafter.document(office, day)
    stray.signed_at, stray.registered_at, stray.issued_day, stray.due_day = (
        twin.signed_at,
        twin.registered_at,
        twin.issued_day,
        None,
    )
    stray.urgency, stray.notation, stray.doc_type, stray.topic = "thuong", twin.notation, twin.doc_type, twin.topic
    stray.subject, stray.number = twin.subject, workshop.unused_number(twin)
    stray.recipients, stray.has_row, stray.marked = [model.recipient], False, True
    name(stray)
    pair = Pair(stray, model.recipient)
    stray.pairs.append(pair)
    workshop.add(stray)
    receipt = workshop.postman.arrive(pair, workshop.postman.axis_id(), first_send(twin) + MINUTE, False)
    acknowledged_at, forwarded_at = workshop.postman.handling(stray, receipt.state_at)
    workshop.postman.acknowledge(pair, receipt, acknowledged_at)
    workshop.postman.forward(pair, receipt, forwarded_at)
    for status in pair.statuses:
        status.in_sender_log_at = None
    blame(workshop, "unmatched_receipt", pair, "low", anchor=receipt.state_at, visible_from=day_end(receipt.state_at))


PLANTS = (
    Plant(refusal_without_reason, 4),
    Plant(refused_with_reason, 1),
    Plant(misrouted, 3),
    Plant(unknown_address, 2),
    Plant(out_of_order, 3),
    Plant(clock_four_minutes_slow, 1),
    Plant(unknown_status, 3),
    Plant(lost_status, 4),
    Plant(status_late_in_log, 1),
    Plant(unmatched_receipt, 2),
)
