"""Reports and reporters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reporter",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporter")),
    )
    op.create_index(op.f("ix_reporter_phone_hash"), "reporter", ["phone_hash"], unique=False)
    op.create_table(
        "report",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("reporter", sa.UUID(), nullable=True),
        sa.Column("anonymous", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("confidential", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("consent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("want_reply", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("matter", sa.UUID(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("datum", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("division", sa.Text(), server_default="", nullable=False),
        sa.Column("unit_grid", sa.Text(), server_default="", nullable=False),
        sa.Column("attachments", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("event", sa.UUID(), nullable=True),
        sa.Column("review", sa.Text(), server_default="", nullable=False),
        sa.Column("foreign_no", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("taken_by", sa.UUID(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["reporter"], ["reporter.id"], name=op.f("fk_report_reporter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    op.create_index("ix_report_attachments", "report", ["attachments"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_report_event"), "report", ["event"], unique=False)
    op.create_index("ix_report_pending", "report", ["id"], unique=False, postgresql_where=sa.text("review = 'pending'"))
    op.create_index(op.f("ix_report_reporter"), "report", ["reporter"], unique=False)
    op.create_index(
        "uq_report_foreign",
        "report",
        ["source", "foreign_no"],
        unique=True,
        postgresql_where=sa.text("foreign_no <> ''"),
    )


def downgrade() -> None:
    op.drop_index("uq_report_foreign", table_name="report", postgresql_where=sa.text("foreign_no <> ''"))
    op.drop_index(op.f("ix_report_reporter"), table_name="report")
    op.drop_index("ix_report_pending", table_name="report", postgresql_where=sa.text("review = 'pending'"))
    op.drop_index(op.f("ix_report_event"), table_name="report")
    op.drop_index("ix_report_attachments", table_name="report", postgresql_using="gin")
    op.drop_table("report")
    op.drop_index(op.f("ix_reporter_phone_hash"), table_name="reporter")
    op.drop_table("reporter")
