"""A limit on the time in which a system must be reached and its answer be there, its head and all that frames its body.

A system that sends its headers, the length of a chunk or what follows the last one a byte at a time could hold a
connection for days, and one whose name has hundreds of silent addresses could be tried for hours (`audit.waiting`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from io import BufferedReader
from socket import gaierror, socket
from typing import Any, Final

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from audit.waiting import FOREVER, Received, connect

_COOKIES: Final = ("Set-Cookie", "Set-Cookie2")


class _Limit(threading.local):
    """`time.monotonic` at which the answer must be there, for this thread's request."""

    until: float = FOREVER


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
        _limit.until = FOREVER


class _WatchedResponse(HTTPResponse):
    def __init__(self, sock: socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = BufferedReader(Received(self.fp.detach(), sock, _limit.until))

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

    def _new_conn(self) -> socket:
        """As urllib3's, which waits for each of a name's addresses as long as for one."""
        timeout_s = self.timeout if isinstance(self.timeout, int | float) else FOREVER
        try:
            return connect(self._dns_host, self.port, timeout_s, _limit.until, self.socket_options or ())
        except gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "no address answered in time") from error
        except OSError as error:
            raise NewConnectionError(self, "no address can be reached") from error


class _WatchedTlsConnection(_WatchedConnection, HTTPSConnection):
    """The same over TLS."""


class _WatchedPool(HTTPConnectionPool):
    ConnectionCls = _WatchedConnection


class _WatchedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTlsConnection


WATCHED_POOLS: Final[dict[str, type[HTTPConnectionPool]]] = {"http": _WatchedPool, "https": _WatchedTlsPool}
"""For a pool manager's `pool_classes_by_scheme`."""
