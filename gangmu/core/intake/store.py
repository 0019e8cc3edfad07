"""The only SQL of imports: batches, the rows known by source and key, candidates for updates, the quarantine."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.core.intake.errors import UnknownBatch
from gangmu.core.intake.model import Bad, Batch, Change, Counts, Incoming, Waiting
from gangmu.kit import copytext as ct
from gangmu.kit import ids, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, json_col, maker, metadata, ref_col, sealed_col, text_col, version_col, when
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

import_batch = sa.Table(
    "import_batch",
    metadata,
    id_col("id", "imb"),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("profile", sa.Text, nullable=False),
    text_col("file_name"),
    sa.Column("digest", sa.Text, nullable=False),
    ref_col("file", "fil"),
    sa.Column("most", sa.BigInteger),
    sa.Column("state", sa.Text, nullable=False),
    text_col("why"),
    json_col("notes", nullable=False),
    json_col("flags", nullable=False),
    sa.Column("read", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("accepted", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("quarantined", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("already", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("changed", sa.BigInteger, nullable=False, server_default="0"),
    ref_col("started_by", "prs"),
    when("started_at", nullable=False),
    when("ended_at"),
    version_col(),
    sa.CheckConstraint("read = accepted + quarantined + already", name="balance"),
    sa.Index("ix_import_batch_running", "source", "digest", postgresql_where=sa.text("state = 'running'")),
)

import_row = sa.Table(
    "import_row",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    ref_col("batch", "imb", nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    ref_col("report", "rpt", nullable=False),
    ref_col("event", "evt", nullable=False),
)

import_change = sa.Table(
    "import_change",
    metadata,
    id_col("id", "imc"),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    ref_col("batch", "imb", nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    json_col("cells", nullable=False),
    sealed_col("raw"),
    when("made_at", nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
    text_col("reason"),
    when("decided_at"),
    ref_col("decided_by", "prs"),
    version_col(),
    sa.UniqueConstraint("source", "key", "digest"),
    sa.Index("ix_import_change_batch", "batch", "at", "id"),
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    id_col("id", "qrt"),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    ref_col("batch", "imb", nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    json_col("errors", nullable=False),
    json_col("cells", nullable=False),
    sealed_col("raw"),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
    sa.Column("seen", sa.Integer, nullable=False, server_default="1"),
    when("made_at", nullable=False),
    when("taken_at"),
    version_col(),
    sa.UniqueConstraint("source", "digest", "at"),
    sa.Index("ix_quarantine_batch", "batch", "at", "id"),
)


_batch = maker(Batch)
_waiting = maker(Waiting)
_lock = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:source, 7402))")


def add_batch(unit: Unit, new: Batch) -> None:
    unit.insert(import_batch, {name: getattr(new, name) for name in Batch.__dataclass_fields__})


def get_batch(unit: Unit, batch_id: Id, *, seen_by: Actor) -> Batch:
    row = unit.one(sa.select(import_batch).where(import_batch.c.id == batch_id))
    if row is None:
        raise UnknownBatch(batch=str(batch_id))
    return _batch(row)


def find_running(unit: Unit, source: str, digest: str, most: int | None, *, seen_by: Actor) -> Batch | None:
    """The batch that this very file began and did not end."""
    query = sa.select(import_batch).where(
        import_batch.c.source == source,
        import_batch.c.digest == digest,
        import_batch.c.state == "running",
        import_batch.c.most.is_not_distinct_from(most),
    )
    row = unit.one(query.order_by(import_batch.c.id.desc()).limit(1))
    return None if row is None else _batch(row)


def list_batches(unit: Unit, wanted: Page, *, seen_by: Actor) -> Paged[Batch]:
    return page.of(unit, sa.select(import_batch), wanted, [page.Key(import_batch.c.id, descending=True)], _batch)


def save_batch(unit: Unit, was: Batch, **changed: Any) -> None:
    unit.update(import_batch, was.id, changed, was=was)


def progress(unit: Unit, batch_id: Id, counts: Counts) -> None:
    """Add what became of a chunk to its batch. Not journaled by itself: the chunk's entry tells the counts."""
    table = import_batch.c
    flags = dict(unit.value(sa.select(table.flags).where(table.id == batch_id).with_for_update()) or {})
    for name, n in counts.flags.items():
        flags[name] = flags.get(name, 0) + n
    values = {
        "read": table.read + counts.read,
        "accepted": table.accepted + counts.accepted,
        "quarantined": table.quarantined + counts.quarantined,
        "already": table.already + counts.already,
        "changed": table.changed + counts.changed,
        "flags": flags,
        "version": table.version + 1,
    }
    unit.run(sa.update(import_batch).where(table.id == batch_id).values(**values))


def lock_source(unit: Unit, source: str) -> None:
    """One import of a source at a time: others wait here until this transaction ends."""
    unit.run(_lock, {"source": source})


def digests_of(unit: Unit, source: str, keys: Sequence[str]) -> dict[str, bytes]:
    """What is known already: key to the digest of the row that came first."""
    wanted = sa.bindparam("wanted", list(keys), type_=ARRAY(sa.Text))
    query = sa.select(import_row.c.key, import_row.c.digest).where(
        import_row.c.source == source, import_row.c.key == sa.any_(wanted)
    )
    return {row.key: bytes(row.digest) for row in unit.rows(query)}


def events_of(unit: Unit, source: str, keys: Sequence[str], *, seen_by: Actor) -> dict[str, Id]:
    """The events of known rows by their keys."""
    if not seen_by.may("import.run"):
        return {}
    wanted = sa.bindparam("wanted", list(keys), type_=ARRAY(sa.Text))
    query = sa.select(import_row.c.key, import_row.c.event).where(
        import_row.c.source == source, import_row.c.key == sa.any_(wanted)
    )
    return {row.key: row.event for row in unit.rows(query)}


def add_rows(unit: Unit, batch: Batch, rows: Sequence[Incoming], made: Sequence[tuple[str, str]]) -> None:
    """Remember rows by source and key, with the report and event (uuids) that they became."""
    names = ("source", "key", "digest", "batch", "at", "report", "event")
    own = ct.ref(batch.id)
    lines = [
        f"{batch.source}\t{ct.text(row.key)}\t{ct.hexed(row.digest)}\t{own}\t{row.at}\t{report}\t{event}\n"
        for row, (report, event) in zip(rows, made, strict=True)
    ]
    unit.insert_lines(import_row, names, lines, source="")


def add_changes(unit: Unit, source: str, batch: Id, changes: Sequence[Change]) -> int:
    """Keep candidates for updates, each content once. How many are new: what was refused is not asked again, what was
    taken over and was then otherwise is."""
    if not changes:
        return 0
    rows = [
        {
            "id": ids.new("imc"),
            "source": source,
            "key": one.key,
            "digest": one.digest,
            "batch": batch,
            "at": one.at,
            "cells": one.cells,
            "raw": one.raw,
            "made_at": unit.now,
        }
        for one in changes
    ]
    adding = pg_insert(import_change).values(rows)
    again = {name: adding.excluded[name] for name in ("batch", "at", "cells", "raw", "made_at")}
    again |= {"state": "waiting", "reason": "", "decided_at": None, "decided_by": None}
    adding = adding.on_conflict_do_update(
        index_elements=["source", "key", "digest"],
        set_={**again, "version": import_change.c.version + 1},
        where=import_change.c.state.in_(["accepted", "past"]),
    )
    return len(unit.rows(adding.returning(import_change.c.id)))


def corrected(unit: Unit, source: str, digests: Sequence[bytes]) -> set[bytes]:
    """Bad rows that were taken out of quarantine before: these very rows are in."""
    if not digests:
        return set()
    query = sa.select(quarantine.c.digest).where(
        quarantine.c.source == source, quarantine.c.digest.in_(list(digests)), quarantine.c.state == "taken"
    )
    return {bytes(row.digest) for row in unit.rows(query)}


def add_bad(unit: Unit, source: str, batch: Id, bad: Sequence[Bad]) -> None:
    """Put rows into quarantine. The very same row of the same place in a file waits there once, under the batch that
    saw it last."""
    if not bad:
        return
    rows = [
        {
            "id": ids.new("qrt"),
            "source": source,
            "digest": one.digest,
            "batch": batch,
            "at": one.at,
            "errors": one.errors,
            "cells": one.cells,
            "raw": one.raw,
            "made_at": unit.now,
        }
        for one in {(one.digest, one.at): one for one in bad}.values()
    ]
    adding = pg_insert(quarantine)
    again = {
        "batch": adding.excluded.batch,
        "errors": adding.excluded.errors,
        "cells": adding.excluded.cells,
        "raw": adding.excluded.raw,
        "seen": quarantine.c.seen + 1,
        "state": "waiting",
    }
    unit.run(adding.on_conflict_do_update(index_elements=["source", "digest", "at"], set_=again), rows)


def list_waiting(
    unit: Unit, wanted: Page, *, seen_by: Actor, batch: Id | None = None, state: str = "waiting"
) -> Paged[Waiting]:
    query = sa.select(quarantine)
    if batch is not None:
        query = query.where(quarantine.c.batch == batch)
    if state:
        query = query.where(quarantine.c.state == state)
    return page.of(unit, query, wanted, [quarantine.c.batch, quarantine.c.at, quarantine.c.id], _waiting)


def get_waiting(unit: Unit, batch: Id, at: int, *, seen_by: Actor) -> Waiting | None:
    query = sa.select(quarantine).where(quarantine.c.batch == batch, quarantine.c.at == at)
    row = unit.one(query.order_by(quarantine.c.id).limit(1))
    return None if row is None else _waiting(row)


def mark_taken(unit: Unit, rows: Sequence[Id]) -> None:
    if rows:
        gone = sa.update(quarantine).where(quarantine.c.id.in_(list(rows)))
        unit.run(gone.values(state="taken", taken_at=unit.now, raw=None, version=quarantine.c.version + 1))


def still_bad(unit: Unit, row: Id, errors: list[dict[str, str]]) -> None:
    unit.run(sa.update(quarantine).where(quarantine.c.id == row).values(errors=errors))


def reasons_of(unit: Unit, batch: Id, *, seen_by: Actor) -> dict[str, int]:
    """How often each reason stands in the quarantine of a batch."""
    reason = sa.func.jsonb_array_elements(quarantine.c.errors).table_valued("value").alias("told")
    told = sa.func.jsonb_extract_path_text(sa.cast(reason.c.value, quarantine.c.errors.type), "reason")
    query = (
        sa.select(told.label("reason"), sa.func.count().label("n"))
        .select_from(quarantine)
        .join(reason, sa.true())
        .where(quarantine.c.batch == batch, quarantine.c.state == "waiting")
        .group_by(told)
    )
    return {row.reason: row.n for row in unit.rows(query)}
