"""L1 – Gửi trùng: the same document sent again to an agency that already had it.

Basis: letter 814 item 4; NĐ 30/2020/NĐ-CP Điều 18 khoản 3 (errors are cured by correction, not by sending again), Phụ
    lục VI phần I mục III.1 điểm h.
Population: sends of type 0 in the period.
Breach: an earlier send of the pair was done, or its message received, before this one, and between the two nobody
    refused the document, and no message of type 1–3 and no request 13 was sent. extra = `sent_at`.
No breach: the earlier attempts failed or were still under way; the document had been refused, recalled, updated or
    asked back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.facts.arrays import Ints, Mask, any_of, combine, is_one_of, positions_in
from audit.facts.joins import joined
from audit.facts.pairs import CHAIN_KINDS
from audit.facts.recalls import REQUEST
from audit.facts.sending import instant_texts
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each
from audit.working_time import NAT, NEVER

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a send; the sender is blamed."""
    sends, pairs = facts.sends, facts.pairs
    new = np.flatnonzero(sends.kind == 0)
    blamed = facts.blamed(sends.sender[new], sends.sent_at[new], at_end=False)
    kept = facts.period.holds_event(sends.sent_at[new]) & facts.agencies.tells(blamed, "sends", "statuses")
    row, blamed = new[kept], blamed[kept]
    earlier = _earlier_delivered(facts, row)
    again = earlier >= 0
    excused = np.zeros(len(row), dtype=bool)
    excused[again] = _something_between(facts, earlier[again], row[again])
    since = sends.sent_at[np.where(again, earlier, row)]
    told = facts.complete(sends.sender[row], since, sends.sent_at[row], ("sends", "statuses"))
    population = members(
        agency=blamed,
        decided=~again | excused | told,
        breach=again & ~excused,
        anchored_at=sends.sent_at[row],
        severity=Severity.MEDIUM,
        document=pairs.document[facts.pair_of_sends[row]],
        recipient=sends.recipient[row],
        counterpart=sends.recipient[row],
        observed_at=sends.sent_at[row],
        extra=instant_texts(sends.sent_at[row], where=again & ~excused),
    )
    detail = [{"earlier_sent_at": text} for text in instant_texts(since[population.breach])]
    return one_finding_each(population, detail)


def _earlier_delivered(facts: Facts, row: Ints) -> Ints:
    """For each send the latest earlier send of its pair that had been delivered before it; -1 where there is none.

    The latest is the one that matters: whatever lies between it and this send also lies between every earlier one and
    this send.
    """
    sends, of = facts.sends, facts.pair_of_sends
    chain = is_one_of(sends.kind, CHAIN_KINDS)
    several = np.bincount(of[chain], minlength=len(facts.pairs)) > 1
    candidates = np.flatnonzero(chain & several[of])
    delivered_at = _delivered_at(facts, candidates, several)
    again = np.flatnonzero(several[of[row]])
    later, earlier = joined(of[row[again]], of[candidates])
    place = again[later]
    before = (candidates[earlier] < row[place]) & (delivered_at[earlier] < sends.sent_at[row[place]])
    latest = np.full(len(row), -1)
    np.maximum.at(latest, place[before], candidates[earlier[before]])
    return latest


def _delivered_at(facts: Facts, rows: Ints, pairs: Mask) -> Ints:
    """When each of some sends, all of some pairs, was known to be delivered: its state done, or its message received;
    NEVER where it was not.
    """
    sends, receipts, of_receipts = facts.sends, facts.receipts, facts.pair_of_receipts
    axis, done_at = sends.axis[rows], sends.done_at[rows]
    received = pairs[of_receipts] & (receipts.axis != 0) & ~receipts.failed & (receipts.arrived_at != NAT)
    position, keys = pd.factorize(combine(of_receipts[received], receipts.axis[received]))
    first = np.full(len(keys) + 1, NEVER)
    np.minimum.at(first, position, receipts.arrived_at[received])
    of_send = positions_in(combine(facts.pair_of_sends[rows], axis), keys)
    arrived = np.where(axis != 0, first[of_send], NEVER)
    return np.minimum(np.where(done_at == NAT, NEVER, done_at), arrived)


def _something_between(facts: Facts, earlier: Ints, later: Ints) -> Mask:
    """Whether a refusal, a message of type 1–3 or a request 13 lies between two sends, both instants included."""
    sends, events, receipts = facts.sends, facts.events, facts.receipts
    told = np.flatnonzero(facts.refusing_events | (events.code == REQUEST))
    other = np.flatnonzero(sends.kind > 0)
    returned = np.flatnonzero((receipts.returned_at != NAT) & is_one_of(receipts.kind, CHAIN_KINDS))
    pair = np.concatenate([events.pair[told], facts.pair_of_sends[other], facts.pair_of_receipts[returned]])
    send = np.concatenate([np.full(len(told), -1), other, np.full(len(returned), -1)])
    at = np.concatenate([events.at[told], sends.sent_at[other], receipts.returned_at[returned]])
    asked, thing = joined(facts.pair_of_sends[earlier], pair)
    between = (sends.sent_at[earlier[asked]] <= at[thing]) & (at[thing] <= sends.sent_at[later[asked]])
    return any_of(len(earlier), asked[between & (send[thing] != earlier[asked])])


RULE = Rule(code="L1", id="duplicate_send", severity=Severity.MEDIUM, member="send", judge=judge)
