"""What events concern: components, places, people."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "concern_component",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("component", sa.UUID(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("by_person", sa.UUID(), nullable=True),
        sa.Column("by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern_component")),
    )
    op.create_index("ix_concern_component_component", "concern_component", ["component", "at"], unique=False)
    op.create_index(
        "ix_concern_component_now",
        "concern_component",
        ["event", "component"],
        unique=True,
        postgresql_where=sa.text("gone_at IS NULL"),
    )
    op.create_table(
        "concern_person",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("number", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("home", sa.LargeBinary(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("kinds", sa.LargeBinary(), nullable=True),
        sa.Column("number_mark", sa.LargeBinary(), nullable=True),
        sa.Column("by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern_person")),
    )
    op.create_index("ix_concern_person_event", "concern_person", ["event"], unique=False)
    op.create_index("ix_concern_person_number_mark", "concern_person", ["number_mark"], unique=False)
    op.create_table(
        "concern_place",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("address", sa.UUID(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern_place")),
    )
    op.create_index("ix_concern_place_address", "concern_place", ["address"], unique=False)
    op.create_index("ix_concern_place_event", "concern_place", ["event"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_concern_place_event", table_name="concern_place")
    op.drop_index("ix_concern_place_address", table_name="concern_place")
    op.drop_table("concern_place")
    op.drop_index("ix_concern_person_number_mark", table_name="concern_person")
    op.drop_index("ix_concern_person_event", table_name="concern_person")
    op.drop_table("concern_person")
    op.drop_index("ix_concern_component_now", table_name="concern_component")
    op.drop_index("ix_concern_component_component", table_name="concern_component")
    op.drop_table("concern_component")
