"""Alert mails, what was told to whom, and what agencies wrote into returned workbooks."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "alert_mails",
        sa.Column("mail_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("plain", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_attempt_at", sa.DateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_alert_mails_run_id_runs")),
        sa.PrimaryKeyConstraint("mail_id", name=op.f("pk_alert_mails")),
        sa.UniqueConstraint("key", name=op.f("uq_alert_mails_key")),
    )
    with op.batch_alter_table("alert_mails", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_mails_state"), ["state"], unique=False)

    op.create_table(
        "notes",
        sa.Column("note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("finding_id", sa.String(length=16), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("noted_at", sa.DateTime(), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.finding_id"], name=op.f("fk_notes_finding_id_findings")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_notes_run_id_runs")),
        sa.PrimaryKeyConstraint("note_id", name=op.f("pk_notes")),
        sa.UniqueConstraint("finding_id", "file_sha256", name=op.f("uq_notes_finding_id")),
    )
    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notes_finding_id"), ["finding_id"], unique=False)

    op.create_table(
        "alerted",
        sa.Column("finding_id", sa.String(length=16), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("alerted_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["alert_mails.mail_id"], name=op.f("fk_alerted_mail_id_alert_mails")),
        sa.PrimaryKeyConstraint("finding_id", "recipient", "number", name=op.f("pk_alerted")),
    )
    with op.batch_alter_table("alerted", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alerted_mail_id"), ["mail_id"], unique=False)


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("alerted", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alerted_mail_id"))

    op.drop_table("alerted")
    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notes_finding_id"))

    op.drop_table("notes")
    with op.batch_alter_table("alert_mails", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alert_mails_state"))

    op.drop_table("alert_mails")
