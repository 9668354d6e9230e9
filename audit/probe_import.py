"""Probes of a monitoring system that is already there: one JSON object a line (design.md section 3, table `probes`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import pandas as pd

from audit.instants import parse_instant
from audit.probe_log import probe_frame
from audit.registry import Registry

ERROR_LENGTH_MAX: Final = 500
LINE_LENGTH_MAX: Final = 64 * 1024
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class ProbeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the file. Unknown fields are ignored."""

    agency: str
    at: str
    ok: bool
    latency_ms: int | float | None = None
    http_status: int | None = None
    error: str | None = None
    certificate_ends_at: str | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file holds: probes + rejects = lines that are not blank.

    Attributes:
        probes: Columns of `audit.probe_log.SCHEMA`.
        rejects: Line (from 1) and why it could not be read.
    """

    probes: pd.DataFrame
    rejects: tuple[tuple[int, str], ...]


def read_probes(lines: Iterable[bytes], registry: Registry) -> Imported:
    """Read the lines of a file.

    Args:
        lines: JSON, UTF-8. Instants as in the contract: ISO 8601, local without an offset.
        registry: Codes become canonical; an agency that it does not know is a reject.
    """
    rows: list[dict[str, object]] = []
    rejects: list[tuple[int, str]] = []
    decoder = msgspec.json.Decoder(ProbeRow)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            if len(line) > LINE_LENGTH_MAX:
                raise ValueError("the line is too long")
            rows.append(_row(decoder.decode(line), registry))
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            rejects.append((number, _reason(error)))
    return Imported(probe_frame(rows), tuple(rejects))


def _row(told: ProbeRow, registry: Registry) -> dict[str, object]:
    agency = registry.canonical_code(told.agency)
    if agency not in registry.codes:
        raise ValueError("the registry does not know the agency")
    latency = None if told.latency_ms is None else round(told.latency_ms)
    for name, value in (("latency_ms", latency), ("http_status", told.http_status)):
        if value is not None and not 0 <= value < 1 << 31:
            raise ValueError(f"{name} is out of range")
    ends_at = told.certificate_ends_at
    return {
        "agency": agency,
        "at": _instant("at", told.at),
        "ok": told.ok,
        "latency_ms": latency,
        "http_status": told.http_status,
        "error": told.error and told.error[:ERROR_LENGTH_MAX],
        "certificate_ends_at": None if ends_at is None else _instant("certificate_ends_at", ends_at),
    }


def _instant(name: str, text: str) -> datetime:
    microseconds = parse_instant(text.strip())
    if microseconds is None:
        raise ValueError(f"{name} is no time")
    return _EPOCH + timedelta(microseconds=microseconds)


def _reason(error: Exception) -> str:
    """Why, in a sentence that holds nothing of the line but names of fields."""
    return str(error) if str(error).isascii() else "not JSON of the right form"
