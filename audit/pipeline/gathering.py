"""The first half of the line: pages into the evidence, evidence into the log, and what is known of every day."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from audit.coverage import coverage
from audit.period import DAY, Period
from audit.pipeline.workspace import Run, Workspace, files_digest
from audit.probe_import import Imported, read_probes
from audit.progress import progress
from audit.pull import PullOptions, PullReport, pull
from audit.rebuild import Conformer, ConformReport
from audit.tables import WIRE_TABLES
from audit.working_time import day_number

logger = logging.getLogger(__name__)

OPEN_MOST: Final = 366
"""No day stays open for longer."""


def pull_days(
    workspace: Workspace,
    run: Run,
    days: Sequence[date],
    agencies: Sequence[str] | None = None,
    how: PullOptions | None = None,
) -> PullReport:
    """Ask for what is not complete of these days; failures are coverage, not errors.

    Args:
        workspace: where the evidence goes.
        run: the run in whose name it is asked.
        days: local days.
        agencies: canonical codes; None: all that are pulled.
        how: what is asked again, or recorded pages to read instead of asking the agencies.
    """
    registry = workspace.registry
    asked = int(registry.pulled.sum()) if agencies is None else len(agencies)
    with progress("pull", asked * len(days) * len(WIRE_TABLES), quiet=workspace.quiet) as step:
        options = replace(how or PullOptions(), run_id=run.run_id, progress=step)
        report = pull(workspace.settings, registry, workspace.evidence, days, agencies, options)
    run.counts["pulled_pages"] = sum(entry.pages for entry in report.entries if entry.outcome != "kept")
    run.counts["pulled_rows"] = sum(entry.rows for entry in report.entries if entry.outcome != "kept")
    if changed := sum(entry.was_changed for entry in report.entries):
        run.counts["changed_logs"] = changed
    run.counts["pull_failures"] = sum(entry.failed_at is not None for entry in report.entries)
    return report


def conform_days(workspace: Workspace, run: Run | None = None) -> None:
    """Make those days of the log again whose evidence, codes or placeholders have changed; cheap where nothing has."""
    reports = workspace.remember("conformed", workspace.evidence_digest(), lambda: _conform(workspace))
    if run is not None:
        _count([report for report in reports if report.was_made], run)


def _conform(workspace: Workspace) -> list[ConformReport]:
    conformer = Conformer(workspace.settings, workspace.registry, workspace.evidence, workspace.log)
    reports = []
    days = workspace.evidence.days()
    with progress("conform", len(days), quiet=workspace.quiet) as step:
        for day in days:
            reports.append(conformer.conform_day(day))
            step.advance(note=day.isoformat())
    logger.info("conformed %d days, %d of them anew", len(reports), sum(report.was_made for report in reports))
    return reports


def rebuild_days(workspace: Workspace, run: Run, days: Sequence[date] | None) -> list[ConformReport]:
    """Make days of the log again from the evidence alone, whatever is there; None: all."""
    wanted = workspace.evidence.days() if days is None else days
    conformer = Conformer(workspace.settings, workspace.registry, workspace.evidence, workspace.log)
    with progress("rebuild", len(wanted), quiet=workspace.quiet) as step:
        reports = conformer.rebuild(wanted, step)
    _count(reports, run)
    return reports


def coverage_of(workspace: Workspace, period: Period) -> pd.DataFrame:
    """What is known of every agency, day and table before `as_of`, from the first day of which there is evidence.

    Columns and order of `audit.coverage.coverage`.
    """
    evidence = workspace.evidence.days()
    start, end = min([period.start, *evidence[:1]]), max(period.end, period.as_of)
    days = [start + DAY * number for number in range((end - start).days)]
    digest = workspace.evidence_digest() + files_digest(workspace.log.root / "rejects", "*.parquet")
    known = workspace.remember("coverage", digest, lambda: _ended(workspace, evidence))
    ended = [day for day in days if evidence and evidence[0] <= day < min(period.as_of, evidence[-1] + DAY)]
    rest = sorted(set(days) - set(ended))
    found = known[known["day"].isin(pd.to_datetime(ended).as_unit("s"))]
    if not rest:
        return found.reset_index(drop=True)
    others = coverage(workspace.registry, workspace.evidence, workspace.log, rest, period.as_of)
    places = {code: place for place, code in enumerate(workspace.registry.codes)}
    joined = pd.concat([found, others]).assign(place=lambda frame: frame["agency"].map(places))
    return joined.sort_values(["place", "day"], kind="stable", ignore_index=True).drop(columns="place")


def _ended(workspace: Workspace, evidence: Sequence[date]) -> pd.DataFrame:
    """The coverage of all days from the first to the last of which there is evidence, all of them over."""
    if not evidence:
        return coverage(workspace.registry, workspace.evidence, workspace.log, [], date.min)
    days = [evidence[0] + DAY * number for number in range((evidence[-1] - evidence[0]).days + 1)]
    return coverage(workspace.registry, workspace.evidence, workspace.log, days, evidence[-1] + DAY)


def within(known: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The coverage of the period's own days, ended or not."""
    inside = (known["day"] >= pd.Timestamp(period.start)) & (known["day"] < pd.Timestamp(period.end))
    return known[inside].reset_index(drop=True)


def has_gaps(known: pd.DataFrame) -> bool:
    """Whether a table that is due is not complete; where nothing at all is complete, nothing is known."""
    return bool(known["state"].isin(("partial", "missing")).any() or not (known["state"] == "complete").any())


def gaps_of(known: pd.DataFrame) -> dict[str, list[str]]:
    """The days that are not complete, by agency, as text for the ledger."""
    lacking = known[known["state"].isin(("partial", "missing"))]
    days = lacking["day"].dt.strftime("%Y-%m-%d")
    return {str(code): sorted(set(part)) for code, part in days.groupby(lacking["agency"], sort=True)}


def open_days(workspace: Workspace, last_day: date) -> list[date]:
    """`last_day` and the days before it for which rows may still come, newest first: `open_days` of the settings, more
    where holidays stretch the working days of `again_after`.
    """
    policy = workspace.settings.audit.pull
    number, most = policy.open_days, max(policy.again_after, default=0)
    while number < OPEN_MOST and _working_days(workspace, last_day - DAY * number, last_day) <= most:
        number += 1
    return [last_day - timedelta(days=back) for back in range(number)]


def days_asked_again(workspace: Workspace, last_day: date) -> list[date]:
    """The days before `last_day` that are asked for again with it though they are complete, at falling frequency.

    Each comes up once for every entry of `again_after`: nothing does with a `last_day` that is not worked.
    """
    wanted = set(workspace.settings.audit.pull.again_after)
    if not _working_days(workspace, last_day - DAY, last_day):
        return []
    return [day for day in open_days(workspace, last_day) if _working_days(workspace, day, last_day) in wanted]


def _working_days(workspace: Workspace, after: date, last: date) -> int:
    """The working days after `after` up to `last`, itself included."""
    days = np.arange(day_number(after) + 1, day_number(last) + 1, dtype=np.int32)
    return int(workspace.calendar.is_working_day(days).sum())


def import_probes(workspace: Workspace, path: Path) -> Imported:
    """Take over probes from a file of JSON lines; what could not be read is told with its line.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as lines:
        imported = read_probes(lines, workspace.registry)
    workspace.probes.add(imported.probes)
    return imported


def _count(made: Sequence[ConformReport], run: Run) -> None:
    run.counts |= {
        "conformed_days": len(made),
        "conformed_rows": sum(report.rows for report in made),
        "rejects": sum(report.rejects for report in made),
    }
