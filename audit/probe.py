"""Availability: every agency's endpoint is asked once, and the answer is kept as a probe.

What is told of an agency is only what is its own: where our side could not ask (proxy, certificates, credentials that
the health URL refuses) there is no probe, and the caller hears of it. No token is sent; ``/v1/health`` needs none.
"""

from __future__ import annotations

import json
import logging
import ssl
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from urllib.parse import urlsplit

import pandas as pd
from cryptography import x509

from audit.errors import SourceError
from audit.http import HttpClient
from audit.probe_log import probe_frame
from audit.settings import Agency, SourceSettings
from audit.settings.deployment import Pull
from audit.waiting import connect

ANSWER_BYTES_MAX: Final = 64 * 1024
"""A health answer is a line; what is longer is none."""
TIMEOUT_MAX_S: Final = 30.0
"""A system that needs longer to say that it is there is not there."""
AT_ONCE: Final = 16

_ONCE: Final = Pull(attempts=1)
_TOLD_LENGTH: Final = 40
_NOT_LET_IN: Final = frozenset({401, 403})

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Whom to ask, and how to reach it."""

    agency: str
    source: SourceSettings


@dataclass(frozen=True, slots=True)
class Probed:
    """What came of asking.

    Attributes:
        probes: One row an endpoint that could be asked, columns of `audit.probe_log.SCHEMA`.
        not_asked: Agency and reason, where our side failed.
    """

    probes: pd.DataFrame
    not_asked: tuple[tuple[str, str], ...]


def endpoints(agencies: Sequence[Agency], day: date) -> list[Endpoint]:
    """The endpoints of the agencies valid on a local day, in their order; agencies without a health URL have none."""
    return [
        Endpoint(agency.code, agency.source)
        for agency in agencies
        if agency.source is not None
        and agency.source.probe_url
        and (agency.valid_from is None or agency.valid_from <= day)
        and (agency.valid_to is None or day <= agency.valid_to)
    ]


def probe_all(asked: Sequence[Endpoint]) -> Probed:
    """Ask every endpoint once, side by side."""
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        answers = list(pool.map(_probe_alone, asked))
    rows = [answer for answer in answers if isinstance(answer, dict)]
    failures = [(one.agency, answer) for one, answer in zip(asked, answers, strict=True) if isinstance(answer, str)]
    return Probed(probe_frame(rows), tuple(failures))


def _probe_alone(endpoint: Endpoint) -> dict[str, object] | str:
    """As `_probe`; what nobody expected is this endpoint's failure (ours, as far as anybody knows), not the others'."""
    try:
        return _probe(endpoint)
    except Exception as error:
        logger.exception("probing %s failed", endpoint.agency)
        return f"probing failed: {type(error).__name__}"


def _probe(endpoint: Endpoint) -> dict[str, object] | str:
    """The probe of one endpoint as plain values; a reason instead, where our side failed."""
    limits = {"timeout_s": min(endpoint.source.timeout_s, TIMEOUT_MAX_S), "page_bytes_max": ANSWER_BYTES_MAX}
    source = endpoint.source.model_copy(update=limits)
    at, begun = datetime.now(UTC), time.monotonic()
    row: dict[str, object] = {"agency": endpoint.agency, "at": at, "ok": False, "error": None, "http_status": None}
    try:
        with HttpClient(endpoint.agency, source, _ONCE) as client:
            answer = client.ask(source.probe_url)
    except SourceError as error:
        if error.failed_at == "ours" or error.http_status in _NOT_LET_IN:
            return error.reason
        row |= {"error": error.reason, "http_status": error.http_status}
    else:
        told = _told_status(answer.body)
        row |= {"ok": told in ("", "ok"), "http_status": answer.status, "error": told and f"status {told}"}
        row["error"] = None if row["ok"] else row["error"]
    row["latency_ms"] = int((time.monotonic() - begun) * 1000)
    return row | {"certificate_ends_at": certificate_end(source)}


def _told_status(body: bytes) -> str:
    """The `status` of a health answer, lower case, in ASCII, shortened; ``""`` where the answer has none."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    status = told.get("status") if isinstance(told, dict) else None
    # half a surrogate pair, or what moves a terminal's cursor, can be neither kept nor shown
    return ascii(status.strip().lower())[1:-1][:_TOLD_LENGTH] if isinstance(status, str) else ""


def certificate_end(source: SourceSettings) -> datetime | None:
    """When the certificate that the endpoint shows ends; None where there is none to see (no TLS, a proxy, no answer).

    Read in a handshake of its own in which nothing is verified and nothing is sent: an expired certificate must be seen
    too, and whether it is trusted is the request's business.
    """
    parts = urlsplit(source.probe_url)
    if parts.scheme != "https" or not parts.hostname or source.proxy:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            connect(parts.hostname, parts.port or 443, source.timeout_s) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as secured,
        ):
            shown = secured.getpeercert(binary_form=True)
        return x509.load_der_x509_certificate(shown).not_valid_after_utc if shown else None
    except (OSError, ValueError, x509.InvalidVersion):
        return None
