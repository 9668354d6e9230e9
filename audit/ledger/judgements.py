"""What was judged: kept with its measures, indicators and the sightings of its findings.

A judgement is of a period at an `as_of`. Judged again with the same result it stays what it is; with another result
(late data, another setting) it becomes a new revision that says what changed. Only judgements with `as_of` up to the
asked one are looked at, so that an old report can be made again to the byte.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import pandas as pd
import sqlalchemy as sa

from audit.ledger import sightings as stretches
from audit.ledger.database import chunks, frame_of, records
from audit.ledger.schema import findings, indicators, judgements, measures, waivers_applied
from audit.ledger.waivers import in_force, matches, waiver_id
from audit.period import Period
from audit.settings import Waiver

HISTORY: Final = ("state", "first_seen_at", "last_seen_at")
MEASURE_COLUMNS: Final = ("rule", "code", "agency", "tested", "breaches", "findings", "not_decided", "outcome")
INDICATOR_COLUMNS: Final = ("agency", "indicator", "value", "numerator", "denominator")


class Judged(Protocol):
    """The frames of a judgement (`audit.engine.Judgement`)."""

    @property
    def findings(self) -> pd.DataFrame:
        """As in docs/architecture.md, without the history columns."""

    @property
    def outcomes(self) -> pd.DataFrame:
        """Every rule × every agency in scope."""

    @property
    def indicators(self) -> pd.DataFrame:
        """agency, indicator, value, numerator, denominator."""

    @property
    def suspected(self) -> Collection[str]:
        """Ids that are no findings only for want of data."""


@dataclass(frozen=True, slots=True)
class Revision:
    """Which edition of a judgement this is.

    Attributes:
        number: 1 for the first judgement of this period and `as_of`.
        added: findings that the revision before did not have; empty for the first.
        removed: findings that the revision before had; empty for the first.
        outcomes: number of outcomes (rule × agency) that differ; 0 for the first.
    """

    number: int
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    outcomes: int = 0

    @property
    def changes(self) -> dict[str, Any]:
        """As kept in the ledger."""
        return {"added": list(self.added), "removed": list(self.removed), "outcomes": self.outcomes}


def record(
    connection: sa.Connection,
    judged: Judged,
    run_id: str,
    period: Period,
    waivers: Sequence[Waiver],
    *,
    is_whole: bool = True,
) -> Revision:
    """Keep a judgement; the same result twice is kept once. One that is not whole leaves no measures and indicators.

    Returns:
        its revision, the one of before if nothing changed.
    """
    digest = digest_of(judged) if is_whole else hashlib.sha256(f"open {digest_of(judged)}".encode()).hexdigest()
    latest = _latest(connection, period)
    if latest is not None and latest["digest"] == digest:
        return _revision(latest)
    told = stretches.Told(judged.findings, judged.outcomes, frozenset(judged.suspected))
    changes = stretches.changes_by(connection, told, period)
    _insert_findings(connection, judged.findings)
    stretches.apply(connection, changes)
    _keep_waivers(connection, judged.findings, waivers, period)
    revision = Revision(1)
    if latest is not None:
        differing = _differing_outcomes(connection, latest["judgement_id"], judged.outcomes) if is_whole else 0
        revision = Revision(
            latest["revision"] + 1, tuple(sorted(changes.added)), tuple(sorted(changes.removed)), differing
        )
    row = {
        "period_start": period.start,
        "period_end": period.end,
        "as_of": period.as_of,
        "run_id": run_id,
        "digest": digest,
    }
    row |= {"revision": revision.number, "changes": revision.changes, "judged_at": datetime.now(UTC)}
    inserted = sa.insert(judgements).values(row).returning(judgements.c.judgement_id)
    judgement_id = connection.execute(inserted).scalar_one()
    if not is_whole:
        return revision
    _insert(connection, measures, judged.outcomes[list(MEASURE_COLUMNS)].assign(judgement_id=judgement_id))
    _insert(connection, indicators, judged.indicators[list(INDICATOR_COLUMNS)].assign(judgement_id=judgement_id))
    return revision


def digest_of(judged: Judged) -> str:
    """SHA-256 over what a report shows of a judgement; independent of the order of its rows."""
    columns = [name for name in judged.findings.columns if name not in HISTORY]
    lines = sorted(_line(row) for row in judged.findings[columns].to_dict("records"))
    lines += sorted(_line(row) for row in judged.outcomes[list(MEASURE_COLUMNS)].to_dict("records"))
    lines += sorted(_line(row) for row in judged.indicators[list(INDICATOR_COLUMNS)].to_dict("records"))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def revision_of(connection: sa.Connection, period: Period) -> Revision | None:
    """The newest revision of a period at an `as_of`; None if it was never judged."""
    latest = _latest(connection, period)
    return None if latest is None else _revision(latest)


def measures_of(connection: sa.Connection, period: Period) -> pd.DataFrame | None:
    """The kept outcomes of the newest revision of a period; None if it was never judged."""
    latest = _latest(connection, period)
    if latest is None:
        return None
    columns = [measures.c[name] for name in MEASURE_COLUMNS]
    statement = (
        sa.select(*columns)
        .where(measures.c.judgement_id == latest["judgement_id"])
        .order_by(measures.c.code, measures.c.agency)
    )
    return frame_of(connection, statement).astype(dict.fromkeys(MEASURE_COLUMNS[3:7], "int64"))


def indicators_of(connection: sa.Connection, period: Period) -> pd.DataFrame | None:
    """The kept indicators of the newest revision of a period; None if it was never judged."""
    latest = _latest(connection, period)
    if latest is None:
        return None
    columns = [indicators.c[name] for name in INDICATOR_COLUMNS]
    statement = sa.select(*columns).where(indicators.c.judgement_id == latest["judgement_id"])
    frame = frame_of(connection, statement.order_by(indicators.c.agency, indicators.c.indicator))
    return frame.astype(dict.fromkeys(INDICATOR_COLUMNS[2:], "float64"))


def keep_indicators(connection: sa.Connection, frame: pd.DataFrame, period: Period) -> None:
    """Add indicators to the newest revision of a period, in the place of those of the same names.

    Raises:
        LookupError: the period was never judged.
    """
    latest = _latest(connection, period)
    if latest is None:
        raise LookupError(f"{period} was never judged")
    names = list(frame["indicator"].unique())
    same = (indicators.c.judgement_id == latest["judgement_id"], indicators.c.indicator.in_(names))
    connection.execute(sa.delete(indicators).where(*same))
    _insert(connection, indicators, frame[list(INDICATOR_COLUMNS)].assign(judgement_id=latest["judgement_id"]))


def _latest(connection: sa.Connection, period: Period) -> dict[str, Any] | None:
    of_period = (
        judgements.c.period_start == period.start,
        judgements.c.period_end == period.end,
        judgements.c.as_of == period.as_of,
    )
    row = connection.execute(
        sa.select(judgements).where(*of_period).order_by(judgements.c.revision.desc()).limit(1)
    ).first()
    return None if row is None else dict(row._mapping)  # noqa: SLF001  # public, its name notwithstanding


def _revision(row: dict[str, Any]) -> Revision:
    changes = row["changes"]
    return Revision(row["revision"], tuple(changes["added"]), tuple(changes["removed"]), changes["outcomes"])


def _insert_findings(connection: sa.Connection, found: pd.DataFrame) -> None:
    known: set[str] = set()
    for part in chunks(found["finding_id"]):
        known |= set(
            connection.execute(sa.select(findings.c.finding_id).where(findings.c.finding_id.in_(part))).scalars()
        )
    columns = [column.name for column in findings.columns]
    fresh = found[~found["finding_id"].isin(known)].drop_duplicates("finding_id")
    _insert(connection, findings, fresh[columns])


def _keep_waivers(connection: sa.Connection, found: pd.DataFrame, waivers: Sequence[Waiver], period: Period) -> None:
    kept = {tuple(row) for row in connection.execute(sa.select(waivers_applied.c.finding_id, waivers_applied.c.waiver))}
    rows = [
        {"finding_id": finding_id, "waiver": waiver_id(waiver), "first_as_of": period.as_of}
        | {
            "reason": waiver.reason,
            "approver": waiver.approver,
            "valid_from": waiver.valid_from,
            "valid_to": waiver.valid_to,
        }
        for waiver in waivers
        if in_force(waiver, period.as_of)
        for finding_id in dict.fromkeys(found.loc[matches(waiver, found), "finding_id"])
        if (finding_id, waiver_id(waiver)) not in kept
    ]
    if rows:
        connection.execute(sa.insert(waivers_applied), rows)


def _differing_outcomes(connection: sa.Connection, judgement_id: int, outcomes: pd.DataFrame) -> int:
    columns = [measures.c[name] for name in MEASURE_COLUMNS]
    before = {
        tuple(row) for row in connection.execute(sa.select(*columns).where(measures.c.judgement_id == judgement_id))
    }
    now = {tuple(row.values()) for row in records(outcomes[list(MEASURE_COLUMNS)])}
    return len({(rule, agency) for rule, _, agency, *_ in before ^ now})


def _insert(connection: sa.Connection, table: sa.Table, frame: pd.DataFrame) -> None:
    if len(frame):
        connection.execute(sa.insert(table), records(frame))


def _line(row: dict[Any, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, sort_keys=True, default=str)
