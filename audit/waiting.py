"""Waiting for strangers over a socket, within a time for the whole.

A socket's timeout bounds one wait: for one address of a name, for the next bytes. A name with a hundred addresses, or
an answer that comes a byte at a time, makes as many waits of it as it likes. So each wait here is bounded by what is
left of the time for all of them.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from io import RawIOBase
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

FOREVER: Final = float("inf")


def connect(
    host: str,
    port: int,
    timeout_s: float,
    until: float = FOREVER,
    options: Sequence[tuple[int, int, int | bytes]] = (),
) -> socket.socket:
    """A connection to the first address of a host that answers; each wait of its own has `timeout_s` again.

    Args:
        host: A name or an address.
        port: Where.
        timeout_s: Longest wait for all addresses together. Each has its share of what is left, so that one that is
            silent leaves time for the others.
        until: `time.monotonic` at which it must be there at the latest.
        options: Of the socket, as for `setsockopt`.

    Raises:
        gaierror: Nobody knows the name.
        TimeoutError: The last address did not answer in time.
        OSError: None can be reached.
    """
    addresses = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    until = min(until, time.monotonic() + timeout_s)
    failure: OSError = TimeoutError("timed out")
    for place, (family, kind, protocol, _, address) in enumerate(addresses):
        now = time.monotonic()
        if now >= until:
            break
        try:
            connection = socket.socket(family, kind, protocol)
        except OSError as error:
            failure = error  # an address of a family that this machine does not speak
            continue
        try:
            for option in options:
                connection.setsockopt(*option)
            connection.settimeout(_timeout((until - now) / (len(addresses) - place)))
            connection.connect(address)
        except OSError as error:
            connection.close()
            failure = error
        else:
            connection.settimeout(_timeout(timeout_s))
            return connection
    raise failure


def _timeout(seconds: float) -> float | None:
    """As a socket has it."""
    return None if seconds == FOREVER else seconds


class Received(RawIOBase):
    """What a connection receives, as a raw stream: each wait is no longer than the connection's timeout, nor than what
    is left until `until` (`time.monotonic`). A wait that fails closes the stream.
    """

    def __init__(
        self, received: RawIOBase | socket.SocketIO, connection: socket.socket, until: float = FOREVER
    ) -> None:
        self.until = until
        self._received = received
        self._connection = connection
        longest = connection.gettimeout()
        self._longest = FOREVER if longest is None else longest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        try:
            wait = min(self.until - time.monotonic(), self._longest)
            if wait <= 0:
                raise TimeoutError("timed out")
            self._connection.settimeout(_timeout(wait))
            return self._received.readinto(buffer)
        except OSError:
            self._received.close()  # who waits for a proxy's consent would leave it open
            raise

    def close(self) -> None:
        self._received.close()
        super().close()
