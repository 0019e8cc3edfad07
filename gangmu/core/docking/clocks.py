"""Whose deadline counts: the source's is taken as ours where the link says so, ours travels where it is ours."""

from dataclasses import replace
from datetime import datetime

from gangmu.core import deadline
from gangmu.core.deadline import pinned
from gangmu.core.docking import order_store
from gangmu.core.docking.model import Docked, Owner
from gangmu.core.event import service as event_service
from gangmu.core.event.effects import HANDLE
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit


def keep(unit: Unit, docked: Docked) -> None:
    """Let the event run out when the source says, from now on."""
    if docked.clock == Owner.foreign and docked.their_due_at is not None:
        pinned.pin(unit, docked.event, HANDLE, docked.started_at, docked.their_due_at)


def name(unit: Unit, docked: Docked, theirs: datetime | None) -> Docked:
    """The source names another deadline: it is kept, whoever's counts. ``hold`` lets the clock follow."""
    if theirs is None or theirs == docked.their_due_at:
        return docked
    now = replace(docked, their_due_at=theirs)
    order_store.save_docked(unit, now, docked)
    return replace(now, version=docked.version + 1)


def hold(unit: Unit, docked: Docked) -> None:
    """The clock that runs follows the source's deadline."""
    if docked.clock == Owner.foreign and _runs(unit, docked.event):
        keep(unit, docked)
        event_service.refresh_clock(unit, docked.event)


def moved(unit: Unit, docked: Docked, theirs: datetime | None) -> Docked:
    """Both at once, for an order that is told anew."""
    now = name(unit, docked, theirs)
    if now is not docked:
        hold(unit, now)
    return now


def _runs(unit: Unit, event_id: Id) -> bool:
    clocks = deadline.clocks_of(unit, [event_id])[event_id]
    return any(one.stage == HANDLE and one.is_running for one in clocks)


def due_of_many(unit: Unit, events: list[Id]) -> dict[Id, datetime | None]:
    """The deadline of the handling of each event: of the clock that runs, or ran last."""
    found: dict[Id, datetime | None] = {}
    for start in range(0, len(events), 1000):
        for event_id, clocks in deadline.clocks_of(unit, events[start : start + 1000]).items():
            mine = [one for one in clocks if one.stage == HANDLE and not one.cancelled]
            found[event_id] = mine[-1].due_at if mine else None
    return found
