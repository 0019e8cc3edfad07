"""Stand-ins, leave, shifts, hand-over, notices to who is on duty; organisations end with a successor."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
IDS, TEXTS = postgresql.ARRAY(sa.UUID()), postgresql.ARRAY(sa.Text())
NONE = sa.text("'{}'")


def upgrade() -> None:
    op.add_column("org", sa.Column("successor", sa.UUID(), nullable=True))
    op.add_column("org", sa.Column("ended_at", TIME, nullable=True))
    op.create_table(
        "stand_in",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("post", sa.UUID(), nullable=False),
        sa.Column("person", sa.UUID(), nullable=False),
        sa.Column("org", sa.UUID(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("only", TEXTS, server_default=NONE, nullable=False),
        sa.Column("made_by", sa.UUID(), nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("ended_by", sa.UUID(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_stand_in_person")),
        sa.ForeignKeyConstraint(["post"], ["post.id"], name=op.f("fk_stand_in_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stand_in")),
    )
    op.create_index("ix_stand_in_person", "stand_in", ["person", "ends_at"], unique=False)
    op.create_index("ix_stand_in_post", "stand_in", ["post", "ends_at"], unique=False)
    op.create_index("ix_stand_in_newest", "stand_in", [sa.text("starts_at DESC"), sa.text("id DESC")], unique=False)

    op.create_table(
        "leave",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("person", sa.UUID(), nullable=False),
        sa.Column("post", sa.UUID(), nullable=False),
        sa.Column("org", sa.UUID(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.UUID(), nullable=True),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("decided_by", sa.UUID(), nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave")),
    )
    op.create_index("ix_leave_person", "leave", ["person", "ends_at"], unique=False)
    op.create_index("ix_leave_newest", "leave", [sa.text("starts_at DESC"), sa.text("id DESC")], unique=False)

    op.create_table(
        "shift_pattern",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("org", sa.UUID(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), server_default="", nullable=False),
        sa.Column("slots", postgresql.JSONB(), nullable=False),
        sa.Column("crew", IDS, server_default=NONE, nullable=False),
        sa.Column("rest_hours", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_pattern")),
        sa.UniqueConstraint("org", "title", name=op.f("uq_shift_pattern_org_title")),
    )
    op.create_table(
        "shift",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("pattern", sa.UUID(), nullable=True),
        sa.Column("slot", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("org", sa.UUID(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("post", sa.UUID(), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("made", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
        sa.UniqueConstraint("post", "kind", "starts_at", name=op.f("uq_shift_post_kind_starts_at")),
    )
    op.create_index("ix_shift_org", "shift", ["org", "starts_at", "id"], unique=False)
    op.create_index("ix_shift_start", "shift", ["starts_at", "id"], unique=False)
    op.create_table(
        "shift_swap",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("org", sa.UUID(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("shift", sa.UUID(), nullable=False),
        sa.Column("other", sa.UUID(), nullable=True),
        sa.Column("from_post", sa.UUID(), nullable=False),
        sa.Column("to_post", sa.UUID(), nullable=False),
        sa.Column("from_person", sa.UUID(), nullable=False),
        sa.Column("to_person", sa.UUID(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("agreed_at", TIME, nullable=True),
        sa.Column("decided_by", sa.UUID(), nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_swap")),
    )
    op.create_index("ix_shift_swap_newest", "shift_swap", [sa.text("asked_at DESC"), sa.text("id DESC")], unique=False)
    op.create_index(
        "uq_shift_swap_open",
        "shift_swap",
        ["shift"],
        unique=True,
        postgresql_where=sa.text("state IN ('asked', 'agreed')"),
    )

    op.create_table(
        "hand_over",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("shift", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("org", sa.UUID(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("post", sa.UUID(), nullable=False),
        sa.Column("person", sa.UUID(), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("watch", sa.Text(), server_default="", nullable=False),
        sa.Column("keys", sa.Text(), server_default="", nullable=False),
        sa.Column("matters", postgresql.JSONB(), nullable=False),
        sa.Column("open_count", sa.Integer(), nullable=False),
        sa.Column("late_count", sa.Integer(), nullable=False),
        sa.Column("written_at", TIME, nullable=False),
        sa.Column("received_by", sa.UUID(), nullable=True),
        sa.Column("received_post", sa.UUID(), nullable=True),
        sa.Column("received_at", TIME, nullable=True),
        sa.Column("receipt", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over")),
        sa.UniqueConstraint("shift", name=op.f("uq_hand_over_shift")),
    )
    op.create_index("ix_hand_over_newest", "hand_over", [sa.text("written_at DESC"), sa.text("id DESC")], unique=False)
    op.create_table(
        "duty_notice",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), server_default="", nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("post", sa.UUID(), nullable=True),
        sa.Column("person", sa.UUID(), nullable=True),
        sa.Column("org", sa.UUID(), nullable=True),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_notice")),
        sa.UniqueConstraint(
            "about", "person", name=op.f("uq_duty_notice_about_person"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_index(
        "ix_duty_notice_open",
        "duty_notice",
        ["person", "at", "id"],
        unique=False,
        postgresql_where=sa.text("seen_at IS NULL"),
    )
    op.create_index("ix_duty_notice_newest", "duty_notice", [sa.text("at DESC"), sa.text("id DESC")], unique=False)
    op.create_index("ix_event_act_recorded", "event_act", ["recorded_at"], unique=False, postgresql_using="brin")


def downgrade() -> None:
    op.drop_index("ix_event_act_recorded", table_name="event_act", postgresql_using="brin")
    for table in ("duty_notice", "hand_over", "shift_swap", "shift", "shift_pattern", "leave", "stand_in"):
        op.drop_table(table)
    op.drop_column("org", "ended_at")
    op.drop_column("org", "successor")
