"""What happens to events by themselves: suspensions end, deadlines pass, counts are folded."""

from typing import Any

from gangmu.core.event import service, store, telling
from gangmu.kit import jobs
from gangmu.kit.actor import System
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit, open_unit
from gangmu.messages.deadline import DeadlineNear, DeadlinePassed
from gangmu.messages.event import EventsLoaded


@jobs.timer("event.resume")
def resume(unit: Unit, about: Id, token: str, payload: dict[str, Any]) -> None:
    """A suspension has reached its end."""
    service.resume_suspended(unit, unit.actor, Id(about), token)


@jobs.on(DeadlineNear, name="event.near")
def near(unit: Unit, fact: DeadlineNear) -> None:
    """A clock has reached its warn mark."""
    service.refresh_clock(unit, Id(fact.event_id))


@jobs.on(DeadlinePassed, name="event.late")
def late(unit: Unit, fact: DeadlinePassed) -> None:
    """A clock has run over."""
    service.refresh_clock(unit, Id(fact.event_id))


@jobs.on(EventsLoaded, name="event.tell_loaded")
def tell_loaded(unit: Unit, fact: EventsLoaded) -> None:
    """A batch came in by file or docking: its events are told for those who keep read models."""
    if fact.first:
        telling.tell_between(unit, Id(fact.first), Id(fact.last))


@jobs.chore("event.counts", every_s=2)
def fold() -> int:
    """Keep the counts short."""
    with open_unit(System("event.counts"), "chore") as unit:
        return store.fold_counts(unit)
