"""SQL of events for those who follow many of them: histories of several events at once."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from gangmu.core.event.model import Act
from gangmu.core.event.store import event, event_act, visible
from gangmu.kit import db
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

_act = db.maker(Act)


def acts_of_many(unit: Unit, events: Iterable[Id], *, seen_by: Actor) -> dict[Id, list[Act]]:
    """The histories of these events, each in its order."""
    wanted = list(events)
    query = sa.select(event_act).where(event_act.c.event.in_(wanted))
    if seen_by.kind != "system":
        query = query.join(event, event.c.id == event_act.c.event).where(visible(seen_by))
    found: dict[Id, list[Act]] = {one: [] for one in wanted}
    for row in unit.rows(query.order_by(event_act.c.event, event_act.c.seq)):
        found[row.event].append(_act(row))
    return found


def standing_of(unit: Unit, events: Sequence[Id], *, seen_by: Actor) -> dict[Id, tuple[str, str]]:
    """Status and state of these events."""
    query = sa.select(event.c.id, event.c.status, event.c.state).where(event.c.id.in_(list(events)), visible(seen_by))
    return {row.id: (row.status, row.state) for row in unit.rows(query)}
