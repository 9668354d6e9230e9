"""Delivery: who gets which report, queued in the ledger, mailed once.

A mail holds all files of one period that one recipient still lacks. Each file is marked `sending` and committed before
the mail is handed over, and `sent` or `failed` after. What a crash left `sending` may have gone out: it is named by
`status` and waits for a person, so that nothing is sent twice.
"""

from __future__ import annotations

import html
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from itertools import groupby
from pathlib import Path
from typing import Final, Literal

from audit import smtp
from audit.ledger import Delivery, ReportRecord, reports
from audit.period import Period
from audit.pipeline.reporting import LETTER, PROVINCE_BOOK, WEEKLY_PDF
from audit.pipeline.workspace import Workspace
from audit.settings import Recipient
from audit.smtp import MailError
from reports.mail import Letter, one_line, read_letter

logger = logging.getLogger(__name__)

_OF_DRAFT: Final = (WEEKLY_PDF, PROVINCE_BOOK)
TOO_LARGE: Final = "Tệp {names} lớn hơn mức cho phép của thư; đề nghị nhận tại đơn vị vận hành hệ thống."


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of the mails: files sent, files that failed, files that wait for a person, and files too large to be
    mailed: their recipients were told where to get them.
    """

    sent: int
    failed: int
    doubtful: int
    too_big: int = 0


@dataclass(frozen=True, slots=True)
class Parcel:
    """The files that one recipient still lacks of one period and agency."""

    recipient: Recipient
    period: Period
    agency: str
    deliveries: tuple[Delivery, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files."""
        return tuple(Path(delivery.report.path) for delivery in self.deliveries)


def queue(workspace: Workspace, period: Period) -> int:
    """Queue the newest reports of a period for everybody who is to get them; what is queued or sent stays as it is.

    Returns:
        how many files are to go to somebody.
    """
    wanted = 0
    with workspace.ledger.begin() as connection:
        made = reports.reports_of(connection, period)
        for recipient in workspace.settings.recipients:
            for record in made:
                if _gets(workspace, recipient, record):
                    reports.queue_delivery(connection, record, recipient.address)
                    wanted += 1
    return wanted


def in_doubt(workspace: Workspace, period: Period | None = None) -> list[Delivery]:
    """What was being sent when its run ended, and waits for a person; of a period, or of all."""
    with workspace.ledger.begin() as connection:
        found = reports.doubtful_deliveries(connection)
    days = (period.start, period.end) if period else None
    return [one for one in found if days in (None, (one.report.period.start, one.report.period.end))]


def settle(workspace: Workspace, period: Period, number: int, state: Literal["sent", "failed"]) -> bool:
    """Note what a person found out of a doubtful delivery of a period; whether there is one with this number.

    What is noted as failed is sent again with the next delivery.
    """
    if number not in {one.delivery_id for one in in_doubt(workspace, period)}:
        return False
    with workspace.ledger.begin() as connection:
        reports.mark_delivery(connection, number, state, "settled by hand" if state == "failed" else None)
    return True


def send_due(workspace: Workspace, period: Period | None = None) -> Delivered:
    """Mail what is queued or failed before, of every period. One recipient's failure stops no other's mail.

    Args:
        workspace: the deployment.
        period: whose doubtful deliveries are counted; None: those of all.
    """
    due = list(parcels(workspace))
    doubtful = len(in_doubt(workspace, period))
    if not due:
        return Delivered(0, 0, doubtful)
    sent = failed = too_big = 0
    try:
        with smtp.connected(workspace.settings.audit.mail) as server:
            for parcel in due:
                try:
                    made = compose(workspace, parcel)
                    _mark(workspace, parcel, "sending")
                    smtp.send(server, made)
                except (MailError, OSError, ValueError) as error:
                    failed += len(parcel.deliveries)
                    _failed(workspace, parcel, error)
                else:
                    sent += len(parcel.deliveries)
                    _mark(workspace, parcel, "sent")
                    too_big += _left_out(workspace, parcel)
    except MailError as error:
        logger.error("mail: %s", error.reason)  # noqa: TRY400  # no traceback: it would show what was sent
        failed = sum(len(parcel.deliveries) for parcel in due) - sent
    return Delivered(sent - too_big, failed, doubtful, too_big)


def parcels(workspace: Workspace) -> Iterator[Parcel]:
    """What is due, a mail each, in the order of recipients, periods and agencies."""
    with workspace.ledger.begin() as connection:
        reports.replace_deliveries(connection)
        due = reports.due_deliveries(connection)

    def parcel_of(delivery: Delivery) -> tuple[str, Period, str]:
        return delivery.recipient, delivery.report.period, delivery.report.agency

    for (address, period, agency), found in groupby(sorted(due, key=parcel_of), key=parcel_of):
        given = [(entry, one) for one in found if (entry := _entry_of(workspace, address, one.report)) is not None]
        if given:
            yield Parcel(given[0][0], period, agency, tuple(one for _, one in given))


def _entry_of(workspace: Workspace, address: str, record: ReportRecord) -> Recipient | None:
    """The entry of recipients.toml by which an address gets a report; None: it is no longer to get this one.

    Looked up again before each mail: an address that was corrected since may be another agency's.
    """
    entries = (one for one in workspace.settings.recipients if one.address == address)
    return next((one for one in entries if _gets(workspace, one, record)), None)


def compose(workspace: Workspace, parcel: Parcel) -> EmailMessage:
    """The mail of a parcel, its files attached as far as the size limit lets them.

    Raises:
        OSError: a file is not there any more.
        ValueError: the letter is not one.
    """
    mail = workspace.settings.audit.mail
    letter = letter_of(workspace, parcel.period, parcel.agency)
    fitting, left_out = _fitting(parcel.paths, mail.attachment_bytes_max)
    note = TOO_LARGE.format(names=", ".join(path.name for path in left_out)) if left_out else ""
    made = smtp.message(
        mail,
        (one_line(parcel.recipient.name), parcel.recipient.address),
        one_line(letter.subject),
        (f"{letter.plain}\n{note}\n", letter.html.replace("</body>", f"<p>{html.escape(note)}</p></body>")),
    )
    made["Message-ID"] = f"<{'-'.join(str(one.delivery_id) for one in parcel.deliveries)}@audit.invalid>"
    for path in fitting:
        smtp.attach(made, path)
    return made


def letter_of(workspace: Workspace, period: Period, agency: str) -> Letter:
    """The text that goes with the files of a period and agency, as it was made with them.

    Raises:
        ValueError: none was made, or it is damaged.
        OSError: it is not there any more.
    """
    with workspace.ledger.begin() as connection:
        made = reports.reports_of(connection, period)
    of_agency: Mapping[str, ReportRecord] = {one.agency: one for one in made if one.edition == LETTER}
    if agency not in of_agency:
        raise ValueError(f"no letter was made for {period.name()} {agency}")
    return read_letter(Path(of_agency[agency].path))


def planned(workspace: Workspace, period: Period) -> list[tuple[Recipient, ReportRecord, str]]:
    """Who is to get which report of a period, and how that stands; nothing is noted.

    Returns:
        recipient, report, and `new`, or the state of its delivery; in the order of recipients and editions.
    """
    with workspace.ledger.begin() as connection:
        made = reports.reports_of(connection, period)
        known = {
            each.address: reports.deliveries_of(connection, each.address) for each in workspace.settings.recipients
        }
    return [
        (recipient, record, known[recipient.address].get(record.sha256, "new"))
        for recipient in workspace.settings.recipients
        for record in made
        if _gets(workspace, recipient, record)
    ]


def drafts(workspace: Workspace, period: Period) -> Iterator[EmailMessage]:
    """The mails of a period as drafts, one a recipient, whatever was sent before; nothing is noted.

    Without recipients there is one without an address: the province's report and book.
    """
    plan = planned(workspace, period)
    for (address, _), rows in groupby(plan, key=lambda row: (row[0].address, row[1].agency)):
        given = list(rows)
        recipient, agency = given[0][0], given[0][1].agency
        waiting = tuple(Delivery(0, record, address, "queued", 0, None) for _, record, _ in given)
        yield _as_draft(compose(workspace, Parcel(recipient, period, agency, waiting)))
    if not plan:
        with workspace.ledger.begin() as connection:
            made = reports.reports_of(connection, period)
        letter = letter_of(workspace, period, "")
        mail = smtp.message(workspace.settings.audit.mail, None, one_line(letter.subject), (letter.plain, letter.html))
        for record in made:
            if not record.agency and record.edition in _OF_DRAFT:
                smtp.attach(mail, Path(record.path))
        yield _as_draft(mail)


def _as_draft(mail: EmailMessage) -> EmailMessage:
    """Mail programs open it for editing instead of showing it as received."""
    mail["X-Unsent"] = "1"
    del mail["Message-ID"]
    return mail


def _left_out(workspace: Workspace, parcel: Parcel) -> int:
    """Note the files that did not fit into the mail; how many."""
    _, left_out = _fitting(parcel.paths, workspace.settings.audit.mail.attachment_bytes_max)
    with workspace.ledger.begin() as connection:
        for delivery in parcel.deliveries:
            if Path(delivery.report.path) in left_out:
                logger.warning("%s is too large for a mail to %s", delivery.report.path, parcel.recipient.address)
                reports.mark_delivery(connection, delivery.delivery_id, "too_big", "larger than attachment_bytes_max")
    return len(left_out)


def _fitting(paths: tuple[Path, ...], most: int) -> tuple[list[Path], list[Path]]:
    """The files that fit together into one mail, smallest first, and the others."""
    fitting: list[Path] = []
    left_out: list[Path] = []
    room = most
    for path in sorted(paths, key=lambda one: (one.stat().st_size, one.name)):
        size = path.stat().st_size
        (fitting if size <= room else left_out).append(path)
        room -= size if size <= room else 0
    return fitting, left_out


def _gets(workspace: Workspace, recipient: Recipient, record: ReportRecord) -> bool:
    """Whether a report is one of the recipient's: its editions, and of one agency only that agency's data."""
    agency = workspace.registry.canonical_code(recipient.agency) if recipient.agency else ""
    return record.edition in recipient.editions and record.agency == agency


def _failed(workspace: Workspace, parcel: Parcel, error: Exception) -> None:
    why = error.reason if isinstance(error, MailError) else f"{type(error).__name__}: {error}"
    logger.error("mail to %s: %s", parcel.recipient.address, why)
    if not (isinstance(error, MailError) and error.accepted_unknown):
        _mark(workspace, parcel, "failed", why)


def _mark(workspace: Workspace, parcel: Parcel, state: reports.DeliveryState, error: str | None = None) -> None:
    """Note a step of all files of a mail; `_left_out` corrects it for those that it could not hold."""
    with workspace.ledger.begin() as connection:
        for delivery in parcel.deliveries:
            reports.mark_delivery(connection, delivery.delivery_id, state, error)
