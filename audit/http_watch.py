"""A limit on the time in which the head of an answer must be there.

A socket's timeout bounds the wait for each byte, not for all: a system that sends its headers one byte at a time could
hold a connection for days. So the wait for the head is watched by a timer, which shuts the socket down; whoever reads
then sees a broken connection. (The body needs no timer: `audit.http` reads it piece by piece and looks at the clock
between.)
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR, socket
from typing import Final

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse


class _Limit(threading.local):
    """How long this thread's request may wait for an answer's head, in seconds."""

    seconds: float = threading.TIMEOUT_MAX


_limit: Final = _Limit()


@contextmanager
def watched(seconds: float) -> Iterator[None]:
    """Within: a request of this thread that has no answer's head after `seconds` sees its connection break."""
    _limit.seconds = min(seconds, threading.TIMEOUT_MAX)
    try:
        yield
    finally:
        _limit.seconds = threading.TIMEOUT_MAX


class _WatchedConnection(HTTPConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 declares it
        timer = threading.Timer(_limit.seconds, _shut, [self.sock])
        timer.daemon = True
        timer.start()
        try:
            return super().getresponse()
        finally:
            timer.cancel()


class _WatchedTlsConnection(_WatchedConnection, HTTPSConnection):
    pass


class _WatchedPool(HTTPConnectionPool):
    ConnectionCls = _WatchedConnection


class _WatchedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTlsConnection


WATCHED_POOLS: Final[dict[str, type[HTTPConnectionPool]]] = {"http": _WatchedPool, "https": _WatchedTlsPool}
"""For a pool manager's `pool_classes_by_scheme`."""


def _shut(connection: socket | None) -> None:
    if connection is not None:
        with suppress(OSError):
            connection.shutdown(SHUT_RDWR)
