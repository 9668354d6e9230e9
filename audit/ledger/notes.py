"""What agencies wrote about findings into returned workbooks: comments, which change no judgement and no state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from audit.ledger.database import chunks
from audit.ledger.schema import findings, notes

_COLUMNS: Final = (
    *(notes.c.finding_id, notes.c.agency, notes.c.state, notes.c.note, notes.c.file_name, notes.c.file_sha256),
    *(notes.c.row_no, notes.c.noted_at),
)


@dataclass(frozen=True, slots=True)
class FindingNote:
    """A comment on a finding.

    Attributes:
        finding_id: which finding.
        agency: who returned the workbook; `""`: it came back with the province's.
        state: the state that the clerk chose, or `""`.
        note: the clerk's words, or `""`.
        file_name, file_sha256, row_no: where it stands.
        noted_at: when it was taken over.
    """

    finding_id: str
    agency: str
    state: str
    note: str
    file_name: str
    file_sha256: str
    row_no: int
    noted_at: datetime


def keep_notes(connection: sa.Connection, taken: Sequence[FindingNote], run_id: str) -> int:
    """Keep notes; of the same file a finding's note is kept once.

    Returns:
        how many are new.
    """
    new = 0
    for note in taken:
        same = sa.and_(notes.c.finding_id == note.finding_id, notes.c.file_sha256 == note.file_sha256)
        if connection.execute(sa.select(notes.c.note_id).where(same)).first() is None:
            values = {column.name: getattr(note, column.name) for column in _COLUMNS}
            connection.execute(sa.insert(notes).values(**values, run_id=run_id))
            new += 1
    return new


def latest_notes(connection: sa.Connection, finding_ids: Sequence[str]) -> dict[str, FindingNote]:
    """The last note on each finding that has one."""
    return {note.finding_id: note for note in notes_on(connection, finding_ids)}


def notes_on(connection: sa.Connection, finding_ids: Sequence[str]) -> list[FindingNote]:
    """All notes on findings, in the order in which they were taken over."""
    found: list[FindingNote] = []
    for part in chunks(finding_ids):
        select = sa.select(*_COLUMNS).where(notes.c.finding_id.in_(part)).order_by(notes.c.note_id)
        found += [FindingNote(*row) for row in connection.execute(select)]
    return found


def known_findings(connection: sa.Connection) -> dict[str, str]:
    """Every finding that the ledger knows, with the agency that has to handle it."""
    rows = connection.execute(sa.select(findings.c.finding_id, findings.c.agency))
    return {row.finding_id: row.agency for row in rows}
