"""Rows of imports, of their bad rows and of what is handed out once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.base.sheet.errors import UnknownImport
from gangmu.base.sheet.model import Counts, Import, RowError
from gangmu.kit import page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, json_col, maker, metadata, ref_col, sealed_col, text_col, values_of, version_col, when
from gangmu.kit.ids import Id
from gangmu.kit.page import Key, Page, Paged
from gangmu.kit.tables import file_row
from gangmu.kit.unit import Unit

sheet_import = sa.Table(
    "sheet_import",
    metadata,
    id_col("id", "shi"),
    sa.Column("kind", sa.Text, nullable=False),
    ref_col("file", "fil", nullable=True),
    text_col("file_name"),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    text_col("why"),
    ref_col("person", "prs", nullable=True),
    ref_col("post", "pst", nullable=True),
    *(
        sa.Column(name, sa.BigInteger, nullable=False, server_default="0")
        for name in ("total", "taken", "added", "changed", "unchanged", "ended", "bad")
    ),
    json_col("notes", nullable=False),
    sa.Column("handout", sa.Boolean, nullable=False, server_default=sa.false()),
    when("made_at", nullable=False),
    when("ended_at"),
    version_col(),
    sa.Index("ix_sheet_import_person", "person", "id"),
    sa.Index(
        "uq_sheet_import_running", "kind", "digest", "person", unique=True,
        postgresql_where=sa.text("state = 'running'"),
    ),
)  # fmt: skip

sheet_row_error = sa.Table(
    "sheet_row_error",
    metadata,
    ref_col("import_id", "shi", "sheet_import.id", primary_key=True),
    sa.Column("row", sa.BigInteger, primary_key=True, autoincrement=False),
    json_col("errors", nullable=False),
    sealed_col("cells", nullable=True),
)

sheet_handout = sa.Table(
    "sheet_handout",
    metadata,
    ref_col("import_id", "shi", "sheet_import.id", primary_key=True),
    sa.Column("row", sa.BigInteger, primary_key=True, autoincrement=False),
    sealed_col("cells", nullable=True),
)

_import = maker(Import)


def _own(seen_by: Actor) -> sa.ColumnElement[bool]:
    return sa.true() if seen_by.kind == "system" else sheet_import.c.person == seen_by.person


def add_import(unit: Unit, new: Import) -> None:
    unit.insert(sheet_import, values_of(new, sheet_import))


def get_import(unit: Unit, import_id: Id, *, seen_by: Actor, hold: bool = False) -> Import:
    """An import of one's own; held against others in this unit if so asked."""
    query = sa.select(sheet_import).where(sheet_import.c.id == import_id, _own(seen_by))
    row = unit.one(query.with_for_update() if hold else query)
    if row is None:
        raise UnknownImport(what=str(import_id))
    return _import(row)


def find_running(unit: Unit, kind: str, digest: str, *, seen_by: Actor) -> Import | None:
    query = sa.select(sheet_import).where(
        sheet_import.c.kind == kind, sheet_import.c.digest == digest, sheet_import.c.state == "running", _own(seen_by)
    )
    row = unit.one(query)
    return None if row is None else _import(row)


def list_imports(unit: Unit, wanted: Page, *, seen_by: Actor, kind: str = "") -> Paged[Import]:
    query = sa.select(sheet_import).where(_own(seen_by))
    if kind:
        query = query.where(sheet_import.c.kind == kind)
    return page.of(unit, query, wanted, [Key(sheet_import.c.id, descending=True)], _import)


def save_import(unit: Unit, was: Import, **values: Any) -> None:
    unit.update(sheet_import, was.id, values, was=was)


def progress(unit: Unit, import_id: Id, counts: Counts) -> None:
    """Count rows gone through, in the unit that took them."""
    columns = sheet_import.c
    moved = {name: columns[name] + getattr(counts, name) for name in Counts.__dataclass_fields__}
    unit.run(sa.update(sheet_import).where(columns.id == import_id).values(**moved))


def one_at_a_time(unit: Unit, kind: str) -> None:
    """Batches of a kind wait for each other."""
    unit.run(sa.text("SELECT pg_advisory_xact_lock(hashtext(:kind))"), {"kind": f"sheet {kind}"})


def add_errors(unit: Unit, import_id: Id, errors: Sequence[RowError]) -> None:
    rows = [
        {
            "import_id": import_id,
            "row": error.row,
            "errors": list(error.errors),
            "cells": unit.seal(import_id, orjson.dumps(dict(error.cells)).decode()),
        }
        for error in errors
    ]
    if rows:
        unit.run(pg_insert(sheet_row_error).on_conflict_do_nothing(), rows)


def count_errors(unit: Unit, import_id: Id) -> int:
    query = sa.select(sa.func.count()).where(sheet_row_error.c.import_id == import_id)
    return int(unit.value(query))


def bad_rows(unit: Unit, import_id: Id) -> set[int]:
    """The numbers of the bad rows that are listed."""
    query = sa.select(sheet_row_error.c.row).where(sheet_row_error.c.import_id == import_id)
    return {row.row for row in unit.rows(query)}


def list_errors(unit: Unit, import_id: Id, wanted: Page, *, seen_by: Actor, cells: bool = False) -> Paged[RowError]:
    get_import(unit, import_id, seen_by=seen_by)
    query = sa.select(sheet_row_error).where(sheet_row_error.c.import_id == import_id)

    def make(row: sa.Row[Any]) -> RowError:
        text = unit.unseal(import_id, row.cells) if cells else None
        return RowError(row.row, tuple(row.errors), orjson.loads(text) if text else {})

    return page.of(unit, query, wanted, [Key(sheet_row_error.c.row)], make)


def add_handout(unit: Unit, import_id: Id, rows: Sequence[tuple[int, Mapping[str, str]]]) -> None:
    made = [
        {"import_id": import_id, "row": at, "cells": unit.seal(import_id, orjson.dumps(dict(cells)).decode())}
        for at, cells in rows
    ]
    if made:
        unit.run(sa.insert(sheet_handout), made)
        unit.run(sa.update(sheet_import).where(sheet_import.c.id == import_id).values(handout=True))


def take_handout(unit: Unit, import_id: Id, *, seen_by: Actor) -> list[dict[str, str]]:
    """What is to be handed out, and gone with it."""
    get_import(unit, import_id, seen_by=seen_by, hold=True)
    gone = sa.delete(sheet_handout).where(sheet_handout.c.import_id == import_id)
    rows = sorted(unit.rows(gone.returning(sheet_handout.c.row, sheet_handout.c.cells)), key=lambda row: row.row)
    unit.run(sa.update(sheet_import).where(sheet_import.c.id == import_id).values(handout=False))
    return [orjson.loads(text) for row in rows if (text := unit.unseal(import_id, row.cells))]


def forget_rows(unit: Unit, import_id: Id) -> None:
    """Drop the bad rows of a preview before the import lists its own."""
    unit.run(sa.delete(sheet_row_error).where(sheet_row_error.c.import_id == import_id))


def forget_file(unit: Unit, file_id: Id) -> None:
    """The file has been taken in; the sweep removes its bytes."""
    unit.run(sa.delete(file_row).where(file_row.c.id == file_id))


def list_stale(unit: Unit, previewed: datetime, over: datetime, *, seen_by: Actor) -> list[Import]:
    """Previews that nobody went on with, and imports over long ago whose rows are still kept."""
    left = sa.and_(sheet_import.c.state == "previewed", sheet_import.c.made_at < previewed)
    kept = sa.exists().where(sheet_row_error.c.import_id == sheet_import.c.id)
    held = sa.or_(kept, sheet_import.c.handout)
    query = sa.select(sheet_import).where(_own(seen_by), sa.or_(left, sa.and_(sheet_import.c.ended_at < over, held)))
    return [_import(row) for row in unit.rows(query.limit(500))]


def drop_rows(unit: Unit, import_id: Id) -> None:
    """Forget the rows of an import, which may be personal."""
    for table in (sheet_row_error, sheet_handout):
        unit.run(sa.delete(table).where(table.c.import_id == import_id))
    unit.run(sa.update(sheet_import).where(sheet_import.c.id == import_id).values(handout=False))
