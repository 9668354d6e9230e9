"""N10–N13 — statuses and receipts against each other (rules.md section 2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from . import normalise as n
from .build import World
from .events import Event, events
from .facts import document_events, in_own_log
from .member import Charge, Member, about_pair, blamed_for_deadline, blamed_for_event
from .rows import ReceiptRow, StatusRow
from .world import Pair

KNOWN = ("01", "02", "03", "04", "05", "06", "13", "15", "16")
LOSABLE = ("02", "03", "04", "05", "06", "15", "16")


def _own_statuses(world: World, pair: Pair) -> list[StatusRow]:
    """Rows of R's statuses in "R's **own** log"."""
    return [
        row for row in pair.status_rows if row.from_org == pair.recipient and in_own_log(row, pair.recipient, world)
    ]


def _of_messages_only(pair: Pair, event: Event) -> bool:
    """READING 29: an answer to a recall, and what bears a recall's id (READING 16), says nothing of the document: N10 leaves it out."""
    speaking = document_events(pair)
    return any(row in whole.rows for whole in pair.events if whole not in speaking for row in event.rows)


def n10(world: World) -> Iterator[Member]:
    """status_out_of_order. Anchor: "the latest in the period"."""
    for pair in world.pairs:
        own = events(_own_statuses(world, pair), world.limit("same_event_minutes"))
        own = [event for event in own if not _of_messages_only(pair, event)]
        if len(own) < 2 or not world.happened_in_period(own[-1].at):
            continue
        agency = blamed_for_event(world, pair.recipient, own[-1].at)
        if agency is None or not world.registry.keeps(agency, "statuses"):
            continue
        about = about_pair(pair, world.facts(pair))
        order = _Order(world, pair, own)
        faults = order.proved()
        if faults:
            yield Member(agency, [Charge(about, own[-1].at, fault) for fault in faults])
        elif order.statuses_complete and order.sends_complete:
            yield Member(agency)
        elif order.sender_tells:
            yield Member(agency, decided=False)


@dataclass
class _Order:
    """The order of one pair's own-log statuses, fault by fault, each with the log that could disprove it (READING 30)."""

    world: World
    pair: Pair
    own: list[Event]

    def proved(self) -> list[str]:
        """Faults proved by rows in hand and complete days."""
        found = []
        if self._before_03() and self.statuses_complete:
            found.append("before_03")
        if self._after_02() and self.sends_complete:
            found.append("after_02")
        if self._before_send() and self.sends_complete:
            found.append("before_send")
        return found

    @property
    def statuses_complete(self) -> bool:
        """ "the recipient's statuses from its first to its last"."""
        days = (n.local_day(self.own[0].at), n.local_day(self.own[-1].at))
        return self.world.coverage.complete(self.pair.recipient, *days, "statuses")

    @property
    def sends_complete(self) -> bool:
        """ "the sender's sends from issued_date to the last" (READING 31: no issued_date: [30] days before the first status)."""
        last = n.local_day(self.own[-1].at)
        first = n.local_day(self.own[0].at)
        issued = self.pair.document.issued
        first = min(issued, first) if issued else first - timedelta(days=self.world.limit("unmatched_days"))
        return self.world.coverage.complete(self.pair.document.sender, first, last, "sends")

    @property
    def sender_tells(self) -> bool:
        """No flag of the sender's keeps its sends from us."""
        sender = self.world.registry.answering(self.pair.document.sender, n.local_day(self.own[-1].at))
        return sender is None or self.world.registry.keeps(sender, "sends")

    def _before_03(self) -> bool:
        """ "04 05 06 before the first 03 (`before_03`; equal times are fine)"."""
        first = next((event.at for event in self.own if event.code == "03"), None)
        return first is not None and any(event.code in ("04", "05", "06") and event.at < first for event in self.own)

    def _after_02(self) -> bool:
        """ "03–06 after 02 with no send between (`after_02`)": any send of the pair."""
        sent = [send.sent_at for send in self.pair.all_sends]
        return any(
            refusal.code == "02"
            and event.code in ("03", "04", "05", "06")
            and refusal.at < event.at
            and not any(refusal.at <= at <= event.at for at in sent)
            for refusal in self.own
            for event in self.own
        )

    def _before_send(self) -> bool:
        """ "a status more than 5 min before the first send (`before_send`)"."""
        early = timedelta(minutes=self.world.limit("early_status_minutes"))
        first = min((send.sent_at for send in self.pair.all_sends), default=None)
        return first is not None and any(first - event.at > early for event in self.own)


def n11(world: World) -> Iterator[Member]:
    """unknown_status: "code not in 01 02 03 04 05 06 13 15 16; extra = code, `missing` if none"."""
    for pair in world.pairs:
        for event in pair.events:
            agency = blamed_for_event(world, event.issuer, event.at)
            if not world.happened_in_period(event.at) or agency is None:
                continue
            known = event.code in KNOWN
            charge = Charge(about_pair(pair, world.facts(pair)), event.at, event.code or "missing")
            yield Member(agency, [] if known else [charge])


def n12(world: World) -> Iterator[Member]:
    """lost_status: "S's log has no message of that code of the pair"; "N12 is not tested for pairs with N13"."""
    wait = timedelta(hours=world.limit("lost_status_hours"))
    for pair in world.pairs:
        if any(_unmatched(world, pair, receipt) for receipt in pair.receipts):
            continue
        sender = pair.document.sender
        held = {row.code for row in pair.status_rows if in_own_log(row, sender, world)}
        for event in events(_own_statuses(world, pair), world.limit("same_event_minutes")):
            deadline = event.at + wait
            agency = blamed_for_deadline(world, sender, deadline)
            if event.code not in LOSABLE or not world.due_in_period(deadline) or agency is None:
                continue
            if world.registry.keeps(agency, "statuses"):
                yield _lost(world, pair, event, agency, event.code in held)


def _lost(world: World, pair: Pair, event: Event, agency: str, held: bool) -> Member:
    if held:
        return Member(agency)
    # "N12 both on the day and the next"; "N12 statuses"
    on = n.local_day(event.at)
    both = all(
        world.coverage.complete(side, on, n.next_day(on), "statuses") for side in (pair.document.sender, pair.recipient)
    )
    if not both:
        return Member(agency, decided=False)
    deadline = event.at + timedelta(hours=world.limit("lost_status_hours"))
    return Member(agency, [Charge(about_pair(pair, world.facts(pair)), deadline, event.code or "", deadline)])


def _sends_needed(world: World, pair: Pair, anchor: datetime) -> tuple[date, date]:
    """ "N13 the sender's sends from issued_date, at most [30] days before arrival, to arrival"."""
    last = n.local_day(anchor)
    first = last - timedelta(days=world.limit("unmatched_days"))
    issued = pair.document.issued
    return (min(max(issued, first), last) if issued else first), last


def _matched(world: World, pair: Pair) -> bool:
    return any(in_own_log(send, pair.document.sender, world) for send in pair.all_sends)


def _unmatched(world: World, pair: Pair, receipt: ReceiptRow) -> bool:
    """N13 proved, whatever the period: "S's log has no send of the pair", S in scope and its log complete."""
    sender = blamed_for_event(world, pair.document.sender, receipt.anchor)
    if sender is None or not world.registry.keeps(sender, "sends") or _matched(world, pair):
        return False
    # READING 32: "pairs with N13" are those where N13 blames somebody
    blamed = blamed_for_event(world, pair.recipient, receipt.anchor)
    return blamed is not None and world.coverage.complete(
        pair.document.sender, *_sends_needed(world, pair, receipt.anchor), "sends"
    )


def n13(world: World) -> Iterator[Member]:
    """unmatched_receipt: "receipt in the period, S in scope"; blame R."""
    for pair in world.pairs:
        for receipt in pair.receipts:
            anchor = receipt.anchor
            sender = blamed_for_event(world, pair.document.sender, anchor)
            agency = blamed_for_event(world, pair.recipient, anchor)
            if not world.happened_in_period(anchor) or sender is None or agency is None:
                continue
            if not world.registry.keeps(sender, "sends"):
                continue
            if _matched(world, pair):
                yield Member(agency)
            elif _unmatched(world, pair, receipt):
                yield Member(agency, [Charge(about_pair(pair, world.facts(pair)), anchor)])
            else:
                yield Member(agency, decided=False)


RULES = {"N10": n10, "N11": n11, "N12": n12, "N13": n13}
