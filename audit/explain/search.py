"""Which documents people mean when they write a number and a notation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from audit.explain.account import Account
from audit.explain.target import NONE, Target
from audit.facts import Facts
from audit.normalise import Normaliser
from audit.working_time import day_number


def find_documents(facts: Facts, reference: str, sender: str | None, issued_on: date | None) -> list[int]:
    """The documents that a reference may mean, as indexes in `facts.documents`.

    Args:
        facts: where to look.
        reference: number and notation as people write them, `814/UBND-VXNV`; else a document's uid.
        sender: canonical code, None = any.
        issued_on: None = any.
    """
    normaliser = Normaliser(facts.policy.placeholders.values)
    number, notation = normaliser.number_and_notation(reference, None)
    keys = facts.keys
    # the second of two documents of one key has its uid behind a "#"
    numbers = keys["number"].astype("str").str.split("#", n=1).str[0]
    notations = keys["notation"].astype("str").str.casefold()
    same = (numbers == number) & (notations == (notation or "").casefold())
    by_uid = keys["notation"].isna() & (keys["number"] == reference)
    mask = (same | by_uid).to_numpy(dtype=bool, copy=True)
    if sender is not None:
        mask &= facts.agencies.codes[facts.documents.sender] == sender
    if issued_on is not None:
        mask &= facts.documents.issued_day == day_number(issued_on)
    return [int(document) for document in np.flatnonzero(mask)]


def agency_index(facts: Facts, code: str | None) -> int:
    """The index of an agency by its canonical code; NONE where no log names it."""
    found = np.flatnonzero(facts.agencies.codes == code)
    return int(found[0]) if len(found) else NONE


def target_of_finding(account: Account, facts: Facts, content: Mapping[str, Any]) -> Target | None:
    """What a finding of before was about; None where the logs do not tell of its document any more."""
    keys = facts.keys
    sender = agency_index(facts, content["sender"])
    notations = keys["notation"].astype("str").str.casefold().fillna("")
    mask = (keys["number"] == content["number"]) & (notations == (content["notation"] or "").casefold())
    mask &= facts.documents.sender == sender
    if content["issued_date"]:
        mask &= keys["issued_day"].to_numpy() == _day_of(content["issued_date"])
    recipient = agency_index(facts, content["recipient"]) if account.of_pair and content["recipient"] else None
    for document in np.flatnonzero(mask.to_numpy(dtype=bool)):
        candidates = account.candidates(facts, int(document), recipient)
        extra = content["extra"] or ""
        return next((one for one in candidates if one.extra == extra), candidates[0])
    return None


def _day_of(text: str) -> int:
    """The day of an issue date; of a year (T4), which is no day, none that any document has."""
    try:
        return day_number(date.fromisoformat(text))
    except ValueError:
        return NONE
