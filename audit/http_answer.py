"""Reading the body of an answer within its limits, and what may go wrong meanwhile as our errors.

Part of `audit.http`.
"""

from __future__ import annotations

import ssl
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import requests
import urllib3.exceptions

from audit.errors import PermanentSourceError, SourceError, TransientSourceError

CHUNK_BYTES: Final = 64 * 1024

_WINDOW: Final = {"": 0, "identity": 0, "gzip": 31, "x-gzip": 31, "deflate": 15}
"""What zlib must be told to unpack each encoding; 0: it is not packed."""


def read_body(response: requests.Response, agency: str, bytes_max: int, until: float) -> bytes:
    """The body, unpacked.

    Args:
        response: An answer whose body was not read yet.
        agency: Canonical code, for errors.
        bytes_max: Most bytes, as received and as unpacked.
        until: `time.monotonic` at which it must be there.

    Raises:
        PermanentSourceError: It is too large, or packed in a way that was not asked for.
        TransientSourceError: It took too long, or ends too early.
    """
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in _WINDOW:
        raise PermanentSourceError(agency, "an answer packed in a way that was not asked for")
    unpacker = _Unpacker(_WINDOW[encoding])
    body = bytearray()
    received = 0
    for chunk in _chunks(response, agency, until):
        received += len(chunk)
        body += unpacker.unpack(chunk, bytes_max + 1 - len(body))
        if received > bytes_max or len(body) > bytes_max:
            raise PermanentSourceError(
                agency, f"an answer of more than {bytes_max} bytes", http_status=response.status_code
            )
        if time.monotonic() > until:
            raise TransientSourceError(agency, "the answer took too long", http_status=response.status_code)
    if not unpacker.is_complete:
        raise TransientSourceError(agency, "the packed answer ends too early", http_status=response.status_code)
    return bytes(body)


@contextmanager
def failures_of(agency: str) -> Iterator[None]:
    """Turns what requests, urllib3 and the system raise within into our errors.

    Their texts are not passed on: they may hold a URL with its parameters.
    """
    try:
        yield
    except SourceError:
        raise
    except requests.exceptions.ProxyError as error:
        raise TransientSourceError(agency, "our proxy failed", failed_at="ours") from error
    except (requests.RequestException, urllib3.exceptions.HTTPError, zlib.error, OSError, ValueError) as error:
        raise _meaning(error, agency) from error


def _meaning(error: Exception, agency: str) -> SourceError:
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
        return PermanentSourceError(agency, "its certificate is not valid")
    if isinstance(error, requests.exceptions.Timeout | urllib3.exceptions.TimeoutError):
        return TransientSourceError(agency, "no answer in time")
    if isinstance(error, requests.exceptions.ConnectionError):
        return TransientSourceError(agency, "the connection failed")
    if isinstance(error, urllib3.exceptions.HTTPError | zlib.error | TimeoutError | ConnectionError):
        return TransientSourceError(agency, "the answer broke off or is damaged")
    # a CA bundle or client certificate that is not there, an address that is none
    return PermanentSourceError(agency, "our side cannot ask (certificates or address)", failed_at="ours")


class _Unpacker:
    """Unpacks a body piece by piece, never more at once than asked for."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._stream = zlib.decompressobj(window) if window else None

    def unpack(self, packed: bytes, most: int) -> bytes:
        """The bytes that `packed` adds. Of more than `most` the rest is lost: the caller refuses the answer then."""
        if self._stream is None:
            return packed
        unpacked = bytearray()
        while packed and len(unpacked) < most:
            if self._stream.eof:  # gzip allows several members, one after the other
                self._stream = zlib.decompressobj(self._window)
            unpacked += self._stream.decompress(packed, most - len(unpacked))
            packed = self._stream.unconsumed_tail or self._stream.unused_data
        return bytes(unpacked)

    @property
    def is_complete(self) -> bool:
        """Whether the packed stream came to its end."""
        return self._stream is None or self._stream.eof


def _chunks(response: requests.Response, agency: str, until: float) -> Iterator[bytes]:
    """The body as received, each piece as soon as it is there: a full buffer may never come from a slow system."""
    try:
        while chunk := response.raw.read1(CHUNK_BYTES, decode_content=False):
            yield chunk
    except (urllib3.exceptions.TimeoutError, TimeoutError) as error:
        if time.monotonic() < until:
            raise
        raise TransientSourceError(agency, "the answer took too long", http_status=response.status_code) from error


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and those it was made of, however they are attached."""
    pending: list[BaseException] = [error]
    seen: set[int] = set()
    while pending:
        current = pending.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        attached = (current.__cause__, current.__context__, getattr(current, "reason", None), *current.args)
        pending += [one for one in attached if isinstance(one, BaseException)]
