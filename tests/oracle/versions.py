"""Versions (rules.md section 1): which rows exist at `as_of`, and which of several versions of a row counts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from . import normalise as n
from .rows import DocumentRow, Key, Reader, ReceiptRow, Row, SendRow, StatusRow, UnreadableError


def as_of_instant(as_of: datetime) -> datetime:
    """ "the end of a local day (an instant inside a day means the end of the day before)"."""
    return n.start_of_day(n.local_day(as_of))


def read_rows(
    logs: list[dict[str, Any]], reader: Reader, as_of: datetime
) -> tuple[dict[str, list[Any]], list[dict[str, Any]]]:
    """All readable rows by table in the order of log day, page, line; and the rejects."""
    rows: dict[str, list[Any]] = {"documents": [], "sends": [], "receipts": [], "statuses": []}
    rejects: list[dict[str, Any]] = []
    for position, log in enumerate(logs):
        on = n.day(log["day"])
        # "versions of a log day exist from the end of that day"
        if on is None or n.end_of_day(on) > as_of:
            continue
        agency = reader.registry.canonical(log["agency"]) or ""
        for line, wire in enumerate(log["rows"]):
            try:
                rows[log["table"]].append(reader.read(log["table"], wire, agency, on, (on, position, line)))
            except UnreadableError as reason:
                where = {"agency": agency, "day": log["day"], "table": log["table"], "line": line}
                rejects.append({**where, "reason": str(reason)})
    return rows, rejects


def contract_key(row: Row) -> Key:
    """The "Key:" line of each table in log-api.md, with the log ("in one agency's log")."""
    match row:
        case DocumentRow():
            return (row.log, row.sender, row.key, row.uid)
        case SendRow():
            return (row.log, row.sender, row.key, row.recipient, row.axis, row.attempt)
        case ReceiptRow():
            return (row.log, row.sender, row.key, row.recipient, row.axis)
        case StatusRow():
            return (row.log, row.from_org, row.to_org, row.key, row.code, row.at)
    raise TypeError(type(row))


def replaces(new: Row, old: Row) -> bool:
    """Whether `new`, which comes later in the log, wins over `old`.

    "the one with the later `changed_at` wins, else later log day, page, line"; "`changed_at` decides only between two
    versions that both have it".
    """
    if new.changed_at is not None and old.changed_at is not None:
        return new.changed_at >= old.changed_at
    return True


def newest(rows: Iterable[Any]) -> list[Any]:
    """One row a contract key. READING 7: versions are taken in log order, each against the one that stands so far.

    Keeps in `first_day` of a document the log day on which it first stood (READING 8).
    """
    standing: dict[Key, Any] = {}
    first_day: dict[Key, Any] = {}
    for row in sorted(rows, key=lambda row: row.seq):
        key = contract_key(row)
        first_day.setdefault(key, row.log_day)
        if key not in standing or replaces(row, standing[key]):
            standing[key] = row
    for key, row in standing.items():
        row.first_day = first_day[key]
    # "`deleted` withdraws"
    return [row for row in standing.values() if not row.deleted]


def at_as_of(rows: list[Any], as_of: datetime) -> list[Any]:
    """ "no event later than `as_of` exists (an event at `as_of` does)"."""
    kept = []
    for row in rows:
        match row:
            case SendRow():
                if row.sent_at > as_of:
                    continue
                _settle_state(row, as_of)
            case ReceiptRow():
                if row.arrived_at is not None and row.arrived_at > as_of:  # READING 9
                    continue
                _settle_state(row, as_of)
                for name in ("forwarded_at", "completed_at", "returned_at"):
                    value = getattr(row, name)
                    if value is not None and value > as_of:
                        setattr(row, name, None)
            case StatusRow():
                if row.at > as_of:
                    continue
        kept.append(row)
    return kept


def _settle_state(row: SendRow | ReceiptRow, as_of: datetime) -> None:
    """ "A send or receipt whose `state_at` is later counts as `processing`"."""
    if row.state_at is not None and row.state_at > as_of:
        row.state, row.state_at = "processing", None
