"""Alerts: what somebody has to act on today, by mail, each finding told once (and once more where it stays).

Each morning, after the night's work, every agency with something to do gets a digest. During the day, where systems
serve their running day, failed and undelivered sends of priority topics and of urgent documents are told as they are
seen, marked as provisional. Which mail tells which finding is kept before anything is sent (`audit.ledger.alerts`).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import pandas as pd

from audit import smtp
from audit.ledger import alerts
from audit.ledger.alerts import AlertMail
from audit.period import DAY, LOCAL_ZONE, day_end
from audit.pipeline.judging import Told
from audit.pipeline.reading import secrets_known
from audit.pipeline.report_inputs import OPEN_STATES, agency_infos, rule_infos
from audit.pipeline.running_day import RunningDay, due_on
from audit.pipeline.workspace import Run, Workspace
from audit.settings import Recipient
from audit.smtp import MailError
from reports import labels, secrecy
from reports.alerts import AlertView, Section, alert_letter, sections_of
from reports.mail import one_line
from reports.readable import readable_findings

logger = logging.getLogger(__name__)

EDITION: Final = "alert"
LOST: Final = ("failed_send", "undelivered")
RUNNING_RULES: Final = (*LOST, "late_urgent_send", "urgent_backlog")
URGENT: Final = ("khan", "thuong_khan", "hoa_toc")
_REMINDER: Final = 2
"""The number of the reminder: a finding is told at most so often."""


@dataclass(frozen=True, slots=True)
class AlertsSent:
    """What became of the mails: queued now, sent, failed, in doubt since an earlier run was cut off."""

    queued: int
    sent: int
    failed: int
    doubtful: int


def is_quiet(workspace: Workspace, now: datetime) -> bool:
    """Whether `now` lies in the quiet hours: nothing is asked, no alert goes out; what is still there is told later."""
    return workspace.settings.audit.alert.is_quiet_at(now.astimezone(LOCAL_ZONE).time())


def pressing(found: RunningDay) -> pd.DataFrame:
    """The findings of the running day that an alert tells: of a priority topic or of an urgent document."""
    rows = found.findings
    matters = rows["topic"].notna() | rows["urgency"].isin(URGENT)
    return rows[rows["rule"].isin(RUNNING_RULES) & matters].reset_index(drop=True)


def queue_running(workspace: Workspace, run: Run, found: RunningDay, now: datetime) -> int:
    """Queue an alert to everybody concerned, of findings never told and those whose reminder is due.

    Returns:
        how many mails.
    """
    settings = workspace.settings.audit.alert
    rows, queued = pressing(found), 0
    for recipient, agency in _recipients(workspace):
        mine = rows if not agency else rows[rows["agency"] == agency]
        with workspace.ledger.begin() as connection:
            known = alerts.times_alerted(connection, recipient.address, list(mine["finding_id"]))
            for is_reminder in (False, True):
                told = _to_tell(mine, known, now, settings.reminder_hours, is_reminder=is_reminder)
                if len(told):
                    mail = _running_mail(workspace, found, told, (recipient, agency), is_reminder=is_reminder)
                    queued += alerts.queue_alert(connection, mail, list(told["finding_id"]), run.run_id, now)
    return queued


def queue_digests(workspace: Workspace, run: Run, told: Told, morning: date) -> int:
    """Queue the digest of a morning to every recipient whose agency has something to do; once a morning.

    Args:
        workspace: the deployment.
        run: the run in whose name it is done.
        told: the judgement of the days before.
        morning: the local day that begins.

    Returns:
        how many mails.
    """
    if not workspace.settings.audit.alert.digest or not any(_recipients(workspace)):
        return 0
    parts, queued = _morning(workspace, told, morning), 0
    for recipient, agency in _recipients(workspace):
        sections = sections_of([_only(part, agency) for part in parts])
        if not sections:
            continue
        view = AlertView(
            agency=workspace.registry.agency(agency).name if agency else "",
            issuer=workspace.settings.audit.report.issuer,
            at=datetime.combine(morning, datetime.min.time()),
            provisional=False,
            sections=sections,
        )
        mail = _mail(view, _key("digest", recipient.address, agency, morning.isoformat()), (recipient, agency), morning)
        with workspace.ledger.begin() as connection:
            queued += alerts.queue_alert(connection, mail, [], run.run_id, day_end(morning))
    return queued


def send_alerts(workspace: Workspace, today: date) -> AlertsSent:
    """Send what is queued or failed before of today. One recipient's failure stops no other's mail."""
    with workspace.ledger.begin() as connection:
        due = alerts.due_alerts(connection, today)
        doubtful = len(alerts.doubtful_alerts(connection, today))
    known = {(recipient.address, agency): recipient for recipient, agency in _recipients(workspace)}
    # who is no longer in recipients.toml, or is there for another agency, gets nothing more
    due = [mail for mail in due if (mail.recipient, mail.agency) in known]
    if not due:
        return AlertsSent(0, 0, 0, doubtful)
    sent = failed = 0
    try:
        with smtp.connected(workspace.settings.audit.mail) as server:
            for mail in due:
                if _sent(workspace, server, mail, known[mail.recipient, mail.agency]):
                    sent += 1
                else:
                    failed += 1
    except MailError as error:
        logger.error("mail: %s", error.reason)  # noqa: TRY400  # no traceback: it would show what was sent
        failed = len(due) - sent
    return AlertsSent(len(due), sent, failed, doubtful)


def _sent(workspace: Workspace, server: smtp.Connection, mail: AlertMail, recipient: Recipient) -> bool:
    settings = workspace.settings.audit.mail
    name = one_line(recipient.name), recipient.address
    made = smtp.message(settings, name, one_line(mail.subject), (mail.plain, mail.html))
    made["Message-ID"] = f"<alert-{mail.key}@audit.invalid>"
    _mark(workspace, mail, "sending")
    try:
        smtp.send(server, made)
    except MailError as error:
        logger.error("alert to %s: %s", mail.recipient, error.reason)  # noqa: TRY400
        if not error.accepted_unknown:
            _mark(workspace, mail, "failed", error.reason)
        return False
    _mark(workspace, mail, "sent")
    return True


def _mark(workspace: Workspace, mail: AlertMail, state: alerts.MailState, error: str | None = None) -> None:
    with workspace.ledger.begin() as connection:
        alerts.mark_alert(connection, mail.mail_id, state, error)


def _recipients(workspace: Workspace) -> list[tuple[Recipient, str]]:
    """Who gets alerts, each with the canonical code of its agency; `""`: those of all agencies."""
    canonical = workspace.registry.canonical_code
    return [
        (each, canonical(each.agency) if each.agency else "")
        for each in workspace.settings.recipients
        if EDITION in each.editions
    ]


def _to_tell(
    rows: pd.DataFrame,
    known: Mapping[str, tuple[int, datetime]],
    now: datetime,
    reminder_hours: int,
    *,
    is_reminder: bool,
) -> pd.DataFrame:
    """The rows never told; or those told once, so long ago that their reminder is due."""

    def is_due(finding: str) -> bool:
        if finding not in known:
            return not is_reminder
        number, at = known[finding]
        waited = now - at >= timedelta(hours=reminder_hours)
        return is_reminder and reminder_hours > 0 and number < _REMINDER and waited

    return rows[[is_due(str(finding)) for finding in rows["finding_id"]]]


def _running_mail(
    workspace: Workspace, found: RunningDay, rows: pd.DataFrame, to: tuple[Recipient, str], *, is_reminder: bool
) -> AlertMail:
    recipient, agency = to
    secrets = secrets_known(workspace) | secrecy.secret_documents(found.findings)
    readable = _readable(workspace, rows, found.day, secrets)
    lost = readable["rule"].isin(LOST)
    registry = workspace.registry
    view = AlertView(
        agency=registry.agency(agency).name if agency else "",
        issuer=workspace.settings.audit.report.issuer,
        at=found.looked_at.astimezone(LOCAL_ZONE).replace(tzinfo=None, second=0, microsecond=0),
        provisional=True,
        reminder=is_reminder,
        sections=sections_of((
            Section("Văn bản gửi lỗi, không đến nơi nhận", "gửi lỗi, không đến nơi nhận", readable[lost]),
            Section("Văn bản khẩn chưa được xử lý", "văn bản khẩn chậm", readable[~lost]),
        )),
        unanswered=() if agency else tuple(registry.agency(code).name for code in found.unanswered),
    )  # fmt: skip
    number = "2" if is_reminder else "1"
    return _mail(view, _key("running", recipient.address, number, *sorted(rows["finding_id"])), to, found.day)


def _mail(view: AlertView, key: str, to: tuple[Recipient, str], day: date) -> AlertMail:
    letter = alert_letter(view)
    return AlertMail(
        key=key,
        kind="running" if view.provisional else "digest",
        day=day,
        agency=to[1],
        recipient=to[0].address,
        subject=letter.subject,
        plain=letter.plain,
        html=letter.html,
    )


def _morning(workspace: Workspace, told: Told, morning: date) -> list[Section]:
    """What was found of the days before and is not done, and what falls due on the day that begins."""
    rows = told.findings[told.findings["state"].isin(OPEN_STATES)]
    is_new = rows["first_seen_at"] >= pd.Timestamp(day_end(morning))
    lost = rows["rule"].isin(LOST)
    urgent = rows["urgency"].isin(URGENT) & rows["code"].str[0].isin(["G", "N"]) & rows["observed_at"].isna() & ~lost
    due, secrets = due_on(workspace, morning), secrets_known(workspace) | secrecy.secret_documents(told.findings)
    return [
        Section(title, short, _readable(workspace, part, morning - DAY, secrets), ahead)
        for title, short, part, ahead in (
            ("Văn bản gửi lỗi, không đến nơi nhận mới phát hiện", "gửi lỗi mới", rows[lost & is_new], False),
            ("Văn bản gửi lỗi, không đến nơi nhận chưa khắc phục", "lỗi chưa khắc phục", rows[lost & ~is_new], False),
            ("Văn bản khẩn chưa xử lý xong", "văn bản khẩn", rows[urgent], False),
            ("Văn bản đến hạn hôm nay", "đến hạn hôm nay", due[~due["finding_id"].isin(rows["finding_id"])], True),
        )
    ]


def _only(section: Section, agency: str) -> Section:
    """The section with the rows of one agency alone; `""`: all."""
    rows = section.rows if not agency else section.rows[section.rows["agency"] == agency]
    return Section(section.title, section.short, rows, section.ahead)


def _readable(workspace: Workspace, findings: pd.DataFrame, day: date, secrets: frozenset[secrecy.Key]) -> pd.DataFrame:
    """As in the reports. What a secret document is stays hidden from its sender, too: its workbook names it."""
    settings = workspace.settings
    given = findings if "state" in findings else findings.assign(state="new", first_seen_at=findings["anchored_at"])
    return readable_findings(
        given,
        {agency.code: agency for agency in agency_infos(workspace, workspace.registry.codes)},
        {rule.id: rule for rule in rule_infos(settings, day)},
        labels.merged(settings.labels.model_dump(mode="json")),
        secrets,
    )


def _key(*parts: str) -> str:
    """What makes a mail one of a kind, short enough for an index."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]
