"""What cron calls: the night's work and the week's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from audit.ledger import ReportRecord, judgements
from audit.period import DAY, Period
from audit.pipeline.duties import days_late
from audit.pipeline.gathering import (
    conform_days,
    coverage_of,
    days_asked_again,
    gaps_of,
    has_gaps,
    open_days,
    pull_days,
    within,
)
from audit.pipeline.judging import Told, older_period, record, record_open, rejudge
from audit.pipeline.report_inputs import (
    HISTORY_PERIODS,
    findings_told,
    history_counts,
    periods_before,
)
from audit.pipeline.reporting import make_reports
from audit.pipeline.verifying import verify_days
from audit.pipeline.workspace import Run, Workspace
from audit.pull import PullOptions


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job did.

    Attributes:
        told: the judgement that it ends with.
        coverage: of the days that it is about.
        reports: what it wrote.
    """

    told: Told
    coverage: pd.DataFrame
    reports: tuple[ReportRecord, ...] = ()

    @property
    def last_day(self) -> date:
        """The last day that it is about."""
        last: date = self.coverage["day"].max().date()
        return last

    @property
    def has_gaps(self) -> bool:
        """Whether something that should be known is not."""
        return has_gaps(self.coverage)


def daily(workspace: Workspace, run: Run, day: date) -> Outcome:
    """Pull a day and those before it that are still open, ask again for some that were complete, verify their files,
    judge the last days again, keep all.
    """
    days = open_days(workspace, day)
    pull_days(workspace, run, days, how=PullOptions(again=frozenset(days_asked_again(workspace, day))))
    conform_days(workspace, run)
    verify_days(workspace, run, days)
    told = rejudge(workspace, run, day + DAY)
    asked = Period(days[-1], day + DAY, day + DAY)
    known = within(coverage_of(workspace, asked), asked)
    run.counts["gaps"] = gaps_of(known)
    workspace.ledger.record_coverage(known, run.run_id)
    return Outcome(told, known)


def report(workspace: Workspace, run: Run, period: Period, today: date | None = None) -> Outcome:
    """Judge a period and those before it that its report shows, keep them, and write the reports.

    Args:
        workspace: where.
        run: in whose name.
        period: what is reported.
        today: the running day, from which lateness is reckoned; None: nothing is said of it.

    Raises:
        ValueError: no edition reports such a period.
        RenderError: a report could not be laid out.
    """
    conform_days(workspace, run)
    judge_past(workspace, run, period)
    told = judge_period(workspace, run, period)
    late = 0 if today is None else days_late(workspace, period, today)
    made = make_reports(workspace, run, told, period, late)
    known = within(coverage_of(workspace, period), period)
    run.counts |= {"days_late": late, "gaps": gaps_of(known)}
    return Outcome(told, known, tuple(made))


def judge_period(workspace: Workspace, run: Run, period: Period) -> Told:
    """Judge and keep a period, and what is still open from before it; keep the counts that only the history can
    tell.
    """
    older = older_period(workspace, period)
    if older is not None:
        record_open(workspace, run, older)
    told = record(workspace, run, period)
    codes = list(told.judgement.outcomes["agency"].unique())
    counts = history_counts(findings_told(workspace, told, period), codes)
    with workspace.ledger.begin() as connection:
        judgements.keep_indicators(connection, counts, period)
    return told


def judge_past(workspace: Workspace, run: Run, period: Period) -> None:
    """Judge the periods before that the trends show and nobody has judged yet, oldest first, where there is evidence.

    Only for the last of them it is judged again what was still open from before: of the others nobody looked at the
    time, so how many findings were open then is not known, and the trends say so.
    """
    days = workspace.evidence.days()
    *earlier, last = periods_before(period, HISTORY_PERIODS - 1)
    for past in (*earlier, last):
        with workspace.ledger.begin() as connection:
            known = judgements.revision_of(connection, past)
        if known is None and any(past.start <= day < past.end for day in days):
            if past == last:
                judge_period(workspace, run, past)
            else:
                record(workspace, run, past)
