"""The SQL of how long phones of staff are kept."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from gangmu.base.org.store import person, post
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit


def left_before(unit: Unit, before: datetime, most: int, only: Sequence[Id] | None) -> list[tuple[Id, datetime]]:
    """People who left: all their posts ended before a time. Who never had one is not known to have left."""
    last = sa.func.max(post.c.valid_to)
    query = (
        sa.select(person.c.id, last.label("last"))
        .join(post, post.c.person == person.c.id)
        .where(person.c.phone.is_not(None))
        .group_by(person.c.id)
        .having(sa.func.bool_and(~post.c.active), sa.func.bool_and(post.c.valid_to.is_not(None)), last < before)
    )
    if only is not None:
        query = query.where(person.c.id.in_(list(only)))
    return [(row.id, row.last) for row in unit.rows(query.order_by(person.c.id).limit(most))]


def blank(unit: Unit, people: Sequence[Id]) -> int:
    return unit.run(sa.update(person).where(person.c.id.in_(list(people))).values(phone=None))


def not_blank(unit: Unit, people: Sequence[Id]) -> set[Id]:
    query = sa.select(person.c.id).where(person.c.id.in_(list(people)), person.c.phone.is_not(None))
    return {row.id for row in unit.rows(query)}
