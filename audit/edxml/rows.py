"""A message → rows of the contract, as they stand in the log of one agency.

What the agency sent becomes documents and sends, what it received becomes receipts, and statuses are statuses of
either side. A message in an agency's folder that the agency did not send is one that it received, whoever its header
names: copies are forwarded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from audit.edxml.attachments import Attachment
from audit.edxml.message import NEW, RECALL, REPLACEMENT, UPDATE, Message
from audit.registry import new_form
from audit.settings import Agency

Row = dict[str, Any]

ROWS_LENGTH_MAX: Final = 128 * 1024 * 1024
"""Most characters of the rows of a page: what a message says of itself stands in the row of each of its recipients, so
that its rows may be a thousand times as long as the message."""
ROW_LENGTH: Final = 250
"""Characters that a row counts for beside its texts, and each of its files and recipients: so much it takes when they
are blank, and a small archive may hold millions of those."""

XML_SIGNATURE: Final = "xml_signature"
"""Told beside the contract's fields, for people who look at the raw line: no rule knows it, since systems paste one in
and none can be checked (``wire.md`` 0.5 and 5). Only the signatures inside the files count."""
_DOCUMENT_FIELDS: Final = (
    "doc_type", "subject", "signer_name", "signer_position", "signer_competence", "due_date", "urgency", "page_count",
)  # fmt: skip


def rows_of(table: str, message: Message, agency: Agency) -> list[Row]:
    """The rows that a message gives to a table of the agency's log; none where it has nothing to do with it."""
    return _MAKERS[table](message, agency)


class PageRows:
    """The rows of a page, of which each message's are there whole, or not at all."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self._left = ROWS_LENGTH_MAX

    def add(self, name: str | None, rows: Sequence[Any]) -> None:
        """Add a message's rows; in their place one that is none, where the page would hold more than it may."""
        length = sum(_length(row) for row in rows if isinstance(row, dict))
        if length > self._left:
            self.rows.append(f"{name}: more rows than a page may have")
            return
        self._left -= length
        self.rows += rows


def _length(row: Mapping[str, Any]) -> int:
    """The characters that a row counts for."""
    texts = sum(len(text) for text in row.values() if isinstance(text, str))
    within = sum(len(values) for values in row.values() if isinstance(values, list))
    return texts + ROW_LENGTH * (1 + within)


def is_own(code: str | None, agency: Agency) -> bool:
    """Whether a code of the wire means the agency."""
    text = (code or "").strip().upper()
    return bool(text) and (text in agency.aliases or new_form(text) == agency.code or text == agency.code)


def files_of(message: Message) -> list[Row] | None:
    """The files of a message as rows; None where it does not tell of files."""
    if not message.has_attachments:
        return None
    return [_file(place, file) for place, file in enumerate(message.attachments)]


def _documents(message: Message, agency: Agency) -> list[Row]:
    # an update is the document's next version; a recall withdraws the sending, not the document
    is_version = message.business_type in (NEW, UPDATE, REPLACEMENT)
    if message.is_status or not is_own(message.sender, agency) or not is_version:
        return []
    own = {name: getattr(message, name) for name in _DOCUMENT_FIELDS}
    told = {
        "recipients": list(message.recipients) or None,
        "files": files_of(message),
        XML_SIGNATURE: _signature(message),
    }
    return [_key(message) | own | told]


def _sends(message: Message, agency: Agency) -> list[Row]:
    if message.is_status or not is_own(message.sender, agency):
        return []
    own = [trace.at for trace in message.traces if is_own(trace.organ, agency)]
    sent_at = own[0] if own else (message.traces[0].at if message.traces else None)
    shared = _key(message) | {
        "business_type": message.business_type,
        "reason": message.reason if message.business_type != NEW else None,
        "replaces": message.replaces,
        "sent_at": sent_at,
    }
    return [{**shared, "recipient": recipient} for recipient in message.recipients]


def _receipts(message: Message, agency: Agency) -> list[Row]:
    if message.is_status or is_own(message.sender, agency):
        return []
    arrivals = [trace.at for trace in message.traces if is_own(trace.organ, agency)]
    main = next(iter(message.attachments), None)
    row = _key(message) | {
        "recipient": agency.code,
        "business_type": message.business_type,
        "arrived_at": arrivals[-1] if arrivals else None,
        "state": "done",  # it is in the agency's hands
        "subject": message.subject,
        "doc_type": message.doc_type,
        "signer_name": message.signer_name,
        "urgency": message.urgency,
        "due_at": message.due_date,
        "received_file_sha256": main.sha256 if main and message.business_type != RECALL else None,
        XML_SIGNATURE: _signature(message),
    }
    return [row]


def _statuses(message: Message, agency: Agency) -> list[Row]:
    if not message.is_status:
        return []
    to = message.recipients[0] if message.recipients else None
    if to is not None and new_form(to.strip().upper()) == new_form((message.sender or "").strip().upper()):
        # a sender's own request (13) names the document's sender alone: who has it and did not issue it, got it
        to = None if is_own(message.sender, agency) else agency.code
    row = _key(message) | {
        "from_org": message.sender,
        "to_org": to,
        "status_code": message.status_code,
        "at": message.at,
        "description": message.description,
        "staff": message.staff,
    }
    del row["sender"]
    return [row]


def _signature(message: Message) -> str:
    return "present" if message.has_xml_signature else "absent"


def _key(message: Message) -> Row:
    key = message.key
    return {
        "document_uid": key.document_uid,
        "sender": key.sender,
        "number": key.number,
        "notation": key.notation,
        "issued_date": key.issued_date,
    }


def _file(place: int, file: Attachment) -> Row:
    return {
        "name": file.name,
        "role": "attachment" if place else "main",
        "content_type": file.content_type,
        "size_bytes": file.size_bytes,
        "sha256": file.sha256,
    }


_MAKERS: Final[Mapping[str, Callable[[Message, Agency], list[Row]]]] = {
    "documents": _documents,
    "sends": _sends,
    "receipts": _receipts,
    "statuses": _statuses,
}
