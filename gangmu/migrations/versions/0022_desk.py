"""Desk: spreadsheets that are taken in; what the desks show and remember."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sheets_up()
    desk_up()


def downgrade() -> None:
    desk_down()
    sheets_down()


def sheets_up() -> None:
    op.create_table(
        "sheet_import",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file", sa.UUID(), nullable=True),
        sa.Column("file_name", sa.Text(), server_default="", nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("person", sa.UUID(), nullable=True),
        sa.Column("post", sa.UUID(), nullable=True),
        sa.Column("total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("taken", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("added", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("changed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ended", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("bad", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("notes", postgresql.JSONB(), nullable=False),
        sa.Column("handout", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_import")),
    )
    op.create_index("ix_sheet_import_person", "sheet_import", ["person", "id"], unique=False)
    op.create_index(
        "uq_sheet_import_running",
        "sheet_import",
        ["kind", "digest", "person"],
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "sheet_row_error",
        sa.Column("import_id", sa.UUID(), nullable=False),
        sa.Column("row", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("errors", postgresql.JSONB(), nullable=False),
        sa.Column("cells", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["sheet_import.id"], name=op.f("fk_sheet_row_error_import_id_sheet_import")
        ),
        sa.PrimaryKeyConstraint("import_id", "row", name=op.f("pk_sheet_row_error")),
    )
    op.create_table(
        "sheet_handout",
        sa.Column("import_id", sa.UUID(), nullable=False),
        sa.Column("row", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cells", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["sheet_import.id"], name=op.f("fk_sheet_handout_import_id_sheet_import")
        ),
        sa.PrimaryKeyConstraint("import_id", "row", name=op.f("pk_sheet_handout")),
    )


def sheets_down() -> None:
    op.drop_table("sheet_handout")
    op.drop_table("sheet_row_error")
    op.drop_index("uq_sheet_import_running", table_name="sheet_import", postgresql_where=sa.text("state = 'running'"))
    op.drop_index("ix_sheet_import_person", table_name="sheet_import")
    op.drop_table("sheet_import")


def desk_up() -> None:
    op.add_column("dispute", sa.Column("source", sa.Text(), server_default="", nullable=False))
    op.create_index(
        "ix_dispute_matter",
        "dispute",
        ["matter", "raised_at"],
        unique=False,
        postgresql_where=sa.text("matter IS NOT NULL"),
    )
    op.create_table(
        "duty_proposal",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("dispute", sa.UUID(), nullable=False),
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("tree", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("lead_org", sa.UUID(), nullable=False),
        sa.Column("assistants", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("basis", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("replaces", sa.UUID(), nullable=True),
        sa.Column("duty_row", sa.UUID(), nullable=True),
        sa.Column("proposed_by", sa.UUID(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.UUID(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_proposal")),
    )
    op.create_index(
        "uq_duty_proposal_open", "duty_proposal", ["dispute"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index(
        "ix_duty_proposal_open",
        "duty_proposal",
        ["proposed_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_duty_proposal_newest", "duty_proposal", [sa.text("proposed_at DESC"), sa.text("id DESC")], unique=False
    )
    op.create_table(
        "instruction",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("orgs", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("people", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("to_org", sa.UUID(), nullable=False),
        sa.Column("to_post", sa.UUID(), nullable=True),
        sa.Column("person", sa.UUID(), nullable=True),
        sa.Column("post", sa.UUID(), nullable=True),
        sa.Column("by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_by", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), server_default="", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("chased", sa.Integer(), server_default="0", nullable=False),
        sa.Column("chased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instruction")),
    )
    op.create_index(
        "ix_instruction_open", "instruction", ["due_at", "id"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index("ix_instruction_newest", "instruction", [sa.text("made_at DESC"), sa.text("id DESC")], unique=False)
    op.create_index("ix_instruction_to", "instruction", ["to_org", sa.text("made_at DESC")], unique=False)
    op.create_table(
        "instruction_event",
        sa.Column("instruction", sa.UUID(), nullable=False),
        sa.Column("event", sa.UUID(), nullable=False),
        sa.PrimaryKeyConstraint("instruction", "event", name=op.f("pk_instruction_event")),
    )
    op.create_index(op.f("ix_instruction_event_event"), "instruction_event", ["event"], unique=False)
    op.create_table(
        "overview_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("org", sa.UUID(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_overview_day", "overview_day", ["day"], unique=False)
    op.create_table(
        "overview_repeat",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("orgs", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("matter", sa.UUID(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("west", sa.Float(), nullable=True),
        sa.Column("south", sa.Float(), nullable=True),
        sa.Column("east", sa.Float(), nullable=True),
        sa.Column("north", sa.Float(), nullable=True),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("events", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overview_repeat")),
    )
    op.create_index("ix_overview_repeat_most", "overview_repeat", [sa.text("n DESC"), "id"], unique=False)
    op.create_table(
        "desk_memory",
        sa.Column("person", sa.UUID(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person", "key", name=op.f("pk_desk_memory")),
    )


def desk_down() -> None:
    op.drop_table("desk_memory")
    op.drop_table("overview_repeat")
    op.drop_table("overview_day")
    op.drop_table("instruction_event")
    op.drop_table("instruction")
    op.drop_table("duty_proposal")
    op.drop_index("ix_dispute_matter", table_name="dispute", postgresql_where=sa.text("matter IS NOT NULL"))
    op.drop_column("dispute", "source")
