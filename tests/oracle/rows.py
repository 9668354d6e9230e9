"""Wire rows → normalised rows of four kinds, each with its contract key (log-api.md, Rows) and where it stood."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from . import normalise as n
from .registry import Registry

Key = tuple[Any, ...]


class UnreadableError(Exception):
    """A row that cannot be placed: a reject."""


@dataclass(kw_only=True)
class Row:
    """What every row has: `log` = whose log it stood in, `seq` = (log day, page and line order)."""

    log: str
    log_day: date
    seq: tuple[Any, ...]
    changed_at: datetime | None
    deleted: bool
    uid: str | None
    first_day: date = date.max  # the log day on which the row first stood
    key: Key  # ("ref", issued, number, notation folded) or ("uid", uid)
    number: str | None
    notation: str | None
    issued: date | None


@dataclass(kw_only=True)
class Signature:
    """A claimed signature of a file."""

    party: str | None
    subject: str | None
    serial: str | None
    issuer: str | None
    valid_from: datetime | None
    valid_to: datetime | None
    signed_at: datetime | None
    timestamp_at: datetime | None
    intact: bool | None
    valid: bool | None
    covers_file: bool | None
    revoked_at: datetime | None


@dataclass(kw_only=True)
class File:
    """A file of a document; `signatures` None = the system does not tell."""

    name: str | None
    role: str | None
    content_type: str | None
    size: int | None
    sha256: str | None
    signatures: list[Signature] | None


@dataclass(kw_only=True)
class DocumentRow(Row):
    """A row of the outgoing register."""

    sender: str
    doc_type: str | None
    subject: str | None
    signer_name: str | None
    signer_position: str | None
    signer_competence: str | None
    signed_at: datetime | None
    urgency: str | None
    secrecy: str | None
    due: datetime | None
    page_count: int | None
    declared_file_count: int | None
    recipients: list[str]
    files: list[File] | None


@dataclass(kw_only=True)
class SendRow(Row):
    """An attempt to send. `state` as it stands at as_of."""

    sender: str
    recipient: str
    axis: str | None
    attempt: int
    type: int
    sent_at: datetime
    state: str
    state_at: datetime | None
    replaces: str | None

    @property
    def done_at(self) -> datetime | None:
        """ "`done` without `state_at` was done at `sent_at`"."""
        return (self.state_at or self.sent_at) if self.state == "done" else None


@dataclass(kw_only=True)
class ReceiptRow(Row):
    """A message in the incoming register. `state` as it stands at as_of."""

    sender: str
    recipient: str
    axis: str | None
    type: int
    arrived_at: datetime | None
    state: str
    state_at: datetime | None
    subject: str | None
    urgency: str | None
    needs_reply: bool | None
    forwarded_at: datetime | None
    due: datetime | None
    completed_at: datetime | None
    returned_at: datetime | None
    return_reason: str | None
    received_sha256: str | None

    @property
    def anchor(self) -> datetime:
        """N1: "`arrived_at`, else `state_at`, else log day" (READING 5: the day's start)."""
        return self.arrived_at or self.state_at or n.start_of_day(self.log_day)

    @property
    def done_at(self) -> datetime | None:
        """ "`done` without `state_at` was done at … (`arrived_at`)"."""
        return (self.state_at or self.arrived_at) if self.state == "done" else None


@dataclass(kw_only=True)
class StatusRow(Row):
    """A status message as one side's log holds it."""

    from_org: str
    to_org: str
    axis: str | None
    code: str | None
    at: datetime
    description: str | None


@dataclass
class Reader:
    """Reads wire rows of one case."""

    registry: Registry
    placeholders: list[str]
    where: dict[str, Any] = field(default_factory=dict)

    def read(self, table: str, wire: dict[str, Any], log: str, log_day: date, seq: tuple[Any, ...]) -> Any:
        """The normalised row. Raises: UnreadableError."""
        if not isinstance(wire, dict):
            raise UnreadableError("not an object")
        number, notation = n.number_and_notation(wire.get("number"), wire.get("notation"), self.placeholders)
        issued = n.day(wire.get("issued_date"))
        uid = self.text(wire, "document_uid")
        if number is not None and notation is not None and issued is not None:
            key: Key = ("ref", issued, number, n.folded(notation))
        elif uid is not None:
            # "If number, notation or date is missing, the key is (sender, document_uid); without that the row is a reject."
            key = ("uid", uid)
        else:
            raise UnreadableError("no key")
        base = {
            "log": log,
            "log_day": log_day,
            "seq": seq,
            "changed_at": n.instant(wire.get("changed_at")),
            "deleted": wire.get("deleted") is True,
            "uid": uid,
            "key": key,
            "number": number,
            "notation": notation,
            "issued": issued,
        }
        return getattr(self, "_" + table)(wire, base)

    def text(self, wire: dict[str, Any], name: str) -> str | None:
        """A text field."""
        return n.text(wire.get(name), self.placeholders)

    def code(self, wire: dict[str, Any], name: str) -> str:
        """An agency code that must be there. Raises: UnreadableError."""
        found = self.registry.canonical(wire.get(name))
        if found is None:
            raise UnreadableError(f"no {name}")
        return found

    def word(self, wire: dict[str, Any], name: str) -> str | None:
        """A word of a closed list, lower case."""
        found = self.text(wire, name)
        return found.lower() if found else None

    def _documents(self, wire: dict[str, Any], base: dict[str, Any]) -> DocumentRow:
        page_count = n.whole(self.text(wire, "page_count"))
        listed = wire.get("recipients")
        codes = [self.registry.canonical(value) for value in listed] if isinstance(listed, list) else []
        files = wire.get("files")
        return DocumentRow(
            **base,
            sender=self.code(wire, "sender"),
            doc_type=self.text(wire, "doc_type"),
            subject=self.text(wire, "subject"),
            signer_name=self.text(wire, "signer_name"),
            signer_position=self.text(wire, "signer_position"),
            signer_competence=self.text(wire, "signer_competence"),
            signed_at=n.instant(wire.get("signed_at")),
            urgency=self.word(wire, "urgency"),
            secrecy=self.word(wire, "secrecy"),
            due=n.due(wire.get("due_date")),
            page_count=page_count or None,  # "for `page_count` also 0"
            declared_file_count=n.whole(wire.get("declared_file_count")),
            recipients=sorted({code for code in codes if code is not None}),
            files=[self._file(one) for one in files] if isinstance(files, list) else None,
        )

    def _file(self, wire: dict[str, Any]) -> File:
        listed = wire.get("signatures")
        hashed = self.text(wire, "sha256")
        return File(
            name=self.text(wire, "name"),
            role=self.word(wire, "role"),
            content_type=self.word(wire, "content_type"),
            size=n.whole(wire.get("size_bytes")),
            sha256=hashed.lower() if hashed else None,
            signatures=[self._signature(one) for one in listed] if isinstance(listed, list) else None,
        )

    def _signature(self, wire: dict[str, Any]) -> Signature:
        return Signature(
            party=self.word(wire, "party"),
            subject=self.text(wire, "subject"),
            serial=self.text(wire, "serial"),
            issuer=self.text(wire, "issuer"),
            valid_from=n.instant(wire.get("valid_from")),
            valid_to=n.instant(wire.get("valid_to")),
            signed_at=n.instant(wire.get("signed_at")),
            timestamp_at=n.instant(wire.get("timestamp_at")),
            intact=n.truth(wire.get("intact")),
            valid=n.truth(wire.get("valid")),
            covers_file=n.truth(wire.get("covers_file")),
            revoked_at=n.instant(wire.get("revoked_at")),
        )

    def _sends(self, wire: dict[str, Any], base: dict[str, Any]) -> SendRow:
        sent_at = n.instant(wire.get("sent_at"))
        if sent_at is None:  # READING 6: an attempt that nobody can date is a reject
            raise UnreadableError("no sent_at")
        return SendRow(
            **base,
            sender=self.code(wire, "sender"),
            recipient=self.code(wire, "recipient"),
            axis=self.text(wire, "axis_doc_id"),
            attempt=n.whole(wire.get("attempt")) or 1,
            type=n.whole(wire.get("business_type")) or 0,
            sent_at=sent_at,
            state=self.word(wire, "state") or "processing",
            state_at=n.instant(wire.get("state_at")),
            replaces=self.text(wire, "replaces"),
        )

    def _receipts(self, wire: dict[str, Any], base: dict[str, Any]) -> ReceiptRow:
        hashed = self.text(wire, "received_file_sha256")
        return ReceiptRow(
            **base,
            sender=self.code(wire, "sender"),
            recipient=self.code(wire, "recipient"),
            axis=self.text(wire, "axis_doc_id"),
            type=n.whole(wire.get("business_type")) or 0,
            arrived_at=n.instant(wire.get("arrived_at")),
            state=self.word(wire, "state") or "processing",
            state_at=n.instant(wire.get("state_at")),
            subject=self.text(wire, "subject"),
            urgency=self.word(wire, "urgency"),
            needs_reply=n.truth(wire.get("needs_reply")),
            forwarded_at=n.instant(wire.get("forwarded_at")),
            due=n.due(wire.get("due_at")),
            completed_at=n.instant(wire.get("completed_at")),
            returned_at=n.instant(wire.get("returned_at")),
            return_reason=self.text(wire, "return_reason"),
            received_sha256=hashed.lower() if hashed else None,
        )

    def _statuses(self, wire: dict[str, Any], base: dict[str, Any]) -> StatusRow:
        at = n.instant(wire.get("at"))
        if at is None:  # READING 6
            raise UnreadableError("no at")
        return StatusRow(
            **base,
            from_org=self.code(wire, "from_org"),
            to_org=self.code(wire, "to_org"),
            axis=self.text(wire, "axis_doc_id"),
            code=n.status_code(wire.get("status_code"), self.placeholders),
            at=at,
            description=self.text(wire, "description"),
        )
