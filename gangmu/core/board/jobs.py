"""What the wall screen hears of: every message about an event counts its move and marks it to be looked at."""

from gangmu.core.board import service
from gangmu.kit import clock, jobs
from gangmu.kit.actor import System
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit, open_unit
from gangmu.messages.deadline import DeadlinePassed
from gangmu.messages.dispatch import DisputeDecided, DisputeRaised
from gangmu.messages.event import (
    AlarmReceived,
    EventMoved,
    EventOpened,
    EventsLoaded,
    EventsMerged,
    EventsParted,
    EventTurned,
    ReportJoined,
)
from gangmu.messages.instruct import InstructionMoved

REST_S = 0.4


@jobs.on(EventOpened, name="board.opened")
def opened(unit: Unit, fact: EventOpened) -> None:
    """A new event: its source was heard, and it stands at the start of the way."""
    event = Id(fact.event_id)
    service.hear(unit, event, fact.division, fact.channel, fact.reported_at)
    service.move(unit, event, fact.division, "", "reported", fact.reported_at)
    service.mark(unit, [event])


@jobs.on(EventMoved, name="board.moved")
def moved(unit: Unit, fact: EventMoved) -> None:
    event = Id(fact.event_id)
    service.act(unit, event, fact.from_state, fact.to_state, fact.division, fact.recorded_at)
    service.mark(unit, [event])


@jobs.on(EventTurned, name="board.turned")
def turned(unit: Unit, fact: EventTurned) -> None:
    """Time made it near or late."""
    service.mark(unit, [Id(fact.event_id)])


@jobs.on(DeadlinePassed, name="board.passed")
def passed(unit: Unit, fact: DeadlinePassed) -> None:
    """A limit was missed. The event may have been late before by another one; the department is judged all the same."""
    service.mark(unit, [Id(fact.event_id)])


@jobs.on(EventsMerged, name="board.merged")
def merged(unit: Unit, fact: EventsMerged) -> None:
    service.merge(unit, Id(fact.event_id), unit.now)
    service.mark(unit, [Id(fact.event_id), Id(fact.into)])


@jobs.on(EventsParted, name="board.parted")
def parted(unit: Unit, fact: EventsParted) -> None:
    service.part(unit, Id(fact.parted), unit.now)
    service.mark(unit, [Id(fact.event_id), Id(fact.parted)])


@jobs.on(ReportJoined, name="board.joined")
def joined(unit: Unit, fact: ReportJoined) -> None:
    """One more caller of a matter: no new event, but its source was heard."""
    channel, at = service.answer_of(unit, Id(fact.report_id))
    service.hear(unit, Id(fact.event_id), fact.division, channel, at)
    service.mark(unit, [Id(fact.event_id)])


@jobs.on(AlarmReceived, name="board.alarm")
def alarm(unit: Unit, fact: AlarmReceived) -> None:
    """A machine was heard; what it says is no event before somebody has looked."""
    channel, at = service.answer_of(unit, Id(fact.about))
    service.alarm(unit, fact.division, channel, at)


@jobs.on(EventsLoaded, name="board.loaded")
def loaded(unit: Unit, fact: EventsLoaded) -> None:
    if fact.first and fact.last:
        service.load(unit, Id(fact.first), Id(fact.last))


@jobs.on(DisputeRaised, name="board.disputed")
def disputed(unit: Unit, fact: DisputeRaised) -> None:
    service.mark(unit, [Id(fact.event_id)])


@jobs.on(DisputeDecided, name="board.decided")
def decided(unit: Unit, fact: DisputeDecided) -> None:
    service.mark(unit, [Id(fact.event_id)])


@jobs.on(InstructionMoved, name="board.instructed")
def instructed(unit: Unit, fact: InstructionMoved) -> None:
    service.mark_instructed(unit, Id(fact.about))


_told_at = float("-inf")


@jobs.chore("board.keep", every_s=0.1)
def keep() -> int:
    """Bring the figures up to date: at once after a rest, else so often that walls are not asked for more than they
    can show. Little is asked when nothing moved."""
    global _told_at
    if clock.monotonic() - _told_at < REST_S:
        return 0
    with open_unit(System("board.keep"), "chore") as unit:
        moved = service.keep(unit) if service.is_waiting(unit) else 0
    if moved:
        _told_at = clock.monotonic()
    return moved


@jobs.chore("board.forget", every_s=3600)
def forget() -> int:
    """Drop days that are shown no more."""
    with open_unit(System("board.forget"), "chore") as unit:
        return service.forget(unit)
