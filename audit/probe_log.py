"""Probes kept: Parquet by local day, replaced atomically.

``<root>/<YYYY-MM-DD>.parquet``, sorted by (agency, at), one row an agency and instant. Not among the tables of the log:
those can be made again from the evidence at any time, probes cannot. A probe may come at any minute, so who writes
waits for the folder's own lock and never for that of a nightly run.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from audit.errors import DataError, LockedError
from audit.period import LOCAL_ZONE

FOLDER: Final = "probes"
"""Where they are, in the data folder."""
LOCK_WAIT_S: Final = 60

SCHEMA: Final = pa.schema(
    [
        pa.field("agency", pa.string(), nullable=False),
        pa.field("at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("ok", pa.bool_(), nullable=False),
        pa.field("latency_ms", pa.int64()),
        pa.field("http_status", pa.int64()),
        pa.field("error", pa.string()),
        pa.field("certificate_ends_at", pa.timestamp("us", tz="UTC")),
    ]
)
"""A row is one question to one agency's endpoint (design.md section 3)."""

_PANDAS: Final = {
    "agency": "str",
    "at": "datetime64[us, UTC]",
    "ok": "bool",
    "latency_ms": "Int64",
    "http_status": "Int64",
    "error": "str",
    "certificate_ends_at": "datetime64[us, UTC]",
}


class ProbeLog:
    """The probes under one folder; it need not exist."""

    def __init__(self, root: Path) -> None:
        self.root: Final = root

    def add(self, probes: pd.DataFrame) -> None:
        """Keep probes; of two of one agency and instant the one that comes later stays.

        Args:
            probes: The columns of `SCHEMA`.

        Raises:
            LockedError: Somebody else has been writing for longer than anybody should.
            DataError: A kept day cannot be read.
        """
        if probes.empty:
            return
        self.root.mkdir(parents=True, exist_ok=True)
        day = probes["at"].dt.tz_convert(LOCAL_ZONE).dt.date
        lock = FileLock(self.root / ".lock", timeout=LOCK_WAIT_S, mode=0o640)
        try:
            with lock:
                for one, rows in probes.groupby(day):
                    self._replace(self.path(one), pd.concat([self._read_day(self.path(one)), typed(rows)]))
        except Timeout:
            raise LockedError(str(self.root / ".lock")) from None

    def read(self, before: date | None = None) -> pd.DataFrame:
        """All probes of the days before `before` (None: all), by day, agency and instant; types of `probe_frame`.

        Raises:
            DataError: A day cannot be read.
        """
        days = [day for day in self.days() if before is None or day < before]
        return pd.concat([probe_frame([]), *(self._read_day(self.path(day)) for day in days)], ignore_index=True)

    def days(self) -> list[date]:
        """The days of which there are probes, in order."""
        return sorted(date.fromisoformat(path.stem) for path in self.root.glob("????-??-??.parquet"))

    def forget(self, before: date) -> int:
        """Delete the days before `before` (retention); how many there were."""
        old = [day for day in self.days() if day < before]
        for day in old:
            self.path(day).unlink(missing_ok=True)
        return len(old)

    def path(self, day: date) -> Path:
        """Where the probes of a local day are, or would be."""
        return self.root / f"{day.isoformat()}.parquet"

    @staticmethod
    def _read_day(path: Path) -> pd.DataFrame:
        if not path.exists():
            return probe_frame([])
        try:
            with pq.ParquetFile(path) as file:
                if not file.schema_arrow.equals(SCHEMA):
                    raise DataError(path.name, "the probes were written by another version")
                return typed(file.read().to_pandas())
        except pa.ArrowInvalid as error:
            raise DataError(path.name, "the probes of this day cannot be read") from error

    @staticmethod
    def _replace(path: Path, probes: pd.DataFrame) -> None:
        kept = probes.drop_duplicates(["agency", "at"], keep="last").sort_values(["agency", "at"], ignore_index=True)
        beside = path.with_name(f".{path.name}.new")
        try:
            with beside.open("wb") as file:
                pq.write_table(pa.Table.from_pandas(kept, SCHEMA, preserve_index=False), file, compression="zstd")
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


def probe_frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Rows of plain values (instants aware, missing None) as a frame with the columns of `SCHEMA`."""
    return typed(pd.DataFrame({name: [row.get(name) for row in rows] for name in _PANDAS}, dtype=object))


def typed(probes: pd.DataFrame) -> pd.DataFrame:
    """The columns of `SCHEMA`, in their order and with their pandas types."""
    columns = {name: probes[name] for name in _PANDAS}
    for name in ("at", "certificate_ends_at"):
        columns[name] = pd.to_datetime(columns[name], utc=True)
    columns["error"] = columns["error"].where(columns["error"].notna(), np.nan)
    return pd.DataFrame(columns).astype(_PANDAS).reset_index(drop=True)
