"""What dispatching does after an event has moved: measure whether the suggestion was taken, end what is owed."""

from gangmu.core.dispatch import edition, service, trials
from gangmu.kit import jobs
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit, open_unit
from gangmu.messages.dispatch import DutyTrialAsked
from gangmu.messages.event import EventMoved


@jobs.on(EventMoved, name="dispatch.measure")
def measure(unit: Unit, fact: EventMoved) -> None:
    """Was the suggestion taken? Only acts that laid an event on a lead tell."""
    if fact.lead_org is not None:
        service.record_use(unit, Id(fact.event_id), Id(fact.act_id), fact.verb, fact.recorded_at)


@jobs.on(EventMoved, name="dispatch.end")
def end(unit: Unit, fact: EventMoved) -> None:
    """A closed or void event is owed nothing any more."""
    if fact.status != "open":
        service.end_obligations(unit, Id(fact.event_id), fact.done_at)


@jobs.on(DutyTrialAsked, name="dispatch.try_out")
def try_out(unit: Unit, fact: DutyTrialAsked) -> None:
    """An edition is tried on the past, in units of its own; one that is done already is left alone."""
    trials.run(lambda: open_unit(edition.EVERYTHING, "duty try-out"), Id(fact.about))
