"""Answers to reporters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("report", sa.UUID(), nullable=False),
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("orgs", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("channel", sa.Text(), server_default="", nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by", sa.UUID(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
    )
    op.create_index(op.f("ix_answer_event"), "answer", ["event"], unique=False)
    op.create_index(
        "ix_answer_newest", "answer", [sa.literal_column("at DESC"), sa.literal_column("id DESC")], unique=False
    )
    op.create_index(
        "ix_answer_pending", "answer", ["at", "id"], unique=False, postgresql_where=sa.text("state = 'pending'")
    )
    op.create_index(op.f("ix_answer_report"), "answer", ["report"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_answer_report"), table_name="answer")
    op.drop_index("ix_answer_pending", table_name="answer", postgresql_where=sa.text("state = 'pending'"))
    op.drop_index("ix_answer_newest", table_name="answer")
    op.drop_index(op.f("ix_answer_event"), table_name="answer")
    op.drop_table("answer")
