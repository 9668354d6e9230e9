"""The way to the agencies' systems on which something goes wrong now and then: a relay on loopback for each of them.

A connection is passed on as it is, or with a chance it is refused by a gateway, answered with a page of HTML, cut off
in the middle of the answer, or kept waiting.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

HOST = "127.0.0.1"
REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
PAGE = b"<html><body>Dang nhap</body></html>"
HTML = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE
)
KINDS = ("refused", "html", "cut", "hangs")


@dataclass
class FaultyWay:
    """The relays.

    Attributes:
        share: of connections on which something goes wrong.
        seen: how often what went wrong.
    """

    share: float
    chance: random.Random
    seen: Counter[str] = field(default_factory=Counter)
    _servers: list[asyncio.Server] = field(default_factory=list)
    _relaying: set[asyncio.Task[None]] = field(default_factory=set)
    """The loop itself does not hold on to them."""

    async def open(self, urls: Mapping[str, str]) -> dict[str, str]:
        """The addresses to ask instead."""
        found = {}
        for agency, url in urls.items():
            server = await asyncio.start_server(partial(self._begin, port=int(urlsplit(url).port or 0)), HOST, 0)
            self._servers.append(server)
            found[agency] = f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
        return found

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
        task = asyncio.get_running_loop().create_task(self._relay(reader, writer, port))
        self._relaying.add(task)
        task.add_done_callback(self._relaying.discard)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
        kind = self.chance.choice(KINDS) if self.chance.random() < self.share else ""
        if kind:
            self.seen[kind] += 1
        with suppress(OSError, asyncio.IncompleteReadError):
            if kind in {"refused", "html"}:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(REFUSAL if kind == "refused" else HTML)
                await writer.drain()
            elif kind == "hangs":
                await asyncio.sleep(1.5)
            else:
                await self._pass_on(reader, writer, port, self.chance.randrange(200, 20_000) if kind else 1 << 62)
        writer.close()

    @staticmethod
    async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, most: int) -> None:
        """Both directions, and of the answer no more than so many bytes."""
        theirs, ours = await asyncio.open_connection(HOST, port)

        async def asking() -> None:
            with suppress(OSError):
                while piece := await reader.read(65_536):
                    ours.write(piece)
                    await ours.drain()
            ours.close()

        asked = asyncio.create_task(asking())
        with suppress(OSError):
            while most > 0 and (piece := await theirs.read(65_536)):
                writer.write(piece[:most])
                await writer.drain()
                most -= len(piece)
        ours.close()
        asked.cancel()


@contextmanager
def faulty_way(urls: Mapping[str, str], share: float, seed: int) -> Iterator[tuple[FaultyWay, dict[str, str]]]:
    """The way and the addresses to ask, until the block is left."""
    way = FaultyWay(share, random.Random(seed))  # noqa: S311  # no key
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield way, asyncio.run_coroutine_threadsafe(way.open(urls), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
