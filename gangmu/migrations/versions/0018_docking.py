"""Docking: links, mappings, what came in and waits, orders, acts that travel back, accounts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "docking_link",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("settings", sa.LargeBinary(), nullable=True),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("org", sa.UUID(), nullable=False),
        sa.Column("application", sa.UUID(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("limit", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Text(), nullable=False),
        sa.Column("every_s", sa.Integer(), nullable=False),
        sa.Column("silence_minutes", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_docking_link")),
        sa.UniqueConstraint("name", name=op.f("uq_docking_link_name")),
    )
    op.create_table(
        "docking_pulse",
        sa.Column("link", sa.UUID(), nullable=False),
        sa.Column("cursor", sa.Text(), server_default="", nullable=False),
        sa.Column("contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fails", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("repeated", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["link"], ["docking_link.id"], name=op.f("fk_docking_pulse_link")),
        sa.PrimaryKeyConstraint("link", name=op.f("pk_docking_pulse")),
    )
    op.create_table(
        "docking_mapping",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("link", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_person", sa.UUID(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["link"], ["docking_link.id"], name=op.f("fk_docking_mapping_link")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_docking_mapping")),
    )
    op.create_index(
        "uq_docking_mapping_now",
        "docking_mapping",
        ["link", "kind", "code"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "docking_in",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("link", sa.UUID(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), server_default="", nullable=False),
        sa.Column("seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_docking_in")),
        sa.UniqueConstraint("link", "message", name=op.f("uq_docking_in_link_message")),
    )
    op.create_index("ix_docking_in_number", "docking_in", ["link", "number"], unique=False)
    op.create_table(
        "docking_wait",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("link", sa.UUID(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), server_default="", nullable=False),
        sa.Column("seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried", sa.Integer(), server_default="0", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_person", sa.UUID(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_docking_wait")),
    )
    op.create_index("ix_docking_wait_id", "docking_wait", ["link", "id"], unique=False)
    op.create_index(
        "ix_docking_wait_number",
        "docking_wait",
        ["link", "number", "seq"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_docking_wait_why",
        "docking_wait",
        ["link", "why", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "docking_order",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("link", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("first_event", sa.UUID(), nullable=False),
        sa.Column("report", sa.UUID(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("their_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("our_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("both_claim", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("told", sa.Integer(), server_default="1", nullable=False),
        sa.Column("their_state", sa.Text(), server_default="", nullable=False),
        sa.Column("standing", sa.Text(), server_default="open", nullable=False),
        sa.Column("taken_over", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_docking_order")),
        sa.UniqueConstraint("link", "number", name=op.f("uq_docking_order_link_number")),
    )
    op.create_index("ix_docking_order_day", "docking_order", ["link", "day"], unique=False)
    op.create_index("ix_docking_order_event", "docking_order", ["event"], unique=False)
    op.create_table(
        "docking_due",
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event", name=op.f("pk_docking_due")),
    )
    op.create_table(
        "docking_out",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("link", sa.UUID(), nullable=False),
        sa.Column("docked", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("satisfaction", sa.Text(), server_default="", nullable=False),
        sa.Column("their_state", sa.Text(), server_default="", nullable=False),
        sa.Column("by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("files", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("state", sa.Text(), server_default="ready", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt_code", sa.Text(), server_default="", nullable=False),
        sa.Column("receipt_text", sa.Text(), server_default="", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_docking_out")),
        sa.UniqueConstraint("docked", "seq", name=op.f("uq_docking_out_docked_seq")),
    )
    op.create_index("ix_docking_out_event", "docking_out", ["event"], unique=False)
    op.create_index(
        "ix_docking_out_refused",
        "docking_out",
        ["link", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'refused'"),
    )
    op.create_index(
        "ix_docking_out_unsettled",
        "docking_out",
        ["link", "docked", "seq"],
        unique=False,
        postgresql_where=sa.text("state IN ('ready', 'sent')"),
    )
    op.create_table(
        "docking_account",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("link", sa.UUID(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("ours", postgresql.JSONB(), nullable=False),
        sa.Column("theirs", postgresql.JSONB(), nullable=True),
        sa.Column("differing", postgresql.JSONB(), nullable=False),
        sa.Column("equal", sa.Boolean(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_docking_account")),
        sa.UniqueConstraint("link", "day", name=op.f("uq_docking_account_link_day")),
    )
    op.create_table(
        "docking_alarm",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("link", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), server_default="1", nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_docking_alarm")),
    )
    op.create_index(
        "uq_docking_alarm_open",
        "docking_alarm",
        ["link", "kind"],
        unique=True,
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.create_table(
        "docking_nonce",
        sa.Column("link", sa.UUID(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("link", "nonce", name=op.f("pk_docking_nonce")),
    )


def downgrade() -> None:
    op.drop_table("docking_nonce")
    op.drop_table("docking_alarm")
    op.drop_table("docking_account")
    op.drop_table("docking_out")
    op.drop_table("docking_due")
    op.drop_table("docking_order")
    op.drop_table("docking_wait")
    op.drop_table("docking_in")
    op.drop_table("docking_mapping")
    op.drop_table("docking_pulse")
    op.drop_table("docking_link")
