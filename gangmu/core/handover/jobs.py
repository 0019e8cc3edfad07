"""Who is on duty gets notice: when a clock warns or runs out, and when a matter comes to an organisation."""

from datetime import timedelta

from gangmu.core.handover import service, store
from gangmu.core.handover.model import What
from gangmu.kit import clock, jobs
from gangmu.kit.actor import System
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit, open_unit
from gangmu.messages.deadline import DeadlineNear, DeadlinePassed
from gangmu.messages.dispatch import ObligationMoved

KEEP = timedelta(days=60)


@jobs.on(DeadlineNear, name="handover.near")
def near(unit: Unit, fact: DeadlineNear) -> None:
    """A clock has reached a warn mark."""
    about, to = f"{fact.clock_id} {fact.share}", Id(fact.org) if fact.org else None
    service.tell_on_duty(unit, Id(fact.event_id), What.near, about, fact.stage, to)


@jobs.on(DeadlinePassed, name="handover.late")
def late(unit: Unit, fact: DeadlinePassed) -> None:
    """A clock has run out, or is late by one limit more."""
    about, to = f"{fact.clock_id} {fact.share}", Id(fact.org) if fact.org else None
    service.tell_on_duty(unit, Id(fact.event_id), What.late, about, fact.stage, to)


@jobs.on(ObligationMoved, name="handover.waits")
def waits(unit: Unit, fact: ObligationMoved) -> None:
    """An organisation owes something to an event from now on."""
    if fact.state == "open":
        service.tell_on_duty(unit, Id(fact.event_id), What.waits, str(fact.obligation_id), "", Id(fact.org))


@jobs.chore("handover.forget", every_s=3600)
def forget() -> int:
    """Old notices go; the history of the events tells the same."""
    with open_unit(System("handover.forget"), "chore") as unit:
        return store.forget_notices(unit, clock.now() - KEEP)
