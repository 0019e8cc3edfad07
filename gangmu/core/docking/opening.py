"""Opening the events of orders that were taken, with the deadline that counts."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from gangmu.core.deadline import pinned
from gangmu.core.deadline.service import Start, start_many
from gangmu.core.docking import clocks, fetching, model, order_store
from gangmu.core.docking.model import Docked, Link, Owner, Why
from gangmu.core.docking.rows import TAKER, Fresh, Hold, Taken, number_of
from gangmu.core.docking.translating import House
from gangmu.core.event import service as event_service
from gangmu.core.event.bulk import ForeignReport, take_reports
from gangmu.core.event.effects import HANDLE
from gangmu.core.event.model import Event
from gangmu.kit import ids
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id, of_uuid
from gangmu.kit.unit import Unit
from gangmu.kit.zone import zone as city_zone
from gangmu.messages.event import EventOpened
from gangmu.sdk.exchange import ForeignOrder

FAREST = timedelta(days=3600)


def take_orders(unit: Unit, actor: Actor, link: Link, fresh: list[Fresh], told: Taken, takeover: bool) -> None:
    known = order_store.find_docked(unit, link.id, [number_of(one.row) for one in fresh], seen_by=TAKER)
    ready: dict[str, tuple[Fresh, ForeignReport]] = {}
    house = House(unit, link)
    for one in fresh:
        order = one.row
        assert isinstance(order, ForeignOrder)
        if order.due_at is not None and abs(order.due_at - order.at) > FAREST:
            one.hold = Hold(Why.unreadable, "due_at", "", f"{order.due_at.isoformat()} is out of all reason")
            continue
        if order.number in known or order.number in ready:
            one.outcome = "known"
            if order.number in known:
                known[order.number] = clocks.moved(unit, known[order.number], order.due_at)
            continue
        report = house.report_of(unit, actor, order, takeover)
        if isinstance(report, Hold):
            one.hold = report
        else:
            one.outcome = "taken"
            ready[order.number] = (one, report)
    if ready:
        _open(unit, actor, link, list(ready.values()), takeover, house)
        told.orders += len(ready)


def _open(
    unit: Unit, actor: Actor, link: Link, ready: list[tuple[Fresh, ForeignReport]], takeover: bool, house: House
) -> None:
    """Open the events of orders, with the deadline that counts and no other."""
    orders = [one.row for one, _ in ready if isinstance(one.row, ForeignOrder)]
    begun = [min(order.started_at or order.at, order.at) for order in orders]
    ours = pinned.due_of(unit, [(link.limit, at) for at in begun])
    due = [
        model.deadline_of(link, order.due_at, own, order.claims_clock) for order, own in zip(orders, ours, strict=True)
    ]
    reports = [
        msgspec.structs.replace(report, target_at=one.counts) for (_, report), one in zip(ready, due, strict=True)
    ]
    made = take_reports(unit, actor, reports, link.source)
    zone = city_zone()
    docked, starts = [], []
    for order, report, (report_id, event_id), deadline, at in zip(orders, reports, made, due, begun, strict=True):
        event = of_uuid("evt", UUID(event_id))
        docked.append(
            Docked(
                id=ids.new("dor"),
                link=link.id,
                number=order.number,
                event=event,
                first_event=event,
                report=of_uuid("rpt", UUID(report_id)),
                division=report.division,
                handed_at=order.at,
                day=order.at.astimezone(zone).date(),
                taken_at=unit.now,
                started_at=at,
                their_due_at=deadline.theirs,
                our_due_at=ours[len(docked)],
                clock=deadline.owner,
                both_claim=deadline.both_claim,
                seq=order.seq,
                told=1 if report.life == "open" else 2,
                their_state=order.state,
                standing=model.standing_of(report.life, report.at_state or house.way.start, house.table),
                taken_over=takeover,
            )
        )
        if report.life == "open":
            starts += _starts(link, house, report, event, deadline, at, unit.now)
    order_store.add_docked(unit, docked, link.source)
    fetching.named_in(unit, link, list(zip(orders, docked, strict=True)))
    start_many(unit, starts, link.source)
    report_of = {one.event: one.report for one in docked}
    for opened in event_service.find_events(unit, TAKER, list(report_of)):
        unit.tell(_opened(opened, report_of[opened.id]))


def _starts(
    link: Link,
    house: House,
    report: ForeignReport,
    event: Id,
    deadline: model.Deadlines,
    begun: datetime,
    now: datetime,
) -> list[Start]:
    """The clocks of the state that an order begins in. One that is taken over keeps its handling clock alone, from its
    own beginning: nothing is started anew."""
    state = house.way.state(report.at_state or house.way.start)
    found = []
    if HANDLE in state.clocks:
        if deadline.owner == Owner.foreign and deadline.theirs is not None:
            found.append(pinned.starting(event, HANDLE, begun, deadline.theirs))
        else:
            found.append(Start(event, HANDLE, link.limit, begun))
    for name in state.clocks:
        stage = house.way.find_stage(name)
        if stage is not None and stage.limit not in ("", "condition") and not report.at_state:
            found.append(Start(event, name, stage.limit, now, is_window=stage.window))
    return found


def _opened(event: Event, report: Id) -> EventOpened:
    return EventOpened(
        event_id=event.id,
        case_no=event.case_no,
        title=event.title,
        flow=event.flow,
        state=event.state,
        status=event.status,
        channel=event.channel,
        division=event.division,
        orgs=list(event.orgs),
        matter=event.matter,
        lon=event.lon,
        lat=event.lat,
        reported_at=event.reported_at,
        report_id=report,
    )
