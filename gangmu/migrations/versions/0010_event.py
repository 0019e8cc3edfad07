"""Events, history, evidence, search words, counts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_no", sa.Text(), server_default="", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("matter", sa.UUID(), nullable=True),
        sa.Column("condition", sa.UUID(), nullable=True),
        sa.Column("closing_condition", sa.UUID(), nullable=True),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("flow_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("unit_grid", sa.Text(), server_default="", nullable=False),
        sa.Column("duty_grid", sa.Text(), server_default="", nullable=False),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("cell", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("supervised", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("suspended_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lead_org", sa.UUID(), nullable=True),
        sa.Column("orgs", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("people", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("holder_role", sa.Text(), server_default="", nullable=False),
        sa.Column("holder_of", sa.Text(), server_default="", nullable=False),
        sa.Column("holder_post", sa.UUID(), nullable=True),
        sa.Column("handler_post", sa.UUID(), nullable=True),
        sa.Column("open_tasks", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("lateness", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_sort", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("satisfaction", sa.Text(), server_default="", nullable=False),
        sa.Column("exemptions", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("merged_into", sa.UUID(), nullable=True),
        sa.Column("report_count", sa.Integer(), server_default="1", nullable=False),
        sa.Column("caller_count", sa.Integer(), server_default="1", nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("foreign_no", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index(
        "ix_event_foreign", "event", ["foreign_no"], unique=False, postgresql_where=sa.text("foreign_no <> ''")
    )
    op.create_index(
        "ix_event_merged", "event", ["merged_into"], unique=False, postgresql_where=sa.text("merged_into IS NOT NULL")
    )
    op.create_index(
        "ix_event_newest", "event", [sa.literal_column("reported_at DESC"), sa.literal_column("id DESC")], unique=False
    )
    op.create_index("ix_event_open_cell", "event", ["cell"], unique=False, postgresql_where=sa.text("status = 'open'"))
    op.create_index(
        "ix_event_open_division",
        "event",
        ["division", "due_sort", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "ix_event_open_due", "event", ["due_sort", "id"], unique=False, postgresql_where=sa.text("status = 'open'")
    )
    op.create_index(
        "ix_event_open_orgs",
        "event",
        ["orgs"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "ix_event_open_state",
        "event",
        ["state", "due_sort", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index("uq_event_case_no", "event", ["case_no"], unique=True, postgresql_where=sa.text("case_no <> ''"))
    op.create_table(
        "event_act",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("from_state", sa.Text(), server_default="", nullable=False),
        sa.Column("to_state", sa.Text(), server_default="", nullable=False),
        sa.Column("person", sa.UUID(), nullable=True),
        sa.Column("post", sa.UUID(), nullable=True),
        sa.Column("org", sa.UUID(), nullable=True),
        sa.Column("actor_name", sa.Text(), server_default="", nullable=False),
        sa.Column("role", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("args", postgresql.JSONB(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_act")),
        sa.UniqueConstraint("event", "seq", name=op.f("uq_event_act_event_seq")),
        info={"append_only": True},
    )
    op.create_index(
        "ix_event_act_person",
        "event_act",
        ["person", sa.literal_column("recorded_at DESC")],
        unique=False,
        postgresql_where=sa.text("person IS NOT NULL"),
    )
    op.create_table(
        "event_count",
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("lead_org", sa.UUID(), nullable=True),
        sa.Column("lateness", sa.Text(), nullable=False),
        sa.Column("supervised", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "event_report",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("report", sa.UUID(), nullable=False),
        sa.Column("came_from", sa.UUID(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person", sa.UUID(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_report")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_event_report_event"), "event_report", ["event"], unique=False)
    op.create_index(op.f("ix_event_report_report"), "event_report", ["report"], unique=False)
    op.create_table(
        "event_search",
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grams", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("event", name=op.f("pk_event_search")),
    )
    op.create_index("ix_event_search_grams", "event_search", ["grams"], unique=False, postgresql_using="gin")
    op.create_table(
        "evidence",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("act", sa.UUID(), nullable=True),
        sa.Column("file", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("reused", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("by_person", sa.UUID(), nullable=True),
        sa.Column("metres", sa.Float(), nullable=True),
        sa.Column("flags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_evidence_digest"), "evidence", ["digest"], unique=False)
    op.create_index(op.f("ix_evidence_event"), "evidence", ["event"], unique=False)
    op.create_index(op.f("ix_evidence_file"), "evidence", ["file"], unique=False)
    op.create_table(
        "saved_view",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("person", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filter", postgresql.JSONB(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("person", "name", name=op.f("uq_saved_view_person_name")),
    )
    op.create_index(op.f("ix_saved_view_person"), "saved_view", ["person"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_saved_view_person"), table_name="saved_view")
    op.drop_table("saved_view")
    op.drop_index(op.f("ix_evidence_file"), table_name="evidence")
    op.drop_index(op.f("ix_evidence_event"), table_name="evidence")
    op.drop_index(op.f("ix_evidence_digest"), table_name="evidence")
    op.drop_table("evidence")
    op.drop_index("ix_event_search_grams", table_name="event_search", postgresql_using="gin")
    op.drop_table("event_search")
    op.drop_index(op.f("ix_event_report_report"), table_name="event_report")
    op.drop_index(op.f("ix_event_report_event"), table_name="event_report")
    op.drop_table("event_report")
    op.drop_table("event_count")
    op.drop_index("ix_event_act_person", table_name="event_act", postgresql_where=sa.text("person IS NOT NULL"))
    op.drop_table("event_act")
    op.drop_index("uq_event_case_no", table_name="event", postgresql_where=sa.text("case_no <> ''"))
    op.drop_index("ix_event_open_state", table_name="event", postgresql_where=sa.text("status = 'open'"))
    op.drop_index(
        "ix_event_open_orgs", table_name="event", postgresql_using="gin", postgresql_where=sa.text("status = 'open'")
    )
    op.drop_index("ix_event_open_due", table_name="event", postgresql_where=sa.text("status = 'open'"))
    op.drop_index("ix_event_open_division", table_name="event", postgresql_where=sa.text("status = 'open'"))
    op.drop_index("ix_event_open_cell", table_name="event", postgresql_where=sa.text("status = 'open'"))
    op.drop_index("ix_event_newest", table_name="event")
    op.drop_index("ix_event_merged", table_name="event", postgresql_where=sa.text("merged_into IS NOT NULL"))
    op.drop_index("ix_event_foreign", table_name="event", postgresql_where=sa.text("foreign_no <> ''"))
    op.drop_table("event")
