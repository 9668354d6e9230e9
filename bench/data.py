"""The bench's log: made once, kept under var/bench, and made again when scale, seed, version or columns change."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import time
from pathlib import Path
from typing import Final

from audit.log import Log
from audit.tables import SCHEMAS
from bench.rows import SEED, LogRows
from bench.world import SCALES, Scale, World

ROOT: Final = Path(__file__).parents[1] / "var" / "bench"
VERSION: Final = 1
"""Raised whenever the same scale and seed give other rows."""


def log_of(scale: Scale) -> Log:
    """The log of a scale, made now where it is not there."""
    folder = ROOT / scale.name
    made_of = _digest(scale)
    marker = folder / "made-of.json"
    if not marker.exists() or json.loads(marker.read_text(encoding="utf-8"))["digest"] != made_of:
        shutil.rmtree(folder, ignore_errors=True)
        counts = _make(scale, Log(folder / "log"))
        marker.write_text(json.dumps({"digest": made_of, "rows": counts}), encoding="utf-8")
    return Log(folder / "log")


def rows_of(scale: Scale) -> dict[str, int]:
    """How many rows each table of a scale has; the log must be there."""
    counts: dict[str, int] = json.loads((ROOT / scale.name / "made-of.json").read_text(encoding="utf-8"))["rows"]
    return counts


def _make(scale: Scale, log: Log) -> dict[str, int]:
    rows = LogRows(World(scale))
    counts = dict.fromkeys(SCHEMAS, 0)
    for day in rows.days():
        tables = rows.of_day(day)
        with log.writing(day) as writer:
            writer.add(tables)
        for name, table in tables.items():
            counts[name] += table.num_rows
    return counts


def _digest(scale: Scale) -> str:
    schemas = [str(SCHEMAS[name]) for name in sorted(SCHEMAS)]
    return hashlib.sha256(json.dumps([VERSION, SEED, repr(scale), schemas]).encode()).hexdigest()


def main() -> None:
    """Make the logs of the scales that are named."""
    for name in sys.argv[1:]:
        begin = time.perf_counter()
        log_of(SCALES[name])
        print(f"{name}: {rows_of(SCALES[name])} in {time.perf_counter() - begin:.1f} s")


if __name__ == "__main__":
    main()
