"""What is told to reporters after an event was answered."""

from gangmu.core.notify import service
from gangmu.kit import jobs
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.messages.event import ReporterAnswered


@jobs.on(ReporterAnswered, name="notify.answer")
def answer(unit: Unit, fact: ReporterAnswered) -> None:
    """One reporter has been answered."""
    orgs = tuple(Id(org) for org in fact.orgs)
    service.keep_answer(unit, Id(fact.event_id), Id(fact.report_id), fact.text, fact.outcome, orgs)
