"""G — sending (rules.md section 2)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from . import normalise as n
from .build import World
from .facts import Message, message_arrival, messages, urgency_of
from .member import About, Charge, Member, about_document, about_pair, blamed_for_deadline, blamed_for_event
from .rules_refusal import address_fault
from .world import Document, Pair


def _messages_to_judge(world: World) -> Iterator[tuple[Pair, Message, datetime | None, About]]:
    """ "pair (also each message of type 1 and 2)" with its sends, its arrival, and what a finding is about.

    Left out: "Failed receipts are N1 and no arrival …; their pairs have no G1, G2"; "Pairs with N9 by code have no G1, G2";
    "Failed or lost recall messages are G1, G2 of that message" (READING 21: whatever their receipts).
    """
    for pair in world.pairs:
        if address_fault(world, pair) is not None:
            continue
        facts = world.facts(pair)
        about = about_pair(pair, facts)
        if pair.sends and not facts.failed_receipt:
            yield pair, pair.sends, facts.arrival, about
        for message in messages(pair, (1, 2)):
            yield pair, message, message_arrival(pair, message, world), about


def _extra(message: Message) -> str:
    """ "G1, G2 of a message of type 1 or 2: extra = its `sent_at`"."""
    return n.stamp(message[0].sent_at) if message[0].type in (1, 2) else ""


def g1(world: World) -> Iterator[Member]:
    """failed_send. Anchor: "first send in the period"."""
    for pair, sends, arrival, about in _messages_to_judge(world):
        anchor = sends[0].sent_at
        agency = blamed_for_event(world, pair.document.sender, anchor)
        if (
            not world.happened_in_period(anchor)
            or agency is None
            or not world.registry.keeps(agency, "sends", "statuses")
        ):
            continue
        if arrival is not None or any(send.state == "done" for send in sends):
            yield Member(agency)  # "no send `done`, …, no arrival": compliance follows from rows in hand
            continue
        # Needed: "the blamed agency's from the anchor to `as_of`"
        needed = (n.local_day(anchor), n.ended_day(world.as_of))
        if not world.coverage.complete(pair.document.sender, *needed, "sends", "statuses"):
            yield Member(agency, decided=False)
        elif sends[-1].state == "fail":  # "the latest `fail`"
            severity = "critical" if world.facts(pair).urgency else "high"  # "high; critical if urgent"
            yield Member(agency, [Charge(about, anchor, _extra(sends), severity=severity)])
        else:
            yield Member(agency)


def g2(world: World) -> Iterator[Member]:
    """undelivered. "deadline = latest such send + [4 h] elapsed"; breach: "not arrived by `as_of`"."""
    for pair, sends, arrival, about in _messages_to_judge(world):
        underway = [send for send in sends if send.state != "fail"]
        if not underway:
            continue
        sent_at = underway[-1].sent_at
        deadline = sent_at + timedelta(hours=world.limit("undelivered_hours"))
        agency = blamed_for_deadline(world, pair.document.sender, deadline)
        if not world.due_in_period(deadline) or agency is None or not world.registry.keeps(agency, "sends", "statuses"):
            continue
        if arrival is not None:
            yield Member(agency)
        elif not _g2_covered(world, pair, n.local_day(sent_at), n.ended_day(deadline)):
            yield Member(agency, decided=False)
        else:
            yield Member(agency, [Charge(about, deadline, _extra(sends), deadline)])


def _g2_covered(world: World, pair: Pair, first: date, last: date) -> bool:
    """ "G2 the sender's from the send to its deadline, and the recipient's if it is in scope and pulled".

    READING 22: of a recipient that keeps not all tables, the tables that it keeps.
    """
    if not world.coverage.complete(pair.document.sender, first, last, "sends", "statuses"):
        return False
    recipient = world.registry.answering(pair.recipient, last)
    if recipient is None or not world.registry.flag(recipient, "pulled"):
        return True
    kept = [table for table in ("receipts", "statuses") if table in world.registry.tables(recipient)]
    return world.coverage.complete(pair.recipient, first, last, *kept)


def _first_sends(document: Document) -> list[datetime | None]:
    """First send to each of its electronic recipients, None where there was none."""
    recipients = document.row.recipients if document.row else []
    pairs = [document.pairs.get(recipient) for recipient in recipients]
    return [pair.sends[0].sent_at if pair and pair.sends else None for pair in pairs]


def _day_of_signing(document: Document) -> date | None:
    """ "D = local day of `signed_at`, else `issued_date`"."""
    row = document.row
    if row is None:
        return None
    return n.local_day(row.signed_at) if row.signed_at else row.issued


def _judged_by_day(world: World) -> Iterator[tuple[Document, date]]:
    """G3, G4: documents with recipients that are "not urgent"; "An urgent document without `signed_at` is judged by G3 and G4"."""
    for document in world.documents:
        on = _day_of_signing(document)
        if document.row is None or not document.row.recipients or on is None:
            continue
        if urgency_of(document.row.urgency) is None or document.row.signed_at is None:
            yield document, on


def g3(world: World) -> Iterator[Member]:
    """late_send: after the morning, in time for G4."""
    for document, on in _judged_by_day(world):
        due_on = world.calendar.next_working_day(on)
        deadline, last = world.calendar.end_of_morning(due_on), n.end_of_day(due_on)
        sent = _first_sends(document)
        late = any(at is None or at > deadline for at in sent)
        # "none after G4's deadline, none missing"
        only_late = late and all(at is not None and at <= last for at in sent)
        # "G3 is decided once G4's deadline is ≤ `as_of` or all recipients were sent to"
        known = last <= world.as_of or None not in sent
        yield from _sent_late(world, document, (on, deadline), late, only_late, known)


def g4(world: World) -> Iterator[Member]:
    """overdue_send: "first send to some recipient after it, or none"."""
    for document, on in _judged_by_day(world):
        deadline = n.end_of_day(world.calendar.next_working_day(on))
        late = any(at is None or at > deadline for at in _first_sends(document))
        yield from _sent_late(world, document, (on, deadline), late, late)


def g5(world: World) -> Iterator[Member]:
    """late_urgent_send: "urgent document with `signed_at` and recipients"."""
    for document in world.documents:
        row = document.row
        urgency = urgency_of(row.urgency) if row else None
        if row is None or urgency is None or row.signed_at is None or not row.recipients:
            continue
        deadline = row.signed_at + timedelta(minutes=world.limit("urgent_send_minutes")[urgency])
        late = any(at is None or at > deadline for at in _first_sends(document))
        severity = "critical" if urgency == "hoa_toc" else None  # "high; critical for hoa_toc"
        for member in _sent_late(world, document, (n.local_day(row.signed_at), deadline), late, late):
            yield Member(
                member.agency,
                [Charge(c.about, c.anchored_at, "", c.deadline_at, severity) for c in member.charges],
                member.decided,
            )


def _sent_late(
    world: World, document: Document, term: tuple[date, datetime], late: bool, breach: bool, known: bool = True
) -> Iterator[Member]:
    """A document with its deadline: in time by rows in hand, or decided by "the sender's sends from D to the deadline"."""
    first, deadline = term
    agency = blamed_for_deadline(world, document.sender, deadline)
    if not world.due_in_period(deadline) or agency is None or not world.registry.keeps(agency, "sends"):
        return
    if not late:
        yield Member(agency)
    elif not known or not world.coverage.complete(document.sender, first, n.ended_day(deadline), "sends"):
        yield Member(agency, decided=False)
    elif breach:
        yield Member(agency, [Charge(about_document(document), deadline, "", deadline)])
    else:
        yield Member(agency)


RULES = {"G1": g1, "G2": g2, "G3": g3, "G4": g4, "G5": g5}
