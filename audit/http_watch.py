"""A limit on the time in which the head of an answer must be there.

A socket's timeout bounds the wait for each byte, not for all: a system that sends its headers one byte at a time could
hold a connection for days. So while the head is read, the wait for each piece is bounded by what is left of the time
for all of it. (The body needs no such limit: `audit.http_answer` reads it piece by piece and looks at the clock
between.)
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from socket import socket
from typing import TYPE_CHECKING, Any, Final

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class _Limit(threading.local):
    """`time.monotonic` at which the answer's head must be there, for this thread's request."""

    until: float = float("inf")


_limit: Final = _Limit()


@contextmanager
def watched(until: float) -> Iterator[None]:
    """Within: a request of this thread that has no answer's head at `until` (`time.monotonic`) times out."""
    _limit.until = until
    try:
        yield
    finally:
        _limit.until = float("inf")


class _Head(RawIOBase):
    """What a socket receives; each wait ends when the time for the head does, until the head is there."""

    def __init__(self, received: RawIOBase, connection: socket, until: float) -> None:
        self._received = received
        self._connection = connection
        longest = connection.gettimeout()
        self._longest = float("inf") if longest is None else longest
        self._until = until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        wait = min(left, self._longest)
        self._connection.settimeout(None if wait == float("inf") else wait)
        return self._received.readinto(buffer)

    def is_there(self) -> None:
        """From now on each wait may be as long as the connection's timeout."""
        self._until = float("inf")

    def close(self) -> None:
        self._received.close()
        super().close()


class _WatchedResponse(HTTPResponse):
    def __init__(self, sock: socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self._head = _Head(self.fp.detach(), sock, _limit.until)
        self.fp = BufferedReader(self._head)

    def begin(self) -> None:
        super().begin()
        self._head.is_there()


class _WatchedConnection(HTTPConnection):
    response_class = _WatchedResponse


class _WatchedTlsConnection(HTTPSConnection):
    response_class = _WatchedResponse


class _WatchedPool(HTTPConnectionPool):
    ConnectionCls = _WatchedConnection


class _WatchedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTlsConnection


WATCHED_POOLS: Final[dict[str, type[HTTPConnectionPool]]] = {"http": _WatchedPool, "https": _WatchedTlsPool}
"""For a pool manager's `pool_classes_by_scheme`."""
