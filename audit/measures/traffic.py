"""How much was sent and received, and how much of it arrived."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from audit.facts import Facts
from audit.measures.counts import Count, per_agency, plain, share
from audit.measures.days import TableDays
from audit.rule import Verdicts
from audit.working_time import NEVER

_LOST = ("failed_send", "undelivered")
_THING = ("agency", "document", "recipient", "extra")
"""What tells pairs and messages apart."""


def traffic(facts: Facts, verdicts: Mapping[str, Verdicts], told: TableDays) -> list[Count]:
    """documents_sent, documents_received, pairs_sent, arrived_share, undelivered.

    Sent counts the first send, in the period, of documents and of pairs; received counts each arrival in the period at
    each recipient (every agency registers its own copy, so the province's number is their sum). A pair arrived if it
    did by `as_of`, whatever the coverage: what nothing tells of is not counted as arrived.
    """
    size, pairs, period = len(facts.agencies), facts.pairs, facts.period
    sends, receives = told.of("sends"), told.of("receipts") | told.of("statuses")
    first = facts.documents.first_sent_at
    document = np.flatnonzero(period.holds_event(first))
    document_sender = facts.blamed(facts.documents.sender[document], first[document], at_end=False)
    first = pairs.first_sent_at
    pair = np.flatnonzero(period.holds_event(first))
    sender = facts.blamed(pairs.sender[pair], first[pair], at_end=False)
    arrived_at = pairs.arrived_at
    arrived = np.flatnonzero(period.holds_event(arrived_at))
    recipient = facts.blamed(pairs.recipient[arrived], arrived_at[arrived], at_end=False)
    sent = per_agency(size, sender)
    return [
        plain("documents_sent", per_agency(size, document_sender), sends),
        plain("documents_received", per_agency(size, recipient), receives),
        plain("pairs_sent", sent, sends),
        share("arrived_share", per_agency(size, sender, arrived_at[pair] < NEVER), sent),
        _undelivered(size, verdicts),
    ]


def _undelivered(size: int, verdicts: Mapping[str, Verdicts]) -> Count:
    """Pairs and messages with a finding of G1 or G2, each once; known where one of the two rules could be tested."""
    asked = [verdicts[rule].members for rule in _LOST if rule in verdicts]
    known = np.zeros(size, dtype=bool)
    for members in asked:
        known |= per_agency(size, members.agency, members.decided) > 0
    # nearly all members are in no breach: only the others are laid together
    lost = [pd.DataFrame({name: getattr(members, name)[members.breach] for name in _THING}) for members in asked]
    agency = pd.concat(lost).drop_duplicates()["agency"].to_numpy() if lost else np.empty(0, dtype=np.int64)
    return Count("undelivered", per_agency(size, agency), None, known)
