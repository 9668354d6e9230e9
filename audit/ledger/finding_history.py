"""The history of one finding: as it was first seen, when it was there, when it was gone, what it was waived for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from audit.ledger.notes import FindingNote, notes_on
from audit.ledger.schema import findings, sightings, waivers_applied


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which every judgement that looked saw the finding.

    Attributes:
        first_as_of, last_as_of: the first and the last of these judgements' `as_of` (first days not seen).
        gone_as_of, how: the first judgement that no longer saw it, and why; None where none did.
    """

    first_as_of: date
    last_as_of: date
    gone_as_of: date | None
    how: str | None


@dataclass(frozen=True, slots=True)
class AppliedWaiver:
    """A waiver under which the finding once was."""

    reason: str
    approver: str
    valid_from: date
    valid_to: date
    first_as_of: date


@dataclass(frozen=True, slots=True)
class FindingHistory:
    """All that the ledger knows of a finding.

    Attributes:
        content: the finding as it was first seen, by column.
        stretches: in the order of time. waivers: in the order in which they were applied.
        notes: what agencies wrote about it, in the order in which it was taken over.
    """

    content: Mapping[str, Any]
    stretches: tuple[Stretch, ...]
    waivers: tuple[AppliedWaiver, ...]
    notes: tuple[FindingNote, ...] = ()


def history_of(connection: sa.Connection, finding_id: str) -> FindingHistory | None:
    """The history of a finding; None for one that was never recorded."""
    row = connection.execute(sa.select(findings).where(findings.c.finding_id == finding_id)).mappings().first()
    if row is None:
        return None
    stretch = (sightings.c.first_as_of, sightings.c.last_as_of, sightings.c.gone_as_of, sightings.c.how)
    seen = sa.select(*stretch).where(sightings.c.finding_id == finding_id).order_by(sightings.c.first_as_of)
    columns = [waivers_applied.c[name] for name in AppliedWaiver.__slots__]
    applied = sa.select(*columns).where(waivers_applied.c.finding_id == finding_id)
    return FindingHistory(
        content=dict(row),
        stretches=tuple(Stretch(*one) for one in connection.execute(seen)),
        waivers=tuple(
            AppliedWaiver(*one) for one in connection.execute(applied.order_by(waivers_applied.c.first_as_of))
        ),
        notes=tuple(notes_on(connection, [finding_id])),
    )
