"""The SQL of rows that say something else than when they came in first: those that wait, and what became of them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from gangmu.core.intake.model import ChangedRow
from gangmu.core.intake.store import import_change, import_row
from gangmu.kit import page
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

_NAMES = tuple(ChangedRow.__dataclass_fields__)


def _changed(row: Any) -> ChangedRow:
    return ChangedRow(**{name: getattr(row, name) for name in _NAMES})


def _query() -> sa.Select[Any]:
    known = sa.and_(import_row.c.source == import_change.c.source, import_row.c.key == import_change.c.key)
    return sa.select(import_change, import_row.c.event, import_row.c.report).join(import_row, known)


def list_changed(unit: Unit, wanted: Page, batch: Id, state: str, *, seen_by: Actor) -> Paged[ChangedRow]:
    """Changed rows of a batch by their number in the file; all of them, or those in a state."""
    query = _query().where(import_change.c.batch == batch)
    if state:
        query = query.where(import_change.c.state == state)
    return page.of(unit, query, wanted, [import_change.c.at, import_change.c.id], _changed)


def find_changed(unit: Unit, batch: Id, wanted: Sequence[Id], *, seen_by: Actor) -> dict[Id, ChangedRow]:
    """Changed rows of a batch that are to be decided on, locked."""
    query = _query().where(import_change.c.batch == batch, import_change.c.id.in_(list(wanted)))
    return {row.id: _changed(row) for row in unit.rows(query.with_for_update(of=import_change))}


def settle_change(unit: Unit, was: ChangedRow, state: str, reason: str) -> None:
    """Decided: the sealed row is not needed any more."""
    values = {"state": state, "reason": reason, "decided_at": unit.now, "decided_by": unit.actor.person, "raw": None}
    before = {"state": was.state, "version": was.version}
    unit.update(import_change, was.id, values, was=before)


def now_known_as(unit: Unit, was: ChangedRow) -> None:
    """What the row says now is what is known of it; older candidates of the same row are past."""
    known = (import_row.c.source == was.source) & (import_row.c.key == was.key)
    unit.run(sa.update(import_row).where(known).values(digest=was.digest, batch=was.batch, at=was.at))
    older = (import_change.c.source == was.source) & (import_change.c.key == was.key)
    older &= (import_change.c.state == "waiting") & (import_change.c.id < was.id)
    past = {"state": "past", "decided_at": unit.now, "raw": None, "version": import_change.c.version + 1}
    unit.run(sa.update(import_change).where(older).values(**past))


def count_waiting(unit: Unit, batches: Sequence[Id], *, seen_by: Actor) -> dict[Id, int]:
    """How many changed rows of each batch nobody has decided on."""
    if not batches:
        return {}
    query = sa.select(import_change.c.batch, sa.func.count().label("n"))
    query = query.where(import_change.c.batch.in_(list(batches)), import_change.c.state == "waiting")
    return {row.batch: row.n for row in unit.rows(query.group_by(import_change.c.batch))}
