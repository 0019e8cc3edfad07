"""Board: what the wall screen counts of events as they stand, of today's moves and of departments' verdicts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def _counts(name: str, *more: sa.UniqueConstraint) -> None:
    op.create_table(
        name,
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("org", sa.UUID(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        *more,
    )


def upgrade() -> None:
    op.create_table(
        "board_dirty",
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "board_open",
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("lateness", sa.Text(), server_default="", nullable=False),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("x", sa.Integer(), nullable=True),
        sa.Column("y", sa.Integer(), nullable=True),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event", name=op.f("pk_board_open")),
    )
    op.create_index("ix_board_open_square", "board_open", ["x", "y"], unique=False)
    op.create_index("ix_board_open_stage", "board_open", ["stage", "due_at", "event"], unique=False)
    op.create_index(
        "ix_board_open_late",
        "board_open",
        ["lateness", "due_at", "event"],
        unique=False,
        postgresql_where=sa.text("lateness <> ''"),
    )
    op.create_index(
        "ix_board_open_score",
        "board_open",
        [sa.literal_column("score DESC"), "due_at", "event"],
        unique=False,
        postgresql_where=sa.text("score > 0"),
    )
    op.create_index(
        "ix_board_open_reasons",
        "board_open",
        ["reasons"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("score > 0"),
    )
    op.create_table(
        "board_move",
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(
        "ix_board_move_shown", "board_move", ["day", "what", "key", sa.literal_column("at DESC")], unique=False
    )
    op.create_index("ix_board_move_event", "board_move", ["event"], unique=False)
    op.create_table(
        "board_verdict",
        sa.Column("clock", sa.UUID(), nullable=False),
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("org", sa.UUID(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("on_time", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("clock", name=op.f("pk_board_verdict")),
    )
    op.create_index(op.f("ix_board_verdict_event"), "board_verdict", ["event"], unique=False)
    op.create_index("ix_board_verdict_org", "board_verdict", ["org", "day"], unique=False)
    _counts("board_delta")
    by = ("what", "day", "key", "division", "org")
    _counts(
        "board_count",
        sa.UniqueConstraint(
            *by, name=op.f("uq_board_count_what_day_key_division_org"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_table(
        "board_square",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("x", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("y", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.Column("near", sa.BigInteger(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("level", "x", "y", "division", name=op.f("pk_board_square")),
    )
    # what is open already is looked at by the first minutes' work
    op.execute("INSERT INTO board_dirty (event, at) SELECT id, now() FROM event WHERE status = 'open'")


def downgrade() -> None:
    for name in ("square", "count", "delta", "verdict", "move", "open", "dirty"):
        op.drop_table(f"board_{name}")
