"""Routes of hand-overs, changes since, what is in hand and notices."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import Depends

from gangmu.base import org
from gangmu.base.org import service as org_service
from gangmu.base.org.schema import Moment
from gangmu.core.event import service as event_service
from gangmu.core.event import views
from gangmu.core.event.schema import EventRow
from gangmu.core.event.shifts import Moved
from gangmu.core.flow import service as flow_service
from gangmu.core.handover import service
from gangmu.core.handover.errors import NotNext, NotThisShift, Signed
from gangmu.core.handover.model import HandOver, Notice
from gangmu.core.handover.schema import (
    HandOverIn,
    HandOverOut,
    HandOverRow,
    HandOvers,
    InHandOut,
    MatterOut,
    MovedOut,
    NoticeOut,
    Notices,
    OpenMatters,
    PostHandedOver,
    PostHandOver,
    SeenIn,
    SeenOut,
    SignIn,
    SinceOut,
)
from gangmu.kit.errors import Invalid, NotFound, Refused, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.text import mask_personal, t
from gangmu.kit.web import Edge, Paging, Routes

routes = Routes("handover")


# --- hand-over -------------------------------------------------------------------------------------------


@routes.get("/hand-overs", can="shift.use", answers=HandOvers)
def list_hand_overs(
    at: Edge, paging: Annotated[Paging, Depends()], org: Id | None = None, waiting: bool = False
) -> HandOvers:
    """交接班记录 / Hand-overs of one's organisation, newest first; ``waiting``: not signed yet."""
    found = service.list_hand_overs(at.unit, at.actor, paging.page, org, waiting)
    return HandOvers(items=_rows(at, found.items), next=found.next)


@routes.get("/hand-overs/{hand_over_id}", can="shift.use", answers=HandOverOut, errors=[NotFound])
def get_hand_over(hand_over_id: Id, at: Edge) -> HandOverOut:
    """一次交接 / One hand-over with its open matters, as they stood and as they are."""
    return _whole(at, service.get_hand_over(at.unit, at.actor, hand_over_id))


@routes.get("/roster/shifts/{shift_id}/matters", can="shift.use", answers=OpenMatters, errors=[NotFound])
def list_matters(shift_id: Id, at: Edge) -> OpenMatters:
    """待交接事项 / What one's shift would hand over now, late ones first."""
    found = service.open_matters(at.unit, at.actor, shift_id)
    late = sum(one.lateness == "late" for one in found)
    rows = views.rows(at.unit, at.actor, found, at.lang)
    return OpenMatters(items=rows, late=late, most=service.MOST, as_of=at.unit.now)


@routes.post(
    "/roster/shifts/{shift_id}/hand-over",
    can="shift.use",
    answers=HandOverOut,
    errors=[NotFound, NotThisShift, Signed, StaleWrite],
)
def write_hand_over(shift_id: Id, body: HandOverIn, at: Edge) -> HandOverOut:
    """写交接 / Write the hand-over of one's shift, or write it anew until it is signed."""
    return _whole(at, service.write(at.unit, at.actor, shift_id, body.notes, body.watch, body.keys))


@routes.post(
    "/hand-overs/{hand_over_id}/sign",
    can="shift.use",
    answers=HandOverOut,
    errors=[NotFound, NotNext, Signed, StaleWrite],
)
def sign_hand_over(hand_over_id: Id, body: SignIn, at: Edge) -> HandOverOut:
    """接班签收 / The next shift has read it and takes over."""
    return _whole(at, service.sign(at.unit, at.actor, hand_over_id, body.receipt))


def _rows(at: Edge, found: Sequence[HandOver]) -> list[HandOverRow]:
    people = {who for one in found for who in (one.person, one.received_by) if who}
    names = org_service.person_names(at.unit, people)
    orgs = org.org_names(at.unit, {one.org for one in found})
    kept = [name for name in HandOverRow.model_fields if name in HandOver.__dataclass_fields__]
    return [
        HandOverRow(
            **{name: getattr(one, name) for name in kept},
            org_name=orgs.get(one.org, ""),
            person_name=names.get(one.person, ""),
            received_by_name=names.get(one.received_by, "") if one.received_by else "",
            mine=one.person == at.actor.person,
        )
        for one in found
    ]


def _whole(at: Edge, one: HandOver) -> HandOverOut:
    now = _events(at, {each.event for each in one.matters})
    matters = []
    for each in one.matters:
        row = now.get(each.event)
        matters.append(
            MatterOut(
                event_id=each.event,
                case_no=each.case_no if row else "",
                title=row.title if row else "",
                lateness=each.lateness,
                due_at=datetime.fromisoformat(each.due_at) if each.due_at else None,
                state_title=row.state_title if row else "",
                open=row.status == "open" if row else None,
            )
        )
    told = {name: getattr(one, name) for name in ("notes", "watch", "keys", "receipt")}
    return HandOverOut(**_rows(at, [one])[0].model_dump(), **told, matters=matters)


def _events(at: Edge, wanted: set[Id]) -> dict[Id, EventRow]:
    """Events that the asker may see, as rows."""
    found = event_service.find_events(at.unit, at.actor, wanted) if wanted else []
    return {row.id: row for row in views.rows(at.unit, at.actor, found, at.lang)}


# --- what has changed ------------------------------------------------------------------------------------


@routes.get("/roster/since", can="event.read", answers=SinceOut, errors=[Invalid])
def changed_since(at: Edge, paging: Annotated[Paging, Depends()], since: Moment | None = None) -> SinceOut:
    """上次值班以来 / What others have done since one's last shift ended (or since a time, at most 62 days)."""
    found = service.changed_since(at.unit, at.actor, paging.page, since)
    counts = {name: getattr(found.counts, name) for name in ("acts", "events", "opened", "closed", "late")}
    return SinceOut(
        since=found.since,
        as_of=at.unit.now,
        had_shift=found.last_shift is not None,
        **counts,
        items=_moved(at, found.moved.items),
        next=found.moved.next,
    )


def _words(words: Mapping[str, str], lang: str) -> str:
    return words.get("en" if lang == "en" else "zh") or next(iter(words.values()), "")


def _moved(at: Edge, found: Sequence[Moved]) -> list[MovedOut]:
    rows = _events(at, {one.event for one in found})
    events = {one.id: one for one in event_service.find_events(at.unit, at.actor, list(rows))} if rows else {}
    shown = []
    for one in found:
        if one.event in rows:
            event = events[one.event]
            way = flow_service.get_flow(at.unit, at.actor, event.flow, event.flow_version)
            verb = way.find_verb(one.verb)
            title = _words(verb.title, at.lang) if verb else t(f"event.verb.{one.verb}", at.lang)
            shown.append(
                MovedOut(event=rows[one.event], acts=one.acts, verb=one.verb, verb_title=title, by=one.by, at=one.at)
            )
    return shown


# --- what is in hand at a post ---------------------------------------------------------------------------


@routes.get("/posts/{post_id}/in-hand", can="post.hand_over", answers=InHandOut, errors=[NotFound])
def in_hand(post_id: Id, at: Edge, paging: Annotated[Paging, Depends()]) -> InHandOut:
    """岗位在手事务 / What is in hand at a post, the most pressing first."""
    found = service.in_hand(at.unit, at.actor, post_id, paging.page)
    rows = views.rows(at.unit, at.actor, found.events.items, at.lang)
    return InHandOut(items=rows, next=found.events.next, total=found.total, tasks=found.tasks)


@routes.post(
    "/posts/{post_id}/hand-over", can="post.hand_over", answers=PostHandedOver, errors=[Invalid, NotFound, StaleWrite]
)
def hand_over_post(post_id: Id, body: PostHandOver, at: Edge) -> PostHandedOver:
    """岗位移交 / Give all that is in hand at a post (or these events) to another of the same role there."""
    done, left = service.hand_over_post(at.unit, at.actor, post_id, body.to, body.reason, body.events)
    return PostHandedOver(done=done, left=left)


# --- notices ---------------------------------------------------------------------------------------------


@routes.get("/notices", can="shift.use", answers=Notices, errors=[Refused])
def list_notices(at: Edge, paging: Annotated[Paging, Depends()], nobody: bool = False, unseen: bool = True) -> Notices:
    """值班提醒 / Notices to oneself on duty; ``nobody``: those for which nobody was on duty."""
    found = service.list_notices(at.unit, at.actor, paging.page, nobody=nobody, unseen=unseen)
    return Notices(items=_notices(at, found.items), next=found.next, as_of=at.unit.now)


@routes.post("/notices/seen", can="shift.use", answers=SeenOut)
def see_notices(body: SeenIn, at: Edge) -> SeenOut:
    """已读 / One has read these."""
    return SeenOut(seen=service.see(at.unit, at.actor, body.ids))


def _notices(at: Edge, found: Sequence[Notice]) -> list[NoticeOut]:
    events = {one.id: one for one in event_service.find_events(at.unit, at.actor, {one.event for one in found})}
    orgs = org.org_names(at.unit, {one.org for one in found if one.org})
    return [
        NoticeOut(
            id=one.id,
            event_id=one.event,
            what=one.what,
            stage=one.stage,
            case_no=events[one.event].case_no if one.event in events else "",
            title=mask_personal(events[one.event].title) if one.event in events else "",
            org_name=orgs.get(one.org, "") if one.org else "",
            at=one.at,
            seen_at=one.seen_at,
        )
        for one in found
    ]
