"""N8, N9 — refusals and wrong addresses (rules.md section 2)."""

from collections.abc import Iterator

from . import normalise as n
from .build import World
from .facts import Facts
from .member import Charge, Member, about_pair, blamed_for_event
from .world import Pair


def misrouted_by_refusal(world: World, facts: Facts) -> bool:
    """ "refused with a reason matching the wrong-recipient patterns". READING 23: a folded pattern within the folded reason."""
    patterns = [n.folded(pattern) for pattern in world.policy["misrouted"]["patterns"]]
    return facts.refused is not None and any(
        pattern in n.folded(reason) for reason in facts.reasons for pattern in patterns
    )


def address_fault(world: World, pair: Pair) -> str | None:
    """ "code malformed (`malformed`); under the province's prefix and its first two groups have no entry valid that day (`unknown`)".

    READING 24: that day = the day of the pair's first send; no send, no fault by code. A code that the registry lists is well formed.
    """
    if not pair.all_sends:
        return None
    on = n.local_day(min(send.sent_at for send in pair.all_sends))
    code, registry = pair.recipient, world.registry
    if code not in registry.entries and (len(code) > 35 or not n.NEW_FORM.fullmatch(code)):
        return "malformed"
    groups = code.split(".")
    if groups[0] == registry.province and len(groups) > 1 and not registry.valid_on(".".join(groups[:2]), on):
        return "unknown"
    return None


def n8(world: World) -> Iterator[Member]:
    """refusal_without_reason. Member: refusal (READING 25: one a pair, the first)."""
    names = {n.folded(name) for name in world.policy["placeholders"]["reasons"]}
    for pair in world.pairs:
        facts = world.facts(pair)
        if facts.refused is None or not world.happened_in_period(facts.refused):
            continue
        agency = blamed_for_event(world, pair.recipient, facts.refused)
        if agency is None:
            continue
        # "reason missing, or only the status' own name"
        given = any(n.folded(reason) not in names for reason in facts.reasons)
        yield Member(agency, [] if given else [Charge(about_pair(pair, facts), facts.refused)])


def n9(world: World) -> Iterator[Member]:
    """misrouted. Anchor: "first send, or the refusal if later" (READING 26: the refusal, where no send is in hand)."""
    for pair in world.pairs:
        facts = world.facts(pair)
        instants = [
            at for at in (min((s.sent_at for s in pair.all_sends), default=None), facts.refused) if at is not None
        ]
        if not instants or not world.happened_in_period(max(instants)):
            continue
        anchor = max(instants)
        agency = blamed_for_event(world, pair.document.sender, anchor)
        if agency is None:
            continue
        faults = ["refused"] if misrouted_by_refusal(world, facts) else []
        by_code = address_fault(world, pair)
        faults += [by_code] if by_code else []
        yield Member(agency, [Charge(about_pair(pair, facts), anchor, extra) for extra in faults])


RULES = {"N8": n8, "N9": n9}
