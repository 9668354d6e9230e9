"""How things stand, for Prometheus: a file for node_exporter's textfile collector. The only importer of its client."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from audit.period import LOCAL_ZONE

PREFIX: Final = "document_audit_"


def write_textfile(path: Path, told: Mapping[str, Any], now: datetime) -> None:
    """Write what `audit.pipeline.standing` tells; whoever reads finds the old file or the new one, never half of one.

    Raises:
        OSError: it cannot be written.
    """
    registry = CollectorRegistry()
    _plain(registry, told, now)
    for name, text, label, values in _labelled(told):
        gauge = Gauge(PREFIX + name, text, [label], registry=registry)
        for value_of, value in values.items():
            gauge.labels(value_of).set(value)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(path), registry)


def _plain(registry: CollectorRegistry, told: Mapping[str, Any], now: datetime) -> None:
    values = {
        "written_timestamp_seconds": ("When this file was written.", now.timestamp()),
        "troubles": ("What needs a look; 0: all is well.", len(told["troubles"])),
        "disk_free_bytes": ("Free on the disk of the data folder.", told["disk"]["free_bytes"]),
        "disk_size_bytes": ("Size of the disk of the data folder.", told["disk"]["total_bytes"]),
        "reports_with_gaps": (
            "Reports of late, made while logs were missing.",
            len(told["reports_with_gaps"]),
        ),
        "reports_overdue": ("Reports that are due and not made.", len(told["overdue_reports"])),
        "database_up": ("Whether the ledger can be read.", float(told["database"]["state"] == "ok")),
    }
    beat = told["heartbeat"]
    if beat is not None:
        at = now.timestamp() - beat["age_seconds"]
        values["heartbeat_timestamp_seconds"] = ("When the service was last alive.", at)
    for name, (text, value) in values.items():
        Gauge(PREFIX + name, text, registry=registry).set(value)


def _labelled(told: Mapping[str, Any]) -> list[tuple[str, str, str, dict[str, float]]]:
    """Name, text, label, and the values by what the label says."""
    done = {kind: last for kind, last in told["last_done"].items() if last is not None}
    runs = {run["command"]: run for run in reversed(told["runs"]) if run["ended_at"] is not None}
    behind = {one["agency"]: one["days_behind"] for one in told["late_sources"] if one["days_behind"] is not None}
    kinds = dict.fromkeys((kind.partition(":")[0] for kind in told["trouble_kinds"]), 1.0)
    return [
        ("trouble", "1 for each kind of trouble there is.", "kind", kinds),
        ("last_done_timestamp_seconds", "Begin of the newest day or period that was done.", "kind", _days(done)),
        ("run_ended_timestamp_seconds", "When a command last ended.", "command",
         {name: run["ended_at"].timestamp() for name, run in runs.items()}),
        ("run_exit_status", "With what a command last ended.", "command",
         {name: float(run["exit_status"]) for name, run in runs.items()}),
        ("coverage", "Agencies' tables and days of the last four weeks.", "state", told["coverage"]),
        ("source_days_behind", "Days since the last complete log of a late source.", "agency", behind),
        ("deliveries", "Deliveries waiting.", "state", told["queue"]),
    ]  # fmt: skip


def _days(done: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    days: dict[str, date] = {kind: last["day"] for kind, last in done.items()}
    return {kind: datetime.combine(day, time.min, LOCAL_ZONE).timestamp() for kind, day in days.items()}
