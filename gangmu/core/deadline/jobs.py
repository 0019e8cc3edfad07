"""What clocks do by themselves: tell their marks, and settle when a year is published."""

from typing import Any

from gangmu.core.deadline import service
from gangmu.kit import jobs
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.messages.calendar import CalendarChanged


@jobs.timer("deadline.tick")
def tick(unit: Unit, about: Id, token: str, payload: dict[str, Any]) -> None:
    """The next mark of a clock has come."""
    service.tick(unit, Id(about), token)


@jobs.on(CalendarChanged, name="deadline.settle")
def settle(unit: Unit, fact: CalendarChanged) -> None:
    """A calendar has learnt years: provisional deadlines become sure."""
    if fact.years:
        _settle(unit, fact.name, None)


@jobs.timer("deadline.settle_more")
def settle_more(unit: Unit, about: Id, token: str, payload: dict[str, Any]) -> None:
    """The next batch of them."""
    _settle(unit, str(about), Id(token))


def _settle(unit: Unit, name: str, after: Id | None) -> None:
    last = service.settle(unit, name, after)
    if last is not None:
        unit.at(unit.now, "deadline.settle_more", name, last)
