"""What clocks tell: their rows as facts, along with the act that moved them, else once at the unit's end."""

from collections.abc import Iterable, Sequence

from gangmu.core.deadline import store
from gangmu.core.deadline.store import ClockRow
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit, pays
from gangmu.messages.deadline import ClockFact, ClocksMoved


def fact_of(row: ClockRow) -> ClockFact:
    return ClockFact(
        id=row.id,
        event_id=row.event_id,
        stage=row.stage,
        part=row.part,
        org=row.org,
        limit=row.limit,
        started_at=row.started_at,
        due_at=row.due_at,
        stopped_at=row.stopped_at,
        cancelled=row.cancelled,
        overdue=row.overdue,
        extended=row.extended,
        paused_s=row.paused_s,
        state=row.state,
        bundled_into=row.bundled_into,
        version=row.version,
    )


def take_moved(unit: Unit, event_id: Id) -> list[ClockFact]:
    """The clocks of an event that this unit has moved, to be told with its act."""
    return [fact_of(row) for row in unit.take_owed(store.OWED, lambda row: row.event_id == event_id)]


@pays(store.OWED)
def tell_rest(unit: Unit, rows: Sequence[ClockRow]) -> None:
    """Clocks that no act has told."""
    events = dict.fromkeys(row.event_id for row in rows)
    for event_id in events:
        moved = [fact_of(row) for row in rows if row.event_id == event_id]
        unit.tell(ClocksMoved(event_id=event_id, clocks=moved, at=unit.now))


def facts_of(unit: Unit, events: Iterable[Id]) -> list[ClockFact]:
    """All clocks of these events."""
    return [fact_of(row) for row in store.of_events(unit, events, seen_by=unit.actor)]
