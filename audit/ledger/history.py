"""The history of findings as it is told at an `as_of`: first and last seen, new, open, reopened, waived, resolved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import pandas as pd
import sqlalchemy as sa

from audit.ledger.database import chunks, frame_of
from audit.ledger.schema import findings, sightings
from audit.ledger.sightings import flags
from audit.ledger.waivers import apply_waivers
from audit.period import LOCAL_ZONE, Period, day_end, local_day
from audit.settings import Waiver

INSTANTS: Final = ("anchored_at", "deadline_at", "observed_at")


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
    gone_before = past[flags(past["gone_as_of"], lambda day: day < period.as_of)]
    reopened = found["finding_id"].isin(gone_before["finding_id"])
    state = pd.Series("open", index=found.index, dtype=object)
    state[flags(first, lambda day: day > period.start).to_numpy()] = "new"
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
    frame = frame[flags(frame["gone_as_of"], lambda day: period.start < day <= period.as_of)].reset_index(drop=True)
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


def open_findings(connection: sa.Connection, before: date, as_of: date) -> pd.DataFrame:
    """The findings anchored before a day that are still open at `as_of`: finding_id, rule, sender, number, notation,
    issued_date, recipient.
    """
    alive = sa.or_(sightings.c.gone_as_of.is_(None), sightings.c.gone_as_of > as_of)
    names = ("finding_id", "rule", "sender", "number", "notation", "issued_date", "recipient")
    select = sa.select(*(findings.c[name] for name in names)).join(
        sightings, findings.c.finding_id == sightings.c.finding_id
    )
    return frame_of(connection, select.where(alive, sightings.c.anchored_at <= day_end(before)).distinct())


def documents_of(connection: sa.Connection, rule: str) -> pd.DataFrame:
    """The documents that a rule ever had findings of, resolved and waived ones too: rule, sender, number, notation,
    issued_date.
    """
    names = ("rule", "sender", "number", "notation", "issued_date")
    return frame_of(
        connection, sa.select(*(findings.c[name] for name in names)).where(findings.c.rule == rule).distinct()
    )


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
