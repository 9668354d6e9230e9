"""One HTTP server an agency on loopback: `serve`.

All servers live in one thread with one event loop: a listening socket each, HTTP/1.1 with keep-alive, pages already
encoded. 150 agencies are 150 sockets, not 150 threads.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import msgspec

from audit.simulator.configuration import write_config
from audit.simulator.pages import PAGE_ROWS, Answer, Pages, refusal, unzip
from audit.simulator.province import Province

HOST: Final = "127.0.0.1"
_HEAD_MAX: Final = 32 * 1024
_REASONS: Final = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed"}
_START_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Served:
    """A running province.

    Attributes:
        config: Folder for ``run_audit.py --config``.
        base_urls: Address of each agency that is pulled.
        tokens: Its token.
        probes: JSONL file for ``run_audit.py probe --import``; None where nothing was probed.
    """

    config: Path
    base_urls: dict[str, str]
    tokens: dict[str, str]
    probes: Path | None


@contextmanager
def serve(
    province: Province, folder: Path | None = None, *, page_rows: int = PAGE_ROWS, prepare: bool = False
) -> Iterator[Served]:
    """Serves the logs of a province until the block is left.

    Args:
        province: What to serve.
        folder: Where the configuration is written; None: a temporary folder.
        page_rows: Rows of a page.
        prepare: Encode all pages first, so that the first pull is as fast as the second.

    Raises:
        OSError: No free port.
    """
    pages = Pages(province, page_rows)
    if prepare:
        pages.prepare()
    tokens = {code: token_of(province.options.seed, code) for code in province.offices if code not in province.unpulled}
    with tempfile.TemporaryDirectory(prefix="province-") as spare, _Loop(pages, tokens) as base_urls:
        config, probes = write_config(province, folder or Path(spare), base_urls, tokens)
        yield Served(config, base_urls, tokens, probes)


def token_of(seed: int, agency: str) -> str:
    """An agency's token: the same for the same province, and of no use anywhere else."""
    return hashlib.sha256(f"token {seed} {agency}".encode()).hexdigest()[:32]


class _Loop:
    """The event loop's thread with its listening sockets; entering it brings the base URLs by agency."""

    def __init__(self, pages: Pages, tokens: dict[str, str]) -> None:
        self._pages, self._tokens = pages, tokens
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
        for agency, token in self._tokens.items():
            talk = partial(self._talk, agency=agency, token=token)
            server = await asyncio.start_server(talk, HOST, 0, limit=_HEAD_MAX)
            self._servers.append(server)
            addresses[agency] = f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
        return addresses

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, agency: str, token: str
    ) -> None:
        """One connection, request after request."""
        task = asyncio.current_task()
        if task is not None:  # always, within a coroutine
            self._tasks.add(task)
        try:
            while await self._serve_one(reader, writer, agency, token):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # the client went away, or the province closes
        finally:
            if task is not None:
                self._tasks.discard(task)
            writer.close()

    async def _serve_one(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, agency: str, token: str
    ) -> bool:
        """One request; returns whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, _, rest = head[0].partition(" ")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        answer = self._answer(method, rest.partition(" ")[0], headers.get("authorization", ""), agency, token)
        takes_gzip = "gzip" in headers.get("accept-encoding", "")
        body = answer.body if takes_gzip or not answer.zipped else unzip(answer.body)
        stays = headers.get("connection", "").lower() != "close"
        lines = [
            f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Error')}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            f"Connection: {'keep-alive' if stays else 'close'}",
        ]
        if answer.zipped and takes_gzip:
            lines.append("Content-Encoding: gzip")
        if answer.status == 401:
            lines.append('WWW-Authenticate: Bearer realm="log"')
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        await writer.drain()
        return stays

    def _answer(self, method: str, target: str, credentials: str, agency: str, token: str) -> Answer:
        if method != "GET":
            return refusal(405, "only GET")
        parts = urlsplit(target)
        if parts.path == "/v1/health":
            return Answer(200, msgspec.json.encode({"status": "ok", "time": datetime.now(UTC)}))
        if not hmac.compare_digest(credentials.encode("latin-1"), f"Bearer {token}".encode("latin-1")):
            return refusal(401, "a valid token is needed")
        prefix, _, table = parts.path.rpartition("/")
        if prefix != "/v1/log":
            return refusal(404, "not kept")
        query = parse_qs(parts.query)
        return self._pages.answer(agency, table, query.get("day", [""])[0], query.get("cursor", [""])[0])
