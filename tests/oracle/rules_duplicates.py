"""L — duplicates (rules.md section 2)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from . import normalise as n
from .build import World
from .member import Charge, Member, about_document, about_pair, blamed_for_event
from .rows import SendRow
from .world import Document, Pair, differ, main_hash


def l1(world: World) -> Iterator[Member]:
    """duplicate_send. Member: "send of type 0 in the period"; extra = `sent_at`."""
    for pair in world.pairs:
        chain = pair.sends
        for position, send in enumerate(chain):
            agency = blamed_for_event(world, pair.document.sender, send.sent_at)
            if send.type != 0 or not world.happened_in_period(send.sent_at) or agency is None:
                continue
            if not world.registry.keeps(agency, "sends", "statuses"):
                continue
            suspects = [earlier for earlier in chain[:position] if _came_through(pair, earlier, send.sent_at)]
            suspects = [earlier for earlier in suspects if not _excused(world, pair, earlier, send)]
            # "L1 the sender's sends and statuses between the two"
            proved = any(
                world.coverage.complete(
                    pair.document.sender, n.local_day(earlier.sent_at), n.local_day(send.sent_at), "sends", "statuses"
                )
                for earlier in suspects
            )
            charge = Charge(about_pair(pair, world.facts(pair)), send.sent_at, n.stamp(send.sent_at))
            yield Member(agency, [charge] if proved else [], decided=proved or not suspects)


def _came_through(pair: Pair, earlier: SendRow, before: datetime) -> bool:
    """ "an earlier send of the pair was `done`, or its `axis_doc_id` was received, **before** this one" (READING 49: strictly)."""
    if earlier.done_at is not None and earlier.done_at < before:
        return True
    received = [
        r.arrived_at for r in pair.receipts if earlier.axis is not None and r.axis == earlier.axis and r.state != "fail"
    ]
    return any(at is not None and at < before for at in received)


def _excused(world: World, pair: Pair, earlier: SendRow, send: SendRow) -> bool:
    """ "not refused, no message of type 1–3 and no 13 between". READING 50: all three between the two, their instants included."""
    instants = [other.sent_at for other in pair.all_sends if other.type in (1, 2, 3) and other not in (earlier, send)]
    instants += [event.at for event in pair.events if event.code == "13"]
    refused = world.facts(pair).refused
    instants += [refused] if refused else []
    return any(earlier.sent_at <= at <= send.sent_at for at in instants)


def _order(document: Document) -> tuple[Any, ...]:
    """ "by issued_date, then first send, then uid"; an unsent document comes last of its day (READING 51)."""
    sent = document.first_sent_at
    return (document.issued, sent or n.NEVER, document.uid or "")


def _issued_in_period(world: World) -> Iterator[tuple[Document, datetime, str]]:
    """ "document issued in the period" and its sender."""
    for document in world.documents:
        if document.row is None or document.issued is None:
            continue
        anchor = n.start_of_day(document.issued)
        agency = blamed_for_event(world, document.sender, anchor)
        if world.happened_in_period(anchor) and agency is not None:
            yield document, anchor, agency


def l2(world: World) -> Iterator[Member]:
    """number_reused: "an earlier document … of the sender and year has the same number and notation and another subject
    (folded) or main-file hash (compared where both have it); no type 2 or 3 message of the later one"."""
    for document, anchor, agency in _issued_in_period(world):
        if document.key[0] != "ref":
            continue  # no number or no notation: nothing to reuse
        earlier = [
            other for other in world.documents if _same_number(document, other) and _order(other) < _order(document)
        ]
        corrected = any(send.type in (2, 3) for pair in document.pairs.values() for send in pair.all_sends)
        reused = [other for other in earlier if differ(other.row, document.row, n.folded)]  # type: ignore[arg-type]
        if reused and not corrected:
            yield Member(agency, [Charge(about_document(document), anchor)])
        else:
            yield Member(agency, decided=corrected or not earlier or any(_comparable(one, document) for one in earlier))


def _comparable(one: Document, other: Document) -> bool:
    """READING 75: the same number, but neither subjects nor files to compare: nobody can tell, so it is not decided."""
    assert one.row is not None
    assert other.row is not None
    subjects = one.row.subject is not None and other.row.subject is not None
    return subjects or (main_hash(one.row) is not None and main_hash(other.row) is not None)


def _same_number(one: Document, other: Document) -> bool:
    if other is one or other.row is None or other.key[0] != "ref" or other.sender != one.sender:
        return False
    return bool(other.key[1].year == one.key[1].year and other.key[2:] == one.key[2:])


def l3(world: World) -> Iterator[Member]:
    """duplicate_content: "the same hash under another key of the sender within [30] days before"."""
    for document, anchor, agency in _issued_in_period(world):
        hashed = main_hash(document.row)
        if hashed is None or any(send.type == 3 for send in document.sends):
            continue  # "with main-file hash, not a replacement"
        same = [other for other in world.documents if other.sender == document.sender and other.key != document.key]
        same = [other for other in same if main_hash(other.row) == hashed and _shortly_before(world, other, document)]
        yield Member(agency, [Charge(about_document(document), anchor)] if same else [])


def _shortly_before(world: World, other: Document, document: Document) -> bool:
    """ "within [30] days before (same day: smaller number, then notation first)"."""
    if other.issued is None or document.issued is None:
        return False
    if other.issued == document.issued:
        return _number_order(other) < _number_order(document)
    span = timedelta(days=world.limit("duplicate_content_days"))
    return other.issued < document.issued <= other.issued + span


def _number_order(document: Document) -> tuple[Any, ...]:
    """READING 52: numbers by value, those that are no number after them, missing ones last."""
    row = document.row
    number = row.number if row else None
    value = int(number) if number is not None and number.isdigit() else float("inf")
    notation = n.folded(row.notation) if row and row.notation else ""
    return (number is None, value, number or "", notation, document.uid or "")


RULES = {"L1": l1, "L2": l2, "L3": l3}
