"""The tables of kit: clock, settings, outbox, jobs, idempotency, journal, keys, numbers, ticks, files."""

import sqlalchemy as sa

from gangmu.kit.db import id_col, json_col, metadata, ref_col, text_col, texts_col, when

clock_row = sa.Table(
    "kit_clock",
    metadata,
    sa.Column("one", sa.Boolean, primary_key=True, server_default=sa.true()),
    when("real", nullable=False),
    when("shown", nullable=False),
    sa.Column("speed", sa.Float, nullable=False),
    sa.CheckConstraint("one", name="one_row"),
)

setting_row = sa.Table(
    "kit_setting",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    json_col("value", nullable=False),
    when("changed_at", nullable=False),
)

outbox = sa.Table(
    "outbox",
    metadata,
    id_col("id", "msg"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    json_col("body", nullable=False),
    when("told_at", nullable=False),
)

job = sa.Table(
    "job",
    metadata,
    id_col("id", "job"),
    sa.Column("name", sa.Text, nullable=False),
    ref_col("message", "msg"),
    text_col("message_name"),
    sa.Column("message_version", sa.Integer, nullable=False, server_default="0"),
    text_col("about"),
    text_col("token"),
    json_col("payload", nullable=False),
    when("run_at", nullable=False),
    when("made_at", nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("state", sa.Text, nullable=False, server_default="ready"),
    text_col("error"),
    sa.UniqueConstraint("name", "message"),
    sa.Index("ix_job_timer", "run_at", postgresql_where=sa.text("state = 'ready' AND message IS NULL")),
    sa.Index("ix_job_told", "run_at", postgresql_where=sa.text("state = 'ready' AND message IS NOT NULL")),
    sa.Index("ix_job_dead", "id", postgresql_where=sa.text("state = 'dead'")),
    sa.Index("ix_job_done", "made_at", postgresql_where=sa.text("state = 'done'")),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("actor", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("request", sa.LargeBinary, nullable=False),
    sa.Column("status", sa.Integer, nullable=False, server_default="0"),
    sa.Column("answer", sa.LargeBinary),
    when("kept_at", nullable=False),
    sa.Index("ix_idempotency_kept_at", "kept_at"),
)

journal_entry = sa.Table(
    "journal_entry",
    metadata,
    id_col("id", "jrn"),
    when("recorded_at", nullable=False),
    texts_col("about"),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("ix_journal_entry_about", "about", postgresql_using="gin"),
    info={"append_only": True},
)

journal_unsealed = sa.Table("journal_unsealed", metadata, id_col("entry", "jrn"))

journal_seal = sa.Table(
    "journal_seal",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    ref_col("entry", "jrn", nullable=False, unique=True),
    sa.Column("link", sa.LargeBinary, nullable=False),
    info={"append_only": True},
)

subject_key = sa.Table(
    "subject_key",
    metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=True, info={"secret": True}),
    when("made_at", nullable=False),
    when("destroyed_at"),
)

allocator = sa.Table(
    "allocator",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)

live_tick = sa.Table(
    "live_tick",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    text_col("about"),
    text_col("division"),
    texts_col("orgs"),
    when("at", nullable=False),
)

file_row = sa.Table(
    "file",
    metadata,
    id_col("id", "fil"),
    sa.Column("digest", sa.Text, nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("mime", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    json_col("facts", nullable=False),
    text_col("owner"),
    when("kept_at", nullable=False),
)

draft = sa.Table(
    "draft",
    metadata,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False, info={"personal": True}),
    when("kept_at", nullable=False),
)
