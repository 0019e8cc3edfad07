"""Duty list, obligations, disputes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dispute",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("org", sa.UUID(), nullable=True),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("orgs", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("matter", sa.UUID(), nullable=True),
        sa.Column("act", sa.UUID(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("person", sa.UUID(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("times_of_org", sa.Integer(), nullable=False),
        sa.Column("duty_row", sa.UUID(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("coordinated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.UUID(), nullable=True),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("lead_org", sa.UUID(), nullable=True),
        sa.Column("decision", sa.Text(), server_default="", nullable=False),
        sa.Column("binding", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
    )
    op.create_index(op.f("ix_dispute_event"), "dispute", ["event"], unique=False)
    op.create_index(
        "ix_dispute_newest",
        "dispute",
        [sa.literal_column("raised_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_dispute_open", "dispute", ["raised_at", "id"], unique=False, postgresql_where=sa.text("decided_at IS NULL")
    )
    op.create_table(
        "duty_row",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("tree", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("lead_org", sa.UUID(), nullable=False),
        sa.Column("assistants", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("to_towns", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("basis", sa.Text(), server_default="", nullable=False),
        sa.Column("verified", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("replaces", sa.UUID(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_row")),
    )
    op.create_index("ix_duty_row_key", "duty_row", ["tree", "code", "division"], unique=False)
    op.create_index(op.f("ix_duty_row_lead_org"), "duty_row", ["lead_org"], unique=False)
    op.create_index(
        "uq_duty_row_open",
        "duty_row",
        ["tree", "code", "division", "level"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "obligation",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("org", sa.UUID(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("act", sa.UUID(), nullable=False),
        sa.Column("duty_row", sa.UUID(), nullable=True),
        sa.Column("tree", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation")),
    )
    op.create_index(op.f("ix_obligation_act"), "obligation", ["act"], unique=False)
    op.create_index(op.f("ix_obligation_event"), "obligation", ["event"], unique=False)
    op.create_index(
        "ix_obligation_past",
        "obligation",
        ["tree", "code", "since"],
        unique=False,
        postgresql_where=sa.text("role = 'host'"),
    )
    op.create_index(
        "uq_obligation_open",
        "obligation",
        ["event", "org", "role"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "suggestion_use",
        sa.Column("act", sa.UUID(), nullable=False),
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("orgs", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("tree", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("suggested", sa.UUID(), nullable=True),
        sa.Column("chosen", sa.UUID(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("act", name=op.f("pk_suggestion_use")),
    )
    op.create_index(op.f("ix_suggestion_use_at"), "suggestion_use", ["at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_suggestion_use_at"), table_name="suggestion_use")
    op.drop_table("suggestion_use")
    op.drop_index("uq_obligation_open", table_name="obligation", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("ix_obligation_past", table_name="obligation", postgresql_where=sa.text("role = 'host'"))
    op.drop_index(op.f("ix_obligation_event"), table_name="obligation")
    op.drop_index(op.f("ix_obligation_act"), table_name="obligation")
    op.drop_table("obligation")
    op.drop_index("uq_duty_row_open", table_name="duty_row", postgresql_where=sa.text("valid_to IS NULL"))
    op.drop_index(op.f("ix_duty_row_lead_org"), table_name="duty_row")
    op.drop_index("ix_duty_row_key", table_name="duty_row")
    op.drop_table("duty_row")
    op.drop_index("ix_dispute_open", table_name="dispute", postgresql_where=sa.text("decided_at IS NULL"))
    op.drop_index("ix_dispute_newest", table_name="dispute")
    op.drop_index(op.f("ix_dispute_event"), table_name="dispute")
    op.drop_table("dispute")
