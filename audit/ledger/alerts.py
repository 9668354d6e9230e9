"""Alerts: mails about findings, decided and kept in one transaction, each sent once.

A mail is queued together with the findings that it tells, so a crash leaves both or none. It is `sending` and committed
before it is handed over, and `sent` or `failed` after: what a crash left `sending` may have gone out and is never sent
again. An alert that could not be delivered on its day has lost its use: it is `expired`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, Literal

import sqlalchemy as sa

from audit.ledger.database import chunks
from audit.ledger.schema import alert_mails, alerted

AlertKind = Literal["digest", "running"]
MailState = Literal["queued", "sending", "sent", "failed", "expired"]

ERROR_LENGTH_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class AlertMail:
    """A mail as it will be sent, or was.

    Attributes:
        key: what makes it one of a kind; a second mail with the same key is not queued.
        kind: `digest` of a morning, or `running`: an alert of the running day.
        day: the local day on which it is of use.
        agency: whose findings it tells; `""`: the whole province's.
        recipient: mail address.
        subject, plain, html: its text.
        mail_id, state, attempts: as the ledger knows it.
    """

    key: str
    kind: AlertKind
    day: date
    agency: str
    recipient: str
    subject: str
    plain: str
    html: str
    mail_id: int = 0
    state: MailState = "queued"
    attempts: int = 0


def queue_alert(connection: sa.Connection, mail: AlertMail, findings: Iterable[str], run_id: str, at: datetime) -> bool:
    """Queue a mail and note which findings it tells; nothing happens where its key was queued before.

    Args:
        connection: an open one.
        mail: what is to be sent.
        findings: ids of those that it tells.
        run_id: the run that decided it.
        at: the instant at which it was decided; reminders are reckoned from it.

    Returns:
        whether it is a new one.
    """
    if is_queued(connection, mail.key):
        return False
    row: dict[str, Any] = {name: getattr(mail, name) for name in ("key", "kind", "day", "agency", "recipient")}
    row |= {"subject": mail.subject, "plain": mail.plain, "html": mail.html, "state": "queued", "attempts": 0}
    insert = (
        sa.insert(alert_mails).values(**row, made_at=datetime.now(UTC), run_id=run_id).returning(alert_mails.c.mail_id)
    )
    mail_id = connection.execute(insert).scalar_one()
    told = list(findings)
    known = times_alerted(connection, mail.recipient, told)
    rows = [
        {"finding_id": finding, "recipient": mail.recipient, "number": known.get(finding, (0, at))[0] + 1}
        for finding in told
    ]
    if rows:
        connection.execute(sa.insert(alerted), [{**each, "mail_id": mail_id, "alerted_at": at} for each in rows])
    return True


def is_queued(connection: sa.Connection, key: str) -> bool:
    """Whether a mail with this key was ever queued."""
    return connection.execute(sa.select(alert_mails.c.mail_id).where(alert_mails.c.key == key)).first() is not None


def times_alerted(
    connection: sa.Connection, recipient: str, findings: Sequence[str]
) -> dict[str, tuple[int, datetime]]:
    """How often each finding was told to a recipient, and when last; findings never told are not in it."""
    found: dict[str, tuple[int, datetime]] = {}
    for part in chunks(findings):
        where = sa.and_(alerted.c.recipient == recipient, alerted.c.finding_id.in_(part))
        columns = (alerted.c.finding_id, alerted.c.number, alerted.c.alerted_at)
        for finding, number, at in connection.execute(sa.select(*columns).where(where).order_by(alerted.c.number)):
            found[finding] = (number, at)
    return found


def due_alerts(connection: sa.Connection, today: date) -> list[AlertMail]:
    """What is queued or failed of today, oldest first; what is older expires."""
    waiting = alert_mails.c.state.in_(("queued", "failed"))
    connection.execute(sa.update(alert_mails).where(waiting, alert_mails.c.day < today).values(state="expired"))
    return _mails(connection, waiting)


def doubtful_alerts(connection: sa.Connection, today: date) -> list[AlertMail]:
    """What of today was being sent when its run ended; whether it went out is not known. The next digest or reminder
    settles it: an alert of a day that is over is of no use to anybody.
    """
    return _mails(connection, sa.and_(alert_mails.c.state == "sending", alert_mails.c.day >= today))


def waiting_alerts(connection: sa.Connection, today: date) -> dict[str, int]:
    """How many alerts of today have not gone out, or were cut off while being sent, by state."""
    waiting = sa.and_(alert_mails.c.state.in_(("queued", "failed", "sending")), alert_mails.c.day >= today)
    states = connection.execute(sa.select(alert_mails.c.state).where(waiting)).scalars()
    return dict(sorted(Counter(states).items()))


def mark_alert(connection: sa.Connection, mail_id: int, state: MailState, error: str | None = None) -> None:
    """Note a step of a mail; `sending` counts an attempt. Commit before the next step is taken."""
    values: dict[str, Any] = {"state": state, "last_error": error and error[:ERROR_LENGTH_MAX]}
    if state == "sending":
        values |= {"attempts": alert_mails.c.attempts + 1, "last_attempt_at": datetime.now(UTC)}
    connection.execute(sa.update(alert_mails).where(alert_mails.c.mail_id == mail_id).values(values))


def _mails(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[AlertMail]:
    names = tuple(AlertMail.__dataclass_fields__)
    rows = connection.execute(
        sa.select(*(alert_mails.c[name] for name in names)).where(where).order_by(alert_mails.c.mail_id)
    )
    return [AlertMail(*row) for row in rows]
