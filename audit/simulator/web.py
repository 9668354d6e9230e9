"""One HTTP server an agency on loopback, all of them in one thread with one event loop.

A listening socket each, HTTP/1.1 with keep-alive; what is answered is a `Service`, whichever dialect it speaks. 150
agencies are 150 sockets, not 150 threads.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final, TypeAlias
from urllib.parse import parse_qs, urlsplit

import msgspec

from audit.simulator.pages import Answer, refusal, unzip

HOST: Final = "127.0.0.1"
_HEAD_MAX: Final = 32 * 1024
_BODY_MAX: Final = 1024 * 1024
_REASONS: Final = {
    200: "OK", 304: "Not Modified", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found",
    405: "Method Not Allowed",
}  # fmt: skip
_START_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. Names of headers are in small letters."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


Service: TypeAlias = Callable[[Asked], Answer]
"""What answers an agency's requests, all but those of its health."""


class Servers:
    """The event loop's thread with its listening sockets; entering it brings the base URLs by agency."""

    def __init__(self, services: Mapping[str, Service]) -> None:
        self._services = services
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="simulated-province", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> dict[str, str]:
        self._thread.start()
        opening = asyncio.run_coroutine_threadsafe(self._open(), self._loop)
        return opening.result(_START_SECONDS)

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(_START_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_SECONDS)
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _open(self) -> dict[str, str]:
        addresses = {}
        for agency, service in self._services.items():
            server = await asyncio.start_server(partial(self._talk, service=service), HOST, 0, limit=_HEAD_MAX)
            self._servers.append(server)
            addresses[agency] = f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
        return addresses

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, service: Service) -> None:
        """One connection, request after request."""
        task = asyncio.current_task()
        if task is not None:  # always, within a coroutine
            self._tasks.add(task)
        try:
            while await _serve_one(reader, writer, service):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # the client went away, or the province closes
        finally:
            if task is not None:
                self._tasks.discard(task)
            writer.close()


async def _serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, service: Service) -> bool:
    """One request; returns whether the connection stays open."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, _, rest = head[0].partition(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    length = headers.get("content-length", "0")
    await reader.readexactly(min(int(length), _BODY_MAX) if length.isdigit() else 0)
    parts = urlsplit(rest.partition(" ")[0])
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    answer = _answer(Asked(method, parts.path, query, headers), service)
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    if answer.status == 200 and headers.get("if-none-match") == tag:
        answer = Answer(304, b"")
    takes_gzip = "gzip" in headers.get("accept-encoding", "")
    body = answer.body if takes_gzip or not answer.zipped else unzip(answer.body)
    stays = headers.get("connection", "").lower() != "close"
    lines = [
        f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Error')}",
        f"Content-Type: {answer.kind}",
        f"Content-Length: {len(body)}",
        f"Connection: {'keep-alive' if stays else 'close'}",
    ]
    if answer.zipped and takes_gzip:
        lines.append("Content-Encoding: gzip")
    if answer.status in (200, 304):
        lines.append(f"ETag: {tag}")
    if answer.status == 401:
        lines.append('WWW-Authenticate: Bearer realm="log"')
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
    await writer.drain()
    return stays


def _answer(asked: Asked, service: Service) -> Answer:
    if asked.path == "/v1/health" and asked.method == "GET":
        return Answer(200, msgspec.json.encode({"status": "ok", "time": datetime.now(UTC)}))
    return service(asked)


def nothing_there(_asked: Asked) -> Answer:
    """The service of a system that offers nothing over the web but its health."""
    return refusal(404, "not kept")
