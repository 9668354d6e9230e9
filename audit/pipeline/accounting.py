"""The manifest of a run: versions, settings, what it was made from, counts that must balance, what it made.

What a run was made from is told for the days that it touched: an evidence day by the pages of each series at that
moment (pages are only ever added, so an old manifest can be proved for ever), a log day by its rows.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from audit.errors import DataError
from audit.ledger import reports
from audit.tables import WIRE_TABLES

if TYPE_CHECKING:
    from audit.pipeline.workspace import Run, Workspace

logger = logging.getLogger(__name__)

SLACK_NS: Final = 2_000_000_000
"""File systems round times; a file written so shortly before the run is taken for touched, which is harmless."""

Series = Mapping[int, Sequence[str]]


def manifest_of(workspace: Workspace, run: Run, began_ns: int, versions: Mapping[str, str]) -> dict[str, Any]:
    """What the manifest of a run that ends now tells.

    Args:
        workspace: where it ran.
        run: the run.
        began_ns: when it began, nanoseconds since 1970; files written since are what it touched.
        versions: of what a result may depend on.
    """
    evidence = {}
    for day in _touched(workspace.evidence_folder, "????-??-??.sqlite", began_ns):
        known = workspace.evidence.existing(day)
        if known is not None:
            evidence[day.isoformat()] = told_of_pages(known.page_hashes())
    rows = {
        day.isoformat(): counts
        for day in _touched(workspace.log.root / "conformed", "????-??-??.json", began_ns)
        if (counts := rows_of(workspace, day)) is not None
    }
    unbalanced = [*imbalances(rows, run.counts)]
    for sentence in unbalanced:
        logger.error("%s", sentence)
    with workspace.ledger.begin() as connection:
        made = reports.reports_of_run(connection, run.run_id)
    return {
        "exit_status": run.exit_status,
        "versions": dict(versions),
        "settings": workspace.settings.digest,
        "inputs": {"evidence": evidence},
        "rows": rows,
        "counts": run.counts,
        "unbalanced": unbalanced,
        "outputs": {
            f"{one.edition} {one.agency} {one.period.name()} revision {one.revision}": one.sha256 for one in made
        },
    }


def told_of_pages(hashes: Series) -> dict[str, Any]:
    """A day's pages as a manifest names them: how many of each series, and one digest over all."""
    counts = {str(series): len(pages) for series, pages in sorted(hashes.items())}
    return {"pages": counts, "sha256": digest_of_pages(hashes, counts)}


def digest_of_pages(hashes: Series, counts: Mapping[str, int]) -> str:
    """SHA-256 over the first pages of each series, as many as `counts` says."""
    pages = [[series, list(hashes.get(int(series), ()))[:count]] for series, count in sorted(counts.items())]
    return hashlib.sha256(json.dumps(pages).encode()).hexdigest()


def rows_of(workspace: Workspace, day: date) -> dict[str, int] | None:
    """Rows of a conformed day: `pulled`, those of the pages that count; `received`, those that were conformed; `in_log`
    and `rejects`, what became of them. None where the day is not wholly there; without evidence, `pulled` is absent.
    """
    try:
        marker = json.loads((workspace.log.root / "conformed" / f"{day.isoformat()}.json").read_text(encoding="utf-8"))
        evidence = workspace.evidence.existing(day)
        pulled = {} if evidence is None else {"pulled": sum(one.rows for one in evidence.counted())}
        return pulled | {
            "received": int(marker["rows"]),
            "in_log": sum(_rows(workspace.log.path(table, day)) for table in WIRE_TABLES),
            "rejects": _rows(workspace.log.path("rejects", day)),
        }
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException, DataError):
        return None


def imbalances(rows: Mapping[str, Mapping[str, int]], counts: Mapping[str, Any]) -> Iterator[str]:
    """Where what one stage handed on is not what the next one has, a sentence each.

    Every row pulled is received, every row received is in the log or a reject; every finding of a judgement is counted
    once in its outcomes.
    """
    for day, told in rows.items():
        if told.get("pulled", told["received"]) != told["received"]:
            yield f"{day}: {told['pulled']} rows pulled, {told['received']} received"
        if told["received"] != told["in_log"] + told["rejects"]:
            yield f"{day}: {told['received']} rows received, {told['in_log']} in the log and {told['rejects']} rejects"
    for period, judged in counts.get("judged", {}).items():
        if judged.get("counted", judged["findings"]) != judged["findings"]:
            yield f"{period}: {judged['findings']} findings, {judged['counted']} counted in the outcomes"


def faults_of_manifest(workspace: Workspace, content: Mapping[str, Any]) -> list[str]:
    """What a manifest tells that does not add up, and where the evidence no longer holds the pages that it names; days
    whose file is gone are not told here.
    """
    found = [f"run {content['run_id']}: {sentence}" for sentence in imbalances(content["rows"], content["counts"])]
    for name, told in content["inputs"]["evidence"].items():
        try:
            known = workspace.evidence.existing(date.fromisoformat(name))
            if known is not None and digest_of_pages(known.page_hashes(), told["pages"]) != told["sha256"]:
                found.append(f"the evidence of {name} has other pages than run {content['run_id']} was made from")
        except DataError as error:
            found.append(str(error))
    return found


def _rows(path: Path) -> int:
    return int(pq.read_metadata(path).num_rows)


def _touched(folder: Path, pattern: str, since_ns: int) -> list[date]:
    return sorted(
        date.fromisoformat(path.stem) for path in folder.glob(pattern) if path.stat().st_mtime_ns >= since_ns - SLACK_NS
    )
