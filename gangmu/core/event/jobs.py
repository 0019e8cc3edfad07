"""What happens to events by themselves: suspensions end, deadlines pass, counts are folded."""

from typing import Any

from gangmu.core.event import service, store
from gangmu.kit import jobs
from gangmu.kit.actor import System
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit, open_unit
from gangmu.messages.deadline import DeadlineNear, DeadlinePassed


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


@jobs.chore("event.counts", every_s=2)
def fold() -> int:
    """Keep the counts short."""
    with open_unit(System("event.counts"), "chore") as unit:
        return store.fold_counts(unit)
