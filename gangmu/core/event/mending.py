"""A better place or address of an event: mended by who knows it, kept in its history with what it was."""

from dataclasses import replace

from gangmu.base import access, places
from gangmu.core.event import mending_store, store
from gangmu.core.event.history import new_act, not_stale, tell_moved
from gangmu.core.event.model import Event
from gangmu.kit import geo
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

MEND = "event.mend_place"


def mend_place(
    unit: Unit,
    actor: Actor,
    event_id: Id,
    point: geo.Point | None,
    address: str | None,
    reason: str,
    version: int | None = None,
) -> tuple[Event, Event]:
    """The event as it was and is. Its county stays: a matter of another county goes there by its flow."""
    was = store.get(unit, event_id, seen_by=actor, lock=True)
    not_stale(unit, was, version)
    access.require(actor, MEND, was.division, orgs=was.orgs, people=was.people)
    said = " ".join((address if address is not None else was.address).split())[:500]
    if not reason.strip():
        raise Invalid(field="reason", reason="say how it is known")
    now = replace(was, address=said, moved_at=unit.now)
    if point is not None and (point.lon, point.lat) != (was.lon, was.lat):
        found = places.attribute(unit, point)
        if found.county and found.county[:6] != was.division[:6]:
            raise Invalid(field="lon", reason="lies in another county")
        deeper = found.division if found.division.startswith(was.division[:6]) else was.division
        placed = {"unit_grid": found.unit_grid, "duty_grid": found.duty_grid, "division": deeper or was.division}
        now = replace(now, lon=point.lon, lat=point.lat, **placed)
    if (now.lon, now.lat, now.address) == (was.lon, was.lat, was.address):
        raise Invalid(field="address", reason="nothing is different")
    store.save(unit, now, was)
    kept = {"was": {"lon": was.lon, "lat": was.lat, "address": was.address, "division": was.division}}
    done = new_act(
        unit, actor, was, was.version + 1, "mend_place", "aside", was.state, was.state, reason, kept, unit.now
    )
    store.add_act(unit, done)
    mending_store.find_again(unit, now)
    tell_moved(unit, actor, now, was, done)
    return was, replace(now, version=was.version + 1)
