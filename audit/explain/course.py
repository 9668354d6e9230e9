"""What the log tells of a document and of what became of it, in the order of time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from audit.explain.step import Plain, Step, Word, step
from audit.explain.target import NONE, Target, agency_name, day, happened, instant
from audit.facts.certificates import certificate_faults
from audit.facts.checked import checked_documents
from audit.facts.pairs import CHAIN_KINDS
from audit.facts.rows import NO_CODE
from audit.facts.signing import SIGNED, UNKNOWN, UNSIGNED, file_states, main_signatures
from audit.working_time import NAT, NEVER

ROWS_MAX: Final = 40
"""Most rows of a course that are told; the rest are counted."""
_REGISTER_FIELDS: Final = (
    "doc_type", "signer_name", "signer_position", "signer_competence", "signed_at", "urgency", "secrecy", "page_count",
    "declared_file_count", "due_at",
)  # fmt: skip
_ARRIVALS: Final = (1, 2, 3, 4, 5, 6)
_RECEIPT_EVENTS: Final = ("forwarded_at", "completed_at", "returned_at")

Dated = tuple[int, int, Step]
"""Instant, order among equal instants, and the step."""


def arrival(target: Target) -> Step:
    """When a pair arrived, and which row tells it first."""
    facts, at = target.facts, target.of_pair("arrived_at")
    recipient = agency_name(facts, target.recipient)
    if target.of_pair("told_by_sender_only"):
        return step("arrival.by_sender_only", at=instant(at), recipient=recipient)
    events = facts.events
    codes = events.code[(events.pair == target.pair) & (events.at == at) & facts.speaking_events]
    codes = codes[np.isin(codes, _ARRIVALS)]
    if len(codes):
        status = Word("statuses", f"{int(codes.min()):02d}")
        return step("arrival.by_status", at=instant(at), recipient=recipient, status=status, code=status.code)
    receipts = facts.receipts
    came = receipts.arrived_at[(facts.pair_of_receipts == target.pair) & ~receipts.failed]
    return step("arrival.by_receipt" if at in came else "arrival.by_sender", at=instant(at), recipient=recipient)


def course_of_pair(target: Target) -> tuple[Step, ...]:
    """Everything that both logs tell of a pair: sends, receipts, statuses."""
    if target.pair == NONE:
        return ()
    told = [*_sends(target), *_receipts(target), *_events(target)]
    return _in_order(told)


def course_of_document(target: Target) -> tuple[Step, ...]:
    """When a document was first sent, recipient by recipient."""
    facts = target.facts
    pairs = facts.pairs
    mine = np.flatnonzero(pairs.document == target.document)
    told = [
        (at, 0, step("course.first_sent", recipient=agency_name(facts, recipient), at=instant(at)))
        for recipient, at in zip(pairs.recipient[mine].tolist(), pairs.first_sent_at[mine].tolist(), strict=True)
        if at < NEVER
    ]
    return _in_order(told)


def _in_order(told: list[Dated]) -> tuple[Step, ...]:
    told.sort(key=lambda one: one[:2])
    steps = [one for _, _, one in told[:ROWS_MAX]]
    return (*steps, step("course.more", count=len(told) - ROWS_MAX)) if len(told) > ROWS_MAX else tuple(steps)


def _sends(target: Target) -> Iterator[Dated]:
    facts, sends = target.facts, target.facts.sends
    for row in np.flatnonzero(facts.pair_of_sends == target.pair):
        state = "done" if sends.done_at[row] != NAT else "fail" if sends.failed[row] else "under_way"
        at, fields = int(sends.sent_at[row]), sends.frame.row(int(row))
        error = " ".join(str(fields[name]) for name in ("error_code", "error_message") if pd.notna(fields[name]))
        key = f"course.send_{state}_because" if state == "fail" and error else f"course.send_{state}"
        yield (
            at,
            0,
            step(
                key,
                at=instant(at),
                attempt=max(int(sends.attempt[row]), 1),
                kind=Word("business_types", str(sends.kind[row])),
                done_at=instant(int(sends.done_at[row])),
                error=error or None,
            ),
        )


def _receipts(target: Target) -> Iterator[Dated]:
    facts, receipts = target.facts, target.facts.receipts
    recipient = agency_name(facts, target.recipient)
    for row in np.flatnonzero(facts.pair_of_receipts == target.pair):
        kind = Word("business_types", str(receipts.kind[row]))
        at = int(receipts.arrived_at[row])
        placed_at = at if at != NAT else int(receipts.state_at[row])
        key = "course.receipt_failed" if receipts.failed[row] else "course.receipt"
        if at == NAT:
            key = f"{key}_untimed"
        on = day(int(receipts.log_day[row]))
        yield placed_at, 1, step(key, at=instant(at), recipient=recipient, kind=kind, day=on)
        if receipts.kind[row] not in CHAIN_KINDS:
            continue
        reason = receipts.frame.texts("return_reason", np.array([row]))[0]
        for name in _RECEIPT_EVENTS:
            happened_at = int(getattr(receipts, name)[row])
            if happened(happened_at):
                told = pd.notna(reason) and name == "returned_at"
                key = f"course.{name.removesuffix('_at')}{'_because' if told else ''}"
                yield (
                    happened_at,
                    3,
                    step(key, at=instant(happened_at), recipient=recipient, reason=str(reason) if told else None),
                )
        due = int(receipts.due_at[row])
        if happened(due):
            yield placed_at, 2, step("course.due", due=instant(due), recipient=recipient)


def _events(target: Target) -> Iterator[Dated]:
    facts, events = target.facts, target.facts.events
    for row in np.flatnonzero(events.pair == target.pair):
        at = int(events.at[row])
        fields = facts.statuses.frame.row(int(events.first[row]))
        code = fields["status_code"] if pd.notna(fields["status_code"]) else ""
        known = events.code[row] != NO_CODE
        key = "course.status" if known else "course.status_unknown" if code else "course.status_without_code"
        logs = [
            name
            for name, holds in (("recipient", events.in_recipient_log[row]), ("sender", events.in_sender_log[row]))
            if holds
        ]
        yield (
            at,
            2,
            step(
                key,
                at=instant(at),
                issuer=agency_name(facts, int(events.issuer[row])),
                code=str(code) or None,
                status=Word("statuses", str(code)),
                logs=Word("logs", "_and_".join(logs) or "other"),
                said=_said(fields["description"], str(code)),
            ),
        )


def _said(description: Any, code: str) -> Word | str:
    return Word("said", "nothing") if pd.isna(description) or not code else str(description)


def register_entry(target: Target) -> tuple[Step, ...]:
    """What the register tells of a document, field by field."""
    if target.entry == NONE:
        return (step("register.none", sender=agency_name(target.facts, target.sender)),)
    return tuple(
        step("register.limit" if name == "due_at" else "register.field", field=Word("fields", name), value=shown)
        for name in _REGISTER_FIELDS
        if (shown := _shown(name, target.registered(name))) is not None
    )


def _shown(name: str, value: Any) -> Plain | None:
    if value is None:
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if name in ("urgency", "secrecy"):
        return Word(name, str(value))
    return int(value) if name.endswith("_count") else str(value)


def files_of(target: Target) -> tuple[Step, ...]:
    """The files of a document, as the register lists them."""
    if target.entry == NONE or not target.registered("has_files"):
        return ()
    files = target.facts.files[target.facts.files["document"] == target.document]
    if files.empty:
        return (step("files.none"),)
    told = []
    for is_main, row in zip(files["is_main"], files["row"], strict=True):
        fields = target.facts.frames.files.iloc[row]
        size = None if pd.isna(fields["size_bytes"]) else int(fields["size_bytes"])
        name = str(fields["name"]) if pd.notna(fields["name"]) else f"#{fields['file_no']}"
        key = ("files.main" if is_main else "files.other") + ("" if size is not None else "_unsized")
        told.append(step(key, name=name, size=size))
    return tuple(told)


def signatures_of(target: Target) -> tuple[Step, ...]:
    """The signatures of the main file, in the order of the list; before them, on whose word they stand there."""
    signatures = main_signatures(target.facts)
    told: list[Step] = list(_source_of_signatures(target))
    for row in np.flatnonzero(signatures.document == target.document):
        fields = target.facts.frames.signatures.iloc[signatures.row[row]]
        position = int(signatures.position[row])
        party = Word("parties", str(fields["party"]) if pd.notna(fields["party"]) else "")
        told.append(step("signatures.one", position=position, party=party, subject=_text(fields["subject"])))
        told.append(
            step(
                "signatures.certificate",
                serial=_text(fields["serial"]),
                issuer=_text(fields["issuer"]),
                valid_from=_moment(fields["valid_from"]),
                valid_to=_moment(fields["valid_to"]),
                revoked=_moment(fields["revoked_at"], "not_told"),
            )
        )
        told.append(
            step(
                "signatures.checked",
                signed_at=_moment(fields["signed_at"]),
                timestamp_at=_moment(fields["timestamp_at"], "without"),
                intact=_flag(fields["intact"]),
                valid=_flag(fields["valid"]),
                covers_file=_flag(fields["covers_file"]),
            )
        )
        if bool(fields.get("checked", False)):
            told.append(
                step(
                    "signatures.verified",
                    chain=Word("chains", str(fields["chain"])),
                    time_origin=_word("time_origins", fields["time_origin"]),
                    revocation=Word("revocations", str(fields["revocation"])),
                )
            )
        if certificate_faults(target.facts).untrusted_chain[row]:
            told.append(step("signatures.untrusted_chain"))
    return tuple(told)


def main_file_is_checked(target: Target) -> bool:
    """Whether the audit has verified the document's main file itself, be it that it could not read it."""
    return bool(checked_documents(target.facts)[target.document])


def _source_of_signatures(target: Target) -> Iterator[Step]:
    state = int(file_states(target.facts)[target.document])
    if main_file_is_checked(target):
        yield step("signatures.unread" if state == UNKNOWN else "signatures.by_audit")
    elif state in {UNSIGNED, SIGNED}:
        yield step("signatures.by_agency")
    if state == UNSIGNED:
        yield step("signatures.bare")


def _word(section: str, value: Any) -> Word:
    return Word("told", "untold") if pd.isna(value) else Word(section, str(value))


def _text(value: Any) -> Plain:
    return Word("told", "untold") if pd.isna(value) else str(value)


def _moment(value: Any, missing: str = "untold") -> Plain:
    return Word("told", missing) if pd.isna(value) else value.to_pydatetime()


def _flag(value: Any) -> Word:
    return Word("told", "untold" if pd.isna(value) else "yes" if value else "no")
