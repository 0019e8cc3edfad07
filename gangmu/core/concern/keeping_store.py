"""The SQL of how long people concerned are kept."""

from collections.abc import Sequence

import sqlalchemy as sa

from gangmu.core.concern.store import person_link
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

_SEALED = ("name", "number", "phone", "home", "note", "kinds", "number_mark")


def events_of(unit: Unit, people: Sequence[Id]) -> dict[Id, Id]:
    """The event of each."""
    query = sa.select(person_link.c.id, person_link.c.event).where(person_link.c.id.in_(list(people)))
    return {row.id: row.event for row in unit.rows(query)}


def blank(unit: Unit, people: Sequence[Id]) -> int:
    gone = sa.update(person_link).where(person_link.c.id.in_(list(people)))
    return unit.run(gone.values(dict.fromkeys(_SEALED, None)))


def not_blank(unit: Unit, people: Sequence[Id]) -> set[Id]:
    some = sa.or_(*[person_link.c[name].is_not(None) for name in _SEALED])
    query = sa.select(person_link.c.id).where(person_link.c.id.in_(list(people)), some)
    return {row.id for row in unit.rows(query)}
