"""Counts of a document's files, and whether its recipients got the main file that was sent (rules D1, D2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audit.facts.arrays import Ints, Mask, any_of, combine, hashes, is_one_of, text_keys, whole_numbers
from audit.facts.content import main_file_keys
from audit.facts.pairs import CHAIN_KINDS
from audit.facts.recalls import REPLACEMENT, UPDATE
from audit.facts.texts import holds_each

if TYPE_CHECKING:
    from audit.facts import Facts

_NEW = 0


@dataclass(frozen=True, slots=True)
class FileCounts:
    """How many files a document has, an element a document: of all, of 0 bytes, and as declared (0 = not told)."""

    files: Ints
    empty: Ints
    declared: Ints


def file_counts(facts: Facts) -> FileCounts:
    """The counts of all documents; 0 where the register tells nothing."""
    size = len(facts.documents)
    files = facts.files[facts.files["document"] >= 0]
    document = files["document"].to_numpy()
    empty = whole_numbers(facts.frames.files["size_bytes"], -1)[files["row"]] == 0
    declared = np.append(whole_numbers(facts.registrations.frame["declared_file_count"], 0), 0)
    return FileCounts(
        files=np.bincount(document, minlength=size),
        empty=np.bincount(document[empty], minlength=size),
        declared=declared[facts.documents.entry],
    )


def pdf_files(facts: Facts) -> Mask:
    """Which files of the log (`facts.frames.files`) are PDFs, by content type or by name."""
    files = facts.frames.files
    by_type = holds_each(files["content_type"], lambda text: text.casefold().startswith("application/pdf"))
    return by_type | holds_each(files["name"], lambda text: text.casefold().endswith(".pdf"))


def differently_received(facts: Facts) -> Ints:
    """Pairs whose recipient tells another hash than the sender, and to whom no update or replacement was sent."""
    carried = is_one_of(facts.receipts.kind, CHAIN_KINDS) & ~facts.receipts.failed
    pair = facts.pair_of_receipts[carried]
    got = hashes(facts.receipts.frame["file_key"])[carried]
    given = main_file_keys(facts)[facts.pairs.document[pair]]
    differs = any_of(len(facts.pairs), pair[(got != 0) & (given != 0) & (got != given)])
    return np.flatnonzero(differs & ~_mended(facts))


def _mended(facts: Facts) -> Mask:
    """Pairs to whose recipient an update or a replacement of the document was sent."""
    size, kind, of = len(facts.pairs), facts.sends.kind, facts.pair_of_sends
    updated = any_of(size, of[kind == UPDATE])
    resent = any_of(size, of[kind == REPLACEMENT]) & any_of(size, of[kind == _NEW])
    return updated | resent | _replaced(facts)


def _replaced(facts: Facts) -> Mask:
    """Pairs whose document another replaces: a send of type 3 to that recipient names its uid or a message of it."""
    sends = facts.sends
    rows = np.flatnonzero(sends.kind == REPLACEMENT)
    named = text_keys(sends.frame.some(["replaces"], rows)["replaces"])
    rows, named = rows[named != 0], named[named != 0]
    if not len(rows):
        return np.zeros(len(facts.pairs), dtype=bool)
    replaced = combine(sends.sender[rows], sends.recipient[rows], named)
    recipient, sender = facts.pairs.recipient, facts.pairs.sender
    of_entry = np.append(hashes(facts.registrations.frame["uid_key"]), 0)
    uid = of_entry[facts.documents.entry[facts.pairs.document]]
    by_uid = (uid != 0) & np.isin(combine(sender, recipient, uid), replaced)
    of_message = combine(sends.sender, sends.recipient, sends.axis)
    by_message = (sends.axis != 0) & np.isin(of_message, replaced)
    return np.asarray(by_uid | any_of(len(facts.pairs), facts.pair_of_sends[by_message]))
