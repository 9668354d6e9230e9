"""What the nights carry on of the log: for whom, from which day, and what open findings still need of it."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from audit.carried_log import CarriedLogs, Judging
from audit.catalogue import RULE_ID_OF
from audit.closing import Wanted, pair_key_of
from audit.engine import Judgement
from audit.ledger import history
from audit.log import Log
from audit.measures.outcomes import recounted
from audit.normalise import references
from audit.pipeline.judged import key_of
from audit.pipeline.workspace import Workspace
from audit.working_time import day_number

logger = logging.getLogger(__name__)

_OF_PAPERS: Final = frozenset(rule for code, rule in RULE_ID_OF.items() if code[0] in "TQKDM" or code in {"L2", "L3"})
"""Rules about a document itself, anchored by its first send: of its traffic that alone matters."""
_OF_ALL_PAIRS: Final = frozenset(RULE_ID_OF[code] for code in ("G3", "G4", "G5"))
_GAPS: Final = RULE_ID_OF["T4"]


def carried_logs(workspace: Workspace) -> CarriedLogs:
    """What is carried on of the deployment's log."""
    settings = workspace.settings
    basis = key_of(settings.digest, settings.conform_digest)
    judging = Judging(workspace.registry, workspace.calendar, settings.policy.limits, basis)
    return CarriedLogs(workspace.carried_folder, workspace.log, judging)


def carry_on(workspace: Workspace, start: date, as_of: date) -> None:
    """Carry the log on for periods from `start` on, and for findings that are still open from before."""
    carried_logs(workspace).carry_on(start, wanted_by_findings(workspace, start, as_of))


def log_for(workspace: Workspace, start: date) -> Log:
    """The log as a period needs it that begins on `start`."""
    return carried_logs(workspace).to(start)


def log_for_open(workspace: Workspace, start: date, as_of: date) -> Log:
    """The log as findings need it that are still open from before `start`."""
    return carried_logs(workspace).to(start, wanted_by_findings(workspace, start, as_of))


def told_by_whole_documents(workspace: Workspace, judgement: Judgement, before: date, as_of: date) -> Judgement:
    """A judgement of older days, without findings that only seem so because a document was not carried as a whole.

    Whether a document was sent to everybody in time only all its pairs can tell, and those are carried for findings
    that are open. The outcomes count the findings that stay.
    """
    findings = judgement.findings
    with workspace.ledger.begin() as connection:
        known = history.open_findings(connection, before, as_of)["finding_id"]
    doubtful = findings["rule"].isin(_OF_ALL_PAIRS) & ~findings["finding_id"].isin(known)
    told = findings[~doubtful].reset_index(drop=True)
    return replace(judgement, findings=told, outcomes=recounted(judgement.outcomes, told))


def wanted_by_findings(workspace: Workspace, before: date, as_of: date) -> Wanted:
    """What the findings need that are anchored before a day and open at `as_of`."""
    with workspace.ledger.begin() as connection:
        found = history.open_findings(connection, before, as_of)
    gaps = found[found["rule"] == _GAPS]
    years = [int(text[:4]) for text in gaps["issued_date"] if isinstance(text, str) and text[:4].isdecimal()]
    found = found[found["number"].notna() & found["sender"].notna() & (found["rule"] != _GAPS)]
    reference = _references(found)
    has_pair = found["recipient"].notna().to_numpy(dtype=bool)
    of_papers = found["rule"].isin(_OF_PAPERS).to_numpy(dtype=bool)
    pairs = found[has_pair]
    return Wanted(
        references=np.unique(reference[~has_pair & ~of_papers]),
        pairs=np.unique(pair_key_of(reference[has_pair], pairs["sender"].to_numpy(), pairs["recipient"].to_numpy())),
        first_rows_of=np.unique(reference[has_pair | of_papers]),
        register_from=day_number(date(min(years), 1, 1)) if years else None,
    )


def _references(found: pd.DataFrame) -> np.ndarray:
    """The documents of findings; what has no notation or date is known by its uid."""
    keys: list[tuple[int | None, str | None, str | None, str | None]] = []
    for number, notation, issued in zip(found["number"], found["notation"], found["issued_date"], strict=True):
        if notation is None or issued is None:
            keys.append((None, None, None, number))
        else:
            # the second document of a key has its uid behind the number
            keys.append((day_number(date.fromisoformat(issued)), number.partition("#")[0], notation, None))
    return references(*(list(column) for column in zip(*keys, strict=True))) if keys else np.empty(0, dtype=np.int64)
