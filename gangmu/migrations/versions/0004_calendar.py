"""Work calendars."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("week", postgresql.JSONB(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("years", postgresql.JSONB(), nullable=False),
        sa.Column("seasons", postgresql.JSONB(), nullable=False),
        sa.Column("day_minutes", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.Column("shipped", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_calendar_name_version")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("calendar", sa.UUID(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("hours", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["calendar"], ["calendar.id"], name=op.f("fk_calendar_day_calendar")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_day")),
        sa.UniqueConstraint("calendar", "date", name=op.f("uq_calendar_day_calendar_date")),
    )
    op.create_table(
        "calendar_hours",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("calendar", sa.UUID(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("season", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["calendar"], ["calendar.id"], name=op.f("fk_calendar_hours_calendar")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_hours")),
        sa.UniqueConstraint("calendar", "seq", name=op.f("uq_calendar_hours_calendar_seq")),
    )


def downgrade() -> None:
    op.drop_table("calendar_hours")
    op.drop_table("calendar_day")
    op.drop_table("calendar")
