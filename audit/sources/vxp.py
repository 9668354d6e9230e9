"""The national axis' client interface (VXP of VNPT, ``wire.md`` 2.1), asked as its SDK asks it.

Parameters travel as headers, and every call is signed. What the signature covers is not published: here it is the
HMAC-SHA256, in base64, of the values of the headers that ``XroadVnpt-sign-header-key`` names, one a line; a gateway
that wants something else is seen at once by ``try-source``.

Traps: an empty body is a failure, not an empty list (the SDK hides that); bad credentials answer the plain text
``Unauthorized``; a state may be a word that nobody documented, and is kept as it is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import msgspec

from audit.axis import AxisSource, Call, Dialect, Facts, items_of, transport_state
from audit.edxml.times import LOCAL, wire_instant
from audit.errors import PermanentSourceError, SourceError, TransientSourceError
from audit.http import Answer
from audit.json_values import check_values
from audit.settings import Agency
from audit.source import Access, Capabilities, Request

PAGE_ROWS: Final = 500
VERSION: Final = "3.0.201608"
SIGNED: Final = ("systemid", "timestamp")
OUR_CREDENTIALS: Final = frozenset({"15"})
"""Codes that mean: system id or secret is wrong."""
MAY_PASS: Final = frozenset({"20"})
"""Codes of a failure inside the system; all others stay as they are until somebody acts."""
_NAMES: Final = MappingProxyType({"sent": "getSentEdocList", "received": "getReceivedEdocList"})


class Envelope(msgspec.Struct, frozen=True):
    """What stands around every answer."""

    status: str | None = None
    ErrorCode: str | int | None = None
    ErrorDesc: str | None = None
    data: Any = None


_DECODER: Final = msgspec.json.Decoder(Envelope)


def entries(body: bytes) -> list[Any]:
    """The entries of a list's answer. Raises ValueError where it is none."""
    envelope = _envelope(body)
    if not _is_good(envelope):
        raise ValueError("the system refused")
    if envelope.data is None:
        return []
    if not isinstance(envelope.data, list):
        raise ValueError("no list")  # noqa: TRY004  # of the wire, not of a caller
    return envelope.data


def edoc(body: bytes) -> bytes:
    """The edXML of a getEdoc answer: base64 in `data`, or the message itself. Raises ValueError."""
    if body.lstrip()[:1] == b"<":
        return body
    envelope = _envelope(body)
    if not _is_good(envelope) or not isinstance(envelope.data, str):
        raise ValueError("the system refused")
    try:
        return base64.b64decode(envelope.data, validate=False)
    except binascii.Error as error:
        raise ValueError("no base64") from error


def facts(entry: Mapping[str, Any], call: Call) -> Facts:
    """What an entry of either list tells."""
    told = {name: str(value) for name, value in entry.items() if isinstance(value, str | int | float) and value != ""}
    key = {"number": told.get("notation"), "subject": told.get("title")}
    if call.side == "sent":
        times = (told.get("sentTime"), told.get("receivedTime"))
        message_id = told.get("senderDocId") or told.get("docId") or told.get("receiverDocId")
        row = _sent_row(told) if call.message_type == "edoc" else {}
        sent_key = key | {"sender": told.get("fromCode"), "recipient": told.get("toCode")}
        return Facts(message_id, times, row, told.get("toCode"), sent_key)
    times = (told.get("created_time"), told.get("updated_time"))
    row = _received_row(told) if call.message_type == "edoc" else {}
    return Facts(told.get("docId"), times, row, key=key | {"sender": told.get("from"), "recipient": told.get("to")})


def _sent_row(told: Mapping[str, str]) -> dict[str, Any]:
    state = transport_state(told.get("sendStatus"), told.get("receiveStatus"))
    is_over = state in ("done", "fail")
    failure = told.get("receiveStatusDesc") or told.get("sendStatusDesc")
    return {
        "axis_doc_id": told.get("receiverDocId") or told.get("senderDocId"),
        "sent_at": wire_instant(told.get("sentTime")),
        "state": state,
        "state_at": wire_instant(told.get("receivedTime")) if is_over else None,
        "error_message": failure if state == "fail" else None,
    }


def _received_row(told: Mapping[str, str]) -> dict[str, Any]:
    state = transport_state(told.get("status"))
    return {
        "axis_doc_id": told.get("docId"),
        "arrived_at": wire_instant(told.get("created_time")) if state != "fail" else None,
        "state": state,
        "state_at": wire_instant(told.get("updated_time")),
        "error_message": told.get("status_desc") if state == "fail" else None,
    }


DIALECT: Final = Dialect(
    calls=MappingProxyType(
        {
            "documents": (Call("sent", "edoc"),),
            "sends": (Call("sent", "edoc"),),
            "receipts": (Call("received", "edoc"),),
            "statuses": (Call("received", "status"), Call("sent", "status")),
        }
    ),
    entries=entries,
    edoc=edoc,
    facts=facts,
    page_rows=PAGE_ROWS,
)


class Vxp(AxisSource):
    """A client of the national axis."""

    capabilities = Capabilities(running_day=True, tells_total=False, tells_time=False)
    dialect = DIALECT

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        source = access.agency.source
        if source is None or source.base_url is None or source.secret is None:
            raise ValueError(f"{access.agency.code} has no vxp source")  # the settings have checked it
        self._url: Final = source.base_url
        self._system_id: Final = source.system_id
        self._secret: Final = source.secret.resolve(f"{access.agency.code}.source.secret")

    def ask_list(self, request: Request, call: Call, page: int) -> Answer:
        day = f"{request.day:%Y/%m/%d}"
        return self._ask(
            _NAMES[call.side],
            {
                "servicetype": "eDoc",
                "messagetype": call.message_type,
                "fromDate": day,
                "toDate": day,
                "pageSize": str(PAGE_ROWS),
                "pageIndex": str(page),
            },
        )

    def ask_edoc(self, message_id: str) -> bytes:
        answer = self._ask("getEdoc", {"docId": message_id})
        if not answer.body.strip():
            raise TransientSourceError(self.access.agency.code, "an empty answer instead of a message")
        return answer.body

    def refusal(self, body: bytes) -> SourceError | None:
        return refusal(self.access.agency.code, body)

    @staticmethod
    def items(agency: Agency, request: Request, body: bytes) -> bytes:
        return items_of(DIALECT, agency, request, body)

    def _ask(self, name: str, parameters: Mapping[str, str]) -> Answer:
        headers = {
            "systemid": self._system_id,
            "timestamp": datetime.now(LOCAL).strftime("%d%m%YT%H%M%S+0000"),  # +SSSS: milliseconds
            "XroadVnpt-version": VERSION,
            "User-Agent": "JAVASDKAgent/1.0.0 XRoad/VPCP",
            **parameters,
        }
        return self.access.http.ask(
            f"{self._url}/{name}", method="POST", headers=headers | signature(headers, self._secret.reveal()), body=b""
        )


def signature(headers: Mapping[str, str], secret: str) -> dict[str, str]:
    """The headers that sign a call."""
    text = "\n".join(headers[name] for name in SIGNED).encode()
    return {
        "XroadVnpt-sign-header-key": ";".join(SIGNED),
        "XroadVnpt-sign-header": base64.b64encode(hmac.digest(secret.encode(), text, "sha256")).decode("ascii"),
        "XroadVnpt-hash-header": hashlib.sha256(text).hexdigest(),
    }


def refusal(agency: str, body: bytes) -> SourceError | None:
    """What an answer that is no list says."""
    if not body.strip():
        # the SDK takes it for an empty list: a failure that nobody would ever see
        return TransientSourceError(agency, "an empty answer instead of a list")
    if body.strip()[:40].lower().startswith((b"unauthorized", b"licenseinfo")):
        return PermanentSourceError(agency, "credentials refused", http_status=401)
    try:
        envelope = _envelope(body)
    except ValueError:
        return None
    code = "" if envelope.ErrorCode is None else str(envelope.ErrorCode)
    if _is_good(envelope):
        return None
    if code in OUR_CREDENTIALS:
        return PermanentSourceError(agency, "credentials refused (code 15)", http_status=401)
    told = f"the system refused (code {code[:20] if code.isalnum() else 'unknown'})"
    return TransientSourceError(agency, told) if code in MAY_PASS else PermanentSourceError(agency, told)


def _envelope(body: bytes) -> Envelope:
    check_values(body)
    try:
        return _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("no answer of the interface") from error


def _is_good(envelope: Envelope) -> bool:
    code = "" if envelope.ErrorCode is None else str(envelope.ErrorCode).strip()
    return (envelope.status or "OK").upper() == "OK" and code in ("", "0")


SOURCE: Final = Vxp
