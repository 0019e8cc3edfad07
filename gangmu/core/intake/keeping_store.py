"""The SQL of how long files of an import and their bad rows are kept."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from gangmu.core.intake.store import import_batch
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit


def batches_before(
    unit: Unit, before: datetime, after: Id | None, most: int, only: Sequence[Id] | None
) -> list[tuple[Id, datetime, Id | None]]:
    """Imports that ended before a time, with their file."""
    query = sa.select(import_batch.c.id, import_batch.c.ended_at, import_batch.c.file)
    query = query.where(import_batch.c.ended_at < before)
    if after is not None:
        query = query.where(import_batch.c.id > after)
    if only is not None:
        query = query.where(import_batch.c.id.in_(list(only)))
    rows = unit.rows(query.order_by(import_batch.c.id).limit(most))
    return [(row.id, row.ended_at, row.file) for row in rows]


def files_of(unit: Unit, batches: Sequence[Id]) -> dict[Id, Id]:
    """The file of each batch that has one."""
    query = sa.select(import_batch.c.id, import_batch.c.file)
    query = query.where(import_batch.c.id.in_(list(batches)), import_batch.c.file.is_not(None))
    return {row.id: row.file for row in unit.rows(query)}
