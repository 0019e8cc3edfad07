"""Routes of rotas, leave, stand-ins and swaps."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Query

from gangmu.base import org
from gangmu.base.access import shipped
from gangmu.base.access.errors import RolesExclude
from gangmu.base.org import service as org_service
from gangmu.base.org.errors import StandInEnded, StandInTaken
from gangmu.base.org.model import StandIn
from gangmu.base.org.schema import Moment
from gangmu.base.roster import absence, service, store
from gangmu.base.roster.errors import NotOpen, NotYours, OnLeave, OnTwoShifts, ShiftOver
from gangmu.base.roster.model import Finding, Leave, Pattern, Shift, Slot, Swap
from gangmu.base.roster.schema import (
    Answer,
    FindingOut,
    Findings,
    HeldPermission,
    HeldPermissions,
    KindWord,
    LaidOut,
    LayOut,
    LeaveIn,
    LeaveOut,
    Leaves,
    LeaveWhole,
    MemberOut,
    MyShifts,
    PatternBody,
    PatternChange,
    PatternIn,
    PatternOut,
    Patterns,
    ShiftChange,
    ShiftIn,
    ShiftOut,
    Shifts,
    StandInIn,
    StandInOut,
    StandIns,
    SwapIn,
    SwapOut,
    Swaps,
    Versioned,
)
from gangmu.kit.errors import Conflict, Invalid, NotFound, Refused, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.web import Edge, Paging, Routes

routes = Routes("roster")
From = Annotated[Moment, Query(alias="from")]
To = Annotated[Moment, Query(alias="to")]
Kind = Annotated[KindWord | None, Query()]


# --- who is on duty --------------------------------------------------------------------------------------


@routes.get("/roster/on-duty", can="roster.read", answers=Shifts)
def list_on_duty(at: Edge, org: Id | None = None, when: Moment | None = None, kind: Kind = None) -> Shifts:
    """谁在值班 / Who is on duty now or at a time, in an organisation or wherever one sees."""
    found = service.on_duty(at.unit, org, when, kind or "", seen_by=at.actor)
    return Shifts(items=_shifts(at, [one.shift for one in found], when or at.unit.now))


@routes.get("/roster/mine", can="shift.use", answers=MyShifts)
def my_shifts(at: Edge) -> MyShifts:
    """我的班次 / One's last shift, the present one and the next."""
    found = service.shifts_of(at.unit, at.actor.person, at.unit.now) if at.actor.person else (None, None, None)
    shown = {one.id: one for one in _shifts(at, [one for one in found if one])}
    last, now, after = (shown.get(one.id) if one else None for one in found)
    return MyShifts(last=last, now=now, next=after, as_of=at.unit.now)


# --- patterns --------------------------------------------------------------------------------------------


@routes.get("/roster/patterns", can="roster.read", answers=Patterns)
def list_patterns(at: Edge, org: Id | None = None, active: bool = True) -> Patterns:
    """排班规则 / The patterns that one may see."""
    return Patterns(items=_patterns(at, service.list_patterns(at.unit, at.actor, org, active)))


@routes.post(
    "/roster/patterns",
    can="roster.manage",
    answers=PatternOut,
    status=201,
    errors=[Conflict, Invalid, NotFound, Refused],
)
def add_pattern(body: PatternIn, at: Edge) -> PatternOut:
    """新建排班规则 / A new pattern."""
    return _patterns(at, [service.add_pattern(at.unit, at.actor, body.org, _draft(body))])[0]


@routes.put(
    "/roster/patterns/{pattern_id}",
    can="roster.manage",
    answers=PatternOut,
    errors=[Conflict, Invalid, NotFound, Refused, StaleWrite],
)
def change_pattern(pattern_id: Id, body: PatternChange, at: Edge) -> PatternOut:
    """修改排班规则 / Change a pattern; shifts laid out already stay."""
    made = service.change_pattern(at.unit, at.actor, pattern_id, _draft(body), body.version)
    return _patterns(at, [made])[0]


@routes.post(
    "/roster/patterns/{pattern_id}/lay-out",
    can="roster.manage",
    answers=LaidOut,
    errors=[Conflict, Invalid, NotFound, Refused],
)
def lay_out(pattern_id: Id, body: LayOut, at: Edge) -> LaidOut:
    """生成排班 / Fill a month by the pattern, round the calendar's holidays; tells what is lacking still."""
    made, lacking = service.lay_out(at.unit, at.actor, pattern_id, body.month, anew=body.anew)
    return LaidOut(made=len(made), findings=_findings(at, lacking))


def _draft(body: PatternBody) -> service.PatternDraft:
    slots = tuple(Slot(**slot.model_dump()) for slot in body.slots)
    return service.PatternDraft(
        body.title, body.kind, slots, tuple(body.crew), body.rest_hours, body.calendar, body.active
    )


def _patterns(at: Edge, found: Sequence[Pattern]) -> list[PatternOut]:
    posts = org.post_names(at.unit, {post for one in found for post in one.crew})
    names = org.org_names(at.unit, {one.org for one in found})
    return [
        PatternOut(
            **{name: getattr(one, name) for name in PatternOut.model_fields if name in Pattern.__dataclass_fields__},
            org_name=names.get(one.org, ""),
            members=[
                MemberOut(post=post, title=posts[post].title, person_name=posts[post].person_name)
                for post in one.crew
                if post in posts
            ],
        )
        for one in found
    ]


# --- shifts ----------------------------------------------------------------------------------------------


@routes.get("/roster/shifts", can="roster.read", answers=Shifts, errors=[Invalid])
def list_shifts(
    at: Edge, paging: Annotated[Paging, Depends()], from_: From, to: To, org: Id | None = None, kind: Kind = None
) -> Shifts:
    """值班表 / The rota between two times, at most 100 days."""
    found = service.list_shifts(at.unit, at.actor, paging.page, from_, to, org, kind or "")
    return Shifts(items=_shifts(at, found.items), next=found.next)


@routes.get("/roster/findings", can="roster.read", answers=Findings, errors=[Invalid, NotFound])
def list_findings(at: Edge, org: Id, from_: From, to: To) -> Findings:
    """排班问题 / Gaps, double bookings, leave and ended posts of a rota."""
    return Findings(items=_findings(at, service.find(at.unit, at.actor, org, from_, to)))


@routes.post(
    "/roster/shifts",
    can="roster.manage",
    answers=ShiftOut,
    status=201,
    errors=[Conflict, Invalid, NotFound, OnLeave, OnTwoShifts, Refused],
)
def add_shift(body: ShiftIn, at: Edge) -> ShiftOut:
    """加班次 / Put somebody on duty."""
    made = service.add_shift(at.unit, at.actor, **_renamed(body.model_dump()))
    return _shifts(at, [made])[0]


def _renamed(given: dict[str, object]) -> dict[str, object]:
    return {"org_id" if name == "org" else name: value for name, value in given.items()}


@routes.put(
    "/roster/shifts/{shift_id}",
    can="roster.manage",
    answers=ShiftOut,
    errors=[Conflict, Invalid, NotFound, OnLeave, OnTwoShifts, Refused, ShiftOver, StaleWrite],
)
def change_shift(shift_id: Id, body: ShiftChange, at: Edge) -> ShiftOut:
    """调班 / Somebody else, or another time."""
    return _shifts(at, [service.change_shift(at.unit, at.actor, shift_id, **body.model_dump())])[0]


@routes.post(
    "/roster/shifts/{shift_id}/drop",
    can="roster.manage",
    status=204,
    errors=[NotFound, Refused, ShiftOver, StaleWrite],
)
def drop_shift(shift_id: Id, body: Versioned, at: Edge) -> None:
    """撤班次 / Take a shift out of the rota."""
    service.drop_shift(at.unit, at.actor, shift_id, body.version)


def _shifts(at: Edge, found: Sequence[Shift], moment: datetime | None = None) -> list[ShiftOut]:
    there = service.named(at.unit, found, moment)
    names = org.org_names(at.unit, {one.org for one in found})
    kept = [name for name in ShiftOut.model_fields if name in Shift.__dataclass_fields__]
    return [
        ShiftOut(
            **{name: getattr(one.shift, name) for name in kept},
            org_name=names.get(one.shift.org, ""),
            post_title=one.post.title,
            holder_name=one.post.person_name,
            person_name=one.name,
            stands_in=one.stands_in,
            mine=one.person == at.actor.person,
        )
        for one in there
    ]


def _findings(at: Edge, found: Iterable[Finding]) -> list[FindingOut]:
    listed = list(found)
    names = org_service.person_names(at.unit, {one.person for one in listed if one.person})
    kept = [name for name in FindingOut.model_fields if name in Finding.__dataclass_fields__]
    return [
        FindingOut(
            **{name: getattr(one, name) for name in kept}, person_name=names.get(one.person, "") if one.person else ""
        )
        for one in listed
    ]


# --- swaps -----------------------------------------------------------------------------------------------


@routes.get("/roster/swaps", can="roster.read", answers=Swaps)
def list_swaps(at: Edge, paging: Annotated[Paging, Depends()], open: bool = True) -> Swaps:
    """换班申请 / Swaps that one may see, newest first."""
    found = service.list_swaps(at.unit, at.actor, paging.page, open)
    return Swaps(items=_swaps(at, found.items), next=found.next)


@routes.post(
    "/roster/swaps",
    can="shift.use",
    answers=SwapOut,
    status=201,
    errors=[Conflict, Invalid, NotFound, Refused, ShiftOver],
)
def ask_swap(body: SwapIn, at: Edge) -> SwapOut:
    """申请换班 / Ask somebody to take one's shift."""
    made = service.ask_swap(at.unit, at.actor, body.shift, body.to_post, body.other, body.reason)
    return _swaps(at, [made])[0]


@routes.post("/roster/swaps/{swap_id}/agree", can="shift.use", answers=SwapOut, errors=[NotFound, NotOpen, NotYours])
def agree_swap(swap_id: Id, body: Answer, at: Edge) -> SwapOut:
    """同意换班 / The one asked says yes or no."""
    return _swaps(at, [service.agree_swap(at.unit, at.actor, swap_id, body.yes, body.note)])[0]


@routes.post("/roster/swaps/{swap_id}/withdraw", can="shift.use", answers=SwapOut, errors=[NotFound, NotOpen, NotYours])
def withdraw_swap(swap_id: Id, at: Edge) -> SwapOut:
    """撤回换班 / Take it back."""
    return _swaps(at, [service.withdraw_swap(at.unit, at.actor, swap_id)])[0]


@routes.post(
    "/roster/swaps/{swap_id}/decide",
    can="roster.manage",
    answers=SwapOut,
    errors=[NotFound, NotOpen, NotYours, OnLeave, OnTwoShifts, Refused, ShiftOver, StaleWrite],
)
def decide_swap(swap_id: Id, body: Answer, at: Edge) -> SwapOut:
    """审批换班 / The leader says yes or no; with yes the rota changes."""
    return _swaps(at, [service.decide_swap(at.unit, at.actor, swap_id, body.yes, body.note)])[0]


def _swaps(at: Edge, found: Sequence[Swap]) -> list[SwapOut]:
    wanted = {one for swap in found for one in (swap.shift, swap.other) if one}
    shifts = {one.id: one for one in _shifts(at, store.shifts_by_id(at.unit, wanted, seen_by=service.EVERYTHING))}
    names = org_service.person_names(at.unit, {one for swap in found for one in (swap.from_person, swap.to_person)})
    return [
        SwapOut(
            id=one.id,
            shift=shifts.get(one.shift),
            other=shifts.get(one.other) if one.other else None,
            from_name=names.get(one.from_person, ""),
            to_name=names.get(one.to_person, ""),
            reason=one.reason,
            state=one.state,
            asked_at=one.asked_at,
            decided_at=one.decided_at,
            note=one.note,
            mine=one.from_person == at.actor.person,
            asks_me=one.to_person == at.actor.person and one.state == "asked",
            version=one.version,
        )
        for one in found
    ]


# --- leave -----------------------------------------------------------------------------------------------


@routes.get("/leaves", can="roster.read", answers=Leaves)
def list_leaves(
    at: Edge,
    paging: Annotated[Paging, Depends()],
    state: Annotated[Literal["asked", "granted", "refused", "withdrawn"] | None, Query()] = None,
    org: Id | None = None,
    person: Id | None = None,
) -> Leaves:
    """请假 / Leave that one may see, newest first; without reasons."""
    found = absence.list_leaves(at.unit, at.actor, paging.page, state or "", org, person)
    return Leaves(items=_leaves(at, found.items), next=found.next)


@routes.get("/leaves/{leave_id}", can="roster.read", answers=LeaveWhole, errors=[NotFound])
def get_leave(leave_id: Id, at: Edge) -> LeaveWhole:
    """一次请假 / One leave; its reason for oneself and who decides, journaled."""
    found = store.get_leave(at.unit, leave_id, seen_by=at.actor)
    shown = _leaves(at, [found])[0]
    return LeaveWhole(**shown.model_dump(), reason=absence.reason_of(at.unit, at.actor, found))


@routes.post("/leaves", can="shift.use", answers=LeaveOut, status=201, errors=[Invalid, NotFound, Refused])
def ask_leave(body: LeaveIn, at: Edge) -> LeaveOut:
    """请假 / Ask for leave; for another one's post, as his leader, it is granted at once."""
    made = absence.ask_leave(at.unit, at.actor, body.starts_at, body.ends_at, body.kind, body.reason, body.post)
    return _leaves(at, [made])[0]


@routes.post(
    "/leaves/{leave_id}/decide",
    can="roster.manage",
    answers=LeaveOut,
    errors=[NotFound, NotOpen, NotYours, Refused],
)
def decide_leave(leave_id: Id, body: Answer, at: Edge) -> LeaveOut:
    """准假 / Grant or refuse; not one's own."""
    return _leaves(at, [absence.decide_leave(at.unit, at.actor, leave_id, body.yes, body.note)])[0]


@routes.post("/leaves/{leave_id}/end", can="shift.use", answers=LeaveOut, errors=[NotFound, NotOpen, Refused])
def end_leave(leave_id: Id, at: Edge) -> LeaveOut:
    """销假 / Not going, or back early."""
    return _leaves(at, [absence.end_leave(at.unit, at.actor, leave_id)])[0]


def _leaves(at: Edge, found: Sequence[Leave]) -> list[LeaveOut]:
    people = {one for leave in found for one in (leave.person, leave.decided_by) if one}
    names = org_service.person_names(at.unit, people)
    orgs = org.org_names(at.unit, {one.org for one in found})
    kept = [name for name in LeaveOut.model_fields if name in Leave.__dataclass_fields__]
    return [
        LeaveOut(
            **{name: getattr(one, name) for name in kept},
            person_name=names.get(one.person, ""),
            org_name=orgs.get(one.org, ""),
            decided_by_name=names.get(one.decided_by, "") if one.decided_by else "",
            mine=one.person == at.actor.person,
        )
        for one in found
    ]


# --- standing in -----------------------------------------------------------------------------------------


@routes.get("/stand-ins", can="roster.read", answers=StandIns)
def list_stand_ins(at: Edge, paging: Annotated[Paging, Depends()], open: bool = True) -> StandIns:
    """代理代班 / Who stands in for whom, newest first."""
    found = absence.list_stand_ins(at.unit, at.actor, paging.page, open)
    return StandIns(items=_stand_ins(at, found.items), next=found.next)


@routes.post(
    "/stand-ins",
    can="stand_in.manage",
    answers=StandInOut,
    status=201,
    errors=[Invalid, NotFound, NotYours, Refused, RolesExclude, StandInTaken],
)
def stand_in(body: StandInIn, at: Edge) -> StandInOut:
    """安排代理 / Let somebody stand in a post for a while; it ends by itself."""
    return _stand_ins(
        at, [absence.stand_in(at.unit, at.actor, **{_NAMES.get(k, k): v for k, v in body.model_dump().items()})]
    )[0]


_NAMES = {"post": "post_id"}


@routes.post(
    "/stand-ins/{stand_in_id}/end", can="roster.read", answers=StandInOut, errors=[NotFound, Refused, StandInEnded]
)
def end_stand_in(stand_in_id: Id, at: Edge) -> StandInOut:
    """结束代理 / End it now: whoever arranges such things, or the one who stands in."""
    return _stand_ins(at, [absence.end_stand_in(at.unit, at.actor, stand_in_id)])[0]


@routes.get("/stand-ins/permissions", can="stand_in.manage", answers=HeldPermissions, errors=[NotFound, Refused])
def list_held(post: Id, at: Edge) -> HeldPermissions:
    """可代办的权限 / The permissions of a post, to which a stand-in may be narrowed."""
    words = shipped.permissions()
    lang = "en" if at.lang == "en" else "zh"
    held = absence.held_of(at.unit, at.actor, post)
    return HeldPermissions(items=[HeldPermission(id=one, title=words.get(one, {}).get(lang, one)) for one in held])


def _stand_ins(at: Edge, found: Sequence[StandIn]) -> list[StandInOut]:
    posts = org.post_names(at.unit, {one.post for one in found})
    names = org_service.person_names(at.unit, {who for one in found for who in (one.person, one.made_by) if who})
    orgs = org.org_names(at.unit, {one.org for one in found})
    kept = [name for name in StandInOut.model_fields if name in StandIn.__dataclass_fields__]
    return [
        StandInOut(
            **{name: getattr(one, name) for name in kept},
            post_title=posts[one.post].title if one.post in posts else "",
            holder_name=posts[one.post].person_name if one.post in posts else "",
            org_name=orgs.get(one.org, ""),
            person_name=names.get(one.person, ""),
            made_by_name=names.get(one.made_by, "") if one.made_by else "",
            state="over" if one.last <= at.unit.now else "now" if one.starts_at <= at.unit.now else "coming",
            mine=one.person == at.actor.person,
        )
        for one in found
    ]
