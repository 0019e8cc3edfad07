"""The SQL of how long what belongs to closed events is kept."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from gangmu.core.event.store import event, evidence
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit


def ends_of(unit: Unit, events: Sequence[Id]) -> dict[Id, datetime | None]:
    """When each of these events was over; None while it is open. One that went into another counts by its own end."""
    over = sa.case((event.c.status != "open", sa.func.coalesce(event.c.closed_at, event.c.moved_at)), else_=None)
    query = sa.select(event.c.id, over.label("over")).where(event.c.id.in_(list(events)))
    return {row.id: row.over for row in unit.rows(query)}


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
