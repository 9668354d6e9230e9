"""Retention: what is past its time goes, and only if a backup that was just proved holds the same bytes.

The log goes no earlier than its evidence (it would be made again from it), manifests and the ledger never go.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from audit.ledger import reports, runs
from audit.pipeline.backing_up import Backup, report_path, snapshot
from audit.pipeline.workspace import Run, Workspace

logger = logging.getLogger(__name__)

PRUNED = "pruned_before"
"""Name among a run's counts: the kinds it pruned, with the first day that was kept."""


def prune(workspace: Workspace, run: Run, backup: Backup, today: date) -> int:
    """Delete what is past its time and in the backup; note the first day kept of each kind in the run.

    Returns:
        how many files went.
    """
    run.counts[PRUNED] = {kind: day.isoformat() for kind, day in first_days_kept(workspace, today).items()}
    gone = 0
    for path, name in list(_past(workspace, today)):
        packed = backup.files.get(name)
        if packed is None or _sha256_as_packed(path) != packed.sha256:
            logger.warning("%s is past its time and stays: the backup does not hold it as it is", name)
            continue
        path.unlink()
        gone += 1
    run.counts["pruned_files"] = gone
    return gone


def first_days_kept(workspace: Workspace, today: date) -> dict[str, date]:
    """By kind (evidence, log, reports, probes) the first day that is kept; kinds that are kept for ever are absent."""
    retention = workspace.settings.audit.retention
    days = {
        "evidence": retention.evidence_days,
        "log": max(retention.log_days, retention.evidence_days)
        if retention.log_days and retention.evidence_days
        else 0,
        "reports": retention.reports_days,
        "probes": retention.probes_days,
    }
    return {kind: today - timedelta(days=number) for kind, number in days.items() if number}


def pruned_before(workspace: Workspace) -> dict[str, date]:
    """By kind the first day that no run has pruned yet; kinds of which nothing was ever pruned are absent."""
    found: dict[str, date] = {}
    with workspace.ledger.begin() as connection:
        known = runs.runs_of(connection, ("prune",))
    for record in known:
        for kind, day in record.counts.get(PRUNED, {}).items():
            found[kind] = max(found.get(kind, date.min), date.fromisoformat(day))
    return found


def _sha256_as_packed(path: Path) -> str:
    """SHA-256 of a file as a backup packs it: databases are copied page by page, which rewrites their heads."""
    if path.suffix != ".sqlite":
        return hashlib.sha256(path.read_bytes()).hexdigest()
    with tempfile.TemporaryDirectory(prefix="audit-prune-") as folder:
        return hashlib.sha256(snapshot(path, Path(folder) / path.name).read_bytes()).hexdigest()


def _past(workspace: Workspace, today: date) -> Iterator[tuple[Path, str]]:
    """Files past their time, with their names in a backup."""
    kept = first_days_kept(workspace, today)
    patterns = {"evidence": "????-??-??.sqlite", "log": "*/????-??-??.*", "probes": "????-??-??.parquet"}
    for kind in sorted(kept.keys() & patterns.keys()):
        for path in sorted((workspace.data / kind).glob(patterns[kind])):
            if date.fromisoformat(path.stem) < kept[kind]:
                yield path, f"data/{path.relative_to(workspace.data).as_posix()}"
    if "reports" in kept:
        with workspace.ledger.begin() as connection:
            made = reports.latest_files(connection)
        for record in made:
            path = report_path(workspace, record)
            if record.period.end <= kept["reports"] and path.is_file() and path.is_relative_to(workspace.out):
                yield path, f"reports/{path.relative_to(workspace.out).as_posix()}"
