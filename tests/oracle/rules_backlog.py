"""N5–N7 — backlog and late processing (rules.md section 2)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from . import normalise as n
from .build import World
from .facts import Facts
from .member import Charge, Member, about_pair, blamed_for_deadline, blamed_for_event
from .world import Pair

LOG = ("receipts", "statuses")


def limit_of(world: World, facts: Facts, arrival: datetime) -> datetime:
    """N5: "`due`, else `end` of the [10th] working day after the effective day"; N6: "`due`, else arrival + [… h]"."""
    if facts.due is not None:
        return facts.due
    if facts.urgency is not None:
        return arrival + timedelta(hours=world.limit("urgent_backlog_hours")[facts.urgency])
    effective = world.calendar.effective_day(arrival)
    return n.end_of_day(world.calendar.working_day_after(effective, world.limit("backlog_working_days")))


def _open_in_period(world: World, facts: Facts) -> bool:
    """ "open at some moment of the period up to `as_of`". READING 28: open = in [arrival, completed)."""
    if facts.arrival is None:
        return False
    moment = max(facts.arrival, n.start_of_day(world.start))
    if moment >= n.start_of_day(world.end) or moment > world.as_of:
        return False
    return facts.completed is None or facts.completed > moment


def _backlog(world: World, urgent: bool) -> Iterator[Member]:
    anchor = min(
        n.start_of_day(world.end), world.as_of
    )  # "N5, N6 are anchored at the earlier of period end and `as_of`"
    for pair in world.pairs:
        facts = world.facts(pair)
        # "not refused, not recalled, `needs_reply` not false"
        closed = facts.refused is not None or facts.recalled_at is not None or facts.needs_reply is False
        if closed or (facts.urgency is not None) is not urgent or not _open_in_period(world, facts):
            continue
        agency = blamed_for_deadline(world, pair.recipient, anchor)
        if (
            agency is None
            or not world.registry.keeps(agency, *LOG)
            or not world.registry.flag(agency, "reports_completion")
        ):
            continue
        yield _open_pair(world, pair, agency, anchor)


def _open_pair(world: World, pair: Pair, agency: str, anchor: datetime) -> Member:
    facts = world.facts(pair)
    assert facts.arrival is not None
    limit = limit_of(world, facts, facts.arrival)
    if facts.completed is not None or limit >= world.as_of:
        return Member(agency)
    # "N5, N6 the recipient's from arrival to `as_of`"
    if not world.coverage.complete(pair.recipient, n.local_day(facts.arrival), n.ended_day(world.as_of), *LOG):
        return Member(agency, decided=False)
    return Member(agency, [Charge(about_pair(pair, facts), anchor, "", limit)])


def n5(world: World) -> Iterator[Member]:
    """backlog: "open at `as_of` and limit < `as_of`", not urgent."""
    return _backlog(world, urgent=False)


def n6(world: World) -> Iterator[Member]:
    """urgent_backlog: the same, urgent."""
    return _backlog(world, urgent=True)


def n7(world: World) -> Iterator[Member]:
    """late_processing: "pair with `due`, not refused, not recalled, completed in the period"; "completed after `due`"."""
    for pair in world.pairs:
        facts = world.facts(pair)
        if facts.due is None or facts.completed is None or facts.refused is not None or facts.recalled_at is not None:
            continue
        agency = blamed_for_event(world, pair.recipient, facts.completed)
        if not world.happened_in_period(facts.completed) or agency is None:
            continue
        if world.registry.flag(agency, "reports_completion"):
            late = facts.completed > facts.due
            yield Member(agency, [Charge(about_pair(pair, facts), facts.completed, "", facts.due)] if late else [])


RULES = {"N5": n5, "N6": n6, "N7": n7}
