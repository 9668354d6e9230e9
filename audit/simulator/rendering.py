"""Rows exactly as they stand on the wire (contract ``log-api.md``), in the ways of the system whose log it is.

A row of a day shows its state at the end of that day: what happened later is still null. The oddities of `Style` (old
codes, times without offset, decomposed text, odd dashes, numbers with leading zeros) are all allowed and must never
become a finding.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final

from audit.simulator.clock import TimeWriter, day_text
from audit.simulator.model import Document, File, Pair, Receipt, Send, Signature, Status
from audit.simulator.numbering import padded
from audit.simulator.offices import OUTSIDERS, Office, texts

Row = dict[str, Any]
_OLD_LEVELS: Final = ("00", "00")


def old_code(code: str) -> str:
    """A code in the form of QCVN 102:2016, as far as it fits into its four groups; what is malformed stays."""
    groups = code.split(".")
    if len(groups) > 3 or len(groups[0]) != 3 or not all(len(group) == 2 and group.isdigit() for group in groups[1:]):
        return code
    second, third = [*groups[1:], *_OLD_LEVELS][:2]
    return f"000.{third}.{second}.{groups[0]}"


class Writer:
    """Writes the rows of one agency's log."""

    def __init__(self, office: Office, known: Mapping[str, Office]) -> None:
        style = office.style
        self.office, self._style = office, style
        self._time: Callable[[int | None], str | None] = TimeWriter(style.time_form)
        codes = [*known, *OUTSIDERS]
        self._codes = {code: old_code(code) for code in codes} if style.old_codes else {code: code for code in codes}
        self._heads: dict[int, tuple[Document, tuple[Any, ...]]] = {}
        self._texts: dict[str, str] = {}
        self._staff = texts()["people"]["staff"]

    def document(self, document: Document, end: int) -> Row:
        """A row of the outgoing register as it stood at `end`."""
        uid, sender, number, notation, issued, subject = self._head(document)
        recipients = document.recipients
        first = document.revised_at is not None and document.revised_at > end
        row: Row = {
            "document_uid": uid,
            "sender": sender,
            "number": number,
            "notation": notation,
            "issued_date": issued,
            "doc_type": document.doc_type,
            "subject": subject,
            "signer_name": self._text(document.signer_name),
            "signer_position": None if first else document.position,
            "signer_competence": document.competence,
            "signed_at": self._time(document.signed_at),
            "urgency": document.urgency,
            "secrecy": document.secrecy,
            "due_date": None if document.due_day is None else day_text(document.due_day),
            "page_count": 0 if first else document.page_count,
            "declared_file_count": document.declared_files,
            "recipients": None if recipients is None else [self.code(code) for code in recipients],
            "topics": [],
            "files": None if document.files is None else [self._file(file) for file in document.files],
        }
        return self._finish(
            row, document.registered_at if first or document.revised_at is None else document.revised_at
        )

    def send(self, pair: Pair, send: Send, end: int) -> Row:
        """An attempt to send, as the sender saw it at `end`."""
        uid, sender, number, notation, issued, _ = self._head(pair.document)
        known = send.state_at is None or send.state_at <= end
        row: Row = {
            "document_uid": uid,
            "sender": sender,
            "number": number,
            "notation": notation,
            "issued_date": issued,
            "recipient": self.code(pair.recipient),
            "axis_doc_id": send.axis_id,
            "attempt": send.attempt,
            "business_type": send.business_type,
            "reason": send.reason,
            "sent_at": self._time(send.sent_at),
            "state": send.state if known else "processing",
            "state_at": self._time(send.state_at if known else send.sent_at),
            "error_code": "20" if known and send.error else None,
            "error_message": send.error if known else None,
        }
        if send.replaces:
            row["replaces"] = send.replaces
        if send.withdrawn:
            row["deleted"] = True
        changed_at = send.state_at if known and send.state_at is not None else send.sent_at
        return self._finish(row, changed_at + (60 if send.withdrawn else 0))

    def receipt(self, pair: Pair, receipt: Receipt, end: int) -> Row:
        """A row of the incoming register as it stood at `end`."""
        document = pair.document
        uid, sender, number, notation, issued, subject = self._head(document)

        def shown(at: int | None) -> int | None:
            return at if at is not None and at <= end else None

        row: Row = {
            "document_uid": uid,
            "sender": sender,
            "number": number,
            "notation": notation,
            "issued_date": issued,
            "recipient": self.code(pair.recipient),
            "axis_doc_id": receipt.axis_id,
            "business_type": receipt.business_type,
            "arrived_at": self._time(receipt.arrived_at),
            "state": receipt.state,
            "state_at": self._time(receipt.state_at),
            "error_code": "22" if receipt.error else None,
            "error_message": receipt.error,
            "subject": subject,
            "doc_type": document.doc_type,
            "signer_name": self._text(document.signer_name),
            "urgency": document.urgency,
            "secrecy": document.secrecy,
            "needs_reply": receipt.needs_reply,
            "arrival_number": None if receipt.arrival_number is None else str(receipt.arrival_number),
            "registered_at": self._time(shown(receipt.registered_at)),
            "forwarded_at": self._time(shown(receipt.forwarded_at)),
            "due_at": None if receipt.due_day is None else day_text(receipt.due_day),
            "completed_at": self._time(shown(receipt.completed_at)),
            "returned_at": self._time(shown(receipt.returned_at)),
            "return_reason": receipt.return_reason if shown(receipt.returned_at) is not None else None,
            "received_file_sha256": receipt.sha256,
        }
        return self._finish(row, max(at for at in receipt_changes(receipt) if at <= end))

    def status(self, pair: Pair, status: Status, logged_at: int) -> Row:
        """A status message of either side."""
        uid, sender, number, notation, issued, _ = self._head(pair.document)
        recipient = self.code(pair.recipient)
        from_org, to_org = (recipient, sender) if status.from_recipient else (sender, recipient)
        code = status.code
        row: Row = {
            "document_uid": uid,
            "from_org": from_org,
            "to_org": to_org,
            "number": number,
            "notation": notation,
            "issued_date": issued,
            "axis_doc_id": status.axis_id,
            "status_code": code.lstrip("0") if self._style.short_codes and code and code.isdigit() else code,
            "at": self._time(status.at),
            "description": self._text(status.description),
            "staff": self._staff[pair.document.registered_at % len(self._staff)],
        }
        return self._finish(row, logged_at)

    def _head(self, document: Document) -> tuple[Any, ...]:
        """What all rows of a document begin with; remembered, for a document has many rows in a log."""
        found = self._heads.get(id(document))
        if found is not None and found[0] is document:
            return found[1]
        style, incoming = self._style, document.sender != self.office.code
        number, notation = document.number, document.notation
        printed = None if number is None else padded(number)
        if notation is not None:
            notation = notation.replace("-", style.dash)
            if incoming and style.lower_notation:
                notation = notation.lower()
            notation = self._text(notation)
        if incoming and style.joined_numbers and printed and notation:
            printed, notation = f"{printed}/{notation}", None
        has_key = document.number is not None and document.notation is not None
        head = (
            None if incoming and style.own_ids and has_key else document.uid,
            self.code(document.sender),
            printed,
            notation,
            day_text(document.issued_day),
            self._text(document.subject),
        )
        self._heads[id(document)] = (document, head)
        return head

    def _file(self, file: File) -> Row:
        row: Row = {
            "name": self._text(file.name),
            "role": file.role,
            "content_type": file.content_type,
            "size_bytes": file.size_bytes,
            "sha256": file.sha256,
        }
        told = file.signatures if file.told is None else file.told
        if told is not None:
            row["signatures"] = [self._signature(signature) for signature in told]
        return row

    def _signature(self, signature: Signature) -> Row:
        return {
            "party": signature.party,
            "subject": self._text(signature.subject),
            "serial": signature.serial,
            "issuer": self._text(signature.issuer),
            "valid_from": self._time(signature.valid_from),
            "valid_to": self._time(signature.valid_to),
            "signed_at": self._time(signature.signed_at),
            "timestamp_at": self._time(signature.timestamp_at),
            "intact": signature.intact,
            "valid": signature.valid,
            "covers_file": signature.covers_file,
            "revoked_at": self._time(signature.revoked_at),
        }

    def code(self, code: str) -> str:
        """An agency's code as this system writes it."""
        return self._codes.get(code, code)

    def _text(self, text: str | None) -> str | None:
        if text is None or not self._style.decomposed:
            return text
        found = self._texts.get(text)
        if found is None:
            found = self._texts[text] = unicodedata.normalize("NFD", text)
        return found

    def _finish(self, row: Row, changed_at: int) -> Row:
        if self._style.tells_changes:
            row["changed_at"] = self._time(changed_at)
        if self._style.absent_for_null:
            return {key: value for key, value in row.items() if value is not None}
        return row


def receipt_changes(receipt: Receipt) -> list[int]:
    """The instants at which a receipt's row was made or changed."""
    first = receipt.state_at if receipt.arrived_at is None else receipt.arrived_at
    later = (receipt.state_at, receipt.registered_at, receipt.forwarded_at, receipt.completed_at, receipt.returned_at)
    return [first, *(at for at in later if at is not None)]
