"""The SQL of how long sessions are kept."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from gangmu.base.access.store import session
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit


def sessions_before(unit: Unit, before: datetime, most: int, only: Sequence[Id] | None) -> list[tuple[Id, datetime]]:
    query = sa.select(session.c.id, session.c.seen_at).where(session.c.seen_at < before)
    if only is not None:
        query = query.where(session.c.id.in_(list(only)))
    return [(row.id, row.seen_at) for row in unit.rows(query.order_by(session.c.seen_at).limit(most))]


def drop_sessions(unit: Unit, sessions: Sequence[Id]) -> int:
    return unit.run(sa.delete(session).where(session.c.id.in_(list(sessions))))


def sessions_there(unit: Unit, sessions: Sequence[Id]) -> set[Id]:
    return {row.id for row in unit.rows(sa.select(session.c.id).where(session.c.id.in_(list(sessions))))}
