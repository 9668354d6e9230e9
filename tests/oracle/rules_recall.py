"""R1 — recalls and updates that nobody answered (rules.md section 2)."""

from collections.abc import Iterator

from . import normalise as n
from .build import World
from .member import Charge, Member, about_pair, blamed_for_deadline

LOG = ("receipts", "statuses")


def r1(world: World) -> Iterator[Member]:
    """unanswered_recall. Member: "message (type 1, 2 or status 13) that arrived"; "deadline = ack deadline of its arrival"."""
    for pair in world.pairs:
        for recall in pair.recalls:
            if recall.arrival is None:
                continue
            deadline = world.calendar.acknowledgement_deadline(recall.arrival)
            agency = blamed_for_deadline(world, pair.recipient, deadline)
            if not world.due_in_period(deadline) or agency is None or not world.registry.keeps(agency, *LOG):
                continue
            if recall.answers:  # "no answer (15, 16, 02, 03) by `as_of`"
                yield Member(agency)
            elif world.coverage.complete(pair.recipient, n.local_day(recall.arrival), n.ended_day(deadline), *LOG):
                about = about_pair(pair, world.facts(pair))
                yield Member(agency, [Charge(about, deadline, n.stamp(recall.sent_at), deadline)])
            else:
                yield Member(agency, decided=False)


RULES = {"R1": r1}
