"""The running day, as far as the agencies serve it: pulled beside the evidence, judged, and forgotten the day after.

Nothing here counts: a day is reported from what is pulled when it is over. So pages and rows of the running day lie in
a folder of their own, `provisional/`, and no other command looks into it. The days before it are the log's own.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import pandas as pd

from audit.coverage import coverage
from audit.engine import JudgeInputs, judge
from audit.evidence import Evidence
from audit.log import Log
from audit.period import DAY, Period, day_end, local_day
from audit.pipeline.gathering import coverage_of
from audit.pipeline.workspace import Run, Workspace
from audit.pull import PullOptions, PullReport, pull
from audit.rebuild import Conformer
from audit.sources import source_class
from audit.tables import SCHEMAS

logger = logging.getLogger(__name__)

FOLDER: Final = "provisional"
DAYS_BEFORE: Final = 7
"""Days before the running one that are looked at: what is sent today may have been issued then."""
DUE_RULES: Final = (
    *("overdue_send", "unanswered_receipt", "late_forwarding", "backlog", "urgent_backlog", "unanswered_recall"),
)
"""Rules with a deadline by which something must happen that still can."""


@dataclass(frozen=True, slots=True)
class RunningDay:
    """What a look at the running day found.

    Attributes:
        day: the local day.
        looked_at: the instant up to which the logs tell.
        findings: as `audit.findings` makes them, only those that hold already now: a deadline still ahead is no breach.
        unanswered: agencies whose system could have told of the running day and did not.
    """

    day: date
    looked_at: datetime
    findings: pd.DataFrame
    unanswered: tuple[str, ...]


def look(workspace: Workspace, run: Run, now: datetime) -> RunningDay:
    """Ask every agency that serves its running day, and judge what it tells.

    Raises:
        DataError: what was pulled cannot be kept.
    """
    day, root = local_day(now), workspace.data / FOLDER
    evidence, log = Evidence(root / "evidence"), Log(root / "log")
    _forget(root)
    report = pull(
        workspace.settings, workspace.registry, evidence, [day], _serving(workspace),
        PullOptions(run_id=run.run_id, now=lambda: now),
    )  # fmt: skip
    Conformer(workspace.settings, workspace.registry, evidence, log, provisional=True).conform_day(day)
    _borrow_days(workspace.log, log, day)
    run.counts["pulled_rows"] = sum(entry.rows for entry in report.entries)
    told = _seen_until(evidence, day, now)
    findings = judge(_inputs(workspace, log, _coverage(workspace, evidence, day, report)), day, day + DAY, day + DAY)
    held = _holding(findings.findings, told, now)
    failed = sorted({entry.agency for entry in report.entries if entry.failed_at is not None})
    return RunningDay(day, min(told.values(), default=now), held, tuple(failed))


def due_on(workspace: Workspace, day: date) -> pd.DataFrame:
    """What must be done on a local day whose log there is none of yet: the findings of its evening if nothing happened.

    The days before it are known; only rules with a deadline of that day are told (`DUE_RULES`).
    """
    before = coverage_of(workspace, Period(day - DAY, day, day))
    of_day = before[before["day"] == pd.Timestamp(day - DAY)].assign(day=pd.Timestamp(day).as_unit("s"))
    known = of_day["state"] != "not_due"
    of_day = of_day.assign(state=of_day["state"].where(~known, "complete"), rows=0, rejects=0, pages=0)
    inputs = _inputs(workspace, workspace.log, pd.concat([before, of_day], ignore_index=True))
    findings = judge(inputs, day, day + DAY, day + DAY).findings
    start, end = (pd.Timestamp(day_end(each)) for each in (day, day + DAY))
    in_day = (findings["deadline_at"] > start) & (findings["deadline_at"] <= end)
    is_open = findings["rule"].isin(DUE_RULES) & findings["observed_at"].isna()
    return findings[in_day & is_open].reset_index(drop=True)


def _serving(workspace: Workspace) -> list[str]:
    return [
        agency.code
        for agency in workspace.registry.agencies
        if agency.source is not None and source_class(agency.source.kind).capabilities.running_day
    ]


def _forget(root: Path) -> None:
    """Remove what an earlier look left: it was of use for that look alone."""
    for path in [*root.glob("*/*"), *root.glob("*/*/*")]:
        if path.is_symlink() or path.is_file():
            path.unlink()


def _borrow_days(source: Log, target: Log, day: date) -> None:
    """Let the provisional log show the days before as the log has them; links, since nothing here writes to them."""
    wanted = {day - DAY * number for number in range(1, DAYS_BEFORE + 1)}
    for table in SCHEMAS:
        for each in wanted:
            if source.path(table, each).exists():
                link = target.path(table, each)
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(source.path(table, each).resolve())


def _coverage(workspace: Workspace, evidence: Evidence, day: date, report: PullReport) -> pd.DataFrame:
    """What is known: of the days before as ever, of the running day what was just told in full."""
    before = coverage_of(workspace, Period(day - DAY * DAYS_BEFORE, day, day))
    before = before[before["day"] >= pd.Timestamp(day - DAY * DAYS_BEFORE)]
    of_day = coverage(workspace.registry, evidence, workspace.log, [day], day + DAY)
    told = {(entry.agency, entry.table) for entry in report.entries if entry.outcome == "provisional"}
    told -= {(entry.agency, entry.table) for entry in report.entries if entry.failed_at is not None}
    whole = pd.Series(
        [(agency, table) in told for agency, table in zip(of_day["agency"], of_day["table"], strict=True)],
        index=of_day.index,
    )
    of_day = of_day.assign(state=of_day["state"].mask(whole & (of_day["state"] != "not_due"), "complete"))
    return pd.concat([before, of_day], ignore_index=True)


def _inputs(workspace: Workspace, log: Log, known: pd.DataFrame) -> JudgeInputs:
    probes = workspace.probes.read(date.min)  # availability is not what an alert is about
    return JudgeInputs(workspace.settings, workspace.registry, workspace.calendar, log, known, probes)


def _seen_until(evidence: Evidence, day: date, now: datetime) -> dict[str, datetime]:
    """By agency the instant up to which its log tells: when its oldest page was made, never later than now."""
    found: dict[str, datetime] = {}
    known = evidence.existing(day)
    for counted in known.provisional() if known is not None else []:
        for page in known.pages(counted.series) if known is not None else []:
            made_at = (page.generated_at or page.fetched_at).astimezone(UTC)
            found[counted.agency] = min(found.get(counted.agency, now), made_at, now)
    return found


def _holding(findings: pd.DataFrame, told: dict[str, datetime], now: datetime) -> pd.DataFrame:
    """Findings whose deadline has passed in the logs of both sides; those without a deadline hold at once."""
    sides = zip(findings["sender"], findings["recipient"], strict=True)
    until = [min(told.get(str(sender), now), told.get(str(recipient), now)) for sender, recipient in sides]
    seen = pd.Series(pd.to_datetime(until, utc=True), index=findings.index, dtype="datetime64[us, UTC]")
    holds = findings["deadline_at"].isna() | (findings["deadline_at"] <= seen)
    return findings[holds].reset_index(drop=True)
