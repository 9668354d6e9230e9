"""N10 – Trạng thái sai trình tự: statuses of one recipient that contradict each other in time.

Basis: NĐ 30/2020/NĐ-CP Phụ lục VI phần I mục III.1; the codes of the axis and their order.
Population: pairs on the recipient's own log with two or more statuses of the recipient, the latest in the period.
Breach: 04, 05 or 06 before the first 03 (`before_03`); 03–06 after 02 with no send between (`after_02`); a status
    more than [5 min] before the first send (`before_send`).
No breach: equal times (systems write 03 and 05 in one second); a send between refusal and acceptance.
Undecided: each fault needs the log that could disprove it: `before_03` the recipient's statuses from its first to its
    last, the others the sender's sends from the issue date to the last status; no fault needs both.
Reading: statuses that only answer a recall say nothing of the document's order, and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audit.facts.arrays import Ints, Mask, any_of, earliest, is_one_of, latest
from audit.facts.joins import latest_before
from audit.facts.recalls import OwnEvents
from audit.rule import Findings, Members, Rule, Severity, Verdicts, findings, members
from audit.working_time import MINUTE, NAT, NEVER, NO_DAY

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a pair; the recipient is blamed."""
    pairs, size = facts.pairs, len(facts.pairs)
    own = _about_documents(facts)
    first_at, last_at = earliest(size, own.pair, own.at), latest(size, own.pair, own.at)
    pair = np.flatnonzero((np.bincount(own.pair, minlength=size) >= 2) & facts.period.holds_event(last_at))
    blamed = facts.blamed(pairs.recipient[pair], last_at[pair], at_end=False)
    told = facts.agencies.tells(blamed, "statuses")
    pair, blamed = pair[told], blamed[told]
    order = _order(facts, pair, own, first_at[pair], last_at[pair])
    proved = np.logical_or.reduce([fault[pair] & sure for fault, sure in order.faults.values()])
    seen = np.logical_or.reduce([fault[pair] for fault, _ in order.faults.values()])
    sender = facts.blamed(pairs.sender[pair], last_at[pair], at_end=False)
    kept = proved | order.complete | (sender < 0) | facts.agencies.tells(sender, "sends")
    population = members(
        agency=blamed,
        decided=proved | order.complete,
        breach=seen,
        anchored_at=last_at[pair],
        severity=Severity.LOW,
        document=pairs.document[pair],
        recipient=pairs.recipient[pair],
        counterpart=pairs.sender[pair],
    )
    population = population.take(kept)
    sure = {extra: (fault[pair] & sure)[kept] for extra, (fault, sure) in order.faults.items()}
    unsure = {extra: (fault[pair] & ~sure)[kept] for extra, (fault, sure) in order.faults.items()}
    return Verdicts(population, _named(population, sure), _named(population, unsure))


def _named(population: Members, faults: dict[str, Mask]) -> Findings:
    """A finding for each fault of each member."""
    places = {extra: np.flatnonzero(mask) for extra, mask in faults.items()}
    member = np.concatenate(list(places.values()))
    extra = np.concatenate([np.full(len(rows), extra, dtype=object) for extra, rows in places.items()])
    return findings(member, population.recipient[member], extra)


def _about_documents(facts: Facts) -> OwnEvents:
    own = facts.own_events
    speaking = facts.speaking_events[facts.event_of_statuses[own.first]]
    return OwnEvents(own.pair[speaking], own.code[speaking], own.at[speaking], own.first[speaking])


@dataclass(frozen=True, slots=True)
class _Order:
    """The disorders of some pairs.

    Attributes:
        faults: for each kind which of all pairs show it, and for which of the asked ones nothing that is missing could
            disprove it.
        complete: both logs are there.
    """

    faults: dict[str, tuple[Mask, Mask]]
    complete: Mask


def _order(facts: Facts, pair: Ints, own: OwnEvents, first_at: Ints, last_at: Ints) -> _Order:
    pairs, last_day = facts.pairs, facts.day_of(last_at)
    first_day, recipient = facts.day_of(first_at), pairs.recipient[pair]
    statuses = facts.coverage.complete(recipient, first_day, last_day, ("statuses",))
    issued = facts.issued_day[pairs.document[pair]]
    # whose date nobody tells was sent some day before: as far back as N13 looks
    since = np.where(issued == NO_DAY, first_day - facts.policy.limits.unmatched_days, np.minimum(issued, first_day))
    sends = facts.coverage.complete(pairs.sender[pair], since, last_day, ("sends",))
    faults = {
        "before_03": (_handled_first(facts, own), statuses),
        "after_02": (_after_refusal(facts, own), sends),
        "before_send": (_before_send(facts, own), sends),
    }
    return _Order(faults, statuses & sends)


def _handled_first(facts: Facts, own: OwnEvents) -> Mask:
    """Pairs with a 04, 05 or 06 before the first 03."""
    of, at, code = own.pair, own.at, own.code
    first_03 = earliest(len(facts.pairs), of[code == 3], at[code == 3])
    handled = is_one_of(code, (4, 5, 6))
    return np.asarray((first_03 < NEVER) & (earliest(len(facts.pairs), of[handled], at[handled]) < first_03))


def _before_send(facts: Facts, own: OwnEvents) -> Mask:
    """Pairs with a status more than [5 min] before the first send."""
    of, at = own.pair, own.at
    first_sent_at = facts.pairs.first_message_at[of]
    early = facts.policy.limits.early_status_minutes * MINUTE
    return any_of(len(facts.pairs), of[(first_sent_at < NEVER) & (first_sent_at - at > early)])


def _after_refusal(facts: Facts, own: OwnEvents) -> Mask:
    """Pairs with a status 03–06 later than a 02 and no send between: each is held against the latest 02 before it."""
    of, at, code = own.pair, own.at, own.code
    refusing = np.flatnonzero(code == 2)
    refused = any_of(len(facts.pairs), of[refusing])
    accepting = np.flatnonzero(refused[of] & (code >= 3) & (code <= 6))
    refusal = latest_before(of[accepting], at[accepting], of[refusing], at[refusing])
    accepting, refused_at = accepting[refusal >= 0], at[refusing[refusal[refusal >= 0]]]
    sent = np.flatnonzero(refused[facts.pair_of_sends])
    sent_at = facts.sends.sent_at[sent]
    send = latest_before(of[accepting], at[accepting], facts.pair_of_sends[sent], sent_at, or_at=True)
    without_send = np.append(sent_at, NAT)[send] < refused_at
    return any_of(len(facts.pairs), of[accepting[without_send]])


RULE = Rule(code="N10", id="status_out_of_order", severity=Severity.LOW, member="pair", judge=judge)
