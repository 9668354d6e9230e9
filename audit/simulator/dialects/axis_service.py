"""The axis' client interfaces as simulated agencies' gateways offer them: VXP (``wire.md`` 2.1) and the provincial
REST style (2.2), with what makes them hard to read: parameters in headers, refusals in plain text, tokens that end.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import count
from threading import Lock
from typing import Any, Final

import msgspec

from audit.simulator.clock import local_text
from audit.simulator.dialects.mailbox import Mailbox, Piece
from audit.simulator.pages import Answer
from audit.simulator.province import Province
from audit.simulator.web import Asked

DAYS_KEPT: Final = 4
"""Days whose messages are kept at hand: a client lists a day and then asks for its messages."""
TOKEN_USES: Final = 40
"""Requests that a token of the provincial interface lasts for."""
_UNAUTHORIZED: Final = Answer(200, b"Unauthorized", kind="text/plain")


class _Letterbox:
    """The messages of the days that were listed last, by id."""

    def __init__(self) -> None:
        self._days: dict[tuple[date, str], Mapping[str, Piece]] = {}
        self._lock = Lock()

    def keep(self, day: date, name: str, pieces: Iterable[Piece]) -> list[Piece]:
        """The pieces of a list, whose messages can be asked for from now on."""
        found = list(pieces)
        with self._lock:
            self._days[day, name] = {piece.message_id: piece for piece in found}
            for key in list(self._days)[: -4 * DAYS_KEPT]:
                del self._days[key]
        return found

    def message(self, message_id: str) -> bytes | None:
        """A message; None where no list named it."""
        with self._lock:
            pieces = [pieces[message_id] for pieces in self._days.values() if message_id in pieces]
        return pieces[-1].make() if pieces else None


class VxpService:
    """The national axis' gateway of one agency.

    Args:
        province: Whose days are kept.
        mailbox: What passed.
        agency: Canonical code; its system id too.
        secret: With which calls are signed.
    """

    def __init__(self, province: Province, mailbox: Mailbox, agency: str, secret: str) -> None:
        self._province, self._mailbox, self._agency, self._secret = province, mailbox, agency, secret
        self._letterbox = _Letterbox()

    def __call__(self, asked: Asked) -> Answer:
        """The answer to a call; its parameters are headers."""
        if not self._is_signed(asked.headers):
            return _UNAUTHORIZED
        name = asked.path.rpartition("/")[2]
        if name == "getEdoc":
            message = self._letterbox.message(asked.headers.get("docid", ""))
            if message is None:
                return _json({"status": "FAIL", "ErrorCode": "10", "ErrorDesc": "Khong tim thay van ban"})
            return _json(_good(base64.b64encode(message).decode("ascii")))
        day = _day(asked.headers.get("fromdate", ""))
        if name not in ("getSentEdocList", "getReceivedEdocList") or day is None:
            return _json({"status": "FAIL", "ErrorCode": "9999", "ErrorDesc": "Tham so khong hop le"})
        if self._province.shown_until(day) is None:
            return _json(_good([]))
        kind = asked.headers.get("messagetype", "")
        entries = self._sent(day, kind) if name == "getSentEdocList" else self._received(day, kind)
        size, page = _number(asked.headers.get("pagesize"), 500), _number(asked.headers.get("pageindex"), 1)
        return _json(_good(entries[size * (page - 1) : size * page]))

    def _sent(self, day: date, kind: str) -> list[dict[str, Any]]:
        pieces = self._mailbox.sent(day) if kind == "edoc" else self._mailbox.statuses(day, issued=True)
        entries = []
        for piece in self._letterbox.keep(day, f"sent {kind}", pieces):
            row, state = piece.row, piece.row.get("state", "done")
            entries.append(
                {
                    "serviceType": "eDoc",
                    "messageType": kind,
                    "senderDocId": piece.message_id,
                    "receiverDocId": piece.message_id,
                    "fromCode": self._agency,
                    "toCode": row.get("recipient") or row.get("to_org"),
                    "title": row.get("subject"),
                    "notation": row.get("notation"),
                    "sentTime": _stamp(piece.came_at),
                    "receivedTime": _stamp(piece.changed_at) if state in ("done", "fail") else None,
                    "sendStatus": "fail" if state == "fail" else "done",
                    "sendStatusDesc": row.get("error_message"),
                    "receiveStatus": None if state == "fail" else state,
                    "receiveStatusDesc": None,
                }
            )
        return entries

    def _received(self, day: date, kind: str) -> list[dict[str, Any]]:
        pieces = self._mailbox.received(day) if kind == "edoc" else self._mailbox.statuses(day, issued=False)
        return [
            {
                "docId": piece.message_id,
                "serviceType": "eDoc",
                "messageType": kind,
                "created_time": _stamp(piece.came_at),
                "updated_time": _stamp(piece.changed_at or piece.came_at),
                "from": piece.row.get("sender") or piece.row.get("from_org"),
                "to": self._agency,
                "status": piece.row.get("state", "done"),
                "status_desc": piece.row.get("error_message"),
            }
            for piece in self._letterbox.keep(day, f"received {kind}", pieces)
        ]

    def _is_signed(self, headers: Mapping[str, str]) -> bool:
        names = headers.get("xroadvnpt-sign-header-key", "").lower().split(";")
        text = "\n".join(headers.get(name, "") for name in names).encode()
        expected = base64.b64encode(hmac.digest(self._secret.encode(), text, "sha256")).decode("ascii")
        return (
            {"systemid", "timestamp"} <= set(names)
            and headers.get("systemid") == self._agency
            and hmac.compare_digest(headers.get("xroadvnpt-sign-header", "").encode(), expected.encode())
            and headers.get("xroadvnpt-hash-header") == hashlib.sha256(text).hexdigest()
        )


class LgspService:
    """The provincial platform's interface for one agency: a log-in, what it received, each message.

    Args:
        province: Whose days are kept.
        mailbox: What passed.
        agency: Canonical code; its system id too.
        secret: The secret key, and the password.
        token_uses: Requests that a token lasts for.
    """

    def __init__(
        self, province: Province, mailbox: Mailbox, agency: str, secret: str, *, token_uses: int = TOKEN_USES
    ) -> None:
        self._province, self._mailbox, self._agency, self._secret = province, mailbox, agency, secret
        self._letterbox = _Letterbox()
        self._numbers, self._uses, self._token_uses = count(1), 0, token_uses
        self._token = ""

    def __call__(self, asked: Asked) -> Answer:
        """The answer to a call."""
        known = asked.headers.get("x-systemid") == self._agency and hmac.compare_digest(
            asked.headers.get("x-secretkey", "").encode(), self._secret.encode()
        )
        if not known:
            return _UNAUTHORIZED
        name = asked.path.rpartition("/")[2]
        if name == "login":
            return self._login()
        self._uses += 1
        if not self._token or asked.headers.get("authorization") != f"Bearer {self._token}":
            return Answer(401, b"licenseInfo:invalid", kind="text/plain")
        if self._uses > self._token_uses:
            return Answer(401, b'{"success":false,"message":"token expired"}')
        if name == "getEdoc":
            return self._message(asked.query.get("docId", ""))
        day, kind = _day(asked.query.get("fromDate", "")), asked.query.get("messageType", "")
        if name != "syncReceivedEdocList" or day is None:
            return _json({"success": False, "message": "loi", "data": {"status": "error", "errorCode": "20"}})
        return _json(self._list(day, kind))

    def _login(self) -> Answer:
        number = next(self._numbers)
        self._token = hashlib.sha256(f"{self._secret} {number}".encode()).hexdigest()
        self._uses = 0
        return _json({"success": True, "data": {"token": self._token}})

    def _message(self, message_id: str) -> Answer:
        message = self._letterbox.message(message_id)
        if message is None:
            return _json({"success": False, "message": "khong co", "data": {"status": "error", "errorCode": "10"}})
        return _json({"success": True, "data": {"docId": message_id, "edxml": message.decode()}})

    def _list(self, day: date, kind: str) -> dict[str, Any]:
        pieces: Iterable[Piece] = ()
        if self._province.shown_until(day) is not None:
            pieces = self._mailbox.received(day) if kind == "edoc" else self._mailbox.statuses(day, issued=False)
        entries = [
            {
                "serviceType": "eDoc",
                "messageType": kind,
                "createdTime": _stamp(piece.came_at),
                "updatedTime": _stamp(piece.changed_at or piece.came_at),
                "docId": piece.message_id,
                "from": piece.row.get("sender") or piece.row.get("from_org"),
                "to": self._agency,
                "status": piece.row.get("state", "done"),
                "statusDesc": piece.row.get("error_message"),
            }
            for piece in self._letterbox.keep(day, kind, pieces)
        ]
        return {"success": True, "message": "Thanh cong", "count": len(entries), "data": entries}


def _good(data: object) -> dict[str, Any]:
    return {"status": "OK", "ErrorCode": "0", "ErrorDesc": "Thanh cong", "data": data}


def _json(value: object) -> Answer:
    return Answer(200, msgspec.json.encode(value))


def _stamp(at: int | None) -> str | None:
    return None if at is None else local_text(at).replace("T", " ").replace("-", "/")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and int(text) > 0 else otherwise
