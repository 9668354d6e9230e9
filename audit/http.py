"""Asking an agency's system over HTTP, when nothing it answers can be trusted.

With `audit.http_answer` and `audit.http_watch`, the only importer of requests and urllib3.

* Certificates are always verified, against the system's authorities or the agency's own bundle. Nothing is taken from
  the environment: no proxy, no ``.netrc``, no bundle.
* A redirection is followed within the same origin only, so that a token never leaves for another host.
* Every answer is bounded in bytes, as received and as unpacked, and in time: connecting, between two bytes, and as a
  whole.
* Tried again is only what may get better (`TransientSourceError`), with growing waits, or after the time that the
  system asks for (``Retry-After``), within the time that the agency has in this run.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from types import MappingProxyType
from typing import Any, Final, NoReturn, Self
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter

from audit.errors import FailedAt, PermanentSourceError, TransientSourceError
from audit.http_answer import failures_of, read_body
from audit.http_watch import WATCHED_POOLS, watched
from audit.settings import SourceSettings
from audit.settings.deployment import Pull

ANSWER_TIME_FACTOR: Final = 10
"""An answer may take so many times the longest wait for one byte, in all."""
REDIRECTS_MAX: Final = 3
KEPT_HEADERS: Final = ("Content-Type", "Date", "ETag", "Last-Modified", "Server")
HEADER_LENGTH_MAX: Final = 200

_TRY_AGAIN: Final = frozenset({408, 425, 429, *range(500, 600)}) - {501, 505}
_MEANING: Final = MappingProxyType(
    {
        401: "credentials refused",
        403: "credentials refused",
        404: "not kept there",
        407: "our proxy refused us",
        409: "the day is not closed yet",
        429: "asked to slow down",
        503: "out of service",
    }
)
_REDIRECTIONS: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class Answer:
    """A successful answer, whole."""

    url: str
    """What was asked, without user, password and fragment."""
    status: int
    headers: Mapping[str, str]
    """Those of `KEPT_HEADERS` that were there, shortened."""
    body: bytes
    """Unpacked."""
    fetched_at: datetime
    """When the last byte was there, UTC."""


class HttpClient:
    """Asks one agency's system. For one thread at a time; close it, or use it as a context manager.

    Args:
        agency: Canonical code, for errors.
        source: How to reach the system: timeouts, sizes, certificates, proxy.
        policy: How often and how long to try.
        deadline: `time.monotonic` after which nothing is asked any more.
        sleep: Waits; tests put a shorter one.
    """

    def __init__(
        self,
        agency: str,
        source: SourceSettings,
        policy: Pull,
        deadline: float = float("inf"),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.agency: Final = agency
        self._source = source
        self._policy = policy
        self._deadline = deadline
        self._sleep = sleep
        self._next_at = 0.0
        self._is_answering = True
        self._session = _session(source)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()

    def ask(
        self,
        url: str,
        *,
        method: str = "GET",
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """The answer to a request, tried again where that may help.

        A system that could not be reached at all is not tried again until it has answered once: its other tables and
        days would only take the time of everybody behind it.

        Raises:
            TransientSourceError: It failed as often as allowed, and may work another time.
            PermanentSourceError: It will fail until somebody acts; asked once.
        """
        request = self._prepared(method, url, parameters, headers, body)
        tries = self._policy.attempts if self._is_answering else 1
        for attempt in range(1, tries + 1):
            self._wait_for_turn()
            try:
                answer = self._ask_once(request)
            except TransientSourceError as error:
                self._is_answering = error.http_status is not None
                wait_s = self._wait_after(attempt, error.retry_after_s)
                later_helps = error.http_status is None or error.http_status in _TRY_AGAIN
                if attempt == tries or not later_helps or time.monotonic() + wait_s >= self._deadline:
                    raise
                self._sleep(wait_s)
            else:
                self._is_answering = True
                return answer
        raise AssertionError("the last attempt returns or raises")

    def _prepared(
        self,
        method: str,
        url: str,
        parameters: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        body: bytes | None,
    ) -> requests.PreparedRequest:
        for name, value in (headers or {}).items():
            if not (value.isprintable() and value.isascii()):
                # the value may be a token: it is not told
                raise PermanentSourceError(
                    self.agency, f"our value of the header {name} cannot be sent", failed_at="ours"
                )
        try:
            request = requests.Request(
                method, url, params=dict(parameters or {}), headers=dict(headers or {}), data=body
            )
            return self._session.prepare_request(request)
        except (requests.RequestException, ValueError) as error:
            raise PermanentSourceError(self.agency, "our address cannot be asked", failed_at="ours") from error

    def _wait_for_turn(self) -> None:
        now = time.monotonic()
        if now >= self._deadline:
            raise TransientSourceError(self.agency, "the time for this agency is used up", failed_at="ours")
        if now < self._next_at:
            self._sleep(self._next_at - now)
        self._next_at = max(now, self._next_at) + 1 / self._source.requests_per_second

    def _wait_after(self, attempt: int, asked_s: float | None) -> float:
        """Seconds to wait after a failed attempt: what the system asks for, else growing with jitter; bounded."""
        longest = self._policy.wait_most_s
        if asked_s is not None:
            return min(max(asked_s, 0.0), longest)
        return min(self._policy.wait_first_s * 2.0 ** (attempt - 1), longest) * random.uniform(0.5, 1)  # noqa: S311  # jitter

    def _ask_once(self, request: requests.PreparedRequest) -> Answer:
        seconds = min(self._source.timeout_s * ANSWER_TIME_FACTOR, self._deadline - time.monotonic())
        until = time.monotonic() + seconds
        for _ in range(REDIRECTS_MAX + 1):
            with failures_of(self.agency), watched(until):
                response = self._session.send(
                    request,
                    stream=True,
                    timeout=(self._source.timeout_s, self._source.timeout_s),
                    allow_redirects=False,
                    verify=self._session.verify,
                    cert=self._session.cert,
                    proxies=self._session.proxies,
                )
            try:
                if response.status_code in _REDIRECTIONS:
                    request = self._redirected(request, response)
                    continue
                if not response.ok:
                    self._refuse(response)
                with failures_of(self.agency):
                    body = read_body(response, self.agency, self._source.page_bytes_max, until)
                return Answer(
                    plain_url(str(request.url)), response.status_code, _kept(response.headers), body, datetime.now(UTC)
                )
            finally:
                response.close()
        raise PermanentSourceError(self.agency, "redirected in circles")

    def _redirected(self, request: requests.PreparedRequest, response: requests.Response) -> requests.PreparedRequest:
        try:
            target = urljoin(str(request.url), response.headers.get("Location", ""))
            is_here = target.isascii() and _origin(target) == _origin(str(request.url))
        except ValueError:
            is_here = False
        if request.method != "GET" or not is_here:
            raise PermanentSourceError(
                self.agency, "redirected elsewhere; not followed", http_status=response.status_code
            )
        again = request.copy()
        again.url = target
        return again

    def _refuse(self, response: requests.Response) -> NoReturn:
        status = response.status_code
        reason = _MEANING.get(status, "refused")
        failed_at: FailedAt = "ours" if status == 407 else "agency"
        if status in _TRY_AGAIN or status == 409:
            wait_s = _retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            raise TransientSourceError(self.agency, reason, retry_after_s=wait_s, http_status=status)
        raise PermanentSourceError(self.agency, reason, http_status=status, failed_at=failed_at)


class _Adapter(HTTPAdapter):
    """Connections whose waiting for an answer is watched (see `audit.http_watch`)."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = WATCHED_POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> urllib3.ProxyManager:
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = WATCHED_POOLS
        return manager


class _Session(requests.Session):
    """Leaves redirections to who asks: even where it is not to follow one, requests would first read its whole body."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002  # the base's signature
        return None


def _session(source: SourceSettings) -> requests.Session:
    session = _Session()
    session.trust_env = False
    session.verify = source.ca_file or True
    if source.client_cert:
        session.cert = (source.client_cert, source.client_key) if source.client_key else source.client_cert
    if source.proxy:
        session.proxies = {"http": source.proxy, "https": source.proxy}
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"Accept-Encoding": "gzip", "User-Agent": "audit/1"})
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(pool_connections=2, pool_maxsize=2, max_retries=0))
    return session


def plain_url(url: str) -> str:
    """A URL as it may be kept and shown: without user, password and fragment."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    return parts.scheme, parts.hostname, port or {"http": 80, "https": 443}.get(parts.scheme)


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name][:HEADER_LENGTH_MAX] for name in KEPT_HEADERS if name in headers}


def _retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds of a ``Retry-After`` header, in either of its forms; None if there is none that can be read."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()
