"""What readers ask for beyond a judgement: findings resolved in the period, and those still open from before it."""

from __future__ import annotations

from typing import Final

import pandas as pd

from audit.ledger import history
from audit.period import Period
from audit.pipeline.judging import judged, judged_open, older_period
from audit.pipeline.workspace import Workspace
from reports import secrecy

OWED: Final = frozenset(
    (
        *("failed_send", "undelivered", "overdue_send", "late_urgent_send", "failed_receipt", "unanswered_receipt"),
        *("late_forwarding", "backlog", "urgent_backlog", "lost_status", "unanswered_recall", "missing_log"),
    )
)
"""Rules about something that is still to be done as long as it has not happened. What came late, or was written
wrongly, stays so; it is reported in its own period and not again in every later one."""


def with_resolved(workspace: Workspace, findings: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The findings, then those resolved in the period (state `resolved`), as they were when first seen."""
    with workspace.ledger.begin() as connection:
        gone = history.resolved(connection, period)
    return _joined(findings, gone[[name for name in findings.columns if name in gone]])


def still_owed(workspace: Workspace, period: Period) -> pd.DataFrame:
    """Findings from before the period about something that still has not happened, judged again at the period's
    `as_of`.
    """
    older = older_period(workspace, period)
    if older is None:
        return workspace.ledger.with_history(judged(workspace, period).findings.iloc[:0], period)
    found = judged_open(workspace, older).findings
    owed = found[found["rule"].isin(OWED) & found["observed_at"].isna()]
    return workspace.ledger.with_history(owed.reset_index(drop=True), period)


def secrets_known(workspace: Workspace) -> frozenset[secrecy.Key]:
    """The secret documents of all findings that were ever told: what a report hides of them it hides for good."""
    with workspace.ledger.begin() as connection:
        return secrecy.secret_documents(history.documents_of(connection, secrecy.RULE))


def _joined(*frames: pd.DataFrame) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True)[list(frames[0].columns)] if filled else frames[0]
