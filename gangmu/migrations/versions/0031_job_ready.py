"""Jobs: timers and messages that are ready lie in indexes of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    timer, told = "state = 'ready' AND message IS NULL", "state = 'ready' AND message IS NOT NULL"
    op.create_index("ix_job_timer", "job", ["run_at"], unique=False, postgresql_where=sa.text(timer))
    op.create_index("ix_job_told", "job", ["run_at"], unique=False, postgresql_where=sa.text(told))
    op.drop_index("ix_job_ready", table_name="job")
    op.drop_index("ix_job_about", table_name="job")


def downgrade() -> None:
    ready = sa.text("state = 'ready'")
    op.create_index("ix_job_about", "job", ["name", "about"], unique=False, postgresql_where=ready)
    op.create_index("ix_job_ready", "job", ["run_at"], unique=False, postgresql_where=ready)
    op.drop_index("ix_job_told", table_name="job")
    op.drop_index("ix_job_timer", table_name="job")
