"""Code trees, classes, filing conditions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "code_tree",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("title_en", sa.Text(), server_default="", nullable=False),
        sa.Column("pairs", postgresql.JSONB(), nullable=False),
        sa.Column("extension_first", sa.Integer(), nullable=False),
        sa.Column("extension_last", sa.Integer(), nullable=False),
        sa.Column("flow", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.Column("edition", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_tree")),
    )
    op.create_table(
        "filing_condition",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("tree", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("text_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("text_en", sa.Text(), server_default="", nullable=False),
        sa.Column("limit", sa.Text(), server_default="", nullable=False),
        sa.Column("closing", postgresql.JSONB(), nullable=False),
        sa.Column("units", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("same_time", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["tree"], ["code_tree.id"], name=op.f("fk_filing_condition_tree")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_condition")),
    )
    op.create_index("ix_condition_code", "filing_condition", ["tree", "code", "valid_from"], unique=False)
    op.create_index(
        "uq_condition_open",
        "filing_condition",
        ["tree", "code", "seq"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "matter",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("tree", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), server_default="", nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("title_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("title_en", sa.Text(), server_default="", nullable=False),
        sa.Column("local", sa.Boolean(), nullable=False),
        sa.Column("national", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("grams", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("initials", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["tree"], ["code_tree.id"], name=op.f("fk_matter_tree")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter")),
    )
    op.create_index("ix_matter_code", "matter", ["tree", "code", "valid_from"], unique=False)
    op.create_index("ix_matter_grams", "matter", ["grams"], unique=False, postgresql_using="gin")
    op.create_index(
        "uq_matter_open", "matter", ["tree", "code"], unique=True, postgresql_where=sa.text("valid_to IS NULL")
    )


def downgrade() -> None:
    op.drop_index("uq_matter_open", table_name="matter", postgresql_where=sa.text("valid_to IS NULL"))
    op.drop_index("ix_matter_grams", table_name="matter", postgresql_using="gin")
    op.drop_index("ix_matter_code", table_name="matter")
    op.drop_table("matter")
    op.drop_index("uq_condition_open", table_name="filing_condition", postgresql_where=sa.text("valid_to IS NULL"))
    op.drop_index("ix_condition_code", table_name="filing_condition")
    op.drop_table("filing_condition")
    op.drop_table("code_tree")
