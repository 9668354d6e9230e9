"""Returned workbooks: what clerks wrote, taken into the ledger as comments on findings."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from audit.ledger import notes
from audit.ledger.notes import FindingNote
from audit.pipeline.report_inputs import note_text
from audit.pipeline.workspace import Run, Workspace
from reports.xlsx_notes import ALL_AGENCIES, ReturnedNotes, owner_of, read_notes


@dataclass(frozen=True, slots=True)
class ImportedNotes:
    """What came of a workbook.

    Attributes:
        agency: whose it is; `""`: the province's.
        returned: what was read: taken and refused rows.
        new: how many of the taken notes were not known before.
    """

    agency: str
    returned: ReturnedNotes
    new: int


def import_notes(workspace: Workspace, run: Run, path: Path, agency: str | None) -> ImportedNotes | None:
    """Take over the notes of a returned workbook; rows that are wrong or another agency's are refused one by one.

    Args:
        workspace: the deployment.
        run: the run in whose name it is done.
        path: the workbook.
        agency: canonical code of who returns it; None: as the workbook itself says.

    Returns:
        None where neither `agency` nor the workbook says whose it is.

    Raises:
        NotAWorklistError: the file is no returned worklist.
    """
    owner = agency or owner_of(path)
    if owner is None:
        return None
    mine = None if owner == ALL_AGENCIES else workspace.registry.canonical_code(owner)
    states = frozenset(workspace.settings.labels.states.values())
    with workspace.ledger.begin() as connection:
        known = notes.known_findings(connection)
        printed = {each: note_text(note) for each, note in notes.latest_notes(connection, list(known)).items()}
        returned = read_notes(path, known, states, mine, printed)
        sha256, at = hashlib.sha256(path.read_bytes()).hexdigest(), datetime.now(UTC)
        taken = [
            FindingNote(one.finding_id, mine or "", one.state, one.note, path.name, sha256, one.row, at)
            for one in returned.notes
        ]
        new = notes.keep_notes(connection, taken, run.run_id)
    run.counts |= {"notes": len(taken), "new": new, "refused": len(returned.refused)}
    return ImportedNotes(mine or "", returned, new)
