"""What was learnt of the endpoints' availability: one Parquet file a local day under one folder.

A row: agency (canonical code), at (UTC), ok, latency_ms, http_status, error, certificate_ends_at (UTC); design.md
section 3. Two probes of an agency at one instant are one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd

from audit.errors import DataError
from audit.instants import parse_instant
from audit.registry import Registry

COLUMNS: Final = ("agency", "at", "ok", "latency_ms", "http_status", "error", "certificate_ends_at")
_ZONE: Final = "Asia/Ho_Chi_Minh"
_LINE_BYTES_MAX: Final = 64 * 1024


class Probes:
    """The probes kept under one folder; the folder need not exist."""

    def __init__(self, root: Path) -> None:
        self.root: Final = root

    def add(self, probes: pd.DataFrame) -> None:
        """Keep probes; those that are kept already change nothing."""
        days = probes["at"].dt.tz_convert(_ZONE).dt.date
        for day, fresh in probes.groupby(days, sort=True):
            path = self._path(day)
            kept = pd.read_parquet(path) if path.exists() else probes.iloc[:0]
            rows = pd.concat([part for part in (kept, fresh) if len(part)])
            rows = rows.drop_duplicates(["agency", "at"]).sort_values(["agency", "at"], ignore_index=True)
            if len(rows) == len(kept):
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f".{path.name}.new")
            rows.to_parquet(beside, index=False)
            beside.replace(path)

    def read(self, until: date | None = None) -> pd.DataFrame:
        """The probes of the local days before `until`, by day, agency and instant; None: all."""
        paths = sorted(self.root.glob("????-??-??.parquet"))
        wanted = [path for path in paths if until is None or date.fromisoformat(path.stem) < until]
        frames = [pd.read_parquet(path) for path in wanted]
        return pd.concat(frames, ignore_index=True) if frames else _frame([])

    def _path(self, day: date) -> Path:
        return self.root / f"{day.isoformat()}.parquet"


def read_probes(path: Path, registry: Registry) -> pd.DataFrame:
    """Probes that another monitoring system wrote, one JSON object a line, as a frame of `COLUMNS`.

    Raises:
        DataError: a line is no probe; nothing of the file counts then.
    """
    rows = []
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                rows.append(_probe(line, registry))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise DataError(f"{path.name}, line {number}", f"not a probe: {error}") from error
    return _frame(rows)


def _probe(line: bytes, registry: Registry) -> dict[str, Any]:
    if len(line) > _LINE_BYTES_MAX:
        raise ValueError("the line is too long")
    told: Mapping[str, Any] = json.loads(line)
    at = parse_instant(told["at"])
    if at is None:
        raise ValueError("`at` is no instant")
    if not isinstance(told["ok"], bool):
        raise TypeError("`ok` is neither true nor false")
    ends = told.get("certificate_ends_at")
    return {
        "agency": registry.canonical_code(told["agency"]),
        "at": at,
        "ok": told["ok"],
        "latency_ms": told.get("latency_ms"),
        "http_status": told.get("http_status"),
        "error": told.get("error"),
        "certificate_ends_at": None if ends is None else parse_instant(ends),
    }


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Typed columns; instants come as microseconds since 1970."""
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for column in ("at", "certificate_ends_at"):
        microseconds = frame[column].astype("Int64")
        frame[column] = pd.to_datetime(microseconds, unit="us", utc=True).astype("datetime64[us, UTC]")
    types = {"agency": "str", "ok": "bool", "latency_ms": "Float64", "http_status": "Int64", "error": "str"}
    return frame.astype(types)
