"""Clocks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clock",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), server_default="", nullable=False),
        sa.Column("org", sa.UUID(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("limit", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("calendar_version", sa.Integer(), nullable=False),
        sa.Column("day_meaning", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("marks", postgresql.JSONB(), nullable=False),
        sa.Column("pauses", postgresql.JSONB(), nullable=False),
        sa.Column("extended", sa.Integer(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_s", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("bundled_into", sa.UUID(), nullable=True),
        sa.Column("fired", sa.Integer(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    op.create_index("ix_clock_event", "clock", ["event_id", "id"], unique=False)
    op.create_index(
        "ix_clock_provisional",
        "clock",
        ["calendar", "id"],
        unique=False,
        postgresql_where=sa.text("provisional AND stopped_at IS NULL"),
    )
    op.create_index(
        "ix_clock_running",
        "clock",
        ["event_id", "stage"],
        unique=False,
        postgresql_where=sa.text("stopped_at IS NULL AND bundled_into IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_clock_running", table_name="clock", postgresql_where=sa.text("stopped_at IS NULL AND bundled_into IS NULL")
    )
    op.drop_index(
        "ix_clock_provisional", table_name="clock", postgresql_where=sa.text("provisional AND stopped_at IS NULL")
    )
    op.drop_index("ix_clock_event", table_name="clock")
    op.drop_table("clock")
