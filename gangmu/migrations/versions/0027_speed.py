"""Indexes: timers and messages that are ready lie apart; work that waits for a role and new words are quick to find."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    timer, told = "state = 'ready' AND message IS NULL", "state = 'ready' AND message IS NOT NULL"
    op.create_index("ix_job_timer", "job", ["run_at"], unique=False, postgresql_where=sa.text(timer))
    op.create_index("ix_job_told", "job", ["run_at"], unique=False, postgresql_where=sa.text(told))
    op.drop_index("ix_job_ready", table_name="job")
    op.drop_index("ix_job_about", table_name="job")
    op.create_index(
        "ix_event_open_holder",
        "event",
        ["holder_role", "due_sort", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    newest = [sa.literal_column("reported_at DESC"), sa.literal_column("event DESC")]
    op.create_index("ix_event_search_newest", "event_search", newest, unique=False)


def downgrade() -> None:
    op.drop_index("ix_event_search_newest", table_name="event_search")
    op.drop_index("ix_event_open_holder", table_name="event")
    ready = sa.text("state = 'ready'")
    op.create_index("ix_job_about", "job", ["name", "about"], unique=False, postgresql_where=ready)
    op.create_index("ix_job_ready", "job", ["run_at"], unique=False, postgresql_where=ready)
    op.drop_index("ix_job_told", table_name="job")
    op.drop_index("ix_job_timer", table_name="job")
