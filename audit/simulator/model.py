"""What happens in the simulated province: documents, their messages, what recipients did, in plain mutable records.

Nothing here knows how a row looks on the wire (`rendering.py`) or what is a breach (`plants/`). Instants are seconds of
local time (`clock.py`), days are day numbers, agencies are canonical codes; None is "not" or "unknown".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

Value = TypeVar("Value")


def known(value: Value | None) -> Value:
    """What the base traffic always has, and a plant may have taken away.

    Raises:
        ValueError: It is not there: a plant has picked a victim that another one has had.
    """
    if value is None:
        raise ValueError("not there any more")
    return value


@dataclass(slots=True)
class Signature:
    """A digital signature as the agency's system tells it."""

    party: str
    subject: str | None
    serial: str | None
    issuer: str | None
    valid_from: int | None
    valid_to: int | None
    signed_at: int | None
    timestamp_at: int | None
    covers_file: bool
    intact: bool = True
    valid: bool = True
    revoked_at: int | None = None


@dataclass(slots=True)
class File:
    """A file of a document; `signatures` None: the system does not tell."""

    name: str
    role: str
    content_type: str
    size_bytes: int
    sha256: str
    signatures: list[Signature] | None
    told: list[Signature] | None = None
    """What the system tells of the signatures where it is not so; only the file itself shows it then."""
    without: str = ""
    """Components of form (letters of NĐ 30 Điều 8 khoản 2) that its text lacks."""
    scanned: bool = False
    """Whether its page is a picture without text."""
    damaged: bool = False
    """Whether half of it is missing."""


@dataclass(slots=True)
class Send:
    """An attempt to send to one recipient."""

    axis_id: str
    attempt: int
    sent_at: int
    state: str
    state_at: int | None
    business_type: int = 0
    reason: str | None = None
    error: str | None = None
    replaces: str | None = None
    withdrawn: bool = False


@dataclass(slots=True)
class Receipt:
    """A message received, as it stands in the recipient's register."""

    axis_id: str
    arrived_at: int | None
    state: str
    state_at: int
    business_type: int = 0
    needs_reply: bool | None = None
    due_day: int | None = None
    registered_at: int | None = None
    forwarded_at: int | None = None
    completed_at: int | None = None
    returned_at: int | None = None
    return_reason: str | None = None
    arrival_number: int | None = None
    sha256: str | None = None
    error: str | None = None


@dataclass(slots=True)
class Status:
    """A status message: when it was issued and when each side's log got it (None: never)."""

    code: str | None
    at: int
    from_recipient: bool
    in_recipient_log_at: int | None
    in_sender_log_at: int | None
    axis_id: str | None = None
    description: str | None = None


@dataclass(slots=True, eq=False, repr=False)
class Document:
    """A document of the outgoing register, electronic or (no recipients) on paper.

    `number` and `notation` are canonical (no leading zero, plain hyphens); `registered_at` is the instant at which the
    clerk numbered and sealed it, and its row was made. `marked` is set once a plant or a near miss has taken it.
    """

    uid: str
    sender: str
    number: str | None
    notation: str | None
    issued_day: int
    doc_type: str | None
    subject: str | None
    signer_name: str | None
    position: str | None
    competence: str | None
    signed_at: int | None
    registered_at: int
    urgency: str | None
    page_count: int | None
    files: list[File] | None
    topic: bool = False
    secrecy: str | None = "thuong"
    due_day: int | None = None
    declared_files: int | None = None
    recipients: list[str] | None = None
    revised_at: int | None = None
    """When the clerk filled in position and pages, which the row's first version lacks; None: it lacked nothing."""
    pairs: list[Pair] = field(default_factory=list)
    has_row: bool = True
    marked: bool = False

    @property
    def urgent(self) -> bool:
        """Whether it bears one of the three urgency stamps."""
        return self.urgency in ("khan", "thuong_khan", "hoa_toc")

    @property
    def main(self) -> File:
        """Its main file."""
        return known(self.files)[0]


@dataclass(slots=True, eq=False, repr=False)
class Pair:
    """A document and one recipient: all that passed between the two."""

    document: Document
    recipient: str
    sends: list[Send] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    marked: bool = False

    def status(self, code: str) -> Status | None:
        """The first status of a code."""
        return next((status for status in self.statuses if status.code == code), None)
