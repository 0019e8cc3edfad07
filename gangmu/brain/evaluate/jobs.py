"""What evaluation hears: every transition, kept by version, and its event counted anew."""

from gangmu.brain.evaluate import service, store, sum_store, taking
from gangmu.kit import jobs
from gangmu.kit.unit import Unit, open_unit
from gangmu.messages.deadline import ClocksMoved
from gangmu.messages.dispatch import ObligationMoved
from gangmu.messages.event import EventMoved, EventOpened, EventRecounted, EventsTold, WordsErased
from gangmu.messages.hotline import CallTold
from gangmu.messages.knowledge import CorrectionTold, EntryTold
from gangmu.messages.verify import TaskMoved

PIECES = 200


@jobs.on(EventOpened, name="evaluate.opened")
def opened(unit: Unit, fact: EventOpened) -> None:
    """A new event. One that docking opened is told with its batch."""
    if fact.row is not None and fact.act is not None:
        service.take(
            unit, [fact.event_id], [taking.event_of(fact.row)], [taking.act_of(fact.act)], taking.clocks_of(fact.clocks)
        )


@jobs.on(EventMoved, name="evaluate.moved")
def moved(unit: Unit, fact: EventMoved) -> None:
    """An act, the row it led to and the clocks that it moved."""
    if fact.row is not None and fact.act is not None:
        service.take(
            unit, [fact.event_id], [taking.event_of(fact.row)], [taking.act_of(fact.act)], taking.clocks_of(fact.clocks)
        )


@jobs.on(EventRecounted, name="evaluate.recounted")
def recounted(unit: Unit, fact: EventRecounted) -> None:
    """Reports joined, merged or parted."""
    service.take(unit, [fact.event_id], [taking.event_of(fact.row)], [taking.act_of(fact.act)])


@jobs.on(EventsTold, name="evaluate.told")
def told(unit: Unit, fact: EventsTold) -> None:
    """A page of events that came in by the batch."""
    service.hear(unit, fact)


@jobs.on(WordsErased, name="evaluate.erased")
def erased(unit: Unit, fact: WordsErased) -> None:
    """Titles whose time is over."""
    store.hold(unit, fact.events)
    store.blank_titles(unit, fact.events, fact.title)


@jobs.on(ClocksMoved, name="evaluate.clocks")
def clocks(unit: Unit, fact: ClocksMoved) -> None:
    """Clocks that moved without an act: bundled, settled, set by the source."""
    service.take(unit, [fact.event_id], taking.clocks_of(fact.clocks))


@jobs.on(ObligationMoved, name="evaluate.debts")
def debts(unit: Unit, fact: ObligationMoved) -> None:
    """What an organisation owes to an event."""
    service.take(unit, [fact.event_id], [taking.debt_of(fact)])


@jobs.on(TaskMoved, name="evaluate.tasks")
def tasks(unit: Unit, fact: TaskMoved) -> None:
    """A verification or check in the field."""
    service.take(unit, [fact.event_id], [taking.task_of(fact)])


@jobs.on(CallTold, name="evaluate.calls")
def calls(unit: Unit, fact: CallTold) -> None:
    """A call as it stands."""
    service.take_call(unit, taking.call_of(fact))


@jobs.on(EntryTold, name="evaluate.entries")
def entries(unit: Unit, fact: EntryTold) -> None:
    """An edition of a knowledge entry."""
    service.take_knowledge(unit, fact.entry_id, taking.edition_of(fact))


@jobs.on(CorrectionTold, name="evaluate.corrections")
def corrections(unit: Unit, fact: CorrectionTold) -> None:
    """A correction of a knowledge entry as it stands."""
    service.take_knowledge(unit, fact.entry_id, taking.correction_of(fact))


@jobs.chore("evaluate.fold", every_s=60)
def fold() -> None:
    """The sums of days that changed often since are folded together."""
    with open_unit(service.COUNTER, "fold sums") as unit:
        sum_store.fold(unit, PIECES)
