"""Use cases of absence: leave (请假), and who stands in for whom meanwhile (代理、代班)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from gangmu.base import access, org
from gangmu.base.access import model as access_model
from gangmu.base.org import service as org_service
from gangmu.base.org.model import StandIn
from gangmu.base.roster import model, store
from gangmu.base.roster.errors import NotYours
from gangmu.base.roster.model import Leave, LeaveState
from gangmu.base.roster.settings import RosterSettings
from gangmu.kit import ids, settings
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid, NotFound, Refused
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit
from gangmu.messages.roster import LeaveMoved, StandInMoved

STAND_IN, LEAVE, OWN, READ = "stand_in.manage", "roster.manage", "shift.use", "roster.read"
GRANTS = "role.grant"


# --- standing in -----------------------------------------------------------------------------------------


def list_stand_ins(unit: Unit, actor: Actor, at: Page, open_only: bool = True) -> Paged[StandIn]:
    """Stand-ins that one may see: of posts within one's reach, and one's own."""
    return org_service.list_stand_ins(unit, actor, at, lambda *where: _seen(actor, *where), open_only)


def _seen(actor: Actor, division: object, orgs: object, people: object) -> object:
    seen = access.scope(actor, READ, division, orgs)
    return seen | people.overlap([actor.person]) if actor.person else seen  # type: ignore[attr-defined]


def stand_in(
    unit: Unit,
    actor: Actor,
    post_id: Id,
    person: Id,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    only: Iterable[str] = (),
) -> StandIn:
    """Let somebody stand in a post. Nobody gives himself a post; who stands in for an administrator needs the leave of
    who grants roles; and all that a person holds and stands in for together must not exclude itself."""
    post = _post_in_reach(unit, actor, post_id)
    who = org_service.get_person(unit, actor, person)
    if not who.active:
        raise Invalid(field="person", reason="the person has left")
    if actor.person is not None and actor.person == person:
        raise NotYours(about=str(post_id))
    if not reason.strip():
        raise Invalid(field="reason", reason="say why")
    known = {role.id: role for role in access.list_roles(unit)}
    if any(known[name].kind != "normal" for name in post.roles if name in known):
        access.require(actor, GRANTS)
    access_model.check_exclusion([*post.roles, *org_service.roles_of_person(unit, person)], known)
    longest = timedelta(days=settings.get(RosterSettings).stand_in_days)
    made = StandIn(
        id=ids.new("stn"),
        post=post.id,
        person=person,
        org=post.org,
        division=post.division,
        starts_at=max(starts_at, unit.now) if ends_at > unit.now else starts_at,
        ends_at=ends_at,
        reason=reason.strip()[:500],
        only=_held(post.roles, known, only),
        made_by=actor.person,
    )
    if made.ends_at <= unit.now:
        raise Invalid(field="ends_at", reason="lies in the past")
    org_service.add_stand_in(unit, actor, made, post.person, longest)
    _tell(unit, made)
    return made


def held_of(unit: Unit, actor: Actor, post_id: Id) -> list[str]:
    """The permissions of a post to which a stand-in may be narrowed."""
    post = _post_in_reach(unit, actor, post_id)
    known = {role.id: role for role in access.list_roles(unit)}
    return sorted({permission for name in post.roles if name in known for permission, _ in known[name].permissions})


def _held(roles: Iterable[str], known: dict[str, access_model.Role], only: Iterable[str]) -> tuple[str, ...]:
    """The permissions that a stand-in is narrowed to: some that the post has."""
    wanted = tuple(dict.fromkeys(only))
    held = {permission for name in roles if name in known for permission, _ in known[name].permissions}
    if set(wanted) - held:
        raise Invalid(field="only", reason="not among what the post may: " + ", ".join(sorted(set(wanted) - held)))
    return wanted


def _post_in_reach(unit: Unit, actor: Actor, post_id: Id) -> org.PostOf:
    post = org.post_names(unit, [post_id]).get(post_id)
    if post is None or not access.sees(actor, READ, access.Located(post.division, (post.org,))):
        raise NotFound(what=str(post_id))
    access.require(actor, STAND_IN, post.division, orgs=(post.org,))
    if post_id not in org_service.held_posts(unit, [post_id]):
        raise NotFound(what=str(post_id))
    return post


def end_stand_in(unit: Unit, actor: Actor, stand_in_id: Id) -> StandIn:
    """End it now. Whoever is in the middle of an act in that post finds it refused."""
    was = org_service.get_stand_in(unit, actor, stand_in_id)
    own = actor.person is not None and was.person == actor.person
    if not own and not access.sees(actor, READ, access.Located(was.division, (was.org,))):
        raise NotFound(what=str(stand_in_id))
    if not own:
        access.require(actor, STAND_IN, was.division, orgs=(was.org,))
    ended = org_service.end_stand_in(unit, actor, was)
    _tell(unit, ended)
    return ended


def _tell(unit: Unit, one: StandIn) -> None:
    unit.tell(
        StandInMoved(
            about=one.id,
            post=one.post,
            person=one.person,
            starts_at=one.starts_at,
            ends_at=one.last,
            division=one.division,
            orgs=[one.org],
            at=unit.now,
        )
    )


# --- leave -----------------------------------------------------------------------------------------------


def list_leaves(
    unit: Unit, actor: Actor, at: Page, state: str = "", org_id: Id | None = None, person: Id | None = None
) -> Paged[Leave]:
    return store.list_leaves(unit, at, seen_by=actor, state=state, org=org_id, person=person)


def ask_leave(
    unit: Unit, actor: Actor, starts_at: datetime, ends_at: datetime, kind: str, reason: str, post_id: Id | None = None
) -> Leave:
    """Ask for leave for oneself; or, for a post within one's reach as a leader, enter what was agreed: then it is
    granted at once, by him."""
    model.check_leave(starts_at, ends_at, timedelta(days=settings.get(RosterSettings).leave_days))
    chosen = post_id or actor.post
    post = org.post_names(unit, [chosen]).get(chosen) if chosen else None
    if post is None or not access.sees(actor, READ, access.Located(post.division, (post.org,), (post.person,))):
        raise NotFound(what=str(chosen))
    own = post.person == actor.person
    access.require(actor, OWN if own else LEAVE, post.division, orgs=(post.org,), people=(post.person,))
    leave_id = ids.new("lev")
    new = Leave(
        id=leave_id,
        person=post.person,
        post=post.id,
        org=post.org,
        division=post.division,
        starts_at=starts_at,
        ends_at=ends_at,
        kind=kind,
        reason=unit.seal(post.person, reason.strip()[:500]),
        state=LeaveState.asked.value if own else LeaveState.granted.value,
        asked_by=actor.person,
        asked_at=unit.now,
        decided_by=None if own else actor.person,
        decided_at=None if own else unit.now,
    )
    store.add_leave(unit, new)
    _tell_leave(unit, new)
    return new


def decide_leave(unit: Unit, actor: Actor, leave_id: Id, granted: bool, note: str = "") -> Leave:
    was = store.get_leave(unit, leave_id, seen_by=actor)
    access.require(actor, LEAVE, was.division, orgs=(was.org,))
    return _moved(unit, was, model.decide_leave(was, actor.person, unit.now, granted, note.strip()[:500]))


def end_leave(unit: Unit, actor: Actor, leave_id: Id) -> Leave:
    """Not going, or back early: by the person himself or his leader."""
    was = store.get_leave(unit, leave_id, seen_by=actor)
    if was.person != actor.person:
        access.require(actor, LEAVE, was.division, orgs=(was.org,))
    return _moved(unit, was, model.end_leave(was, unit.now))


def reason_of(unit: Unit, actor: Actor, leave: Leave) -> str | None:
    """Why somebody is away, for himself and who decides about it; None for all others. Such a read is journaled."""
    own = leave.person == actor.person
    if leave.reason is None:
        return ""
    if not own:
        try:
            access.require(actor, LEAVE, leave.division, orgs=(leave.org,))
        except Refused:
            return None
        unit.saw_personal(str(leave.person), ["leave.reason"], "decide about leave")
    return unit.unseal(leave.person, leave.reason)


def _moved(unit: Unit, was: Leave, now: Leave) -> Leave:
    store.save_leave(unit, now, was)
    _tell_leave(unit, now)
    return replace(now, version=was.version + 1)


def _tell_leave(unit: Unit, one: Leave) -> None:
    unit.tell(
        LeaveMoved(
            about=one.id,
            person=one.person,
            state=one.state,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            division=one.division,
            orgs=[one.org],
            at=unit.now,
        )
    )
