"""The two client interfaces of the axis on loopback: they list and hand out given messages, and misbehave on request."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from audit.sources.vxp import signature

SECRET = "the-shared-secret"


@dataclass
class Gateway:
    """What one agency's client sees.

    Attributes:
        lists: Entries by side (sent, received) and message type (edoc, status), of any day.
        messages: edXML by message id.
        ignores_asking: Day and page of a list are not looked at.
        token_lives: Requests after which a token is refused (lgsp).
        misbehave: May answer instead, by the name of the call: (status, body), or None.
    """

    lists: dict[tuple[str, str], list[dict[str, Any]]]
    messages: dict[str, bytes]
    ignores_asking: bool = False
    token_lives: int = 10**9
    misbehave: Callable[[str, int], tuple[int, bytes] | None] = lambda _name, _number: None
    asked: list[str] = field(default_factory=list)
    logins: int = 0
    uses: int = 0

    def vxp(self, name: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        expected = signature({"systemid": "H03-system", "timestamp": headers["timestamp"]}, SECRET)
        if headers["systemid"] != "H03-system" or any(headers[key] != value for key, value in expected.items()):
            return 200, b"Unauthorized"
        if name == "getEdoc":
            message = self.messages.get(headers["docId"])
            if message is None:
                return 200, b'{"status":"FAIL","ErrorCode":"10","ErrorDesc":"no such message"}'
            return 200, _json({"status": "OK", "ErrorCode": "0", "data": base64.b64encode(message).decode()})
        side = {"getSentEdocList": "sent", "getReceivedEdocList": "received"}[name]
        entries = self.lists.get((side, headers["messagetype"]), [])
        if not self.ignores_asking:
            day = headers["fromDate"].replace("/", "-")
            size, page = int(headers["pageSize"]), int(headers["pageIndex"])
            entries = [entry for entry in entries if any(str(value).startswith(day) for value in entry.values())]
            entries = entries[size * (page - 1) : size * page]
        return 200, _json({"status": "OK", "ErrorCode": "0", "ErrorDesc": "Thanh cong", "data": entries})

    def lgsp(self, name: str, headers: Mapping[str, str], query: Mapping[str, str]) -> tuple[int, bytes]:
        if headers.get("X-SecretKey") != SECRET:
            return 200, b"Unauthorized"
        if name == "login":
            self.logins += 1
            self.uses = 0
            return 200, _json({"success": True, "data": {"token": f"token-{self.logins}"}})
        self.uses += 1
        if headers.get("Authorization") != f"Bearer token-{self.logins}" or self.uses > self.token_lives:
            return 401, b"licenseInfo:invalid"
        if name == "getEdoc":
            message = self.messages.get(query["docId"])
            if message is None:
                return 200, b'{"success":false,"message":"no","data":{"errorCode":"10"}}'
            return 200, _json({"success": True, "data": {"docId": query["docId"], "edxml": message.decode()}})
        entries = self.lists.get(("received", query["messageType"]), [])
        return 200, _json({"success": True, "message": "ok", "count": len(entries), "data": entries})


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


@contextmanager
def running(gateway: Gateway) -> Iterator[str]:
    """The gateway's address, as long as the block lasts."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            parts = urlsplit(self.path)
            name = parts.path.rpartition("/")[2]
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with lock:
                gateway.asked.append(name)
                found = gateway.misbehave(name, gateway.asked.count(name))
            if found is None and parts.path.startswith("/v1/"):
                query = {key: values[0] for key, values in parse_qs(parts.query).items()}
                found = gateway.lgsp(name, self.headers, query)
            status, body = found or gateway.vxp(name, self.headers)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
