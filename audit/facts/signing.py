"""The main file of every document and its signatures, and what rules K1 to K7, Q3, T3 and D2 take from them.

The log repeats the verdict of the agency's own system on its signatures; where the audit has verified the file itself,
`audit.facts.checked` has put what it found in its place. Nothing here looks into a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.facts.arrays import (
    Ints,
    Mask,
    any_of,
    combine,
    earliest,
    first_rows,
    instants,
    is_false,
    latest,
    positions_in,
)
from audit.facts.checked import checked_documents
from audit.facts.documents import text_of
from audit.facts.names import certified_name, person_name
from audit.facts.once import once
from audit.facts.populations import Documents, sent_documents
from audit.facts.texts import Texts, keys_of, read_each
from audit.working_time import NAT, NEVER

if TYPE_CHECKING:
    from audit.facts import Facts

UNKNOWN, NO_FILE, UNSIGNED, SIGNED = 0, 1, 2, 3
"""What is told of a document's main file. Unknown: no entry, no `files`, several files of which none is the main one,
no `signatures`."""
NO_PARTY, PERSON, AGENCY = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Signatures:
    """Signatures of main files, one row each, by document and in the order of the file's list.

    Attributes:
        document: index in `facts.documents`. row: position in `facts.frames.signatures`.
        position: place in the list, from 1. is_last: the last of the list.
        party: PERSON, AGENCY, or NO_PARTY where it is missing or another word.
        signed_at: NAT = missing.
    """

    document: Ints
    row: Ints
    position: Ints
    is_last: Mask
    party: Ints
    signed_at: Ints

    def __len__(self) -> int:
        return len(self.document)


@once
def file_states(facts: Facts) -> Ints:
    """For every document UNKNOWN, NO_FILE, UNSIGNED or SIGNED."""
    size = len(facts.documents)
    entry = facts.documents.entry
    told = np.append(facts.registrations.frame["has_files"].to_numpy(dtype=bool), False)[entry]
    files = facts.files
    described = files[files["document"] >= 0]
    state = np.where(told & ~any_of(size, described["document"].to_numpy()), NO_FILE, UNKNOWN)
    main = described[described["is_main"]]
    tells = facts.frames.files["has_signatures"].to_numpy(dtype=bool)[main["row"]]
    state[main["document"].to_numpy()[tells]] = UNSIGNED
    state[main_signatures(facts).document] = SIGNED
    return state


@once
def main_signatures(facts: Facts) -> Signatures:
    """The signatures of all main files."""
    frame = facts.frames.signatures
    main = facts.files[facts.files["is_main"] & (facts.files["document"] >= 0)]
    files = facts.frames.files.iloc[main["row"]]
    place = positions_in(_file_keys(frame), _file_keys(files))
    row = np.flatnonzero(place >= 0)
    document = main["document"].to_numpy()[place[row]]
    number = frame["signature_no"].to_numpy(dtype=np.int64)[row]
    order = np.lexsort((number, document))
    document, row, number = document[order], row[order], number[order]
    part = frame.iloc[row]
    party = _parties(part["party"])
    return Signatures(
        document=document,
        row=row,
        position=number,
        is_last=np.append(document[1:] != document[:-1], True)[: len(document)],
        party=party,
        signed_at=instants(part["signed_at"]),
    )


@once
def by_signer(facts: Facts) -> Mask:
    """Which signatures of main files are personal ones whose common name is `signer_name`."""
    signatures = main_signatures(facts)
    subject = facts.frames.signatures["subject"].iloc[signatures.row]
    return np.asarray((signatures.party == PERSON) & _bears_signers_name(facts, signatures.document, subject))


def _file_keys(frame: pd.DataFrame) -> Ints:
    """The file of each row of `files` or `signatures` as one integer."""
    return combine(frame["document_row"].to_numpy(), frame["file_no"].to_numpy(dtype=np.int64))


def _parties(column: pd.Series) -> Ints:
    words = read_each(column, str.casefold)
    return np.select([words == "person", words == "agency"], [PERSON, AGENCY], NO_PARTY).astype(np.int64)


def _bears_signers_name(facts: Facts, document: Ints, subject: pd.Series) -> Mask:
    names = facts.registrations.frame["signer_name"]
    of_entry = np.append(keys_of(read_each(names, person_name)), 0)
    signer = of_entry[facts.documents.entry[document]]
    return np.asarray((signer != 0) & (keys_of(read_each(subject, certified_name)) == signer))


def with_signatures_told(facts: Facts) -> tuple[Documents, Ints]:
    """The documents that rules K1 to K7 and Q3 may speak of, and the state of their main files.

    Left out are documents of agencies without `reports_signatures` of which no file was verified, and documents without
    a file, which is D1.
    """
    sent = sent_documents(facts)
    state = file_states(facts)[sent.document]
    told = facts.agencies.flag("reports_signatures")[sent.agency] | checked_documents(facts)[sent.document]
    wanted = told & (state != NO_FILE)
    return sent.only(wanted), state[wanted]


def signed_documents(facts: Facts) -> tuple[Documents, Mask]:
    """The documents that rules K2 to K7 and Q3 may speak of, and whether their signatures are told. Unsigned ones are
    K1.
    """
    sent, state = with_signatures_told(facts)
    return sent.only(state != UNSIGNED), (state == SIGNED)[state != UNSIGNED]


@dataclass(frozen=True, slots=True)
class SigningTimes:
    """When the parties signed, an element a document.

    Attributes:
        signer_at: the signer's last signature, NAT = none is told. sealed_at: the agency's first, NEVER = none is told.
        complete: both parties signed, and all their times that matter are told.
        has_person, has_agency: a signature of that party is there. has_unknown: one of which the party is not told.
        sealed_first: in the order of the list the agency's first signature stands before the signer's last one.
    """

    signer_at: Ints
    sealed_at: Ints
    complete: Mask
    has_person: Mask
    has_agency: Mask
    has_unknown: Mask
    sealed_first: Mask


@once
def signing_times(facts: Facts) -> SigningTimes:
    """Whose last and first signature rule K3 compares: the signer's by name, or where no name matches the first
    personal one.
    """
    size = len(facts.documents)
    signatures = main_signatures(facts)
    personal = np.flatnonzero(signatures.party == PERSON)
    first_personal = np.zeros(len(signatures), dtype=bool)
    first_personal[personal[~pd.Series(signatures.document[personal]).duplicated().to_numpy()]] = True
    named = by_signer(facts)
    matched = any_of(size, signatures.document[named])
    signer = np.where(matched[signatures.document], named, first_personal)
    sealed = signatures.party == AGENCY
    untimed = any_of(size, signatures.document[(signer | sealed) & (signatures.signed_at == NAT)])
    has_person, has_agency = any_of(size, signatures.document[personal]), any_of(size, signatures.document[sealed])
    return SigningTimes(
        signer_at=latest(size, signatures.document[signer], signatures.signed_at[signer]),
        sealed_at=earliest(size, signatures.document[sealed], signatures.signed_at[sealed]),
        complete=has_person & has_agency & ~untimed,
        has_person=has_person,
        has_agency=has_agency,
        has_unknown=any_of(size, signatures.document[signatures.party == NO_PARTY]),
        sealed_first=_sealed_first(size, signatures, signer, sealed),
    )


def _sealed_first(size: int, signatures: Signatures, signer: Mask, sealed: Mask) -> Mask:
    last = latest(size, signatures.document[signer], signatures.position[signer])
    first = earliest(size, signatures.document[sealed], signatures.position[sealed])
    return np.asarray((last != NAT) & (first != NEVER) & (first < last))


def signed_by_name_at(facts: Facts) -> Ints:
    """For every document the last signature that bears the signer's name; NAT where none does."""
    signatures = main_signatures(facts)
    mine = by_signer(facts)
    return latest(len(facts.documents), signatures.document[mine], signatures.signed_at[mine])


def without_value(facts: Facts, column: str) -> Mask:
    """Which signatures of main files lack a field."""
    return facts.frames.signatures[column].isna().to_numpy()[main_signatures(facts).row]


def denied(facts: Facts, column: str) -> Mask:
    """Which signatures of main files have an explicit "no" in a flag."""
    return is_false(facts.frames.signatures[column])[main_signatures(facts).row]


def sealed_files(facts: Facts) -> tuple[Mask, Mask]:
    """For every file of the log (`facts.frames.files`): it bears the agency's signature; and whether that is told."""
    files, signatures = facts.frames.files, facts.frames.signatures
    place = positions_in(_file_keys(signatures), _file_keys(files))
    party = _parties(signatures["party"])
    known = place >= 0
    sealed = any_of(len(files), place[known & (party == AGENCY)])
    unclear = any_of(len(files), place[known & (party == NO_PARTY)])
    return sealed, sealed | (files["has_signatures"].to_numpy(dtype=bool) & ~unclear)


@dataclass(frozen=True, slots=True)
class NamedFaults:
    """Faults of signatures as findings name them, a row a (document, serial or position).

    Attributes:
        member: row of the documents that were asked for. extra: the serial, else the position.
        first: the first such signature (row of `main_signatures`).
        rows, of: all faulty signatures, and of which fault each is: one certificate may sign twice.
    """

    member: Ints
    extra: Texts
    first: Ints
    rows: Ints
    of: Ints

    def any(self, mask: Mask) -> Mask:
        """Whether one of the fault's signatures is in `mask`, which has an element a row of `main_signatures`."""
        return any_of(len(self.member), self.of[mask[self.rows]])


def named_faults(facts: Facts, sent: Documents, fault: Mask) -> NamedFaults:
    """The faulty signatures of some documents, by document and in the order of the list."""
    document = main_signatures(facts).document
    place = np.full(len(facts.documents), -1, dtype=np.int64)
    place[sent.document] = np.arange(len(sent))
    rows = np.flatnonzero(fault & (place[document] >= 0))
    member, extra = place[document[rows]], _serial_or_position(facts, rows)
    of, names = pd.factorize(combine(member, keys_of(extra)))
    first = first_rows(len(names), np.asarray(of))
    return NamedFaults(member[first], extra[first], rows[first], rows, np.asarray(of))


def _serial_or_position(facts: Facts, rows: Ints) -> Texts:
    """How findings name signatures (rows of `main_signatures`): by the certificate's serial, else by the position."""
    signatures = main_signatures(facts)
    serial = text_of(facts.frames.signatures["serial"], signatures.row[rows])
    return np.where(pd.isna(serial), signatures.position[rows].astype(str).astype(object), serial)


def any_of_documents(facts: Facts, sent: Documents, mask: Mask) -> Mask:
    """Which of the documents have a signature in `mask`, which has an element a row of `main_signatures`."""
    return any_of(len(facts.documents), main_signatures(facts).document[mask])[sent.document]
