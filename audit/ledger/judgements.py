"""What was judged, and the history that grows out of it.

A judgement is of a period at an `as_of`. Judged again with the same result it stays what it is; with another result
(late data, another setting) it becomes a new revision that says what changed. Only judgements with `as_of` up to the
asked one are looked at, so that an old report can be made again to the byte.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, Protocol

import pandas as pd
import sqlalchemy as sa

from audit.ledger import sightings as stretches
from audit.ledger.database import chunks, frame_of, records
from audit.ledger.schema import findings, indicators, judgements, measures, sightings, waivers_applied
from audit.ledger.waivers import apply_waivers, in_force, matches, waiver_id
from audit.period import LOCAL_ZONE, Period, day_end, local_day
from audit.settings import Waiver

INSTANTS: Final = ("anchored_at", "deadline_at", "observed_at")
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
    connection: sa.Connection, judged: Judged, run_id: str, period: Period, waivers: Sequence[Waiver]
) -> Revision:
    """Keep a judgement; the same result twice is kept once.

    Returns:
        its revision, the one of before if nothing changed.
    """
    digest = digest_of(judged)
    latest = _latest(connection, period)
    if latest is not None and latest["digest"] == digest:
        return _revision(latest)
    changes = stretches.changes_by(connection, judged.findings, judged.outcomes, period)
    _insert_findings(connection, judged.findings)
    stretches.apply(connection, changes)
    _keep_waivers(connection, judged.findings, waivers, period)
    revision = Revision(1)
    if latest is not None:
        differing = _differing_outcomes(connection, latest["judgement_id"], judged.outcomes)
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


def with_history(
    connection: sa.Connection, found: pd.DataFrame, period: Period, waivers: Sequence[Waiver]
) -> pd.DataFrame:
    """The findings of a judgement with `state`, `first_seen_at` and `last_seen_at`.

    State: `waived`, else `reopened` (was resolved before, or its waiver ran out), else `new` (first seen in the
        period), else `open`. A finding that no earlier judgement saw is first seen now. `detail` tells of a waiver, in
        force or expired.
    """
    columns = (sightings.c.finding_id, sightings.c.first_as_of, sightings.c.gone_as_of)
    select = sa.select(*columns).where(sightings.c.first_as_of <= period.as_of)
    frames = [
        frame_of(connection, select.where(sightings.c.finding_id.in_(part))) for part in chunks(found["finding_id"])
    ]
    past = pd.concat(frames) if frames else frame_of(connection, select.where(sa.false()))
    first = past.groupby("finding_id")["first_as_of"].min().reindex(found["finding_id"]).fillna(period.as_of)
    gone_before = past[stretches.flags(past["gone_as_of"], lambda day: day < period.as_of)]
    reopened = found["finding_id"].isin(gone_before["finding_id"])
    state = pd.Series("open", index=found.index, dtype=object)
    state[stretches.flags(first, lambda day: day > period.start).to_numpy()] = "new"
    state[reopened] = "reopened"
    seen_at = {day: pd.Timestamp(day_end(day)) for day in {*first, period.as_of}}
    found = found.assign(
        state=state,
        first_seen_at=pd.Series([seen_at[day] for day in first], index=found.index, dtype="datetime64[us, UTC]"),
        last_seen_at=pd.Series(seen_at[period.as_of], index=found.index, dtype="datetime64[us, UTC]"),
    )
    return apply_waivers(found, waivers, period.as_of)


def resolved(connection: sa.Connection, period: Period) -> pd.DataFrame:
    """Findings resolved in the period as it looks at `as_of`, by finding_id.

    Returns:
        the columns of findings as they were when first seen, `state` = `resolved`, `first_seen_at`, `last_seen_at`,
        `resolved_at` (the instant of the judgement that no longer saw it) and `how`.
    """
    frame = _latest_stretches(connection, period.as_of)
    frame = frame[stretches.flags(frame["gone_as_of"], lambda day: period.start < day <= period.as_of)].reset_index(
        drop=True
    )
    for column, day in (("first_seen_at", "first_ever"), ("last_seen_at", "last_as_of"), ("resolved_at", "gone_as_of")):
        instants = [pd.Timestamp(day_end(value)) for value in frame[day]]
        frame[column] = pd.Series(instants, index=frame.index, dtype="datetime64[us, UTC]")
    content = _content(connection, list(frame["finding_id"]))
    history = frame[["finding_id", "first_seen_at", "last_seen_at", "resolved_at", "how"]].assign(state="resolved")
    return content.merge(history, on="finding_id", how="left").sort_values("finding_id", ignore_index=True)


def open_days(connection: sa.Connection, before: date, as_of: date) -> list[date]:
    """The local days before `before` that hold the anchor of a finding still open at `as_of`: they are judged again
    every night.
    """
    select = sa.select(sightings.c.anchored_at, sightings.c.anchor_kind).distinct()
    alive = sa.or_(sightings.c.gone_as_of.is_(None), sightings.c.gone_as_of > as_of)
    where = (
        alive,
        sightings.c.first_as_of <= as_of,
        sightings.c.anchor_kind != "standing",
        sightings.c.anchored_at <= day_end(before),
    )
    days = set()
    for anchored_at, kind in connection.execute(select.where(*where)):
        midnight_ends = kind == "deadline" and anchored_at.astimezone(LOCAL_ZONE).time() == datetime.min.time()
        days.add(local_day(anchored_at - (pd.Timedelta(1, "us") if midnight_ends else pd.Timedelta(0))))
    return sorted(day for day in days if day < before)


def counts(connection: sa.Connection, period: Period) -> dict[str, dict[str, int]]:
    """Per agency: findings first seen in the period (`new`), resolved in it, and still open at `as_of` whatever their
    age.
    """
    frame = _latest_stretches(connection, period.as_of)
    told = pd.DataFrame({
        "agency": frame["agency"],
        "new": stretches.flags(frame["first_ever"], lambda day: day > period.start),
        "resolved": stretches.flags(frame["gone_as_of"], lambda day: period.start < day <= period.as_of),
        "open": ~stretches.flags(frame["gone_as_of"], lambda day: day <= period.as_of),
    })  # fmt: skip
    summed = told.groupby("agency")[["new", "resolved", "open"]].sum()
    return {
        str(agency): {str(key): int(value) for key, value in row.items()}
        for agency, row in summed.to_dict("index").items()
    }


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


def _latest_stretches(connection: sa.Connection, as_of: date) -> pd.DataFrame:
    """The latest stretch of every finding known at `as_of`, with `agency` and `first_ever`."""
    columns = (
        sightings.c.finding_id,
        sightings.c.first_as_of,
        sightings.c.last_as_of,
        sightings.c.gone_as_of,
        sightings.c.how,
    )
    select = sa.select(*columns, findings.c.agency).join(findings, findings.c.finding_id == sightings.c.finding_id)
    frame = frame_of(
        connection,
        select.where(sightings.c.first_as_of <= as_of).order_by(sightings.c.finding_id, sightings.c.first_as_of),
    )
    first_ever = frame.groupby("finding_id")["first_as_of"].transform("min")
    return frame.assign(first_ever=first_ever).drop_duplicates("finding_id", keep="last").reset_index(drop=True)


def _content(connection: sa.Connection, ids: list[str]) -> pd.DataFrame:
    frames = [
        frame_of(connection, sa.select(findings).where(findings.c.finding_id.in_(part)), INSTANTS)
        for part in chunks(ids)
    ]
    return pd.concat(frames) if frames else frame_of(connection, sa.select(findings).where(sa.false()), INSTANTS)


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
