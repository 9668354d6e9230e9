"""A log API on loopback, over real sockets: it serves given rows by the contract, and misbehaves on request."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from audit.settings import Agency, Settings, load_settings
from audit.settings.agencies import SourceSettings
from audit.settings.deployment import AuditSettings, Pull
from audit.settings.secrets import Reference

TOKEN = "t0ken-of-the-tests"
AGENCY = "H03"

Rows = Mapping[tuple[str, str], list[dict[str, Any]]]


class Exchange(BaseHTTPRequestHandler):
    """One request; `page` makes the right answer, `send` sends any."""

    server: LogServer
    protocol_version = "HTTP/1.1"
    timeout = 20

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.asked.append(self.path)
            self.server.headers_seen.append(dict(self.headers.items()))
            number = len(self.server.asked)
        misbehave = self.server.misbehaviour
        try:
            if misbehave is None or not misbehave(self):
                self.answer(number)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def answer(self, number: int) -> None:
        """What the contract says."""
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.send(b"Unauthorized", status=401)
        else:
            self.send_json(self.page())

    @property
    def parameters(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    def page(self, **changes: object) -> dict[str, Any]:
        """The page asked for."""
        table = urlsplit(self.path).path.rpartition("/")[2]
        day = self.parameters["day"]
        rows = self.server.rows.get((table, day), [])
        start = int(self.parameters.get("cursor", "0"))
        end = start + self.server.page_rows
        after = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
        page = {
            "table": table,
            "day": day,
            "agency": AGENCY,
            "generated_at": f"{after}T00:10:00+07:00",
            "total": len(rows),
            "items": rows[start:end],
            "next": str(end) if end < len(rows) else None,
        }
        return page | changes

    def send_json(self, value: object) -> None:
        self.send(json.dumps(value).encode(), {"Content-Type": "application/json"}, pack=True)

    def send(
        self, body: bytes, headers: Mapping[str, str] | None = None, status: int = 200, *, pack: bool = False
    ) -> None:
        if pack:
            body = gzip.compress(body)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        if pack:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class LogServer(ThreadingHTTPServer):
    """Serves `rows`, by table and day. What is `misbehaviour` may answer instead; it then returns True."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, rows: Rows, page_rows: int) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.rows = rows
        self.page_rows = page_rows
        self.misbehaviour: Callable[[Exchange], bool] | None = None
        self.lock = threading.Lock()
        self.asked: list[str] = []
        self.headers_seen: list[dict[str, str]] = []

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that refuse a certificate or go away are what is tested."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def serving(rows: Rows, page_rows: int = 10) -> Iterator[LogServer]:
    server = LogServer(rows, page_rows)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def source_of(url: str, **changes: object) -> SourceSettings:
    settings = {"kind": "log_api", "base_url": url, "token": Reference("env:AUDIT_TEST_TOKEN"), "timeout_s": 0.5}
    return SourceSettings.model_validate({**settings, "requests_per_second": 1000.0, **changes})


def settings_of(*agencies: Agency, **changes: object) -> Settings:
    """The shipped settings with these agencies, and little patience."""
    policy = Pull.model_validate({"attempts": 3, "wait_first_s": 0.01, "wait_most_s": 0.05, **changes})
    return load_settings().model_copy(update={"agencies": agencies, "audit": AuditSettings(pull=policy)})


def agency_of(url: str, code: str = AGENCY, **changes: object) -> Agency:
    source = source_of(url, **{key: changes.pop(key) for key in list(changes) if key in SourceSettings.model_fields})
    return Agency.model_validate({"code": code, "name": code, "kind": "other", "source": source, **changes})


def sends(count: int, day: str = "2021-02-04") -> list[dict[str, Any]]:
    """So many sends of different documents."""
    key = {"sender": AGENCY, "notation": "QĐ-UBND", "issued_date": day, "recipient": "H03.12"}
    return [
        key | {"number": number, "sent_at": f"{day}T08:00:00+07:00", "state": "done"} for number in range(1, count + 1)
    ]
