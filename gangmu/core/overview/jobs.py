"""What is counted behind the desks' views, and looked for now and then."""

from gangmu.core.overview import service
from gangmu.core.overview.model import OPENED
from gangmu.kit import jobs
from gangmu.kit.actor import System
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit, open_unit
from gangmu.messages.event import EventMoved, EventOpened


@jobs.on(EventOpened, name="overview.opened")
def opened(unit: Unit, fact: EventOpened) -> None:
    """A new event counts on its day."""
    service.count(unit, OPENED, fact.division, None, fact.reported_at)


@jobs.on(EventMoved, name="overview.moved")
def moved(unit: Unit, fact: EventMoved) -> None:
    """An act counts on its day, for the department that has the event, else for who acted."""
    org = fact.lead_org or fact.actor_org
    service.count(unit, fact.verb, fact.division, Id(org) if org else None, fact.recorded_at)
    if fact.status == "closed" and service.is_end(unit, Id(fact.event_id), fact.from_state, fact.to_state):
        service.count(unit, service.CLOSED, fact.division, Id(org) if org else None, fact.recorded_at)


@jobs.chore("overview.fold", every_s=30)
def fold() -> int:
    """Keep the counts of days short."""
    with open_unit(System("overview.fold"), "chore") as unit:
        return service.fold(unit)


@jobs.chore("overview.forget", every_s=86_400)
def forget() -> int:
    """Drop what is older than is kept."""
    with open_unit(System("overview.forget"), "chore") as unit:
        return service.forget(unit)


@jobs.chore("overview.repeats", every_s=600)
def repeats() -> int:
    """Look for what comes again and again."""
    with open_unit(System("overview.repeats"), "chore") as unit:
        return service.find_repeats(unit)
