"""What one edXML message says, as values: a document, a recall, an update, a replacement, or a status.

Texts stand as they were written, but dates and times have the contract's form (`audit.edxml.times`). A field that is
not there, or blank, is None.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from audit.edxml.attachments import Attachment, read_attachments
from audit.edxml.times import wire_day, wire_instant
from audit.edxml.tree import Node, UnreadableMessageError, parse

__all__ = ["DocumentKey", "Message", "Trace", "UnreadableMessageError", "read_message", "without_content"]

NEW, RECALL, UPDATE, REPLACEMENT = "0", "1", "2", "3"
URGENCY: Final = {"0": "thuong", "1": "khan", "2": "thuong_khan", "3": "hoa_toc", "4": "hoa_toc"}
"""Priority, ``wire.md`` 1.3; 4 is hỏa tốc at an hour. Bkav's 5 is its own Thường."""
URGENCY_OF_BKAV: Final = {"5": "thuong"}
RECIPIENTS_MAX: Final = 5_000
"""Most recipients of a message: each is a row with all that the message says of itself."""


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """What names a document, in the contract's fields."""

    sender: str | None
    number: str | None
    notation: str | None
    issued_date: str | None
    document_uid: str | None


@dataclass(frozen=True, slots=True)
class Trace:
    """A hop of a message."""

    organ: str | None
    at: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message. `key` is of the document that it is about; of a status that is the document answered."""

    is_status: bool
    sender: str | None
    """Whose system sent the message."""
    recipients: tuple[str, ...]
    key: DocumentKey
    business_type: str = NEW
    reason: str | None = None
    replaces: str | None = None
    doc_type: str | None = None
    subject: str | None = None
    signer_name: str | None = None
    signer_position: str | None = None
    signer_competence: str | None = None
    due_date: str | None = None
    urgency: str | None = None
    page_count: str | None = None
    traces: tuple[Trace, ...] = ()
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    has_attachments: bool = False
    """Whether the message tells of files at all."""
    has_xml_signature: bool = False
    """Whether an XML signature with a value stands in it; it proves nothing (``wire.md`` 0.5), so no rule asks."""
    status_code: str | None = None
    at: str | None = None
    description: str | None = None
    staff: str | None = None


def without_content(message: Message) -> Message:
    """The message without its files' bytes, for whoever keeps it."""
    files = tuple(replace(file, content=None) for file in message.attachments)
    return replace(message, attachments=files)


def read_message(body: bytes) -> Message:
    """The message in these bytes.

    Raises:
        UnreadableMessageError: There is none.
    """
    root = parse(body)
    header = _header(root)
    status = next((node for node in root.walk() if node.name == "Status" and node.children), None)
    if header is None and status is None:
        raise UnreadableMessageError("there is no MessageHeader")
    if status is not None and (header is None or header.first("StatusCode") is None):
        return _status(status, root)
    assert header is not None  # noqa: S101  # one of the two is there
    if header.first("StatusCode") is not None or (header.first("Code") is None and header.first("ResponseFor")):
        return _status(header, root)
    return _document(header, root)


def _header(root: Node) -> Node | None:
    """The element that holds the fields of a message: ``MessageHeader``, or whatever holds them in the flat form."""
    named = next((node for node in root.walk() if node.name == "MessageHeader"), None)
    return named or next((node for node in root.walk() if _names_both(node)), None)


def _names_both(node: Node) -> bool:
    names = {child.name for child in node.children}
    return "From" in names and bool(names & {"Code", "ResponseFor"})


def _document(header: Node, root: Node) -> Message:
    business = next((node for node in root.walk() if node.name in ("Bussiness", "Business")), None) or Node("Bussiness")
    kind = (business.value("BussinessDocType") or business.value("BusinessDocType") or NEW).strip().lstrip("0") or NEW
    sender = header.value("From", "OrganId")
    own = _key(header, sender, header.value("PromulgationInfo", "PromulgationDate"))
    about = header.first("ResponseFor")
    names_another = kind in (RECALL, UPDATE) and about is not None and about.value("Code") is not None
    key = _key(about, sender, about.value("PromulgationDate")) if names_another and about is not None else own
    recipients = tuple(code for node in header.all("To") for code in _codes(node))
    if len(recipients) > RECIPIENTS_MAX:
        raise UnreadableMessageError("it has more recipients than any message")
    priority = header.value("OtherInfo", "Priority")
    has_files = any(node.name in ("AttachmentEncoded", "edXMLManifest", "Manifest") for node in root.walk())
    return Message(
        is_status=False,
        sender=sender,
        recipients=recipients,
        key=key,
        business_type=kind,
        reason=business.value("BussinessDocReason") or business.value("BusinessDocReason"),
        replaces=_replaces(business, about) if kind == REPLACEMENT else None,
        doc_type=header.value("DocumentType", "TypeName"),
        subject=header.value("Subject"),
        signer_name=header.value("SignerInfo", "FullName"),
        signer_position=header.value("SignerInfo", "Position"),
        signer_competence=header.value("SignerInfo", "Competence"),
        due_date=wire_day(header.value("DueDate")),
        urgency=None if priority is None else (URGENCY | URGENCY_OF_BKAV).get(priority, priority),
        page_count=header.value("OtherInfo", "PageAmount"),
        traces=_traces(root),
        attachments=tuple(read_attachments(root)),
        has_attachments=has_files,
        has_xml_signature=any(node.name == "SignatureValue" and node.text for node in root.walk()),
    )


def _status(header: Node, root: Node) -> Message:
    about = header.first("ResponseFor") or Node("ResponseFor")
    staff = header.value("StaffInfo", "Staff")
    sender = header.value("From", "OrganId")
    to = header.value("To", "OrganId") or about.value("OrganId")
    traces = _traces(root)
    return Message(
        is_status=True,
        sender=sender,
        recipients=(to,) if to else (),
        key=_key(about, to, about.value("PromulgationDate")),
        traces=traces,
        status_code=header.value("StatusCode"),
        at=wire_instant(header.value("Timestamp")) or (traces[-1].at if traces else None),
        description=header.value("Description"),
        staff=staff,
    )


def _key(node: Node, sender: str | None, issued: str | None) -> DocumentKey:
    """The key that an element tells: ``Code`` with two children, or with ``7816/VPCP-TTĐT`` as its text."""
    code = node.first("Code")
    number = notation = None
    if code is not None:
        number, notation = code.value("CodeNumber"), code.value("CodeNotation")
        if number is None and notation is None:
            number = code.value()  # number/notation in one: the log splits it at the first "/"
    return DocumentKey(sender, number, notation, wire_day(issued), node.value("DocumentId"))


def _codes(node: Node) -> list[str]:
    """The recipients of a ``To``: one, or several under one element."""
    return [text for found in node.all("OrganId") if (text := found.value()) is not None]


def _replaces(business: Node, about: Node | None) -> str | None:
    return business.value("ReplacementInfoList", "ReplacementInfo", "DocumentId") or (
        about.value("DocumentId") if about else None
    )


def _traces(root: Node) -> tuple[Trace, ...]:
    return tuple(
        Trace(node.value("OrganId"), wire_instant(node.value("Timestamp")))
        for node in root.walk()
        if node.name == "TraceHeader"
    )
