"""What every change of an event leaves behind: the act in its history and the message to others."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from gangmu.core import report
from gangmu.core.deadline import telling as clock_telling
from gangmu.core.event import effects, store, telling
from gangmu.core.event.errors import EventMovedOn
from gangmu.core.event.model import Act, Event
from gangmu.kit import ids
from gangmu.kit.actor import Actor
from gangmu.kit.unit import Unit
from gangmu.messages.event import (
    EventMoved,
)


def not_stale(unit: Unit, was: Event, version: int | None) -> None:
    if version is None or version == was.version:
        return
    since = [
        {"verb": act.verb, "by": act.actor_name, "at": act.recorded_at.isoformat(), "to": act.to_state}
        for act in store.acts_since(unit, was.id, version, seen_by=unit.actor)
    ]
    raise EventMovedOn(about=str(was.id), version=was.version, since=since)


def new_act(
    unit: Unit,
    actor: Actor,
    event: Event,
    seq: int,
    verb: str,
    kind: str,
    from_state: str,
    to_state: str,
    reason: str,
    args: Mapping[str, Any],
    done_at: datetime,
    role: str = "",
) -> Act:
    return Act(
        id=ids.new("act"),
        event=event.id,
        seq=seq,
        verb=verb,
        kind=kind,
        from_state=from_state,
        to_state=to_state,
        person=actor.person,
        post=actor.post,
        org=actor.org,
        actor_name=actor.name,
        role=role or (actor.roles[0] if actor.roles else ""),
        reason=reason[:2000],
        args=args,
        done_at=done_at,
        recorded_at=unit.now,
    )


def tell_moved(unit: Unit, actor: Actor, event: Event, was: Event, done: Act) -> None:
    unit.tell(
        EventMoved(
            row=telling.fact_of(event, was.version + 1),
            act=telling.act_of(done),
            clocks=clock_telling.take_moved(unit, event.id),
            event_id=event.id,
            act_id=done.id,
            verb=done.verb,
            from_state=was.state,
            to_state=event.state,
            status=event.status,
            division=event.division,
            orgs=list(dict.fromkeys([*event.orgs, *was.orgs])),
            lead_org=event.lead_org,
            matter=event.matter,
            condition=event.condition,
            due_at=event.due_at,
            actor_person=actor.person,
            actor_post=actor.post,
            actor_org=actor.org,
            done_at=done.done_at,
            recorded_at=unit.now,
            version=was.version + 1,
        )
    )
    effects.follow(unit, event)


def recount(
    unit: Unit,
    actor: Actor,
    was: Event,
    verb: str,
    args: Mapping[str, Any],
    reason: str = "",
    becomes: Event | None = None,
) -> Event:
    """The event with its reports and callers counted anew (and else as it ``becomes``), and the act in its history."""
    reports, callers = report.count_callers(unit, was.id)
    changed = replace(becomes or was, report_count=reports, caller_count=callers, moved_at=unit.now)
    store.save(unit, changed, was)
    done = new_act(unit, actor, was, was.version + 1, verb, "aside", was.state, changed.state, reason, args, unit.now)
    store.add_act(unit, done)
    telling.tell_recounted(unit, changed, was.version + 1, done)
    return replace(changed, version=was.version + 1)
