"""edXML messages as different systems write them (``wire.md`` 1.1 to 1.4): one writer, several habits.

Written from the wire's description alone, by nothing that the audit reads with.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from xml.sax.saxutils import escape

from audit.simulator.clock import local_text
from audit.simulator.rendering import Row

NAMESPACE: Final = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
_SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_OLD: Final = "http://www.e-doc.vn/Schema/"
_PRIORITY: Final = {"thuong": "0", "khan": "1", "thuong_khan": "2", "hoa_toc": "3"}


@dataclass(frozen=True, slots=True)
class Habit:
    """How a system writes its messages."""

    form: Literal["edxml", "soap", "flat"] = "edxml"
    day_first: bool = False
    """``dd/MM/yyyy`` instead of ``yyyy/MM/dd``."""
    junk: str = ""
    """What stands before the first ``<``."""
    zips: bool = True
    """Each file in an archive of its own, called application/zip."""
    marks_ids: bool = True
    """``cid:`` before the ids of attachments."""
    fills: bool = False
    """``N/A`` for a text that is missing."""
    short_codes: bool = False
    """Status codes without the leading zero."""


HABITS: Final = (
    Habit(),
    Habit(junk="1212", marks_ids=False, fills=True, zips=False),
    Habit(form="soap", day_first=True, short_codes=True),
    Habit(form="flat", zips=False),
    Habit(form="soap", junk="\ufeff \n"),
)


@dataclass(frozen=True, slots=True)
class Carried:
    """A file that a message carries; `body` None: listed, and not there."""

    name: str
    content_type: str
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Letter:
    """A document, recall, update or replacement on its way."""

    document: Row
    """As a row of the contract."""
    recipients: Sequence[str]
    business_type: int = 0
    reason: str | None = None
    replaces: str | None = None
    hops: Sequence[tuple[str, int]] = ()
    """Organ and instant."""
    files: Sequence[Carried] | None = None
    """None: it tells of no files."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status message, as a row of the contract, and the instant it tells."""

    status: Row
    at: int
    names_recipient: bool = field(default=True)
    """Whether it says to whom it goes; the axis' own form leaves that to the envelope."""


def written(letter: Letter, habit: Habit) -> bytes:
    """A message that brings a document, or takes it back."""
    row = letter.document
    organ = {"OrganId": row.get("sender")}
    header: list[Any] = [
        ("From", organ | {"OrganName": "Cơ quan gửi"}),
        *(("To", {"OrganId": code}) for code in letter.recipients),
        ("DocumentId", row.get("document_uid")),
        ("Code", {"CodeNumber": row.get("number"), "CodeNotation": row.get("notation")}),
        ("PromulgationInfo", {"Place": "Bắc Kạn", "PromulgationDate": _day(row.get("issued_date"), habit)}),
        ("DocumentType", {"Type": "2", "TypeName": _text(row.get("doc_type"), habit)}),
        ("Subject", _text(row.get("subject"), habit)),
        ("SignerInfo", _signer(row, habit)),
        ("DueDate", _day(row.get("due_date"), habit)),
        ("OtherInfo", {"Priority": _PRIORITY.get(row.get("urgency") or ""), "PageAmount": row.get("page_count")}),
    ]
    if letter.business_type in (1, 2):
        header.append(("ResponseFor", organ | _reference(row, habit)))
    hops = [("TraceHeader", {"OrganId": code, "Timestamp": _stamp(at, habit)}) for code, at in letter.hops]
    about: dict[str, Any] = {
        "DocumentId": row.get("document_uid"),
        "BussinessDocType": str(letter.business_type),
        "BussinessDocReason": letter.reason,
        "Paper": "0",
    }
    if letter.replaces:
        about["ReplacementInfoList"] = {"ReplacementInfo": {"DocumentId": letter.replaces}}
    listed, carried = _attachments(letter.files, habit)
    return _enveloped(header, [*hops, ("Bussiness", about)], listed, carried, habit)


def answered(answer: Answer, habit: Habit) -> bytes:
    """A status message. A code that is none is written as it is, one that is missing is left out."""
    row = answer.status
    code = row.get("status_code")
    if code is not None and habit.short_codes and str(code).isdigit():
        code = str(code).lstrip("0")
    of_sender = str(code or "").zfill(2) == "13"
    about = row.get("from_org") if of_sender else row.get("to_org")
    header: list[Any] = [
        ("From", {"OrganId": row.get("from_org")}),
        *([("To", {"OrganId": row.get("to_org")})] if answer.names_recipient else []),
        ("ResponseFor", {"OrganId": about} | _reference(row, habit)),
        ("StaffInfo", {"Department": "Văn thư", "Staff": row.get("staff")}),
        ("StatusCode", code),
        ("Description", row.get("description")),
        ("Timestamp", _stamp(answer.at, habit)),
    ]
    return _enveloped(header, [], [], [], habit)


def _signer(row: Row, habit: Habit) -> dict[str, Any]:
    return {
        "Competence": row.get("signer_competence"),
        "Position": _text(row.get("signer_position"), habit),
        "FullName": _text(row.get("signer_name"), habit),
    }


def _reference(row: Row, habit: Habit) -> dict[str, Any]:
    number, notation = row.get("number"), row.get("notation")
    code = f"{number}/{notation}" if number and notation else number
    return {
        "Code": code,
        "PromulgationDate": _day(row.get("issued_date"), habit),
        "DocumentId": row.get("document_uid"),
    }


def _text(value: str | None, habit: Habit) -> str | None:
    return "N/A" if value is None and habit.fills else value


def _day(text: str | None, habit: Habit) -> str | None:
    if not text:
        return None
    year, month, day = text.split("-")
    return f"{day}/{month}/{year}" if habit.day_first else f"{year}/{month}/{day}"


def _stamp(at: int, habit: Habit) -> str:
    day, _, clock = local_text(at).partition("T")
    return f"{_day(day, habit)} {clock}"


def _attachments(files: Sequence[Carried] | None, habit: Habit) -> tuple[list[Any] | None, list[Any] | None]:
    """The manifest, and what it lists."""
    if files is None:
        return None, None
    listed, carried = [], []
    for place, file in enumerate(files, start=1):
        content_id = f"{place:08x}"
        listed.append(
            (
                "Reference",
                {"ContentId": f"cid:{content_id}", "ContentType": file.content_type, "AttachmentName": file.name},
            )
        )
        if file.body is not None:
            told = {
                "ContentId": f"cid:{content_id}" if habit.marks_ids else content_id,
                "AttachmentName": file.name,
                "ContentType": "application/zip" if habit.zips else file.content_type,
                "ContentTransferEncoded": base64.b64encode(_zipped(file) if habit.zips else file.body).decode(),
            }
            carried.append(("Attachment", told))
    return listed, carried


def _zipped(file: Carried) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        ending = file.name.rpartition(".")[2] or "pdf"
        info = zipfile.ZipInfo(f"8d1f3a52-0000-4000-8000-000000000000.{ending}", (2021, 2, 4, 8, 0, 0))
        archive.writestr(info, file.body or b"")
    return made.getvalue()


def _enveloped(
    header: list[Any], traces: list[Any], listed: list[Any] | None, carried: list[Any] | None, habit: Habit
) -> bytes:
    traced = [("TraceHeaderList", traces)] if traces else []
    if habit.form == "flat":
        files = [("Attachment", {"FileName": name, "Content": body}) for name, body in _flat(listed, carried)]
        manifest = [] if listed is None else [("Manifest", files)]
        text = f"<EdXML><EdXMLEnvelope>{_elements('', [*header, *traced, *manifest])}</EdXMLEnvelope></EdXML>"
        return f'{habit.junk}<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()
    parts = [("MessageHeader", header), *traced]
    body = [] if listed is None else [("edXMLManifest", listed)]
    bodies = "" if carried is None else _element("", "AttachmentEncoded", carried)
    if habit.form == "soap":
        inner = f"<s:Header>{_elements('edXML:', parts)}</s:Header><s:Body>{_elements('edXML:', body)}</s:Body>"
        text = f'<s:Envelope xmlns:s="{_SOAP}" xmlns:edXML="{_OLD}">{inner}{bodies}</s:Envelope>'
    else:
        inner = _element("edXML:", "edXMLHeader", parts) + _element("edXML:", "edXMLBody", body)
        envelope = f"<edXML:edXMLEnvelope>{inner}</edXML:edXMLEnvelope>"
        text = f'<edXML xmlns="{NAMESPACE}" xmlns:edXML="{NAMESPACE}">{envelope}{bodies}</edXML>'
    return f'{habit.junk}<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()


def _flat(listed: list[Any] | None, carried: list[Any] | None) -> list[tuple[str, str | None]]:
    """Name and base64 of every file listed; None where its bytes are not there."""
    bodies = {file["AttachmentName"]: file["ContentTransferEncoded"] for _, file in carried or ()}
    return [(file["AttachmentName"], bodies.get(file["AttachmentName"])) for _, file in listed or ()]


def _elements(prefix: str, children: Sequence[Any]) -> str:
    return "".join(_element(prefix, name, value) for name, value in children)


def _element(prefix: str, name: str, value: Any) -> str:
    """An element; of a mapping without any value, and of None, nothing."""
    if isinstance(value, Mapping):
        value = [(key, child) for key, child in value.items() if child is not None]
        if not value:
            return ""
    if value is None:
        return ""
    inner = _elements(prefix, value) if isinstance(value, list) else escape(str(value))
    return f"<{prefix}{name}>{inner}</{prefix}{name}>"
