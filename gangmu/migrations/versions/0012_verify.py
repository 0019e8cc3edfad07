"""Field tasks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "field_task",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("orgs", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("people", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("post", sa.UUID(), nullable=True),
        sa.Column("person", sa.UUID(), nullable=True),
        sa.Column("ask", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_by", sa.UUID(), nullable=True),
        sa.Column("opening_act", sa.UUID(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("window_first", sa.SmallInteger(), nullable=True),
        sa.Column("window_last", sa.SmallInteger(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closing_act", sa.UUID(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verb", sa.Text(), server_default="", nullable=False),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("flags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_task")),
    )
    op.create_index(op.f("ix_field_task_event"), "field_task", ["event"], unique=False)
    op.create_index(
        "ix_field_task_newest",
        "field_task",
        [sa.literal_column("opened_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_field_task_post",
        "field_task",
        ["post", "opened_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_field_task_waiting",
        "field_task",
        ["opened_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "uq_field_task_open", "field_task", ["event", "kind"], unique=True, postgresql_where=sa.text("state = 'open'")
    )


def downgrade() -> None:
    op.drop_index("uq_field_task_open", table_name="field_task", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("ix_field_task_waiting", table_name="field_task", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("ix_field_task_post", table_name="field_task", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("ix_field_task_newest", table_name="field_task")
    op.drop_index(op.f("ix_field_task_event"), table_name="field_task")
    op.drop_table("field_task")
