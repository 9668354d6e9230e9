"""When a finding was seen, when it was gone, when it came back: one row a stretch of time.

A judgement *covers* a finding when the finding's anchor lies in its period; a covering judgement either sees the
finding or not. Stretches are kept so that any order of judging gives a true history: a night that was missed and made
up later, a week judged again after late data.

* seen, where it was open: the stretch grows;
* seen, where it was unknown or gone: a new stretch;
* not seen by a judgement that covers it and whose rule could be tested for that agency: gone, from that `as_of` on,
  unless it is among what the judgement could not decide: a missing day mends nothing;
* not seen at a time at which an older judgement saw it: late data took it back. The stretch is cut there.

All decisions are made on frames; only the cuts, which are rare, go row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import pandas as pd
import sqlalchemy as sa

from audit.ledger.database import chunks, frame_of
from audit.ledger.schema import findings as findings_table
from audit.ledger.schema import judgements, sightings
from audit.period import Period, day_end

STANDING_RULES: Final = frozenset({"backlog", "urgent_backlog"})
"""N5, N6 tell how things stand at the end of the period: any later period that could hold the pair covers them."""

NO_LONGER: Final = "no_longer_breach"
"""How a finding was resolved: judged again, and the rule is kept now."""
LATE_DATA: Final = "late_data"
"""How a finding was resolved: data that came later show that it never was one."""

Stretch = dict[Any, Any]
"""A row of the table, or a part of one."""


@dataclass(slots=True)
class Changes:
    """What one judgement changes: rows to insert, and rows to update by `sighting_id`."""

    inserts: list[Stretch] = field(default_factory=list)
    grown: list[Stretch] = field(default_factory=list)
    updates: list[Stretch] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    """Findings that an earlier judgement at the same `as_of` saw and this one does not."""
    added: list[str] = field(default_factory=list)
    """Findings for which a stretch began at this `as_of`."""


def anchor_kind(findings: pd.DataFrame) -> np.ndarray:
    """How each finding's anchor meets a period: `standing`, `deadline` (in `(start, end]`) or `event` (in `[start,
    end)`).
    """
    by_deadline = findings["anchored_at"].notna() & (findings["anchored_at"] == findings["deadline_at"])
    kind = np.where(by_deadline, "deadline", "event")
    return np.where(findings["rule"].isin(STANDING_RULES), "standing", kind)


def flags(days: pd.Series[Any], test: Callable[[date], bool]) -> pd.Series[bool]:
    """Whether each day passes the test; a missing day does not."""
    return pd.Series([day is not None and test(day) for day in days], index=days.index, dtype=bool)


def covers(period: Period, kind: str, anchored_at: datetime) -> bool:
    """Whether a judgement of `period` looks at a finding with this anchor."""
    start, end = day_end(period.start), day_end(period.end)
    match kind:
        case "standing":
            return anchored_at <= end
        case "deadline":
            return start < anchored_at <= end
        case _:
            return start <= anchored_at < end


@dataclass(frozen=True, slots=True)
class Told:
    """What a judgement says of findings.

    Attributes:
        findings: finding_id, rule, agency, anchored_at, deadline_at.
        outcomes: rule, agency, tested, not_decided.
        suspected: ids that are no findings only for want of data.
    """

    findings: pd.DataFrame
    outcomes: pd.DataFrame
    suspected: frozenset[str]


def changes_by(connection: sa.Connection, told: Told, period: Period) -> Changes:
    """What the judgement of `period` changes in the stretches.

    Args:
        connection: an open transaction; only read from.
        told: by the judgement.
        period: what was judged.
    """
    changes, seen = Changes(), told.findings
    stored = _stored(connection, period, list(seen["finding_id"]))
    stored["seen"] = stored["finding_id"].isin(seen["finding_id"])
    others = [other for other in judged_periods(connection) if other.as_of != period.as_of]
    _see(changes, seen, stored[stored["seen"]], others, period.as_of)
    decided = _looked_at(stored, told.outcomes) & ~stored["finding_id"].isin(told.suspected)
    unseen = stored[~stored["seen"] & decided & (stored["first_as_of"] <= period.as_of)]
    for stretch in unseen.to_dict("records"):
        if covers(period, stretch["anchor_kind"], stretch["anchored_at"]):
            _miss(changes, stretch, others, period.as_of)
    return changes


def judged_periods(connection: sa.Connection) -> list[Period]:
    """All periods that were ever judged, by `as_of`."""
    columns = (judgements.c.period_start, judgements.c.period_end, judgements.c.as_of)
    rows = connection.execute(sa.select(*columns).distinct().order_by(judgements.c.as_of))
    return [Period(*row) for row in rows]


def _stored(connection: sa.Connection, period: Period, ids: Sequence[str]) -> pd.DataFrame:
    """The stretches of findings that the period may cover, or that it saw though their anchor was elsewhere."""
    start, end = day_end(period.start), day_end(period.end)
    standing = sa.and_(sightings.c.anchor_kind == "standing", sightings.c.anchored_at <= end)
    may_be_covered = sa.or_(sightings.c.anchored_at.between(start, end), standing)
    columns = (*sightings.c, findings_table.c.rule, findings_table.c.agency)
    select = sa.select(*columns).join(findings_table, findings_table.c.finding_id == sightings.c.finding_id)
    alive = sa.or_(sightings.c.gone_as_of.is_(None), sightings.c.gone_as_of >= period.as_of)
    frames = [frame_of(connection, select.where(may_be_covered, alive), ["anchored_at"])]
    frames += [
        frame_of(connection, select.where(sightings.c.finding_id.in_(part)), ["anchored_at"]) for part in chunks(ids)
    ]
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled or frames[:1]).drop_duplicates("sighting_id").sort_values(["finding_id", "first_as_of"])


def _looked_at(stored: pd.DataFrame, outcomes: pd.DataFrame) -> pd.Series:
    """Whether the judgement could tell anything of that rule and agency: no data is not compliance."""
    told = outcomes[(outcomes["tested"] > 0) | (outcomes["not_decided"] == 0)]
    pairs = pd.MultiIndex.from_frame(told[["rule", "agency"]])
    return pd.Series(pd.MultiIndex.from_frame(stored[["rule", "agency"]]).isin(pairs), index=stored.index)


def _see(changes: Changes, seen: pd.DataFrame, stored: pd.DataFrame, others: list[Period], as_of: date) -> None:
    """Grow, revive or begin the stretches of what was seen."""
    begun = stored[stored["first_as_of"] <= as_of]
    last = begun.drop_duplicates("finding_id", keep="last").set_index("finding_id")
    now = seen.assign(anchor_kind=anchor_kind(seen)).drop_duplicates("finding_id").set_index("finding_id")
    gone = last["gone_as_of"]
    # Gone at this very as_of, seen by another judgement at it: the other period merely did not hold it any more.
    alive = last[gone.isna() | flags(gone, lambda day: day >= as_of)]
    anchors = dict(
        zip(now.index, now["anchored_at"], strict=True)
    )  # every night of all that is open: no look-up by row
    for stretch in alive[alive["last_as_of"] < as_of].reset_index().to_dict("records"):
        is_standing = stretch["anchor_kind"] == "standing"
        anchored_at = stretch["anchored_at"] if is_standing else anchors[stretch["finding_id"]]
        grown = {"sighting_id": stretch["sighting_id"], "last_as_of": as_of, "anchored_at": anchored_at}
        if stretch["gone_as_of"] == as_of:
            changes.added.append(stretch["finding_id"])
            changes.updates.append(grown | {"gone_as_of": None, "how": None})
        else:
            changes.grown.append(grown)
    later = stored[stored["first_as_of"] > as_of].drop_duplicates("finding_id").set_index("finding_id")
    for row in now[~now.index.isin(alive.index)].reset_index().to_dict("records"):
        after = later.loc[row["finding_id"]].to_dict() if row["finding_id"] in later.index else None
        _begin(changes, row, after, others, as_of)


def _begin(changes: Changes, row: Stretch, after: Stretch | None, others: list[Period], as_of: date) -> None:
    """Begin a stretch at `as_of`, or let the next one begin earlier if no judgement between looked and saw nothing."""
    changes.added.append(row["finding_id"])
    later = [other for other in others if other.as_of > as_of]
    between = [other.as_of for other in later if covers(other, row["anchor_kind"], row["anchored_at"])]
    following = min(between, default=None)
    if after is not None and (following is None or following >= after["first_as_of"]):
        changes.updates.append({"sighting_id": after["sighting_id"], "first_as_of": as_of})
        return
    stretch = {key: row[key] for key in ("finding_id", "anchored_at", "anchor_kind")}
    ends: Stretch = {"gone_as_of": following, "how": following and NO_LONGER}
    changes.inserts.append(stretch | {"first_as_of": as_of, "last_as_of": as_of} | ends)


def _miss(changes: Changes, stretch: Stretch, others: list[Period], as_of: date) -> None:
    """End a stretch at `as_of`, or cut it where late data show that there was nothing."""
    update: Stretch = {"sighting_id": stretch["sighting_id"], "gone_as_of": as_of}
    if stretch["last_as_of"] < as_of:
        if stretch["gone_as_of"] is None or stretch["gone_as_of"] > as_of:
            changes.updates.append(update | {"how": NO_LONGER})
        return
    if stretch["gone_as_of"] == as_of:
        return  # already taken back by an earlier judgement at this as_of
    changes.removed.append(stretch["finding_id"])
    looked = [o.as_of for o in others if covers(o, stretch["anchor_kind"], stretch["anchored_at"])]
    before = [day for day in looked if stretch["first_as_of"] <= day < as_of]
    after = [day for day in looked if as_of < day <= stretch["last_as_of"]]
    last = max(before, default=stretch["first_as_of"])
    changes.updates.append(update | {"last_as_of": last, "how": LATE_DATA})
    if after:
        kept = {
            key: stretch[key] for key in ("finding_id", "anchored_at", "anchor_kind", "last_as_of", "gone_as_of", "how")
        }
        changes.inserts.append(kept | {"first_as_of": min(after)})


def apply(connection: sa.Connection, changes: Changes) -> None:
    """Write what `changes_by` found."""
    if changes.inserts:
        connection.execute(sa.insert(sightings), changes.inserts)
    by_id = sa.update(sightings).where(sightings.c.sighting_id == sa.bindparam("of_sighting"))
    if changes.grown:
        rows = [
            {"of_sighting" if key == "sighting_id" else key: value for key, value in row.items()}
            for row in changes.grown
        ]
        connection.execute(by_id, rows)
    for row in changes.updates:
        values = {key: value for key, value in row.items() if key != "sighting_id"}
        connection.execute(sa.update(sightings).where(sightings.c.sighting_id == row["sighting_id"]).values(values))
