"""Changed rows of imports are decided on; files of foreign orders are fetched; try-outs are jobs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import_change", sa.Column("state", sa.Text(), server_default="waiting", nullable=False))
    op.add_column("import_change", sa.Column("reason", sa.Text(), server_default="", nullable=False))
    op.add_column("import_change", sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("import_change", sa.Column("decided_by", sa.UUID(), nullable=True))
    op.add_column("import_change", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_index("ix_import_change_batch", "import_change", ["batch", "at", "id"], unique=False)
    op.create_table(
        "docking_file",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("link", sa.UUID(), nullable=False),
        sa.Column("order", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("file", sa.UUID(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_docking_file")),
    )
    op.create_index("ix_docking_file_order", "docking_file", ["order"], unique=False)
    op.create_index("ix_docking_file_link", "docking_file", ["link", "state", "id"], unique=False)
    op.create_index(
        "ix_docking_file_due", "docking_file", ["next_at"], unique=False, postgresql_where=sa.text("state = 'waiting'")
    )
    op.create_table(
        "duty_trial",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("edition", sa.UUID(), nullable=False),
        sa.Column("edition_version", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), server_default="", nullable=False),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("post", sa.UUID(), nullable=True),
        sa.Column("asked_by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("found", postgresql.JSONB(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_trial")),
    )
    op.create_index("ix_duty_trial_edition", "duty_trial", ["edition", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("duty_trial")
    op.drop_table("docking_file")
    op.drop_index("ix_import_change_batch", table_name="import_change")
    for name in ("version", "decided_by", "decided_at", "reason", "state"):
        op.drop_column("import_change", name)
