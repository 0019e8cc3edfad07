"""Drafts of flows and editions of the duty list; a version of a flow may bring a former one back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flow_draft",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("definition", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("remark", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_by", sa.UUID(), nullable=True),
        sa.Column("made_by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("editors", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("changed_by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.UUID(), nullable=True),
        sa.Column("proposed_by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published", sa.Integer(), nullable=True),
        sa.Column("tried", postgresql.JSONB(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_draft")),
    )
    op.create_index(
        "ix_flow_draft_newest", "flow_draft", [sa.text("changed_at DESC"), sa.text("id DESC")], unique=False
    )
    op.add_column("flow_version", sa.Column("made_by_name", sa.Text(), server_default="", nullable=False))
    op.add_column("flow_version", sa.Column("proposed_by_name", sa.Text(), server_default="", nullable=False))
    op.add_column("flow_version", sa.Column("restores", sa.Integer(), nullable=True))
    op.drop_constraint(op.f("uq_flow_version_flow_digest"), "flow_version", type_="unique")
    op.create_index(
        "uq_flow_version_digest",
        "flow_version",
        ["flow", "digest"],
        unique=True,
        postgresql_where=sa.text("restores IS NULL"),
    )
    op.create_table(
        "duty_edition",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", sa.UUID(), nullable=True),
        sa.Column("made_by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reverts", sa.UUID(), nullable=True),
        sa.Column("reverted_by", sa.UUID(), nullable=True),
        sa.Column("tried", postgresql.JSONB(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_edition")),
    )
    op.create_index(
        "ix_duty_edition_newest", "duty_edition", [sa.text("made_at DESC"), sa.text("id DESC")], unique=False
    )
    op.create_table(
        "duty_change",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("edition", sa.UUID(), nullable=False),
        sa.Column("do", sa.Text(), nullable=False),
        sa.Column("row", sa.UUID(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=True),
        sa.Column("tree", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("lead_org", sa.UUID(), nullable=False),
        sa.Column("assistants", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("to_towns", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("basis", sa.Text(), server_default="", nullable=False),
        sa.Column("verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("made", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(["edition"], ["duty_edition.id"], name=op.f("fk_duty_change_edition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_change")),
        sa.UniqueConstraint(
            "edition", "tree", "code", "division", "level", name=op.f("uq_duty_change_edition_tree_code_division_level")
        ),
    )
    op.create_index("ix_obligation_org", "obligation", ["org", "since", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_obligation_org", table_name="obligation")
    op.drop_table("duty_change")
    op.drop_index("ix_duty_edition_newest", table_name="duty_edition")
    op.drop_table("duty_edition")
    op.drop_index("uq_flow_version_digest", table_name="flow_version", postgresql_where=sa.text("restores IS NULL"))
    # versions that bring a former one back have its digest: told apart by their number before the rule returns
    op.execute("UPDATE flow_version SET digest = digest || '/' || number WHERE restores IS NOT NULL")
    op.create_unique_constraint(op.f("uq_flow_version_flow_digest"), "flow_version", ["flow", "digest"])
    op.drop_column("flow_version", "restores")
    op.drop_column("flow_version", "proposed_by_name")
    op.drop_column("flow_version", "made_by_name")
    op.drop_index("ix_flow_draft_newest", table_name="flow_draft")
    op.drop_table("flow_draft")
