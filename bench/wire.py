"""The bench's log as its agencies would serve it: pages of JSON, packed with gzip, made once."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from audit.log import Log
from audit.tables import COLUMNS, HASHED, ORIGIN, WIRE_TABLES
from bench import data
from bench.world import SCALES, SERVED_DAYS, Scale, World

PAGE_ROWS: Final = 1_000
_OURS: Final = {column.name for column in ORIGIN} - {"changed_at", "deleted"} | set(HASHED)
_OURS_TOO: Final = {"reference", "document_row", "has_recipients", "has_files", "has_signatures"}
_LOCAL: Final = pa.duration("us")


def pages_of(scale: Scale) -> Path:
    """The folder of the scale's pages, `<agency>/<table>-<day>-<page>.json.gz`; made where absent."""
    days = SERVED_DAYS[scale.name]
    folder = data.ROOT / scale.name / "wire"
    log = data.log_of(scale)
    made_of = (data.ROOT / scale.name / "made-of.json").read_text(encoding="utf-8") + str(days)
    marker = folder / "made-of.json"
    if not marker.exists() or marker.read_text(encoding="utf-8") != made_of:
        shutil.rmtree(folder, ignore_errors=True)
        for day in days:
            _make(World(scale).registry.codes, log, day, folder)
        marker.write_text(made_of, encoding="utf-8")
    return folder


def _make(codes: Sequence[str], log: Log, day: date, folder: Path) -> None:
    for code in codes:
        (folder / code).mkdir(parents=True, exist_ok=True)
        for table in WIRE_TABLES:
            rows = _rows(log, day, code, table)
            parts = [rows[first : first + PAGE_ROWS] for first in range(0, max(len(rows), 1), PAGE_ROWS)]
            for number, items in enumerate(parts):
                page = {
                    "table": table,
                    "day": day.isoformat(),
                    "agency": code,
                    "generated_at": f"{day + timedelta(days=1)}T00:10:00+07:00",
                    "total": len(rows),
                    "items": items,
                    "next": str(number + 1) if number + 1 < len(parts) else None,
                }
                packed = gzip.compress(msgspec.json.encode(page), 6, mtime=0)
                (folder / code / f"{table}-{day}-{number}.json.gz").write_bytes(packed)


def _rows(log: Log, day: date, code: str, table: str) -> list[dict[str, Any]]:
    rows = _told(log.read_table(table, [day], agency=code), table)
    if table == "documents":
        files = list(_owned(log, day, code, "files"))
        signatures = dict(_owned(log, day, code, "signatures"))
        by_document = {row: file | {"signatures": signatures.get(row, [])} for row, (file,) in files}
        for row in rows:
            row["files"] = [by_document[row["document_row"]]]
    for row in rows:
        row.pop("document_row", None)
    return rows


def _owned(log: Log, day: date, code: str, table: str) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """What belongs to each document row."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in _told(log.read_table(table, [day], agency=code), table):
        found.setdefault(row.pop("document_row"), []).append(row)
    yield from found.items()


def _told(rows: pa.Table, table: str) -> list[dict[str, Any]]:
    """The rows under the wire's names and in its forms; missing values are told as null, as most systems do."""
    columns = {}
    for column in COLUMNS[table]:
        values = rows.column(column.name)
        if column.name in _OURS or column.name in _OURS_TOO - {"document_row"}:
            continue
        if pa.types.is_timestamp(values.type):
            local = pc.add(values.cast(pa.timestamp("us")), pa.scalar(7 * 3_600_000_000, _LOCAL))
            values = pc.strftime(local.cast(pa.timestamp("s"), safe=False), "%Y-%m-%dT%H:%M:%S+07:00")
        columns[column.wire or column.name] = values
    told: list[dict[str, Any]] = pa.table(columns).to_pylist()
    return told


if __name__ == "__main__":
    for name in SERVED_DAYS:
        pages_of(SCALES[name])
