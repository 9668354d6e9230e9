"""The middle of the line: evidence and settings → findings, outcomes, indicators; kept in the ledger with their
history.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd

from audit.engine import JudgeInputs, Judgement, judge
from audit.ledger import Revision, history
from audit.log import Log
from audit.period import Period
from audit.pipeline.carrying import carry_on, log_for, log_for_open, told_by_whole_documents
from audit.pipeline.gathering import conform_days, coverage_of, within
from audit.pipeline.judged import JudgedStore, key_of
from audit.pipeline.workspace import Run, Workspace, files_digest
from audit.verified_files import FILE, VerifiedFiles

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """A judgement as it is told.

    Attributes:
        judgement: as judged; pure.
        findings: the same findings with `state`, `first_seen_at`, `last_seen_at`.
        revision: which edition it is; None where it was not recorded.
    """

    judgement: Judgement
    findings: pd.DataFrame
    revision: Revision | None = None


def judged_open(workspace: Workspace, older: Period) -> Judgement:
    """The judgement of `older_period` as far as findings tell that are still open, or about what is still open.

    Its findings are those of the whole period that the ledger knows as open, and new ones about what is open or came
    lately; its outcomes and indicators count no more than that.
    """
    return judged(workspace, older, open_from=older.end)


def judged(workspace: Workspace, period: Period, *, open_from: date | None = None) -> Judgement:
    """The judgement of a period; made now, or taken from those made before of the same evidence, settings and code.

    With `open_from` only as much of it as `judged_open` tells.

    Raises:
        LockedError: the log must be brought up to date, and another run is at it.
        DataError: the evidence is damaged.
    """
    store = JudgedStore(workspace.judged_folder)
    days = f"{period.start} {period.end} {period.as_of}{' open' if open_from else ''}"
    evidence = workspace.evidence_digest()
    probes = files_digest(workspace.probes.root, "*.parquet")
    verified = files_digest(workspace.verified_folder, FILE)
    key = key_of(workspace.settings.digest, evidence, probes, verified, days)
    found = store.load(key)
    if found is None:
        logger.info("judging %s as of %s", period.name(), period.as_of)
        with workspace.locked("judge"):
            conform_days(workspace)
        log = log_for_open(workspace, open_from, period.as_of) if open_from else log_for(workspace, period.start)
        judgement = judge(judge_inputs(workspace, period, log), period.start, period.end, period.as_of)
        if open_from and log is not workspace.log:
            judgement = told_by_whole_documents(workspace, judgement, open_from, period.as_of)
        found = store.keep(key, judgement)
    return found


def judge_inputs(workspace: Workspace, period: Period, log: Log | None = None) -> JudgeInputs:
    """What the judge looks at: the whole log, or what is given of it."""
    return JudgeInputs(
        settings=workspace.settings,
        registry=workspace.registry,
        calendar=workspace.calendar,
        log=workspace.log if log is None else log,
        coverage=coverage_of(workspace, period),
        probes=workspace.probes.read(period.as_of),
        verified=VerifiedFiles(workspace.verified_folder),
    )


def told(workspace: Workspace, period: Period) -> Told:
    """The judgement of a period with its findings' history; nothing is recorded."""
    judgement = judged(workspace, period)
    findings = workspace.ledger.with_history(judgement.findings, period)
    return Told(judgement, findings)


def record(workspace: Workspace, run: Run, period: Period) -> Told:
    """Judge a period, and keep judgement, coverage and the history of the findings in the ledger."""
    return _record(workspace, run, period, judged(workspace, period))


def record_open(workspace: Workspace, run: Run, older: Period) -> Told:
    """Keep what became of findings from before that were still open; no outcomes, which would count those alone."""
    return _record(workspace, run, older, judged_open(workspace, older), is_whole=False)


def _record(workspace: Workspace, run: Run, period: Period, judgement: Judgement, *, is_whole: bool = True) -> Told:
    # A rule that is switched off was not judged, so it resolves nothing.
    enabled = judgement.outcomes["rule"].map(lambda rule: workspace.settings.policy.rule(rule).enabled).astype(bool)
    enabled_only = replace(judgement, outcomes=judgement.outcomes[enabled])
    revision = workspace.ledger.record(enabled_only, run.run_id, period, is_whole=is_whole)
    workspace.ledger.record_coverage(within(coverage_of(workspace, period), period), run.run_id)
    findings = workspace.ledger.with_history(judgement.findings, period)
    if revision.number > 1:
        logger.warning("%s as of %s was judged before with another result", period.name(), period.as_of)
        more, less = len(revision.added), len(revision.removed)
        logger.warning(
            "revision %d: %d findings more, %d less, %d outcomes differ", revision.number, more, less, revision.outcomes
        )
    run.counts.setdefault("judged", {})[f"{period.name()} as of {period.as_of}"] = {
        "findings": len(findings),
        "counted": int(judgement.outcomes["findings"].sum()),
        "revision": revision.number,
    }
    return Told(judgement, findings, revision)


def rejudge(workspace: Workspace, run: Run, as_of: date) -> Told:
    """Judge the last days again (`rejudge_days`), and whatever older days have open findings.

    Returns:
        the judgement of the last days.
    """
    start = as_of - timedelta(days=workspace.settings.policy.limits.rejudge_days)
    carry_on(workspace, start, as_of)
    older = older_period(workspace, Period(start, as_of, as_of))
    if older is not None:
        record_open(workspace, run, older)
    return record(workspace, run, Period(start, as_of, as_of))


def older_period(workspace: Workspace, period: Period) -> Period | None:
    """The days before the period from the first that still has an open finding; None where there is none.

    Days of which there is no evidence any more are left out: nothing could be said of them.
    """
    known = workspace.evidence.days()
    with workspace.ledger.begin() as connection:
        days = history.open_days(connection, period.start, period.as_of)
    days = [day for day in days if known and day >= known[0]]
    return Period(days[0], period.start, period.as_of) if days else None
