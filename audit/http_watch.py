"""A limit on the time in which an answer must be there, its head and all that frames its body.

A socket's timeout bounds the wait for each byte, not for all: a system that sends its headers, the length of a chunk or
what follows the last one a byte at a time could hold a connection for days. So each wait is bounded by what is left of
the time for the whole answer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from io import BufferedReader, RawIOBase
from socket import socket
from typing import TYPE_CHECKING, Any, Final

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


_COOKIES: Final = ("Set-Cookie", "Set-Cookie2")


class _Limit(threading.local):
    """`time.monotonic` at which the answer must be there, for this thread's request."""

    until: float = float("inf")


_limit: Final = _Limit()


@contextmanager
def watched(until: float) -> Iterator[None]:
    """A request that this thread makes within times out where its answer is not there at `until` (`time.monotonic`),
    wherever the answer is read.
    """
    _limit.until = until
    try:
        yield
    finally:
        _limit.until = float("inf")


class _Received(RawIOBase):
    """What a socket receives; each wait ends when the time for the answer does."""

    def __init__(self, received: RawIOBase, connection: socket, until: float) -> None:
        self._received = received
        self._connection = connection
        longest = connection.gettimeout()
        self._longest = float("inf") if longest is None else longest
        self._until = until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        try:
            wait = min(self._until - time.monotonic(), self._longest)
            if wait <= 0:
                raise TimeoutError("timed out")
            self._connection.settimeout(None if wait == float("inf") else wait)
            return self._received.readinto(buffer)
        except OSError:
            self._received.close()  # who waits for a proxy's consent would leave it open
            raise

    def close(self) -> None:
        self._received.close()
        super().close()


class _WatchedResponse(HTTPResponse):
    def __init__(self, sock: socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = BufferedReader(_Received(self.fp.detach(), sock, _limit.until))

    def begin(self) -> None:
        super().begin()
        told = ",".join(self.headers.get_all("Content-Length", []))
        if len({length.strip() for length in told.split(",")}) > 1:
            raise HTTPException("lengths that contradict each other")  # urllib3 would leave the connection open
        # nobody asks for cookies, and to read them takes longer than to send them
        for name in _COOKIES:
            del self.headers[name]


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
