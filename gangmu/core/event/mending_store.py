"""The SQL of an event put right: the words and the square that it is found by follow its words and place."""

import sqlalchemy as sa

from gangmu.core.event.model import Event, cell_of
from gangmu.core.event.store import event, event_search, words_of
from gangmu.kit.unit import Unit


def find_again(unit: Unit, one: Event) -> None:
    """What an event is found by, made anew; derived, so not journaled."""
    unit.settle()
    unit.run(sa.update(event).where(event.c.id == one.id).values(cell=cell_of(one.lon, one.lat)))
    unit.run(sa.update(event_search).where(event_search.c.event == one.id).values(grams=words_of(one)))
