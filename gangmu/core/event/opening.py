"""Opening an event: a report becomes one, joins one, or is an alarm that somebody looks at first."""

from gangmu.base import access, places
from gangmu.core import report
from gangmu.core.deadline import service as deadline_service
from gangmu.core.deadline import telling as clock_telling
from gangmu.core.event import effects, store, telling
from gangmu.core.event.clocks import start_clocks, with_clock
from gangmu.core.event.errors import NotMergeable, NotReviewable
from gangmu.core.event.history import new_act, recount
from gangmu.core.event.model import Event
from gangmu.core.event.proofs import keep_evidence, own_files
from gangmu.core.event.settings import EventSettings
from gangmu.core.flow import service as flow_service
from gangmu.core.report import Draft, Report
from gangmu.core.report import service as report_service
from gangmu.core.report.model import Review
from gangmu.kit import geo, ids, settings
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.messages.event import (
    AlarmReceived,
    EventOpened,
    ReportJoined,
)


def take_report(
    unit: Unit,
    actor: Actor,
    draft: Draft,
    *,
    join: Id | None = None,
    flow_id: str = "",
    urgent: bool = False,
) -> tuple[Report, Event | None]:
    """Take a report: it joins an event, or becomes one. A machine's alarm waits for review instead."""
    event_id = ids.new("evt")
    taken = report.open_report(unit, actor, draft, None if join is not None else event_id)
    own_files(unit, actor, draft.attachments)
    if taken.review == Review.pending:
        unit.tell(AlarmReceived(about=taken.id, channel=taken.channel, division=taken.division, orgs=[]))
        return taken, None
    if join is not None:
        return _join(unit, actor, taken, join)
    return taken, open_event(unit, actor, taken, flow_id, urgent, event_id)


def review_alarm(unit: Unit, actor: Actor, report_id: Id, *, join: Id | None = None) -> tuple[Report, Event]:
    """Somebody has looked at a machine's alarm and found it true: now it is a matter."""
    alarm = report.get_report(unit, actor, report_id)
    access.require(actor, "event.create", alarm.division, orgs=actor.chain)
    if alarm.review != Review.pending:
        raise NotReviewable(review=alarm.review)
    reviewed = report.attach(unit, actor, alarm, None, Review.accepted)
    if join is not None:
        joined, into = _join(unit, actor, reviewed, join)
        return joined, into
    opened = open_event(unit, actor, reviewed, "", False)
    return report.attach(unit, actor, reviewed, opened.id), opened


def dismiss_alarm(unit: Unit, actor: Actor, report_id: Id, reason: str) -> Report:
    """Nothing behind it: the alarm is kept with the reason."""
    alarm = report.get_report(unit, actor, report_id)
    if alarm.review != Review.pending:
        raise NotReviewable(review=alarm.review)
    return report_service.dismiss(unit, actor, report_id, reason)


def open_event(
    unit: Unit, actor: Actor, taken: Report, flow_id: str, urgent: bool, event_id: Id | None = None
) -> Event:
    """A new event from a report, at the start of its flow, with its first clocks running."""
    chosen = flow_id or settings.get(EventSettings).flow_of_channel.get(taken.channel, "urban_case")
    way = flow_service.current_flow(unit, actor, chosen)
    point = geo.Point(taken.lon, taken.lat) if taken.lon is not None and taken.lat is not None else None
    where = places.attribute(unit, point) if point else None
    start = way.state(way.start)
    words = settings.get(EventSettings).urgent_words
    opened = Event(
        id=event_id or ids.new("evt"),
        case_no=effects.new_case_no(taken.division, unit.now),
        title=taken.title,
        text=taken.text,
        channel=taken.channel,
        kind=taken.kind,
        matter=taken.matter,
        condition=None,
        closing_condition=None,
        flow=way.id,
        flow_version=way.version,
        state=start.id,
        status=start.status.value,
        division=taken.division,
        unit_grid=taken.unit_grid,
        duty_grid=where.duty_grid if where else "",
        lon=taken.lon,
        lat=taken.lat,
        address=taken.address,
        urgent=urgent or any(word in taken.text for word in words),
        supervised=False,
        suspended_until=None,
        lead_org=None,
        orgs=(),
        people=(actor.person,) if actor.person else (),
        holder_role=start.holder,
        holder_of=start.holder_of.value,
        holder_post=None,
        handler_post=None,
        open_tasks=(),
        lateness="",
        due_at=None,
        clock_started_at=None,
        outcome="",
        satisfaction="",
        exemptions=(),
        merged_into=None,
        report_count=1,
        caller_count=1,
        reported_at=taken.received_at,
        closed_at=None,
        moved_at=unit.now,
        foreign_no=taken.foreign_no,
    )
    deadline_service.hold(unit, opened.id, is_new=True)
    start_clocks(unit, opened, way, start.clocks, unit.now)
    opened = with_clock(unit, opened)
    store.add(unit, opened)
    first = new_act(unit, actor, opened, 1, "report", "step", "", start.id, "", {"report": taken.id}, unit.now)
    store.add_act(unit, first)
    store.add_link(unit, opened.id, taken.id, "opened", None)
    keep_evidence(unit, actor, opened, first.id, [(file_id, "before") for file_id in taken.attachments])
    unit.tell(
        EventOpened(
            row=telling.fact_of(opened),
            act=telling.act_of(first),
            clocks=clock_telling.take_moved(unit, opened.id),
            event_id=opened.id,
            case_no=opened.case_no,
            title=opened.title,
            flow=opened.flow,
            state=opened.state,
            status=opened.status,
            channel=opened.channel,
            division=opened.division,
            orgs=[],
            matter=opened.matter,
            lon=opened.lon,
            lat=opened.lat,
            reported_at=opened.reported_at,
            report_id=taken.id,
        )
    )
    return opened


def _join(unit: Unit, actor: Actor, taken: Report, join: Id) -> tuple[Report, Event]:
    was = store.get(unit, join, seen_by=actor, lock=True)
    access.require(actor, "event.read", was.division, orgs=was.orgs, people=was.people)
    if not was.is_open:
        raise NotMergeable(reason="not_open")
    joined = report.attach(unit, actor, taken, was.id)
    store.add_link(unit, was.id, taken.id, "joined", None)
    event = recount(unit, actor, was, "join", {"report": taken.id})
    unit.tell(ReportJoined(event_id=was.id, report_id=taken.id, division=was.division, orgs=list(was.orgs)))
    return joined, event
