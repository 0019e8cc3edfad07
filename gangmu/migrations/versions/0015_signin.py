"""Applications with tokens; providers that vouch for people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "application",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("org", sa.UUID(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("networks", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["org"], ["org.id"], name=op.f("fk_application_org")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("digest", name=op.f("uq_application_digest")),
        sa.UniqueConstraint("name", name=op.f("uq_application_name")),
    )
    op.add_column("account", sa.Column("number", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_account_number"), "account", ["number"])
    op.add_column("session", sa.Column("provider", sa.UUID(), nullable=True))
    op.add_column("session", sa.Column("ticket", sa.Text(), nullable=True))
    op.create_index(op.f("ix_session_ticket"), "session", ["ticket"], unique=False)
    op.create_table(
        "provider",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), server_default="", nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("scopes", sa.Text(), server_default="", nullable=False),
        sa.Column("claim_match", sa.Text(), server_default="", nullable=False),
        sa.Column("claim_name", sa.Text(), server_default="", nullable=False),
        sa.Column("claim_groups", sa.Text(), server_default="", nullable=False),
        sa.Column("match_by", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("automatic", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
        sa.UniqueConstraint("title", name=op.f("uq_provider_title")),
    )
    op.create_table(
        "vouched",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("provider", sa.UUID(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("match", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("groups", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("account", sa.UUID(), nullable=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("linked_by", sa.Text(), server_default="", nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_vouched_account")),
        sa.ForeignKeyConstraint(["provider"], ["provider.id"], name=op.f("fk_vouched_provider")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vouched")),
        sa.UniqueConstraint("provider", "account", name=op.f("uq_vouched_provider_account")),
        sa.UniqueConstraint("provider", "subject", name=op.f("uq_vouched_provider_subject")),
    )
    op.create_index(op.f("ix_vouched_account"), "vouched", ["account"], unique=False)
    op.create_table(
        "role_mapping",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("provider", sa.UUID(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("org", sa.UUID(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["org"], ["org.id"], name=op.f("fk_role_mapping_org")),
        sa.ForeignKeyConstraint(["provider"], ["provider.id"], name=op.f("fk_role_mapping_provider")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_mapping")),
        sa.UniqueConstraint("provider", "group", "org", "title", name=op.f("uq_role_mapping_provider_group_org_title")),
    )
    op.create_table(
        "role_proposal",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("provider", sa.UUID(), nullable=False),
        sa.Column("known", sa.UUID(), nullable=False),
        sa.Column("mapping", sa.UUID(), nullable=False),
        sa.Column("do", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("post", sa.UUID(), nullable=True),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.UUID(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["known"], ["vouched.id"], name=op.f("fk_role_proposal_known")),
        sa.ForeignKeyConstraint(["provider"], ["provider.id"], name=op.f("fk_role_proposal_provider")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_proposal")),
    )
    op.create_index(op.f("ix_role_proposal_known"), "role_proposal", ["known"], unique=False)
    op.create_index(
        "ix_role_proposal_waiting",
        "role_proposal",
        ["known", "mapping", "do"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_index("ix_role_proposal_waiting", table_name="role_proposal")
    op.drop_index(op.f("ix_role_proposal_known"), table_name="role_proposal")
    op.drop_table("role_proposal")
    op.drop_table("role_mapping")
    op.drop_index(op.f("ix_vouched_account"), table_name="vouched")
    op.drop_table("vouched")
    op.drop_table("provider")
    op.drop_index(op.f("ix_session_ticket"), table_name="session")
    op.drop_column("session", "ticket")
    op.drop_column("session", "provider")
    op.drop_constraint(op.f("uq_account_number"), "account", type_="unique")
    op.drop_column("account", "number")
    op.drop_table("application")
