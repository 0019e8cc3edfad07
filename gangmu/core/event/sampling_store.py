"""The SQL of drawing events by lot."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from gangmu.core.event.store import event, visible
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit


@dataclass(frozen=True, slots=True)
class Lot:
    """Events drawn, in the order of their lots, and out of how many."""

    events: tuple[Id, ...]
    among: int


def draw(
    unit: Unit, seed: str, since: datetime, until: datetime, division: tuple[str, str] | None, n: int, *, seen_by: Actor
) -> Lot:
    """Events reported in a time by the smallest SHA-256 of ``seed/id`` (the id as a plain uuid): who knows seed and
    ids draws the same. One pass over the time, so that the number is of the very same rows."""
    drawn = sa.func.sha256(sa.func.convert_to(sa.literal(f"{seed}/") + sa.cast(event.c.id, sa.Text), "UTF8"))
    query = sa.select(event.c.id, sa.func.count().over().label("among")).where(
        visible(seen_by), event.c.reported_at >= since, event.c.reported_at < until
    )
    if division is not None:
        query = query.where(event.c.division >= division[0], event.c.division <= division[1])
    rows = unit.rows(query.order_by(drawn).limit(n))
    return Lot(tuple(row.id for row in rows), rows[0].among if rows else 0)
