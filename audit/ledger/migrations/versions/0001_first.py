"""The first schema: runs, coverage, judgements with their measures and indicators, findings, reports, deliveries."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "findings",
        sa.Column("finding_id", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("counterpart", sa.String(length=40), nullable=True),
        sa.Column("sender", sa.String(length=40), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("notation", sa.Text(), nullable=True),
        sa.Column("issued_date", sa.Text(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("urgency", sa.String(length=12), nullable=True),
        sa.Column("anchored_at", sa.DateTime(), nullable=True),
        sa.Column("deadline_at", sa.DateTime(), nullable=True),
        sa.Column("observed_at", sa.DateTime(), nullable=True),
        sa.Column("delay_minutes", sa.BigInteger(), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=True),
        sa.Column("basis", sa.JSON(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_findings")),
    )
    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_findings_agency"), ["agency"], unique=False)

    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("command", sa.String(length=40), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("exit_status", sa.Integer(), nullable=True),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("settings_digest", sa.String(length=64), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_runs_started_at"), ["started_at"], unique=False)

    op.create_table(
        "coverage",
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("table_name", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("rejects", sa.BigInteger(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.String(length=8), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_coverage_run_id_runs")),
        sa.PrimaryKeyConstraint("agency", "day", "table_name", name=op.f("pk_coverage")),
    )
    op.create_table(
        "judgements",
        sa.Column("judgement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("judged_at", sa.DateTime(), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_judgements_run_id_runs")),
        sa.PrimaryKeyConstraint("judgement_id", name=op.f("pk_judgements")),
        sa.UniqueConstraint("period_start", "period_end", "as_of", "revision", name=op.f("uq_judgements_period_start")),
    )
    with op.batch_alter_table("judgements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_judgements_as_of"), ["as_of"], unique=False)

    op.create_table(
        "reports",
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("edition", sa.String(length=40), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_reports_run_id_runs")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_reports")),
        sa.UniqueConstraint(
            "edition", "agency", "period_start", "period_end", "as_of", "revision", name=op.f("uq_reports_edition")
        ),
    )
    op.create_table(
        "sightings",
        sa.Column("sighting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("finding_id", sa.String(length=16), nullable=False),
        sa.Column("anchored_at", sa.DateTime(), nullable=False),
        sa.Column("anchor_kind", sa.String(length=8), nullable=False),
        sa.Column("first_as_of", sa.Date(), nullable=False),
        sa.Column("last_as_of", sa.Date(), nullable=False),
        sa.Column("gone_as_of", sa.Date(), nullable=True),
        sa.Column("how", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.finding_id"], name=op.f("fk_sightings_finding_id_findings")),
        sa.PrimaryKeyConstraint("sighting_id", name=op.f("pk_sightings")),
    )
    with op.batch_alter_table("sightings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sightings_anchored_at"), ["anchored_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sightings_finding_id"), ["finding_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sightings_gone_as_of"), ["gone_as_of"], unique=False)

    op.create_table(
        "waivers_applied",
        sa.Column("finding_id", sa.String(length=16), nullable=False),
        sa.Column("waiver", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("first_as_of", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.finding_id"], name=op.f("fk_waivers_applied_finding_id_findings")
        ),
        sa.PrimaryKeyConstraint("finding_id", "waiver", name=op.f("pk_waivers_applied")),
    )
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_attempt_at", sa.DateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["reports.report_id"], name=op.f("fk_deliveries_report_id_reports")),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("recipient", "sha256", name=op.f("uq_deliveries_recipient")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deliveries_report_id"), ["report_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deliveries_state"), ["state"], unique=False)

    op.create_table(
        "indicators",
        sa.Column("judgement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("indicator", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("numerator", sa.Float(), nullable=True),
        sa.Column("denominator", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["judgement_id"], ["judgements.judgement_id"], name=op.f("fk_indicators_judgement_id_judgements")
        ),
        sa.PrimaryKeyConstraint("judgement_id", "agency", "indicator", name=op.f("pk_indicators")),
    )
    op.create_table(
        "measures",
        sa.Column("judgement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("tested", sa.BigInteger(), nullable=False),
        sa.Column("breaches", sa.BigInteger(), nullable=False),
        sa.Column("findings", sa.BigInteger(), nullable=False),
        sa.Column("not_decided", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["judgement_id"], ["judgements.judgement_id"], name=op.f("fk_measures_judgement_id_judgements")
        ),
        sa.PrimaryKeyConstraint("judgement_id", "rule", "agency", name=op.f("pk_measures")),
    )


def downgrade() -> None:
    """Drop all tables."""
    op.drop_table("measures")
    op.drop_table("indicators")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deliveries_state"))
        batch_op.drop_index(batch_op.f("ix_deliveries_report_id"))

    op.drop_table("deliveries")
    op.drop_table("waivers_applied")
    with op.batch_alter_table("sightings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sightings_gone_as_of"))
        batch_op.drop_index(batch_op.f("ix_sightings_finding_id"))
        batch_op.drop_index(batch_op.f("ix_sightings_anchored_at"))

    op.drop_table("sightings")
    op.drop_table("reports")
    with op.batch_alter_table("judgements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_judgements_as_of"))

    op.drop_table("judgements")
    op.drop_table("coverage")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_runs_started_at"))

    op.drop_table("runs")
    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_findings_agency"))

    op.drop_table("findings")
