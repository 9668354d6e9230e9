"""Reports that were made, and to whom they went. No report goes to the same recipient twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Literal

import sqlalchemy as sa

from audit.ledger.schema import deliveries, reports
from audit.period import Period

DeliveryState = Literal["queued", "sending", "sent", "failed", "too_big", "replaced"]

ERROR_LENGTH_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file that was written: where, which kind of report, and whose data it holds (`""`: the province's)."""

    path: Path
    edition: str
    agency: str = ""


@dataclass(frozen=True, slots=True)
class ReportRecord:
    """A report that was made.

    Attributes:
        report_id: its number in the ledger.
        edition: kind of report, e.g. `weekly_pdf`.
        agency: whose data it holds; `""`: the province's.
        path: where it was written.
        sha256, size_bytes: of the file.
        period: what it reports, and as of when.
        revision: 1, or more if another file was made before for the same edition, agency, period and `as_of`.
        changes: what the judgement's revision changed; empty for the first.
    """

    report_id: int
    edition: str
    agency: str
    path: str
    sha256: str
    size_bytes: int
    period: Period
    revision: int
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A report on its way to one recipient."""

    delivery_id: int
    report: ReportRecord
    recipient: str
    state: DeliveryState
    attempts: int
    last_error: str | None


def record_report(
    connection: sa.Connection,
    file: ReportFile,
    period: Period,
    run_id: str,
    changes: Mapping[str, Any],
) -> ReportRecord:
    """Keep that a report was made; the same bytes again are the same report."""
    content = file.path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    latest = next(iter(_select(connection, _same(file, period))), None)
    if latest is not None and latest.sha256 == sha256 and latest.path == str(file.path):
        return latest
    row: dict[str, Any] = {"run_id": run_id, "edition": file.edition, "agency": file.agency, "path": str(file.path)}
    row |= {"sha256": sha256, "size_bytes": len(content)}
    row |= {"period_start": period.start, "period_end": period.end, "as_of": period.as_of, "made_at": datetime.now(UTC)}
    row |= {"revision": 1 if latest is None else latest.revision + 1, "changes": dict(changes)}
    report_id = connection.execute(sa.insert(reports).values(row).returning(reports.c.report_id)).scalar_one()
    return _select(connection, reports.c.report_id == report_id)[0]


def reports_of(connection: sa.Connection, period: Period) -> list[ReportRecord]:
    """The newest revision of every report of a period, by edition and agency."""
    same = (reports.c.period_start == period.start, reports.c.period_end == period.end, reports.c.as_of == period.as_of)
    newest: dict[tuple[str, str], ReportRecord] = {}
    for record in _select(connection, sa.and_(*same)):
        newest.setdefault((record.edition, record.agency), record)
    return [newest[key] for key in sorted(newest)]


def reports_of_run(connection: sa.Connection, run_id: str) -> list[ReportRecord]:
    """The reports that a run made, by edition and agency."""
    made = _select(connection, reports.c.run_id == run_id)
    return sorted(made, key=lambda one: (one.edition, one.agency, one.period))


def latest_files(connection: sa.Connection) -> list[ReportRecord]:
    """What stands in each file that was ever written, by path: the report that was written there last."""
    newest = {record.path: record for record in sorted(_select(connection, sa.true()), key=lambda one: one.report_id)}
    return [newest[path] for path in sorted(newest)]


def first_made(connection: sa.Connection, edition: str) -> dict[tuple[date, date], datetime]:
    """When the first report of an edition was made that looks from the end of its period or later, by first day and
    the day after the last.
    """
    moment = sa.func.min(reports.c.made_at)
    key = (reports.c.period_start, reports.c.period_end)
    where = (reports.c.edition == edition, reports.c.as_of >= reports.c.period_end)
    rows = connection.execute(sa.select(*key, moment).where(*where).group_by(*key))
    return {(start, end): made_at for start, end, made_at in rows}


def queue_delivery(connection: sa.Connection, report: ReportRecord, recipient: str) -> None:
    """Let a report go to a recipient; nothing happens if this file is already on its way or there."""
    same = sa.and_(deliveries.c.recipient == recipient, deliveries.c.sha256 == report.sha256)
    known = connection.execute(sa.select(deliveries.c.state).where(same)).scalar_one_or_none()
    if known == "replaced":  # the file holds it once more
        again = {"state": "queued", "report_id": report.report_id}
        connection.execute(sa.update(deliveries).where(same).values(again))
    if known is None:
        row = {
            "report_id": report.report_id,
            "recipient": recipient,
            "sha256": report.sha256,
            "state": "queued",
            "attempts": 0,
        }
        connection.execute(sa.insert(deliveries).values(row))


def deliveries_of(connection: sa.Connection, recipient: str) -> dict[str, DeliveryState]:
    """How every file that was ever to go to a recipient stands, by the file's SHA-256."""
    columns = (deliveries.c.sha256, deliveries.c.state)
    rows = connection.execute(sa.select(*columns).where(deliveries.c.recipient == recipient))
    return {row.sha256: row.state for row in rows}


def replace_deliveries(connection: sa.Connection) -> None:
    """Where a report waits to be mailed and its file holds a newer one by now, let that one go in its place."""
    latest = {record.path: record for record in latest_files(connection)}
    for delivery in due_deliveries(connection):
        newer = latest[delivery.report.path]
        if newer.sha256 != delivery.report.sha256:
            mark_delivery(connection, delivery.delivery_id, "replaced")
            queue_delivery(connection, newer, delivery.recipient)


def due_deliveries(connection: sa.Connection) -> list[Delivery]:
    """What is queued or failed, oldest first. What is `sending` was cut off in between: whether it went out is not
    known, so it waits for a person (`status` names it) and is never sent twice.
    """
    return _deliveries(connection, deliveries.c.state.in_(("queued", "failed")))


def doubtful_deliveries(connection: sa.Connection) -> list[Delivery]:
    """What was being sent when its run ended."""
    return _deliveries(connection, deliveries.c.state == "sending")


def mark_delivery(connection: sa.Connection, delivery_id: int, state: DeliveryState, error: str | None = None) -> None:
    """Note a step of a delivery; `sending` counts an attempt. Commit before the next step is taken."""
    values: dict[str, Any] = {"state": state, "last_error": error and error[:ERROR_LENGTH_MAX]}
    if state == "sending":
        values |= {"attempts": deliveries.c.attempts + 1, "last_attempt_at": datetime.now(UTC)}
    connection.execute(sa.update(deliveries).where(deliveries.c.delivery_id == delivery_id).values(values))


def _deliveries(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[Delivery]:
    rows = connection.execute(sa.select(deliveries).where(where).order_by(deliveries.c.delivery_id)).all()
    made = {
        record.report_id: record
        for record in _select(connection, reports.c.report_id.in_({row.report_id for row in rows}))
    }
    return [
        Delivery(row.delivery_id, made[row.report_id], row.recipient, row.state, row.attempts, row.last_error)
        for row in rows
    ]


def _same(file: ReportFile, period: Period) -> sa.ColumnElement[bool]:
    return sa.and_(
        reports.c.edition == file.edition,
        reports.c.agency == file.agency,
        reports.c.period_start == period.start,
        reports.c.period_end == period.end,
        reports.c.as_of == period.as_of,
    )


def _select(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[ReportRecord]:
    """Newest revision first."""
    rows = connection.execute(
        sa.select(reports).where(where).order_by(reports.c.revision.desc(), reports.c.report_id.desc())
    )
    return [
        ReportRecord(
            row.report_id, row.edition, row.agency, row.path, row.sha256, row.size_bytes,
            Period(row.period_start, row.period_end, row.as_of), row.revision, row.changes,
        )
        for row in rows
    ]  # fmt: skip
