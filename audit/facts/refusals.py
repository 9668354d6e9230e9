"""Why documents were refused: the reasons that recipients gave, in statuses 02 and in their registers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.facts.arrays import Mask, earliest, is_one_of
from audit.facts.pairs import CHAIN_KINDS
from audit.facts.texts import fold, holds_each
from audit.unicode_forms import nfc
from audit.working_time import NAT

if TYPE_CHECKING:
    from audit.facts import Facts


def reasons(facts: Facts) -> pd.DataFrame:
    """The reasons of refusals: `pair`, `text`; a row for every message of the first 02 and every return that tells one.

    A 02 that only answers a recall is no refusal of the document; a later 02 does not mend the first.
    """
    statuses, receipts, events = facts.statuses, facts.receipts, facts.events
    refusing_events = np.flatnonzero(facts.refusing_events)
    first = earliest(len(facts.pairs), events.pair[refusing_events], events.at[refusing_events])
    is_first = np.zeros(len(events), dtype=bool)
    is_first[refusing_events] = events.at[refusing_events] == first[events.pair[refusing_events]]
    refusing = np.flatnonzero(is_first[facts.event_of_statuses])
    returned = np.flatnonzero((receipts.returned_at != NAT) & is_one_of(receipts.kind, CHAIN_KINDS))
    told = pd.DataFrame(
        {
            "pair": np.concatenate([facts.pair_of_statuses[refusing], facts.pair_of_receipts[returned]]),
            "text": np.concatenate(
                [
                    statuses.frame.texts("description", refusing),
                    receipts.frame.texts("return_reason", returned),
                ]
            ),
        }
    )
    return told[told["text"].notna()]


def misrouted(facts: Facts) -> Mask:
    """Pairs refused with a reason that says "wrong recipient" ([misrouted] of the policy).

    Patterns are regular expressions without case; reasons are looked through folded, white space as one blank.
    """
    patterns = [nfc(pattern) for pattern in facts.policy.misrouted.patterns]
    either = re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
    told = reasons(facts)
    wrong = np.zeros(len(facts.pairs), dtype=bool)
    if patterns:
        wrong[told["pair"].to_numpy()[holds_each(told["text"], lambda text: bool(either.search(fold(text))))]] = True
    return wrong


def with_reason(facts: Facts) -> Mask:
    """Pairs whose refusal has a reason that is more than the status' own name."""
    empty = {fold(text) for text in facts.policy.placeholders.reasons}
    told = reasons(facts)
    real = holds_each(told["text"], lambda text: fold(text) not in empty)
    given = np.zeros(len(facts.pairs), dtype=bool)
    given[told["pair"].to_numpy()[real]] = True
    return given
