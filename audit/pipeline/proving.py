"""`verify`: do evidence, log, ledger, manifests and reports still belong together? What does not is named."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from audit.errors import DataError
from audit.ledger import reports, runs
from audit.log import Log
from audit.pipeline import accounting
from audit.pipeline.backing_up import report_path
from audit.pipeline.pruning import pruned_before
from audit.pipeline.workspace import Workspace
from audit.rebuild import Conformer


@dataclass(slots=True)
class Verified:
    """What was looked at, and what is wrong.

    Attributes:
        evidence_days, log_days, manifests, reports: how many were looked at.
        faults: a sentence each; empty: everything belongs together.
    """

    evidence_days: int = 0
    log_days: int = 0
    manifests: int = 0
    reports: int = 0
    faults: list[str] = field(default_factory=list)


def verify(workspace: Workspace, *, deep: bool = False) -> Verified:
    """Prove everything; nothing is changed.

    Args:
        workspace: what to prove. Its lock should be held: a run that goes on changes things in between.
        deep: make every day of the log again from the evidence, in a folder of its own, and compare the bytes.
    """
    done = Verified()
    pruned = pruned_before(workspace)
    evidence_days = workspace.evidence.days()
    done.evidence_days = len(evidence_days)
    for day in evidence_days:
        done.faults += _of_evidence(workspace, day)
    _manifests(workspace, done, pruned.get("evidence", date.min))
    conformer = Conformer(workspace.settings, workspace.registry, workspace.evidence, workspace.log)
    days = sorted({*evidence_days, *workspace.log.days()})
    done.log_days = len(days)
    for day in days:
        done.faults += _of_log(workspace, conformer, day)
        if deep and day in evidence_days:
            done.faults += _of_log_made_again(workspace, day)
    _reports(workspace, done, pruned.get("reports", date.min))
    done.faults = list(dict.fromkeys(done.faults))
    return done


def _of_evidence(workspace: Workspace, day: date) -> Iterator[str]:
    try:
        known = workspace.evidence.existing(day)
        for fault in known.damaged() if known is not None else ():
            yield f"evidence of {day}: {fault}"
    except DataError as error:
        yield f"evidence of {day}: {error.reason}"


def _of_log(workspace: Workspace, conformer: Conformer, day: date) -> Iterator[str]:
    try:
        yield from conformer.faults(day)
    except DataError as error:
        yield f"{day}: the log cannot be compared with its evidence: {error.reason}"
    rows = accounting.rows_of(workspace, day)
    if rows is not None:
        yield from accounting.imbalances({day.isoformat(): rows}, {})


def _of_log_made_again(workspace: Workspace, day: date) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="audit-verify-") as folder:
        again = Log(Path(folder))
        try:
            Conformer(workspace.settings, workspace.registry, workspace.evidence, again).conform_day(day, force=True)
        except DataError as error:
            yield f"{day}: the log cannot be made again: {error.reason}"
            return
        made, there = again.digests(day), workspace.log.digests(day)
    for table in sorted(name for name in made if made[name] != there[name]):
        yield f"{day}: {table} of the log is not what the evidence gives"


def _manifests(workspace: Workspace, done: Verified, first_kept: date) -> None:
    with workspace.ledger.begin() as connection:
        known = runs.runs_of(connection)
    noted = {run.run_id: str(run.counts["manifest"]) for run in known if "manifest" in run.counts}
    chain = workspace.manifests
    done.manifests = len(chain.paths())
    done.faults += chain.faults(noted)
    gone: set[str] = set()
    try:
        for manifest in chain.read():
            done.faults += accounting.faults_of_manifest(workspace, manifest.content)
            days = manifest.content["inputs"]["evidence"]
            gone |= {day for day in days if not workspace.evidence.path(date.fromisoformat(day)).exists()}
    except DataError:
        return  # told among the chain's faults
    except (KeyError, ValueError, TypeError, AttributeError):
        done.faults.append("a manifest does not tell what a run was made from")
    done.faults += [f"evidence of {day}: the file is missing" for day in sorted(gone) if day >= first_kept.isoformat()]


def _reports(workspace: Workspace, done: Verified, first_kept: date) -> None:
    with workspace.ledger.begin() as connection:
        made = reports.latest_files(connection)
    for record in made:
        path = report_path(workspace, record)
        if not path.exists() and record.period.end <= first_kept:
            continue
        done.reports += 1
        if not path.exists():
            done.faults.append(f"report {path.name} of {record.period.name()} is missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != record.sha256:
            done.faults.append(f"report {path.name} of {record.period.name()} is not the file that was made")
