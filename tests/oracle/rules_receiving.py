"""N1–N4 — failed receipts, acknowledgement, forwarding (rules.md section 2)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from . import normalise as n
from .build import World
from .facts import Facts
from .member import Charge, Member, about_pair, blamed_for_deadline, blamed_for_event
from .rules_refusal import misrouted_by_refusal
from .world import Pair

LOG = ("receipts", "statuses")  # "Tables, where not named: … the recipient's receipts and statuses"


def n1(world: World) -> Iterator[Member]:
    """failed_receipt: "state `fail`, and no receipt of the pair `done` later, no arrival"."""
    for pair in world.pairs:
        facts = world.facts(pair)
        for receipt in pair.receipts:
            anchor = receipt.anchor
            agency = blamed_for_event(world, pair.recipient, anchor)
            if not world.happened_in_period(anchor) or agency is None or not world.registry.keeps(agency, *LOG):
                continue
            done_later = any(
                other.done_at is not None and other.done_at > (receipt.state_at or anchor) for other in pair.receipts
            )
            if receipt.state != "fail" or facts.arrival is not None or done_later:
                yield Member(agency)
            elif world.coverage.complete(pair.recipient, n.local_day(anchor), n.ended_day(world.as_of), *LOG):
                yield Member(agency, [Charge(about_pair(pair, facts), anchor)])
            else:
                yield Member(agency, decided=False)


def _left_out(world: World, facts: Facts, deadline: datetime) -> bool:
    """ "N2–N4 leave out pairs refused as misrouted (N9) or recalled before the deadline"."""
    # READING 27: "before the deadline" says when it was recalled; a misrouted pair is left out whenever it was refused
    return misrouted_by_refusal(world, facts) or (facts.recalled_at is not None and facts.recalled_at < deadline)


def _covered(world: World, pair: Pair, facts: Facts, deadline: datetime) -> bool:
    """ "N2–N4 the recipient's receipts and statuses from arrival to the deadline, and one day more where only the sender's
    `done` tells of the arrival"."""
    if facts.arrival is None:
        return False
    last = n.ended_day(deadline)
    last = n.next_day(last) if facts.only_sender_tells else last
    return world.coverage.complete(pair.recipient, n.local_day(facts.arrival), last, *LOG)


def _arrived(world: World) -> Iterator[tuple[Pair, Facts, datetime, str]]:
    """N2, N3: pairs by ack deadline, with the recipient that is blamed."""
    for pair in world.pairs:
        facts = world.facts(pair)
        if facts.arrival is None:
            continue
        deadline = world.calendar.acknowledgement_deadline(facts.arrival)
        agency = blamed_for_deadline(world, pair.recipient, deadline)
        if not world.due_in_period(deadline) or agency is None or not world.registry.keeps(agency, *LOG):
            continue
        if not _left_out(world, facts, deadline):
            yield pair, facts, deadline, agency


def n2(world: World) -> Iterator[Member]:
    """unanswered_receipt: "not acknowledged by `as_of`"."""
    for pair, facts, deadline, agency in _arrived(world):
        if facts.acknowledged is not None:
            yield Member(agency)
        elif _covered(world, pair, facts, deadline):
            yield Member(agency, [Charge(about_pair(pair, facts), deadline, "", deadline)])
        else:
            yield Member(agency, decided=False)


def n3(world: World) -> Iterator[Member]:
    """late_acknowledgement: "acknowledged after the deadline"; "late is also a statement that it was not earlier"."""
    for pair, facts, deadline, agency in _arrived(world):
        if facts.acknowledged is not None and facts.acknowledged <= deadline:
            yield Member(agency)
        elif not _covered(world, pair, facts, deadline):
            yield Member(agency, decided=False)
        elif facts.acknowledged is not None:
            yield Member(agency, [Charge(about_pair(pair, facts), deadline, "", deadline)])
        else:
            yield Member(agency)  # not acknowledged at all is N2


def forwarding_deadline(world: World, arrival: datetime, urgency: str | None) -> datetime:
    """ "`end(next_working_day(effective day))`, urgent: arrival + [khan 120, thuong_khan 60, hoa_toc 30 min]"."""
    if urgency is not None:
        return arrival + timedelta(minutes=world.limit("urgent_forward_minutes")[urgency])
    return n.end_of_day(world.calendar.next_working_day(world.calendar.effective_day(arrival)))


def n4(world: World) -> Iterator[Member]:
    """late_forwarding: pair "acknowledged by `as_of`, not refused"; "not forwarded by then"."""
    for pair in world.pairs:
        facts = world.facts(pair)
        if facts.arrival is None or facts.acknowledged is None or facts.refused is not None:
            continue
        deadline = forwarding_deadline(world, facts.arrival, facts.urgency)
        agency = blamed_for_deadline(world, pair.recipient, deadline)
        if not world.due_in_period(deadline) or agency is None or not world.registry.keeps(agency, *LOG):
            continue
        if _left_out(world, facts, deadline) or not world.registry.flag(agency, "reports_forwarding"):
            continue
        if facts.forwarded is not None and facts.forwarded <= deadline:
            yield Member(agency)
        elif _covered(world, pair, facts, deadline):
            severity = "high" if facts.urgency else "medium"  # "medium; high if urgent"
            yield Member(agency, [Charge(about_pair(pair, facts), deadline, "", deadline, severity)])
        else:
            yield Member(agency, decided=False)


RULES = {"N1": n1, "N2": n2, "N3": n3, "N4": n4}
