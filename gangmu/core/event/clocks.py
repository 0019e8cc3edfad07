"""The clocks of an event, as its flow starts, stops and pauses them, and its most pressing deadline."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gangmu.core import deadline, flow, matter
from gangmu.core.event import model, store
from gangmu.core.event.effects import Acted
from gangmu.core.event.model import Event
from gangmu.core.event.settings import EventSettings
from gangmu.kit import settings
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.messages.event import EventTurned


def run_clocks(unit: Unit, acted: Acted, way: flow.Flow) -> None:
    for stage in acted.step.stops:
        deadline.stop(unit, acted.was.id, stage, acted.at, cancelled=stage in acted.step.cancels)
    start_clocks(
        unit,
        replace(acted.event, condition=acted.args.condition_id or acted.event.condition),
        way,
        acted.step.starts,
        acted.at,
    )
    if acted.step.clock == "pause":
        deadline.pause(unit, acted.was.id, acted.at)
    elif acted.step.clock == "resume":
        deadline.resume(unit, acted.was.id, acted.at)


def start_clocks(unit: Unit, event: Event, way: flow.Flow, stages: Sequence[str], at: datetime) -> None:
    """Start the clocks of these stages: limits of the flow, or of the filing condition where the flow says so."""
    calendar = settings.get(EventSettings).calendar
    for name in stages:
        stage = way.find_stage(name)
        if stage is None or not stage.limit:
            continue
        if stage.limit != "condition":
            deadline.start(unit, event.id, name, stage.limit, calendar, started_at=at, is_window=stage.window)
        elif event.condition is not None:
            limit = matter.get_condition(unit, unit.actor, event.condition).limit
            deadline.start(unit, event.id, name, limit, calendar, started_at=at)


def with_clock(unit: Unit, event: Event) -> Event:
    """The event with its most pressing deadline."""
    pressing = deadline.most_pressing(unit, event.id)
    if pressing is None:
        return replace(event, due_at=None, clock_started_at=None, lateness="")
    lateness = model.lateness_at(unit.now, pressing.due_at, pressing.warn_at)
    return replace(event, due_at=pressing.due_at, clock_started_at=pressing.started_at, lateness=lateness.value)


def refresh_clock(unit: Unit, event_id: Id) -> None:
    """After a warn mark or deadline has passed: what lists sort and count by."""
    event = store.get(unit, event_id, seen_by=unit.actor)
    if event.is_open:
        now = with_clock(unit, event)
        store.clock_moved(unit, event_id, now.due_at, now.clock_started_at, now.lateness)
        if now.lateness != event.lateness:
            turned = EventTurned(event.id, now.lateness, now.due_at, event.division, list(event.orgs), unit.now)
            unit.tell(turned)
