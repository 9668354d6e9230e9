"""The rows of the wire as msgspec structs, and how a page's rows are decoded.

The structs are the contract (``log-api.md``) read leniently where systems differ: identifiers and codes may be numbers,
numbers may be text, unknown fields are ignored, null is absent. They check types only; what a text means is
decided in ``conform.py``. A row that is not of its struct's types becomes a `Fault`, alone: its neighbours are read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

import msgspec

Label: TypeAlias = str | int | None
"""A name that some systems send as a number: 814 is "814"."""
Whole: TypeAlias = int | str | None
"""A whole number, which some systems send as text: "2" is 2."""

EXCERPT_LENGTH: Final = 200

REASONS: Final = {
    "not_an_object": "the row is no JSON object",
    "wrong_type": "a field is of another type than the contract's",
    "bad_text": "text that is not UTF-8",
    "too_deep": "values nested too deep",
    "too_long": "a name, number or code longer than any real one",
    "missing_field": "a field without which the row means nothing is missing",
    "missing_key": "number, notation or date is missing, and so is document_uid",
    "bad_time": "a time that is none",
    "bad_date": "a date that is none",
    "bad_number": "a number that is none",
    "out_of_range": "a number too large to be meant",
}
"""Why a row can be unreadable."""


class Row(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What every row may carry."""

    changed_at: str | None = None
    """Instant of the row's last change."""
    deleted: bool | None = None
    """True withdraws the row."""


class SignatureRow(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A digital signature of a file, as the agency's system tells it."""

    party: str | None = None
    subject: str | None = None
    serial: Label = None
    issuer: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    signed_at: str | None = None
    timestamp_at: str | None = None
    intact: bool | None = None
    valid: bool | None = None
    covers_file: bool | None = None
    revoked_at: str | None = None


class FileRow(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A file of a document. No `signatures`: the system does not tell; an empty list: unsigned."""

    name: str | None = None
    role: str | None = None
    content_type: str | None = None
    size_bytes: Whole = None
    sha256: str | None = None
    signatures: list[SignatureRow] | None = None


class DocumentRow(Row, frozen=True, gc=False, kw_only=True):
    """A row of the outgoing register. No `files` or `recipients`: the system does not tell; an empty list: none."""

    document_uid: Label = None
    sender: str | None = None
    number: Label = None
    notation: str | None = None
    issued_date: str | None = None
    doc_type: str | None = None
    subject: str | None = None
    signer_name: str | None = None
    signer_position: str | None = None
    signer_competence: str | None = None
    signed_at: str | None = None
    urgency: str | None = None
    secrecy: str | None = None
    due_date: str | None = None
    page_count: Whole = None
    declared_file_count: Whole = None
    recipients: list[str] | None = None
    files: list[FileRow] | None = None


class MessageRow(Row, frozen=True, gc=False, kw_only=True):
    """What sends and receipts share."""

    document_uid: Label = None
    sender: str | None = None
    number: Label = None
    notation: str | None = None
    issued_date: str | None = None
    recipient: str | None = None
    axis_doc_id: Label = None
    business_type: Whole = None
    state: str | None = None
    state_at: str | None = None
    error_code: Label = None
    error_message: str | None = None


class SendRow(MessageRow, frozen=True, gc=False, kw_only=True):
    """An attempt to send to one recipient, as the sender saw it."""

    attempt: Whole = None
    reason: str | None = None
    sent_at: str | None = None
    replaces: Label = None


class ReceiptRow(MessageRow, frozen=True, gc=False, kw_only=True):
    """A row of the incoming register: a message received."""

    arrived_at: str | None = None
    subject: str | None = None
    doc_type: str | None = None
    signer_name: str | None = None
    urgency: str | None = None
    secrecy: str | None = None
    needs_reply: bool | None = None
    arrival_number: Label = None
    registered_at: str | None = None
    forwarded_at: str | None = None
    due_at: str | None = None
    completed_at: str | None = None
    returned_at: str | None = None
    return_reason: str | None = None
    received_file_sha256: str | None = None


class StatusRow(Row, frozen=True, gc=False, kw_only=True):
    """A status message, in the log of either side."""

    document_uid: Label = None
    from_org: str | None = None
    to_org: str | None = None
    number: Label = None
    notation: str | None = None
    issued_date: str | None = None
    axis_doc_id: Label = None
    status_code: Label = None
    at: str | None = None
    description: str | None = None
    staff: str | None = None


ROWS: Final[dict[str, type[Row]]] = {
    "documents": DocumentRow,
    "sends": SendRow,
    "receipts": ReceiptRow,
    "statuses": StatusRow,
}
"""The struct of each table of the wire."""

_DECODERS: Final = {table: msgspec.json.Decoder(row) for table, row in ROWS.items()}
# the type is built at run time, so it cannot be written as one
_PAGE_DECODERS: Final = {table: msgspec.json.Decoder(list[row]) for table, row in ROWS.items()}  # type: ignore[valid-type]
_RAW_DECODER: Final = msgspec.json.Decoder(list[msgspec.Raw])
_PLACE: Final = re.compile(r" - at `\$\.?(.*)`$")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+")


class Fault(NamedTuple):
    """Why a row cannot be read."""

    reason: str
    """One word of `REASONS`."""
    field: str
    """Path of the field in the row, e.g. ``files[0].size_bytes``; ``""``: the row itself."""


class Decoded(NamedTuple):
    """The rows of a page: those that could be read, and the faults of the others."""

    rows: list[Row]
    places: Sequence[int]
    """Position in the page, from 0, of each of `rows`."""
    faults: dict[int, Fault]
    """By position in the page."""


def split(items: bytes) -> list[msgspec.Raw]:
    """The undecoded rows of a page's JSON array. Raises msgspec.DecodeError if it is none."""
    return _RAW_DECODER.decode(items)


def decode(table: str, items: bytes) -> Decoded:
    """The rows of a page of `table`, `items` being its JSON array.

    All at once where every row is good; else row by row, so that a bad one harms no other.

    Raises:
        msgspec.DecodeError, RecursionError: `items` is not a JSON array, or too deep to be told apart into rows.
    """
    try:
        rows = _PAGE_DECODERS[table].decode(items)
        return Decoded(rows, range(len(rows)), {})
    except (ValueError, RecursionError):  # msgspec's errors and UnicodeDecodeError are ValueErrors
        pass
    decoder = _DECODERS[table]
    good: list[tuple[int, Row]] = []
    faults: dict[int, Fault] = {}
    for place, item in enumerate(split(items)):
        try:
            good.append((place, decoder.decode(item)))
        except (ValueError, RecursionError) as error:
            faults[place] = _fault(error)
    return Decoded([row for _, row in good], [place for place, _ in good], faults)


def excerpt(item: msgspec.Raw) -> str:
    """The beginning of a raw row for the rejects: one printable line of at most `EXCERPT_LENGTH` characters."""
    text = bytes(item)[: 4 * EXCERPT_LENGTH].decode("utf-8", errors="replace")
    return _UNPRINTABLE.sub(" ", text).strip()[:EXCERPT_LENGTH]


def _fault(error: Exception) -> Fault:
    if isinstance(error, RecursionError):
        return Fault("too_deep", "")
    if not isinstance(error, msgspec.ValidationError):
        return Fault("bad_text", "")
    place = _PLACE.search(str(error))
    return Fault("wrong_type", place[1]) if place else Fault("not_an_object", "")
