"""The ledger's tables, in SQL that SQLite and PostgreSQL both speak.

Days are local days; `as_of` is the first day not seen (`audit/period.py`); instants are UTC. Nothing here is ever
rewritten to hide what was once said: judgements and reports get revisions, findings get sightings.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Fixed names, so that a later migration can name what it changes."""

metadata = MetaData(naming_convention=NAMING)


class UtcInstant(TypeDecorator[datetime]):
    """An aware instant, kept as UTC without a zone: SQLite has no zones, and PostgreSQL would show the server's."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuse a naive instant instead of guessing its zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant without a zone: {value}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give the instant its zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


SERIAL = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up only in columns whose type is exactly INTEGER."""

runs = Table(
    "runs",
    metadata,
    Column("run_id", String(40), primary_key=True),
    Column("command", String(40), nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("started_at", UtcInstant, nullable=False, index=True),
    Column("ended_at", UtcInstant),
    Column("exit_status", Integer),
    Column("versions", JSON, nullable=False),
    Column("settings_digest", String(64), nullable=False),
    Column("counts", JSON, nullable=False),
)

coverage = Table(
    "coverage",
    metadata,
    Column("agency", String(40), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("table_name", String(20), primary_key=True),
    Column("state", String(12), nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("rejects", BigInteger, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("failed_at", String(8)),
    Column("reason", Text),
    Column("run_id", String(40), ForeignKey("runs.run_id"), nullable=False),
)

judgements = Table(
    "judgements",
    metadata,
    Column("judgement_id", SERIAL, primary_key=True),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("as_of", Date, nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("changes", JSON, nullable=False),
    Column("judged_at", UtcInstant, nullable=False),
    Column("run_id", String(40), ForeignKey("runs.run_id"), nullable=False),
    UniqueConstraint("period_start", "period_end", "as_of", "revision"),
)

measures = Table(
    "measures",
    metadata,
    Column("judgement_id", SERIAL, ForeignKey("judgements.judgement_id"), primary_key=True),
    Column("rule", String(40), primary_key=True),
    Column("code", String(4), nullable=False),
    Column("agency", String(40), primary_key=True),
    Column("tested", BigInteger, nullable=False),
    Column("breaches", BigInteger, nullable=False),
    Column("findings", BigInteger, nullable=False),
    Column("not_decided", BigInteger, nullable=False),
    Column("outcome", String(12), nullable=False),
)

indicators = Table(
    "indicators",
    metadata,
    Column("judgement_id", SERIAL, ForeignKey("judgements.judgement_id"), primary_key=True),
    Column("agency", String(40), primary_key=True),
    Column("indicator", String(80), primary_key=True),
    Column("value", Float),
    Column("numerator", Float),
    Column("denominator", Float),
)

findings = Table(
    "findings",
    metadata,
    Column("finding_id", String(16), primary_key=True),
    Column("rule", String(40), nullable=False),
    Column("code", String(4), nullable=False),
    Column("severity", String(8), nullable=False),
    Column("agency", String(40), nullable=False, index=True),
    Column("counterpart", String(40)),
    Column("sender", String(40)),
    Column("number", Text),
    Column("notation", Text),
    Column("issued_date", Text),
    Column("recipient", Text),
    Column("subject", Text),
    Column("topic", Text),
    Column("urgency", String(12)),
    Column("anchored_at", UtcInstant),
    Column("deadline_at", UtcInstant),
    Column("observed_at", UtcInstant),
    Column("delay_minutes", BigInteger),
    Column("extra", Text),
    Column("detail", JSON),
    Column("basis", JSON),
    Column("evidence", JSON),
)
"""Findings as they looked when they were first seen: what a later report says of one that is resolved must not move."""

sightings = Table(
    "sightings",
    metadata,
    Column("sighting_id", SERIAL, primary_key=True),
    Column("finding_id", String(16), ForeignKey("findings.finding_id"), nullable=False, index=True),
    Column("anchored_at", UtcInstant, nullable=False, index=True),
    Column("anchor_kind", String(8), nullable=False),
    Column("first_as_of", Date, nullable=False),
    Column("last_as_of", Date, nullable=False),
    Column("gone_as_of", Date, index=True),
    Column("how", String(20)),
)
"""One row a stretch of time in which every judgement that looked saw the finding; `gone_as_of`: the first that no
longer did.
"""

waivers_applied = Table(
    "waivers_applied",
    metadata,
    Column("finding_id", String(16), ForeignKey("findings.finding_id"), primary_key=True),
    Column("waiver", String(16), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("approver", Text, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("first_as_of", Date, nullable=False),
)

reports = Table(
    "reports",
    metadata,
    Column("report_id", SERIAL, primary_key=True),
    Column("run_id", String(40), ForeignKey("runs.run_id"), nullable=False),
    Column("edition", String(40), nullable=False),
    Column("agency", String(40), nullable=False),
    Column("path", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("changes", JSON, nullable=False),
    Column("made_at", UtcInstant, nullable=False),
    UniqueConstraint("edition", "agency", "period_start", "period_end", "as_of", "revision"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("delivery_id", SERIAL, primary_key=True),
    Column("report_id", SERIAL, ForeignKey("reports.report_id"), nullable=False, index=True),
    Column("recipient", String(254), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("state", String(8), nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("last_attempt_at", UtcInstant),
    Column("last_error", Text),
    UniqueConstraint("recipient", "sha256"),
)

alert_mails = Table(
    "alert_mails",
    metadata,
    Column("mail_id", SERIAL, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("kind", String(8), nullable=False),
    Column("day", Date, nullable=False),
    Column("agency", String(40), nullable=False),
    Column("recipient", String(254), nullable=False),
    Column("subject", Text, nullable=False),
    Column("plain", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("state", String(8), nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("last_attempt_at", UtcInstant),
    Column("last_error", Text),
    Column("made_at", UtcInstant, nullable=False),
    Column("run_id", String(40), ForeignKey("runs.run_id"), nullable=False),
)
"""Alerts and morning digests, whole: what is sent later is what was decided, to the letter."""

alerted = Table(
    "alerted",
    metadata,
    Column("finding_id", String(16), primary_key=True),
    Column("recipient", String(254), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("mail_id", SERIAL, ForeignKey("alert_mails.mail_id"), nullable=False, index=True),
    Column("alerted_at", UtcInstant, nullable=False),
)
"""Which finding was told to whom: number 1 is the alert, 2 the reminder. Provisional findings are not in `findings`."""

notes = Table(
    "notes",
    metadata,
    Column("note_id", SERIAL, primary_key=True),
    Column("finding_id", String(16), ForeignKey("findings.finding_id"), nullable=False, index=True),
    Column("agency", String(40), nullable=False),
    Column("state", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("row_no", Integer, nullable=False),
    Column("noted_at", UtcInstant, nullable=False),
    Column("run_id", String(40), ForeignKey("runs.run_id"), nullable=False),
    UniqueConstraint("finding_id", "file_sha256"),
)
"""What agencies wrote about findings into returned workbooks: comments, which no judgement looks at."""
