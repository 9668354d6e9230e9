"""The history of a finding, as the ledger kept it, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from audit.explain.step import Step, Word, step
from audit.ledger.finding_history import FindingHistory
from audit.ledger.notes import FindingNote
from audit.period import day_end


def history_steps(
    history: FindingHistory | None, state: str, detail: Mapping[str, Any], as_of: date
) -> tuple[Step, ...]:
    """What happened to a finding up to `as_of`.

    Args:
        history: of the ledger; None where it was never recorded.
        state: new, open, reopened, waived, resolved.
        detail: the finding's; tells of a waiver in force or expired.
        as_of: the first day not seen; what the ledger learnt at a later one is not told.
    """
    if history is None:
        return (step("history.unrecorded"), *_waiver(detail))
    told = [step("history.state", state=Word("states", state))]
    for number, stretch in enumerate(one for one in history.stretches if one.first_as_of <= as_of):
        told.append(step("history.again" if number else "history.first", at=_end(stretch.first_as_of)))
        if stretch.last_as_of > stretch.first_as_of:
            told.append(step("history.last", at=_end(min(stretch.last_as_of, as_of))))
        if stretch.gone_as_of is not None and stretch.gone_as_of <= as_of:
            told.append(step("history.gone", at=_end(stretch.gone_as_of), how=Word("how", stretch.how or "")))
    now = list(_waiver(detail))
    if not now:
        told += [
            step(
                "history.applied",
                at=_end(one.first_as_of),
                valid_from=one.valid_from,
                valid_to=one.valid_to,
                reason=one.reason,
                approver=one.approver,
            )
            for one in history.waivers
            if one.first_as_of <= as_of
        ]
    return (*told, *now, *(_note(one) for one in history.notes))


def _note(note: FindingNote) -> Step:
    """What an agency wrote about it: a comment, whatever state it names."""
    at, file, row = note.noted_at, note.file_name, note.row_no
    if note.state and note.note:
        return step("history.noted_both", state=note.state, note=note.note, at=at, file=file, row=row)
    if note.state:
        return step("history.noted_state", state=note.state, at=at, file=file, row=row)
    return step("history.noted", note=note.note, at=at, file=file, row=row)


def _waiver(detail: Mapping[str, Any]) -> tuple[Step, ...]:
    waiver = detail.get("waiver")
    if not waiver:
        return ()
    key = "history.waived" if waiver["state"] == "in_force" else "history.waiver_expired"
    days = {name: date.fromisoformat(waiver[name]) for name in ("valid_from", "valid_to")}
    return (step(key, reason=waiver["reason"], approver=waiver["approver"], **days),)


def _end(day: date) -> datetime:
    return day_end(day)
