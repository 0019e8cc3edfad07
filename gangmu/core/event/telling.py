"""What events tell: their rows and acts as facts, so that read models need to ask nobody.

Events that come in by the batch are told afterwards, a page at a time, so that the batch itself stays quick.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from gangmu.core.deadline import telling as clock_telling
from gangmu.core.event import past_store, store
from gangmu.core.event.model import Act, Event
from gangmu.kit.actor import System
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.messages.event import ActFact, EventFact, EventRecounted, EventsTold

PAGE = 200
TELLER = System("event.tell")


def fact_of(one: Event, version: int | None = None) -> EventFact:
    """An event as it stands, at ``version`` when that is only being written."""
    return EventFact(
        id=one.id,
        version=one.version if version is None else version,
        case_no=one.case_no,
        title=one.title,
        flow=one.flow,
        state=one.state,
        status=one.status,
        channel=one.channel,
        kind=one.kind,
        matter=one.matter,
        division=one.division,
        unit_grid=one.unit_grid,
        duty_grid=one.duty_grid,
        lead_org=one.lead_org,
        orgs=list(one.orgs),
        people=list(one.people),
        suspended_until=one.suspended_until,
        outcome=one.outcome,
        satisfaction=one.satisfaction,
        exemptions=list(one.exemptions),
        merged_into=one.merged_into,
        report_count=one.report_count,
        reported_at=one.reported_at,
        closed_at=one.closed_at,
    )


def act_of(one: Act) -> ActFact:
    target = one.args.get("target_at")
    return ActFact(
        id=one.id,
        event_id=one.event,
        seq=one.seq,
        verb=one.verb,
        kind=one.kind,
        from_state=one.from_state,
        to_state=one.to_state,
        person=one.person,
        post=one.post,
        org=one.org,
        actor_name=one.actor_name,
        role=one.role,
        reason=one.reason,
        outcome=str(one.args.get("outcome") or ""),
        satisfaction=str(one.args.get("satisfaction") or ""),
        done_at=one.done_at,
        recorded_at=one.recorded_at,
        target_at=datetime.fromisoformat(target) if isinstance(target, str) else None,
    )


def tell_recounted(unit: Unit, one: Event, version: int, done: Act) -> None:
    unit.tell(EventRecounted(event_id=one.id, row=fact_of(one, version), act=act_of(done)))


def facts_of(unit: Unit, events: Sequence[Event]) -> EventsTold:
    """Events with their whole history and their clocks."""
    wanted = [one.id for one in events]
    acts: list[Act] = [store._act(row) for row in past_store.list_acts(unit, wanted, seen_by=TELLER)]
    return EventsTold(
        rows=[fact_of(one) for one in events],
        acts=[act_of(one) for one in acts],
        clocks=clock_telling.facts_of(unit, wanted),
    )


def tell_between(unit: Unit, first: Id, last: Id) -> None:
    """Tell the events from one to another as they stand now, a page at a time."""
    wanted = past_store.ids_between(unit, first, last)
    for start in range(0, len(wanted), PAGE):
        unit.tell(told_of(unit, wanted[start : start + PAGE]))


def told_of(unit: Unit, wanted: Sequence[Id]) -> EventsTold:
    """These events as they stand, with history and clocks."""
    return facts_of(unit, store.find_many(unit, wanted, seen_by=TELLER))


def told_pages(unit: Unit) -> Iterator[EventsTold]:
    """All events with history and clocks as they stand, a page at a time: for who makes a read model anew."""
    last: Id | None = None
    while wanted := past_store.ids_after(unit, last, PAGE):
        yield told_of(unit, wanted)
        last = wanted[-1]
