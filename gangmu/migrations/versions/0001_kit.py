"""The tables of kit: clock, settings, outbox, jobs, journal, keys, files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "allocator",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_allocator")),
    )
    op.create_table(
        "draft",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person", "key", name=op.f("pk_draft")),
    )
    op.create_table(
        "file",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
    )
    op.create_index(op.f("ix_file_digest"), "file", ["digest"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_idempotency")),
    )
    op.create_index("ix_idempotency_kept_at", "idempotency", ["kept_at"], unique=False)
    op.create_table(
        "job",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("message", sa.UUID(), nullable=True),
        sa.Column("message_name", sa.Text(), server_default="", nullable=False),
        sa.Column("message_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("token", sa.Text(), server_default="", nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="ready", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("name", "message", name=op.f("uq_job_name_message")),
    )
    op.create_index("ix_job_about", "job", ["name", "about"], unique=False, postgresql_where=sa.text("state = 'ready'"))
    op.create_index("ix_job_dead", "job", ["id"], unique=False, postgresql_where=sa.text("state = 'dead'"))
    op.create_index("ix_job_done", "job", ["made_at"], unique=False, postgresql_where=sa.text("state = 'done'"))
    op.create_index("ix_job_ready", "job", ["run_at"], unique=False, postgresql_where=sa.text("state = 'ready'"))
    op.create_table(
        "journal_entry",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("about", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entry")),
        info={"append_only": True},
    )
    op.create_index("ix_journal_entry_about", "journal_entry", ["about"], unique=False, postgresql_using="gin")
    op.create_table(
        "journal_seal",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.UUID(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal_seal")),
        sa.UniqueConstraint("entry", name=op.f("uq_journal_seal_entry")),
        info={"append_only": True},
    )
    op.create_table(
        "journal_unsealed",
        sa.Column("entry", sa.UUID(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_journal_unsealed")),
    )
    op.create_table(
        "kit_clock",
        sa.Column("one", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("real", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown", sa.DateTime(timezone=True), nullable=False),
        sa.Column("speed", sa.Float(), nullable=False),
        sa.CheckConstraint("one", name=op.f("ck_kit_clock_one_row")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_kit_clock")),
    )
    op.create_table(
        "kit_setting",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_kit_setting")),
    )
    op.create_table(
        "live_tick",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("division", sa.Text(), server_default="", nullable=False),
        sa.Column("orgs", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_live_tick")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_table(
        "subject_key",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_subject_key")),
    )


def downgrade() -> None:
    op.drop_table("subject_key")
    op.drop_table("outbox")
    op.drop_table("live_tick")
    op.drop_table("kit_setting")
    op.drop_table("kit_clock")
    op.drop_table("journal_unsealed")
    op.drop_table("journal_seal")
    op.drop_index("ix_journal_entry_about", table_name="journal_entry", postgresql_using="gin")
    op.drop_table("journal_entry")
    op.drop_index("ix_job_ready", table_name="job", postgresql_where=sa.text("state = 'ready'"))
    op.drop_index("ix_job_done", table_name="job", postgresql_where=sa.text("state = 'done'"))
    op.drop_index("ix_job_dead", table_name="job", postgresql_where=sa.text("state = 'dead'"))
    op.drop_index("ix_job_about", table_name="job", postgresql_where=sa.text("state = 'ready'"))
    op.drop_table("job")
    op.drop_index("ix_idempotency_kept_at", table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_index(op.f("ix_file_digest"), table_name="file")
    op.drop_table("file")
    op.drop_table("draft")
    op.drop_table("allocator")
