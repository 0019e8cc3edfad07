"""Routes of reports and events."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query

from gangmu.core.deadline import views as clock_views
from gangmu.core.deadline.schema import ExplainedOut
from gangmu.core.event import service, views
from gangmu.core.event.errors import EventMovedOn, NotMergeable, NotPartable, NotReviewable
from gangmu.core.event.schema import (
    Access,
    ActIn,
    DuplicateOut,
    Duplicates,
    EventOut,
    EventRow,
    Events,
    EvidenceList,
    History,
    Inbox,
    LikenessOut,
    MergeIn,
    ReportIn,
    ReportOut,
    Reports,
    Reveal,
    ReviewIn,
    Taken,
    Timeline,
    UnmergeIn,
    ViewIn,
    ViewOut,
    WhoOut,
)
from gangmu.core.event.store import Wanted
from gangmu.core.flow import NotAllowed
from gangmu.core.report import service as report_service
from gangmu.kit import geo, live
from gangmu.kit.errors import Conflict, Invalid, NotFound, Refused
from gangmu.kit.ids import Id
from gangmu.kit.web import Edge, Paging, Routes

routes = Routes("event")
Word = Annotated[str, Query(max_length=60)]
Words = Annotated[str, Query(max_length=200)]
Lon = Annotated[float | None, Query(ge=-180, le=180)]
Lat = Annotated[float | None, Query(ge=-90, le=90)]


@routes.post(
    "/reports", can="event.create", answers=Taken, status=201, errors=[Invalid, NotFound, NotMergeable, Refused]
)
def take_report(body: ReportIn, at: Edge) -> Taken:
    """上报 / Take a report; it opens an event or joins one."""
    taken, event = service.take_report(
        at.unit, at.actor, body.draft(), join=body.join_event_id, flow_id=body.flow, urgent=body.urgent
    )
    row = views.rows(at.unit, at.actor, [event], at.lang)[0] if event else None
    return Taken(report=views.reported(at.unit, at.actor, taken), event=row)


@routes.get("/reports/{report_id}", can="report.read", answers=ReportOut, errors=[NotFound])
def get_report(report_id: Id, at: Edge) -> ReportOut:
    """报告 / A report, its reporter masked."""
    return views.reported(at.unit, at.actor, report_service.get_report(at.unit, at.actor, report_id))


@routes.post("/reports/{report_id}/reveal", can="reporter.read", answers=WhoOut, errors=[NotFound, Refused])
def reveal(report_id: Id, body: Reveal, at: Edge) -> WhoOut:
    """查看报告人 / The reporter in clear, for a purpose; journaled."""
    return WhoOut.model_validate(report_service.reveal(at.unit, at.actor, report_id, body.purpose))


@routes.get("/alarms", can="report.read", answers=Reports, errors=[Invalid])
def list_alarms(at: Edge, paging: Annotated[Paging, Depends()]) -> Reports:
    """待审报警 / Alarms of sensors and algorithms that nobody has looked at."""
    found = report_service.list_pending(at.unit, at.actor, paging.page)
    return Reports(items=[views.reported(at.unit, at.actor, item) for item in found.items], next=found.next)


@routes.post(
    "/reports/{report_id}/review", can="event.create", answers=Taken, errors=[NotFound, NotMergeable, NotReviewable]
)
def review_alarm(report_id: Id, body: ReviewIn, at: Edge) -> Taken:
    """审核报警 / Say whether an alarm is true: it becomes an event, joins one, or is dismissed with the reason."""
    if not body.true:
        if not body.reason.strip():
            raise Invalid(field="reason", reason="say why it is not true")
        dismissed = service.dismiss_alarm(at.unit, at.actor, report_id, body.reason)
        return Taken(report=views.reported(at.unit, at.actor, dismissed), event=None)
    taken, event = service.review_alarm(at.unit, at.actor, report_id, join=body.join_event_id)
    row = views.rows(at.unit, at.actor, [event], at.lang)[0]
    return Taken(report=views.reported(at.unit, at.actor, taken), event=row)


@routes.get("/reporters/history", can="reporter.read", answers=History)
def caller_history(at: Edge, phone: Annotated[str, Query(min_length=3, max_length=30)]) -> History:
    """来电历史 / What a caller has reported before; journaled."""
    name, reports = report_service.history_of(at.unit, at.actor, phone)
    return History(name=name, items=[views.reported(at.unit, at.actor, item) for item in reports])


@routes.get("/events", can="event.read", answers=Events, errors=[Invalid])
def list_events(
    at: Edge,
    paging: Annotated[Paging, Depends()],
    q: Words = "",
    view: Word = "",
    state: Annotated[list[str] | None, Query(max_length=20)] = None,
    status: Annotated[list[str] | None, Query(max_length=4)] = None,
    channel: Word = "",
    flow: Word = "",
    matter: Annotated[list[Id] | None, Query(max_length=50)] = None,
    org: Id | None = None,
    division: Annotated[str, Query(max_length=12, pattern=r"^\d*$")] = "",
    late: Annotated[str, Query(pattern="^(late|near)?$")] = "",
    supervised: bool | None = None,
    urgent: bool | None = None,
    mine: bool = False,
    bbox: Word = "",
) -> Events:
    """事件列表 / Events, late first; ``view=todo`` those that the actor's roles hold, ``mine`` those he acted on."""
    seq = live.head(at.unit.conn)
    if q.strip():
        found = service.search(at.unit, at.actor, q, paging.page.limit)
        return Events(items=views.rows(at.unit, at.actor, found, at.lang), as_of=at.unit.now, seq=seq)
    wanted = Wanted(
        state=tuple(state or ()),
        status=tuple(status or ()) or (() if mine else ("open",)),
        channel=channel,
        flow=flow,
        matter=tuple(matter or ()),
        org=org,
        division=division,
        lateness=(late,) if late else (),
        supervised=supervised,
        urgent=urgent,
        holder_roles=at.actor.roles if view == "todo" else (),
        done_by=at.actor.person if mine else None,
        bbox=geo.Box.parse(bbox) if bbox else None,
        newest=mine,
    )
    listed = service.list_events(at.unit, at.actor, wanted, paging.page)
    items = views.rows(at.unit, at.actor, listed.items, at.lang)
    return Events(items=items, next=listed.next, as_of=at.unit.now, seq=seq)


@routes.get("/search", can="search.use", answers=Events)
def search(
    at: Edge, q: Annotated[str, Query(min_length=1, max_length=200)], limit: Annotated[int, Query(ge=1, le=100)] = 30
) -> Events:
    """搜索 / By case number, foreign number, words, initials of the class, or a phone (journaled)."""
    found = service.search(at.unit, at.actor, q, limit)
    items = views.rows(at.unit, at.actor, found, at.lang)
    return Events(items=items, as_of=at.unit.now, seq=live.head(at.unit.conn))


@routes.get("/events/duplicates", can="event.read", answers=Duplicates, errors=[Invalid])
def list_duplicates(
    at: Edge,
    lon: Lon = None,
    lat: Lat = None,
    crs: Word = "CGCS2000",
    text: Annotated[str, Query(max_length=2000)] = "",
    matter: Id | None = None,
    but: Id | None = None,
    happened_at: datetime | None = None,
) -> Duplicates:
    """疑似重复 / Open events that may be the same matter, likeliest first, with what speaks for it."""
    point = geo.point(lon, lat, crs) if lon is not None and lat is not None else None
    when = happened_at if happened_at is not None and happened_at.tzinfo else None
    found = service.list_duplicates(
        at.unit,
        at.actor,
        lon=point.lon if point else None,
        lat=point.lat if point else None,
        text=text,
        matter_id=matter,
        at=when,
        but=but,
    )
    rows = views.rows(at.unit, at.actor, [item.event for item in found], at.lang)
    return Duplicates(
        items=[
            DuplicateOut(event=row, likeness=LikenessOut.model_validate(item.likeness))
            for row, item in zip(rows, found, strict=True)
        ]
    )


@routes.get("/events/{event_id}", can="event.read", answers=EventOut, errors=[NotFound])
def get_event(event_id: Id, at: Edge) -> EventOut:
    """事件详情 / An event whole, with the verbs that one may do."""
    return views.whole(at.unit, at.actor, service.get_event(at.unit, at.actor, event_id), at.lang)


@routes.get("/events/{event_id}/timeline", can="event.read", answers=Timeline, errors=[NotFound])
def get_timeline(event_id: Id, at: Edge) -> Timeline:
    """办理过程 / The history, oldest first."""
    event = service.get_event(at.unit, at.actor, event_id)
    acts = service.list_acts(at.unit, at.actor, event_id)
    return Timeline(items=views.timeline(at.unit, at.actor, event, acts, at.lang))


@routes.get("/events/{event_id}/reports", can="report.read", answers=Reports, errors=[NotFound])
def get_reports(event_id: Id, at: Edge) -> Reports:
    """上报列表 / The reports of an event, reporters masked."""
    found = service.list_reports(at.unit, at.actor, event_id)
    return Reports(items=[views.reported(at.unit, at.actor, item) for item in found])


@routes.get("/events/{event_id}/evidence", can="event.read", answers=EvidenceList, errors=[NotFound])
def get_evidence(event_id: Id, at: Edge) -> EvidenceList:
    """证据 / Pictures and files, with the time and place that they themselves tell."""
    return EvidenceList(items=views.proofs(at.unit, service.list_evidence(at.unit, at.actor, event_id)))


@routes.get("/events/{event_id}/deadline", can="event.read", answers=ExplainedOut, errors=[NotFound])
def explain_deadline(event_id: Id, at: Edge) -> ExplainedOut:
    """时限说明 / How each deadline of the event is counted, step by step."""
    event = service.get_event(at.unit, at.actor, event_id)
    way, _ = service.offers_of(at.unit, at.actor, event)
    return clock_views.explain(at.unit, event_id, at.lang, views.stage_titles(way, at.lang))


@routes.get("/events/{event_id}/access", can="event.read", answers=Access, errors=[NotFound])
def get_access(event_id: Id, at: Edge) -> Access:
    """谁能办 / Who may do what on this event now."""
    event = service.get_event(at.unit, at.actor, event_id)
    return Access(items=views.who_may(at.unit, at.actor, event, at.lang))


@routes.post(
    "/events/{event_id}/acts/{verb}",
    can="event.act",
    answers=EventOut,
    errors=[EventMovedOn, Invalid, NotAllowed, NotFound, Refused],
)
def act(event_id: Id, verb: str, body: ActIn, at: Edge) -> EventOut:
    """办理 / Do a verb of the event's flow."""
    moved = service.act(at.unit, at.actor, event_id, verb, body.args(), body.version)
    return views.whole(at.unit, at.actor, moved, at.lang)


@routes.post("/events/{event_id}/merge", can="event.merge", answers=EventRow, errors=[NotFound, NotMergeable, Refused])
def merge(event_id: Id, body: MergeIn, at: Edge) -> EventRow:
    """并案 / Make this event part of another; all its reporters go with it."""
    into = service.merge(at.unit, at.actor, event_id, body.into, body.reason)
    return views.rows(at.unit, at.actor, [into], at.lang)[0]


@routes.post("/events/{event_id}/unmerge", can="event.merge", answers=Events, errors=[NotFound, NotPartable, Refused])
def unmerge(event_id: Id, body: UnmergeIn, at: Edge) -> Events:
    """拆案 / Take reports out of an event: back to theirs, or into one of their own."""
    parted = service.unmerge(at.unit, at.actor, event_id, body.report_ids, body.reason)
    rows = views.rows(at.unit, at.actor, parted, at.lang)
    return Events(items=rows, as_of=at.unit.now, seq=live.head(at.unit.conn))


@routes.get("/inbox", can="event.read", answers=Inbox)
def inbox(at: Edge) -> Inbox:
    """收件箱 / The views with their counts."""
    listed = views.inbox(at.unit, at.actor, at.lang)
    return Inbox(views=listed, as_of=at.unit.now, seq=live.head(at.unit.conn))


@routes.post("/inbox/views", can="event.read", answers=ViewOut, status=201, errors=[Conflict, Invalid])
def add_view(body: ViewIn, at: Edge) -> ViewOut:
    """保存视图 / Keep a filter under a name."""
    view_id = service.add_view(at.unit, at.actor, body.name, body.filter)
    return ViewOut(id=view_id, name=body.name, own=True, filter=body.filter, count=None)


@routes.delete("/inbox/views/{view_id}", can="event.read", status=204, errors=[NotFound])
def drop_view(view_id: Id, at: Edge) -> None:
    """删除视图 / Drop a view of one's own."""
    service.drop_view(at.unit, at.actor, view_id)
