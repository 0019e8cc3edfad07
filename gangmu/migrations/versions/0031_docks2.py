"""Changed rows of imports are decided on."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import_change", sa.Column("state", sa.Text(), server_default="waiting", nullable=False))
    op.add_column("import_change", sa.Column("reason", sa.Text(), server_default="", nullable=False))
    op.add_column("import_change", sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("import_change", sa.Column("decided_by", sa.UUID(), nullable=True))
    op.add_column("import_change", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_index("ix_import_change_batch", "import_change", ["batch", "at", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_import_change_batch", table_name="import_change")
    for name in ("version", "decided_by", "decided_at", "reason", "state"):
        op.drop_column("import_change", name)
