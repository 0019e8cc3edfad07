"""Reading events for the desks' views, and the remarks that the stages above leave in an event's history."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from gangmu.core.event import reading_store, store
from gangmu.core.event.history import new_act, tell_moved
from gangmu.core.event.model import Event
from gangmu.core.event.reading_store import Load, Queue, Repeat
from gangmu.kit.actor import Actor, System
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

EVERYTHING = System("event.remember")


def remember(unit: Unit, actor: Actor, event_id: Id, verb: str, reason: str) -> Event:
    """Leave a remark in an event's history under a word of one's own (``event.verb.<verb>``): nothing moves, no clock,
    no state. Rights are the caller's to ask."""
    was = store.get(unit, event_id, seen_by=EVERYTHING, lock=True)
    changed = replace(was, moved_at=unit.now)
    store.save(unit, changed, was)
    state, now = was.state, unit.now
    done = new_act(unit, actor, was, was.version + 1, verb, "note", state, state, reason, {}, now)
    store.add_act(unit, done)
    tell_moved(unit, actor, changed, was, done)
    return replace(changed, version=was.version + 1)


def sums(unit: Unit, actor: Actor, grain: str, digits: int = 6) -> list[Mapping[str, Any]]:
    """Open events by lead organisation, division or state, from the maintained counts."""
    return reading_store.sums(unit, grain, seen_by=actor, digits=digits)


def look(unit: Unit, actor: Actor, flow: str, state: str) -> Queue:
    return reading_store.look(unit, flow, state, seen_by=actor)


def load(unit: Unit, actor: Actor, orgs: Sequence[Id]) -> list[Load]:
    return reading_store.load(unit, orgs, seen_by=actor)


def list_repeats(unit: Unit, actor: Actor, since: datetime, least: int) -> list[Repeat]:
    return reading_store.list_repeats(unit, since, least, seen_by=actor)


def list_of_handler(unit: Unit, actor: Actor, post: Id) -> list[Event]:
    """The open events of one's organisations that a post handles, late first."""
    return reading_store.list_of_handler(unit, post, actor.orgs, seen_by=actor)


def walk(
    unit: Unit, actor: Actor, after: Id | None, most: int, *, last: Id | None = None, open_only: bool = False
) -> list[Event]:
    """Events in the order of their ids, from after one of them up to a last one: for jobs that look at all of them."""
    return reading_store.walk(unit, after, most, last, open_only, seen_by=actor)
