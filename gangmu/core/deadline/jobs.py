"""What clocks do by themselves: tell their marks, and settle when a year is published."""

from collections.abc import Sequence
from typing import Any

from gangmu.core.deadline import service
from gangmu.kit import jobs
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.messages.calendar import CalendarChanged


@jobs.timers("deadline.tick")
def tick(unit: Unit, due: Sequence[jobs.Due]) -> None:
    """The next marks of clocks have come: many at once where limits end with the working day."""
    service.tick(unit, [(Id(each.about), each.token) for each in due])


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
