"""The provincial REST style ("HuongDanKetNoiLienThongVB_v2.2", ``wire.md`` 2.2): a login, a list by day, each message.

It lists what the agency received, documents and statuses; there is no call for what it sent. The token lives about half
an hour and may end within a pull: one refusal of it is answered by logging in again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from audit.axis import AxisSource, Call, Dialect, Facts, items_of, transport_state
from audit.edxml.attachments import decode
from audit.edxml.times import wire_instant
from audit.errors import PermanentSourceError, SourceError, TransientSourceError
from audit.http import Answer
from audit.json_values import check_values
from audit.settings import Agency
from audit.settings.secrets import Secret
from audit.source import Access, Capabilities, ContractError, Request
from audit.sources import vxp

TOKEN_LENGTH_MAX: Final = 8_000
_CODES: Final = MappingProxyType(
    {
        "10": "a file is not valid",
        "15": "credentials refused (code 15)",
        "18": "the receiving organ does not exist",
        "19": "the sending organ is not registered",
        "20": "an error of the system",
        "21": "a file could not be handled",
        "22": "edXML against QĐ 28",
        "23": "the receiving organ is locked",
    }
)


class Envelope(msgspec.Struct, frozen=True):
    """What stands around every answer."""

    success: bool | None = None
    message: str | None = None
    count: int | str | None = None
    data: Any = None
    error_code: str | int | None = msgspec.field(name="errorCode", default=None)


_DECODER: Final = msgspec.json.Decoder(Envelope)


def entries(body: bytes) -> list[Any]:
    """The entries of a list's answer. Raises ValueError where it is none, or not as many as it says."""
    envelope = _envelope(body)
    if envelope.success is False:
        raise ValueError("the system refused")
    found = [] if envelope.data is None and envelope.success else envelope.data
    if not isinstance(found, list):
        raise ValueError("no list")  # noqa: TRY004  # of the wire, not of a caller
    if envelope.count is not None and str(envelope.count) != str(len(found)):
        raise ValueError("another number of entries than it says")
    return found


def edoc(body: bytes) -> bytes:
    """The edXML of a getEdoc answer, as text or as base64. Raises ValueError."""
    envelope = _envelope(body)
    text = envelope.data.get("edxml") if isinstance(envelope.data, dict) else None
    if envelope.success is False or not isinstance(text, str):
        raise ValueError("the system refused")
    plain = text.encode("utf-8", errors="replace")
    if b"<" in plain:
        return plain
    decoded = decode(text)
    if decoded is None:
        raise ValueError("no message")
    return decoded


def facts(entry: Mapping[str, Any], call: Call) -> Facts:
    """What an entry of the list tells."""
    told = {name: str(value) for name, value in entry.items() if isinstance(value, str | int | float) and value != ""}
    state = transport_state(told.get("status"))
    row = {
        "axis_doc_id": told.get("docId"),
        "arrived_at": wire_instant(told.get("createdTime")) if state != "fail" else None,
        "state": state,
        "state_at": wire_instant(told.get("updatedTime")),
        "error_message": told.get("statusDesc") if state == "fail" else None,
    }
    key = {"number": told.get("notation"), "sender": told.get("from"), "recipient": told.get("to")}
    times = (told.get("createdTime"), told.get("updatedTime"))
    return Facts(told.get("docId"), times, row if call.message_type == "edoc" else {}, key=key)


DIALECT: Final = Dialect(
    calls=MappingProxyType({"receipts": (Call("received", "edoc"),), "statuses": (Call("received", "status"),)}),
    entries=entries,
    edoc=edoc,
    facts=facts,
)


class Lgsp(AxisSource):
    """A client of a provincial platform."""

    capabilities = Capabilities(running_day=True, tells_total=False, tells_time=False)
    dialect = DIALECT

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        source, code = access.agency.source, access.agency.code
        if source is None or source.base_url is None or source.secret is None:
            raise ValueError(f"{code} has no lgsp source")  # the settings have checked it
        self._url: Final = f"{source.base_url}/v1"
        self._username: Final = source.username
        self._password = source.password.resolve(f"{code}.source.password") if source.password else None
        secret = source.secret.resolve(f"{code}.source.secret")
        self._system: Final = {"X-SystemId": source.system_id, "X-SecretKey": secret.reveal()}
        self._token: Secret | None = None

    def ask_list(self, request: Request, call: Call, page: int) -> Answer:  # noqa: ARG002  # a list has one page
        day = f"{request.day:%Y/%m/%d}"
        parameters = {"messageType": call.message_type, "fromDate": day, "toDate": day}
        return self._ask("syncReceivedEdocList", parameters)

    def ask_edoc(self, message_id: str) -> bytes:
        answer = self._ask("getEdoc", {"docId": message_id})
        if not answer.body.strip():
            raise TransientSourceError(self.access.agency.code, "an empty answer instead of a message")
        return answer.body

    def refusal(self, body: bytes) -> SourceError | None:
        agency = self.access.agency.code
        if (plain := vxp.refusal(agency, body)) is not None and not body.lstrip().startswith(b"{"):
            return plain
        try:
            envelope = _envelope(body)
        except ValueError:
            return None
        data = envelope.data if isinstance(envelope.data, dict) else {}
        code = str(envelope.error_code or data.get("errorCode") or "")
        if envelope.success is not False:
            return None
        told = _CODES.get(code, "the system refused with an unknown code")
        if code == "15":
            return PermanentSourceError(agency, told, http_status=401)
        return TransientSourceError(agency, told) if code in ("20", "") else PermanentSourceError(agency, told)

    @staticmethod
    def items(agency: Agency, request: Request, body: bytes) -> bytes:
        return items_of(DIALECT, agency, request, body)

    def _ask(self, name: str, parameters: Mapping[str, str]) -> Answer:
        was_fresh = self._token is None
        answer = self._asked(name, parameters)
        if answer is None and not was_fresh:
            self._token = None  # it has ended: once more, with a new one
            answer = self._asked(name, parameters)
        if answer is None:
            raise PermanentSourceError(self.access.agency.code, "credentials refused", http_status=401)
        return answer

    def _asked(self, name: str, parameters: Mapping[str, str]) -> Answer | None:
        """The answer; None where the token was refused."""
        if self._token is None:
            self._token = self._login()
        headers = {"Authorization": f"Bearer {self._token.reveal()}", **self._system}
        try:
            answer = self.access.http.ask(f"{self._url}/{name}", parameters=parameters, headers=headers)
        except PermanentSourceError as error:
            if error.http_status == 401:
                return None
            raise
        return None if _says_unauthorized(answer.body) else answer

    def _login(self) -> Secret:
        agency = self.access.agency.code
        body = {"username": self._username, "password": self._password.reveal() if self._password else ""}
        answer = self.access.http.ask(
            f"{self._url}/auth/login",
            method="POST",
            parameters={"allow_anonymous": "true"},
            headers={"Content-Type": "application/json", **self._system},
            body=json.dumps(body if self._username else {}).encode(),
        )
        if _says_unauthorized(answer.body):
            raise PermanentSourceError(agency, "credentials refused", http_status=401)
        try:
            data = _envelope(answer.body).data
        except ValueError as error:
            raise ContractError(agency, "the login answers with no token") from error
        token = data.get("token") if isinstance(data, dict) else None
        if not isinstance(token, str) or not 0 < len(token) <= TOKEN_LENGTH_MAX or not token.isprintable():
            raise self.refusal(answer.body) or ContractError(agency, "the login answers with no token")
        return Secret(token)


def _says_unauthorized(body: bytes) -> bool:
    """Reality's form of a refusal, beside 401: the plain word."""
    return body.strip()[:40].lower().startswith((b"unauthorized", b"licenseinfo"))


def _envelope(body: bytes) -> Envelope:
    check_values(body)
    try:
        return _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("no answer of the interface") from error


SOURCE: Final = Lgsp
