"""The SQL of how long callers and links to recordings are kept."""

import os
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from gangmu.core.hotline.missed_store import missed
from gangmu.core.hotline.store import call, caller, recording
from gangmu.kit.db import IdList
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit


def recordings_before(
    unit: Unit, before: datetime, most: int, only: Sequence[Id] | None
) -> list[tuple[Id, datetime, Id | None]]:
    """Call, when its link came in, and its event."""
    query = sa.select(recording.c.call, recording.c.at, call.c.event).join(call, call.c.id == recording.c.call)
    query = query.where(recording.c.at < before)
    if only is not None:
        query = query.where(recording.c.call.in_(list(only)))
    return [(row.call, row.at, row.event) for row in unit.rows(query.order_by(recording.c.at).limit(most))]


def drop_recordings(unit: Unit, calls: Sequence[Id]) -> int:
    unit.run(sa.update(call).where(call.c.id.in_(list(calls))).values(has_recording=False))
    return unit.run(sa.delete(recording).where(recording.c.call.in_(list(calls))))


def recordings_there(unit: Unit, calls: Sequence[Id]) -> set[Id]:
    return {row.call for row in unit.rows(sa.select(recording.c.call).where(recording.c.call.in_(list(calls))))}


def callers_before(
    unit: Unit, before: datetime, most: int, only: Sequence[Id] | None
) -> list[tuple[Id, datetime, tuple[Id, ...]]]:
    """Callers whose last call lies before a time and whom nobody has to call back, with that call and their events."""
    last = sa.func.max(sa.func.coalesce(call.c.ended_at, call.c.began_at))
    named = sa.func.array_agg(sa.distinct(call.c.event), type_=IdList("evt"))
    events = named.filter(call.c.event.is_not(None))
    waiting = sa.exists().where(missed.c.caller == caller.c.id, missed.c.state == "open")
    query = (
        sa.select(caller.c.id, sa.func.coalesce(last, caller.c.made_at).label("last"), events.label("events"))
        .join(call, call.c.caller == caller.c.id, isouter=True)
        .where(caller.c.phone.is_not(None), caller.c.made_at < before, ~waiting)
        .group_by(caller.c.id)
        .having(sa.func.coalesce(last, caller.c.made_at) < before)
    )
    if only is not None:
        query = query.where(caller.c.id.in_(list(only)))
    found = unit.rows(query.order_by(caller.c.id).limit(most))
    return [(row.id, row.last, tuple(row.events or ())) for row in found]


def blank_callers(unit: Unit, callers: Sequence[Id]) -> None:
    """Neither sealed number nor search hash is left; the hash makes way for chance, since it must be there."""
    for one in callers:
        unit.run(sa.update(caller).where(caller.c.id == one).values(phone=None, phone_hash=os.urandom(32)))


def callers_there(unit: Unit, callers: Sequence[Id]) -> set[Id]:
    query = sa.select(caller.c.id).where(caller.c.id.in_(list(callers)), caller.c.phone.is_not(None))
    return {row.id for row in unit.rows(query)}
