"""Documents, pairs and messages of a case, put together from rows (rules.md section 1, Words)."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from .events import Event, Recall
from .rows import DocumentRow, Key, ReceiptRow, SendRow, StatusRow

CHAIN = (0, 3)  # "**Chain** = the sends of one pair and `business_type` 0 or 3"


@dataclass
class Pair:
    """ "**Pair** = (document, recipient)"."""

    document: "Document"
    recipient: str
    all_sends: list[SendRow] = field(default_factory=list)
    all_receipts: list[ReceiptRow] = field(default_factory=list)
    status_rows: list[StatusRow] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    recalls: list[Recall] = field(default_factory=list)

    @property
    def sends(self) -> list[SendRow]:
        """The chain: "by `sent_at`, then `attempt`"."""
        return sorted((s for s in self.all_sends if s.type in CHAIN), key=lambda s: (s.sent_at, s.attempt, s.seq))

    @property
    def receipts(self) -> list[ReceiptRow]:
        """Receipts of type 0 and 3, the earliest first."""
        return sorted((r for r in self.all_receipts if r.type in CHAIN), key=lambda r: (r.anchor, r.seq))


@dataclass
class Document:
    """A document: with its register row, or known from messages only."""

    sender: str
    key: Key
    row: DocumentRow | None = None
    second: bool = False  # not the first of several documents of one key
    notation: str = ""
    pairs: dict[str, Pair] = field(default_factory=dict)

    @property
    def uid(self) -> str | None:
        """The uid of its register row."""
        return self.row.uid if self.row else None

    @property
    def issued(self) -> date | None:
        """Issue date, where the key has one."""
        return self.key[1] if self.key[0] == "ref" else (self.row.issued if self.row else None)

    @property
    def identity(self) -> tuple[str, str, str]:
        """Number, notation, issue date as a finding shows them.

        "where `document_uid` is the key it stands as number, issued_date and notation are empty; the second of two
        documents of one key has number`#`document_uid".
        """
        if self.key[0] == "uid":
            return self.key[1], "", ""
        number = f"{self.key[2]}#{self.uid or ''}" if self.second else self.key[2]
        return number, self.notation, self.key[1].isoformat()

    @property
    def sends(self) -> list[SendRow]:
        """All sends of type 0 and 3, the earliest first."""
        return sorted((s for pair in self.pairs.values() for s in pair.sends), key=lambda s: (s.sent_at, s.seq))

    @property
    def first_sent_at(self) -> datetime | None:
        """ "anchor = its first send"."""
        return self.sends[0].sent_at if self.sends else None

    def pair(self, recipient: str) -> Pair:
        """The pair with a recipient, made where it is new."""
        return self.pairs.setdefault(recipient, Pair(self, recipient))


def main_file(row: DocumentRow | None) -> Any:
    """ "role main, else the only file"; None where there is none or it cannot be told."""
    if row is None or not row.files:
        return None
    mains = [one for one in row.files if one.role == "main"]
    if mains:
        return mains[0]
    return row.files[0] if len(row.files) == 1 else None


def main_hash(row: DocumentRow | None) -> str | None:
    """SHA-256 of the main file as the register tells it."""
    found = main_file(row)
    return found.sha256 if found else None


def differ(one: DocumentRow, other: DocumentRow, fold: Any) -> bool:
    """ "different subject (folded) or main-file hash", compared where both have it."""
    subjects = one.subject is not None and other.subject is not None and fold(one.subject) != fold(other.subject)
    hashes = main_hash(one) is not None and main_hash(other) is not None and main_hash(one) != main_hash(other)
    return bool(subjects or hashes)
