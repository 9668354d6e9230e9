"""What the rules of group G look at: what was sent, pair by pair, and to whom a document still had to go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from audit.facts.arrays import Ints, Mask
from audit.facts.documents import NOT_URGENT
from audit.facts.once import once
from audit.facts.recalls import REQUEST
from audit.facts.routing import has_wrong_code
from audit.working_time import NAT, NEVER, NO_DAY

if TYPE_CHECKING:
    from audit.facts import Facts


@dataclass(frozen=True, slots=True)
class Sendings:
    """Pairs that were sent, and after them the messages of type 1 and 2, one row each.

    Left out are pairs with a failed receipt (that is N1) and pairs whose recipient's code is wrong (that is N9). A
    message of type 1 or 2 that was received in state fail has no N1: it stays.

    Attributes:
        pair: the pair. extra: "" for a pair, the first attempt's instant for a message.
        sent_at: first send. live_sent_at: latest send that did not fail, NAT = none.
        done: a send is done. last_failed: the latest send failed. arrived_at: NEVER = not arrived.
    """

    pair: Ints
    extra: npt.NDArray[np.object_]
    sent_at: Ints
    live_sent_at: Ints
    done: Mask
    last_failed: Mask
    arrived_at: Ints


@once
def sendings(facts: Facts) -> Sendings:
    """All pairs and messages that rules G1 and G2 may speak of."""
    pairs, messages = facts.pairs, facts.messages
    wrong_code = has_wrong_code(facts)
    first = pairs.first_sent_at
    of_pairs = np.flatnonzero((first < NEVER) & ~pairs.failed_receipt & ~wrong_code)
    of_messages = np.flatnonzero((messages.kind != REQUEST) & ~wrong_code[messages.pair])

    def both(of_pair: npt.NDArray[Any], of_message: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.concatenate([of_pair[of_pairs], of_message[of_messages]])

    return Sendings(
        pair=np.concatenate([of_pairs, messages.pair[of_messages]]),
        extra=np.concatenate([np.full(len(of_pairs), "", dtype=object), instant_texts(messages.sent_at[of_messages])]),
        sent_at=both(pairs.first_sent_at, messages.sent_at),
        live_sent_at=both(pairs.live_sent_at, messages.live_sent_at),
        done=both(pairs.any_done, messages.done),
        last_failed=both(pairs.last_failed, messages.last_failed),
        arrived_at=both(pairs.arrived_at, messages.arrived_at),
    )


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Documents with electronic recipients, one row each, judged by the recipient that was sent to last.

    Attributes:
        document: the document.
        last_first_send: the latest of the first sends to each recipient; NEVER where one was not sent to at all.
        recipients, missing: how many recipients there are, and how many were not sent to.
    """

    document: Ints
    last_first_send: Ints
    recipients: Ints
    missing: Ints


@once
def dispatch(facts: Facts) -> Dispatch:
    """What rules G3, G4 and G5 look at."""
    document, recipient = _listed(facts)
    pair = facts.pairs_of(document, recipient)
    first = np.append(facts.pairs.first_sent_at, NEVER)[pair]
    size = len(facts.documents)
    last = np.full(size, np.iinfo(np.int64).min)
    np.maximum.at(last, document, first)
    count = np.bincount(document, minlength=size)
    missing = np.bincount(document[first == NEVER], minlength=size)
    with_recipients = np.flatnonzero(count)
    return Dispatch(with_recipients, last[with_recipients], count[with_recipients], missing[with_recipients])


NAMED_MOST = 3
"""Recipients named in a finding; how many there are, it tells beside."""


def dispatch_facts(facts: Facts, document: Ints, recipients: Ints, missing: Ints) -> list[dict[str, object]]:
    """What a finding about each document tells: how many recipients it has, how many it was not sent to, and the
    first of those by code.
    """
    wanted = np.zeros(len(facts.documents), dtype=bool)
    wanted[document[missing > 0]] = True
    of, recipient = _listed(facts)
    asked = wanted[of]
    of, recipient = of[asked], recipient[asked]
    unsent = np.append(facts.pairs.first_sent_at, NEVER)[facts.pairs_of(of, recipient)] == NEVER
    names: dict[int, list[str]] = {}
    for place, index in zip(of[unsent].tolist(), recipient[unsent].tolist(), strict=True):
        names.setdefault(place, []).append(facts.agencies.codes[index])
    counts = zip(document.tolist(), recipients.tolist(), missing.tolist(), strict=True)
    return [
        {"recipients": total, "not_sent": left}
        | ({"not_sent_to": sorted(set(names[place]))[:NAMED_MOST]} if left else {})
        for place, total, left in counts
    ]


def _listed(facts: Facts) -> tuple[Ints, Ints]:
    """Documents and their electronic recipients, as the register lists them."""
    lists = facts.registrations.frame["recipients"]
    entry = np.repeat(np.arange(len(lists)), lists.list.len().fillna(0).to_numpy(dtype=np.int64))
    recipient = facts.agencies.indexes(lists.list.flatten())
    document = facts.document_of_entry[entry]
    listed = (document >= 0) & (recipient >= 0)
    return document[listed], recipient[listed]


def counted_in_days(facts: Facts, document: Ints) -> Mask:
    """Documents judged by G3 and G4: not urgent, or urgent without `signed_at`, and with a day to count from."""
    of = facts.documents
    urgent = of.urgency[document] > NOT_URGENT
    signed = of.signed_at[document] != NAT
    return np.asarray(~(urgent & signed) & (of.counted_day[document] != NO_DAY))


def instant_texts(at: Ints, where: Mask | None = None) -> npt.NDArray[np.object_]:
    """Instants as they stand in `extra`: UTC, `YYYY-MM-DDTHH:MM:SSZ`; `""` where they are not wanted."""
    if where is not None:
        texts = np.full(len(at), "", dtype=object)
        texts[where] = instant_texts(at[where])
        return texts
    seconds = np.datetime_as_string(at.astype("datetime64[us]"), unit="s") if len(at) else np.empty(0, dtype="U1")
    return np.char.add(seconds, "Z").astype(object)
