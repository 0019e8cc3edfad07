"""The SQL of how long what belongs to closed events is kept."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from gangmu.core.event.store import event, evidence
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit


def ends_of(unit: Unit, events: Sequence[Id]) -> dict[Id, datetime | None]:
    """When each of these events was over; None while it is open. One that went into another is over when that one is,
    and so on to the last."""
    chain = _chain(events)
    over = sa.case((event.c.status != "open", sa.func.coalesce(event.c.closed_at, event.c.moved_at)), else_=None)
    query = sa.select(chain.c.start, over.label("over")).join(event, event.c.id == chain.c.id)
    found: dict[Id, datetime | None] = {row.start: row.over for row in unit.rows(query.where(chain.c.into.is_(None)))}
    return found


def chains_of(unit: Unit, events: Sequence[Id]) -> dict[Id, set[Id]]:
    """Each of these events with every one that it went into, to the last."""
    chain = _chain(events)
    found: dict[Id, set[Id]] = {}
    for row in unit.rows(sa.select(chain.c.start, chain.c.id)):
        found.setdefault(row.start, set()).add(row.id)
    return found


def _chain(events: Sequence[Id]) -> sa.CTE:
    """Rows of a start and one event on its way; ``into`` is empty at the last."""
    first = sa.select(event.c.id.label("start"), event.c.id, event.c.merged_into.label("into"))
    chain = first.where(event.c.id.in_(list(events))).cte("chain", recursive=True)
    step = sa.select(chain.c.start, event.c.id, event.c.merged_into).where(event.c.id == chain.c.into)
    return chain.union(step)


def over_before(unit: Unit, before: datetime, after: Id | None, most: int) -> list[Id]:
    """Events over before a time, in the order of their ids: a page of them."""
    query = sa.select(event.c.id).where(event.c.status != "open", event.c.moved_at < before)
    if after is not None:
        query = query.where(event.c.id > after)
    return [row.id for row in unit.rows(query.order_by(event.c.id).limit(most))]


def evidence_of(unit: Unit, events: Sequence[Id]) -> list[tuple[Id, Id]]:
    """Event and file of the evidence of these events."""
    query = sa.select(evidence.c.event, evidence.c.file).where(evidence.c.event.in_(list(events)))
    return [(row.event, row.file) for row in unit.rows(query)]


def evidence_naming(unit: Unit, wanted: Sequence[Id]) -> list[tuple[Id, Id]]:
    """Event and file of all evidence that names one of these files."""
    query = sa.select(evidence.c.event, evidence.c.file).where(evidence.c.file.in_(list(wanted)))
    return [(row.event, row.file) for row in unit.rows(query)]
