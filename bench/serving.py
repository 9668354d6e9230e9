"""The agencies' systems: `python -m bench.serving FOLDER` serves the pages of `bench.wire` on loopback.

A process of its own, with one thread and pages that are read beforehand, so that it takes little of the machine. It
prints its port, and ends when its input does.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

HOST: Final = "127.0.0.1"


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address under which `/<agency>/v1/log/<table>` is served until the block is left."""
    command = [sys.executable, "-m", "bench.serving", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        if server.stdin is None or server.stdout is None:
            raise RuntimeError("the server has no pipes")
        try:
            yield f"http://{HOST}:{server.stdout.readline().strip()}"
        finally:
            server.stdin.close()


class _Pages:
    """All pages, and one connection after the other."""

    def __init__(self, pages: Mapping[str, bytes]) -> None:
        self.pages = pages

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer what is asked until the other side goes."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                parts = urlsplit(head.split(b" ", 2)[1].decode("ascii"))
                query = parse_qs(parts.query)
                body = self.pages.get(f"{parts.path}-{query['day'][0]}-{query.get('cursor', ['0'])[0]}")
                status = "404 Not Found" if body is None else "200 OK"
                writer.write(
                    f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
                    f"Content-Length: {len(body or b'')}\r\n\r\n".encode("ascii")
                )
                writer.write(body or b"")
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()


def _pages_in(folder: Path) -> dict[str, bytes]:
    return {
        f"/{path.parent.name}/v1/log/{path.name.removesuffix('.json.gz')}": path.read_bytes()
        for path in folder.glob("*/*.json.gz")
    }


async def _serve(pages: Mapping[str, bytes]) -> None:
    server = await asyncio.start_server(_Pages(pages).talk, HOST, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(_pages_in(Path(sys.argv[1]))))
