"""N10 – Trạng thái sai trình tự: statuses of one recipient that contradict each other in time.

Basis: NĐ 30/2020/NĐ-CP Phụ lục VI phần I mục III.1; the codes of the axis and their order.
Population: pairs on the recipient's own log with two or more statuses of the recipient, the latest in the period.
Breach: 04, 05 or 06 before the first 03 (`before_03`); 03–06 after 02 with no send between (`after_02`); a status more than [5 min] before the
    first send (`before_send`).
No breach: equal times (systems write 03 and 05 in one second); a send between refusal and acceptance.
Reading: statuses that only answer a recall count as statuses, but say nothing about the document's order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.facts.arrays import Ints, Mask, earliest, latest
from audit.facts.pairs import CHAIN_KINDS
from audit.rule import Rule, Severity, Verdicts, findings, members
from audit.working_time import MINUTE, NEVER, NO_DAY

if TYPE_CHECKING:
    from audit.facts import Facts

_BEFORE_03, _AFTER_02, _BEFORE_SEND = "before_03", "after_02", "before_send"


def judge(facts: Facts) -> Verdicts:
    """One member a pair; the recipient is blamed."""
    pairs, events, size = facts.pairs, facts.events, len(facts.pairs)
    own = np.flatnonzero(events.in_recipient_log & events.by_recipient)
    of, at = events.pair[own], events.at[own]
    first_at, last_at = earliest(size, of, at), latest(size, of, at)
    recipient, sender = pairs["recipient"].to_numpy(), pairs["sender"].to_numpy()
    pair = np.flatnonzero((np.bincount(of, minlength=size) >= 2) & facts.period.holds_event(last_at))
    blamed = facts.blamed(recipient[pair], last_at[pair], at_end=False)
    pair, blamed = pair[blamed >= 0], blamed[blamed >= 0]
    faults = _faults(facts, own)
    complete = facts.complete(recipient[pair], first_at[pair], last_at[pair], ("statuses",))
    issued = facts.keys["issued_day"].to_numpy()[pairs["document"].to_numpy()[pair]]
    since = np.where(issued == NO_DAY, facts.day_of(first_at[pair]), issued)
    complete &= facts.coverage.complete(sender[pair], since, facts.day_of(last_at[pair]), ("sends",))
    frame = members(
        agency=blamed,
        decided=complete,
        breach=np.logical_or.reduce([fault[pair] for fault in faults.values()]),
        anchored_at=last_at[pair],
        severity=Severity.LOW,
        document=pairs["document"].to_numpy()[pair],
        recipient=recipient[pair],
        counterpart=sender[pair],
    )
    found = [(np.flatnonzero(fault[pair] & complete), extra) for extra, fault in faults.items()]
    member = np.concatenate([rows for rows, _ in found])
    extra = np.concatenate([np.full(len(rows), extra, dtype=object) for rows, extra in found])
    return Verdicts(frame, findings(member, recipient[pair][member], extra))


def _faults(facts: Facts, own: Ints) -> dict[str, Mask]:
    """For each kind of disorder the pairs that show it."""
    events, size = facts.events, len(facts.pairs)
    about_document = own[~facts.answers[own] | facts.refusing_events[own]]
    of, at, code = events.pair[about_document], events.at[about_document], events.code[about_document]
    first_03 = earliest(size, of[code == 3], at[code == 3])
    handled = np.isin(code, (4, 5, 6))
    first_handled = earliest(size, of[handled], at[handled])
    early = (
        events.at[own]
        < facts.pairs["first_sent_at"].to_numpy()[events.pair[own]] - facts.policy.limits.early_status_minutes * MINUTE
    )
    before_send = np.zeros(size, dtype=bool)
    before_send[events.pair[own][early]] = True
    return {
        _BEFORE_03: (first_03 < NEVER) & (first_handled < first_03),
        _AFTER_02: _after_refusal(facts, of, at, code),
        _BEFORE_SEND: before_send & (facts.pairs["first_sent_at"].to_numpy() < NEVER),
    }


def _after_refusal(facts: Facts, of: Ints, at: Ints, code: Ints) -> Mask:
    """Pairs with a status 03–06 later than a 02 and no send between: each status is held against the latest 02 before it."""
    refusals = pd.DataFrame({"pair": of[code == 2], "refused_at": at[code == 2]}).sort_values("refused_at")
    accepting = np.isin(code, (3, 4, 5, 6))
    accepted = pd.DataFrame({"pair": of[accepting], "at": at[accepting]}).sort_values("at")
    accepted = pd.merge_asof(
        accepted,
        refusals,
        left_on="at",
        right_on="refused_at",
        by="pair",
        allow_exact_matches=False,
        direction="backward",
    ).dropna(subset=["refused_at"])
    chain = np.isin(facts.sends.kind, CHAIN_KINDS)
    sends = pd.DataFrame({"pair": facts.pair_of_sends[chain], "sent_at": facts.sends.sent_at[chain]}).sort_values(
        "sent_at"
    )
    accepted = pd.merge_asof(
        accepted.sort_values("at"), sends, left_on="at", right_on="sent_at", by="pair", direction="backward"
    )
    without_send = ~(accepted["sent_at"] >= accepted["refused_at"])
    disordered = np.zeros(len(facts.pairs), dtype=bool)
    disordered[accepted.loc[without_send, "pair"].to_numpy()] = True
    return disordered


RULE = Rule(code="N10", id="status_out_of_order", severity=Severity.LOW, member="pair", judge=judge)
