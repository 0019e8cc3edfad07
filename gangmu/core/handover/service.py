"""Use cases of hand-over: write one, sign one, what has changed since, what is in hand, who gets notice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gangmu.base import access, org, roster
from gangmu.base.org import service as org_service
from gangmu.base.roster import service as roster_service
from gangmu.base.roster.settings import RosterSettings
from gangmu.core.dispatch import service as dispatch_service
from gangmu.core.event import Event, shifts
from gangmu.core.event import service as event_service
from gangmu.core.event.shifts import Moved, MovedCounts
from gangmu.core.handover import model, store
from gangmu.core.handover.errors import Signed
from gangmu.core.handover.model import HandOver, Matter, Notice, There, What
from gangmu.core.verify import handing
from gangmu.core.verify.model import Task
from gangmu.kit import ids, settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Invalid, NotFound, Refused
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import division_prefix
from gangmu.kit.unit import Unit
from gangmu.messages.roster import DutyTold, HandOverMoved

HAND_OVER, LEADS = "post.hand_over", "roster.manage"
EVERYTHING = System("handover")
MOST = 300
FIRST_LOOK = timedelta(hours=24)


# --- hand-over -------------------------------------------------------------------------------------------


def list_hand_overs(
    unit: Unit, actor: Actor, at: Page, org_id: Id | None = None, open_only: bool = False
) -> Paged[HandOver]:
    return store.list_hand_overs(unit, at, seen_by=actor, org=org_id, open_only=open_only)


def get_hand_over(unit: Unit, actor: Actor, hand_over_id: Id) -> HandOver:
    return store.get(unit, hand_over_id, seen_by=actor)


def open_matters(unit: Unit, actor: Actor, shift_id: Id) -> list[Event]:
    """What the next shift will find: open events that wait for the post of the shift or its roles, late ones first;
    for who leads a shift everything that is late."""
    shift = _own_shift(unit, actor, shift_id)
    post = org.post_names(unit, [shift.post])[shift.post]
    leads = shift.kind in model.LEADS
    return shifts.list_waiting(unit, actor, shift.post, post.roles, MOST, leads)


def _own_shift(unit: Unit, actor: Actor, shift_id: Id) -> roster.Shift:
    shift = roster_service.get_shift(unit, actor, shift_id)
    found = roster.named(unit, [shift], min(unit.now, shift.ends_at - timedelta(seconds=1)))
    if not found or actor.person is None or found[0].person != actor.person:
        raise NotFound(what=str(shift_id))
    return shift


def write(unit: Unit, actor: Actor, shift_id: Id, notes: str, watch: str, keys: str) -> HandOver:
    """Write the hand-over of one's own shift around its end, or write it anew until it is signed."""
    shift = _own_shift(unit, actor, shift_id)
    assert actor.person is not None
    around = timedelta(hours=settings.get(RosterSettings).hand_over_hours)
    model.check_writer(actor.person, actor.person, shift.starts_at, shift.ends_at, unit.now, around)
    matters = tuple(_matter(one) for one in open_matters(unit, actor, shift_id))
    new = HandOver(
        id=ids.new("hov"),
        shift=shift.id,
        kind=shift.kind,
        org=shift.org,
        division=shift.division,
        post=shift.post,
        person=actor.person,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        notes=notes.strip(),
        watch=watch.strip(),
        keys=keys.strip(),
        matters=matters,
        open_count=len(matters),
        late_count=sum(one.lateness == "late" for one in matters),
        written_at=unit.now,
    )
    was = store.find_of_shift(unit, shift.id, seen_by=actor)
    if was is None:
        store.add(unit, new)
    elif was.received_at is not None:
        raise Signed(about=str(was.id))
    else:
        new = replace(new, id=was.id, version=was.version)
        store.save(unit, new, was)
    _tell(unit, new)
    return store.get(unit, new.id, seen_by=actor)


def _matter(one: Event) -> Matter:
    due = one.due_at.isoformat() if one.due_at else None
    return Matter(one.id, one.case_no, one.state, one.lateness, due)


def sign(unit: Unit, actor: Actor, hand_over_id: Id, receipt: str = "") -> HandOver:
    """The next shift has read it and takes over. Whoever is on shift in that organisation next, or leads there."""
    was = store.get(unit, hand_over_id, seen_by=actor, lock=True)
    around = timedelta(hours=settings.get(RosterSettings).hand_over_hours)
    near = roster_service.shifts_between(unit, was.org, was.ends_at - around, was.ends_at + around)
    comes = {one.person for one in roster.named(unit, near) if one.shift.ends_at > was.ends_at}
    leads = access.sees(actor, LEADS, access.Located(was.division, (was.org,)))
    may = actor.person in comes or leads
    signed = model.sign(was, actor.person, actor.post, unit.now, may, receipt.strip()[:1000])
    store.save(unit, signed, was)
    _tell(unit, signed)
    return store.get(unit, was.id, seen_by=actor)


def _tell(unit: Unit, one: HandOver) -> None:
    received = one.received_at is not None
    unit.tell(
        HandOverMoved(
            about=one.id, shift=one.shift, received=received, division=one.division, orgs=[one.org], at=unit.now
        )
    )


# --- what has changed ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Since:
    """What others have done since one's last shift ended (or since a day ago, for who had none)."""

    since: datetime
    last_shift: Id | None
    counts: MovedCounts
    moved: Paged[Moved]


def changed_since(unit: Unit, actor: Actor, at: Page, since: datetime | None = None) -> Since:
    """What has changed of the events that one may see, from the acts of others."""
    last = roster.shifts_of(unit, actor.person, unit.now)[0] if actor.person else None
    start = since or (last.ends_at if last else unit.now - FIRST_LOOK)
    if start < unit.now - timedelta(days=62):
        raise Invalid(field="since", reason="at most 62 days back")
    moved = shifts.list_moved(unit, actor, start, at)
    counts = shifts.counts(unit, actor, start)
    return Since(start, last.id if last else None, counts, moved)


# --- what is in hand at a post ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InHand:
    """What is in hand at a post: events that one may see (a page), tasks, and how many there are in all."""

    events: Paged[Event]
    tasks: int
    total: int


def in_hand(unit: Unit, actor: Actor, post_id: Id, at: Page) -> InHand:
    """What must be handed to somebody before the post ends."""
    _post(unit, actor, post_id)
    events = shifts.list_in_hand(unit, actor, post_id, at)
    return InHand(events, handing.count_of_post(unit, post_id), shifts.count_in_hand(unit, post_id))


def _post(unit: Unit, actor: Actor, post_id: Id) -> org.PostOf:
    post = org.post_names(unit, [post_id]).get(post_id)
    if post is None or not access.sees(actor, HAND_OVER, access.Located(post.division, (post.org,))):
        raise NotFound(what=str(post_id))
    return post


def hand_over_post(
    unit: Unit, actor: Actor, post_id: Id, to: Id, reason: str, events: Sequence[Id] | None = None
) -> tuple[int, list[Id]]:
    """Give what is in hand at a post to another of the same organisation and role: all of it, or these events, with
    their field tasks. How many events went over, and which did not because the other one had done the work himself."""
    was, new = _post(unit, actor, post_id), _post(unit, actor, to)
    if to == post_id or new.org != was.org or not set(was.roles) & set(new.roles):
        raise Invalid(field="to", reason="another post of the same organisation and role")
    if to not in org_service.held_posts(unit, [to]):
        raise NotFound(what=str(to))
    if not reason.strip():
        raise Invalid(field="reason", reason="say why")
    left = [one.event for one in _tasks(unit, post_id, events) if not handing.give(unit, actor, one, to)]
    wanted = [one for one in _wanted(unit, actor, post_id, events) if one not in left]
    for event_id in wanted:
        event_service.hand_over(unit, actor, event_id, to, new.person, "reassign", reason, instead_of=post_id)
    return len(wanted), left


def _tasks(unit: Unit, post_id: Id, events: Sequence[Id] | None) -> list[Task]:
    return [one for one in handing.tasks_of_post(unit, post_id) if events is None or one.event in events]


def _wanted(unit: Unit, actor: Actor, post_id: Id, events: Sequence[Id] | None) -> list[Id]:
    """The events at a post that go over, those only that the actor may see."""
    found: list[Id] = []
    after: str | None = None
    while True:
        part = shifts.list_in_hand(unit, actor, post_id, Page(200, after))
        found += [one.id for one in part.items if events is None or one.id in events]
        if part.next is None:
            return found
        after = part.next


@org_service.hangs("event.in_hand")
def hanging_events(unit: Unit, thing: Id) -> int:
    """Open events at a post, or that an organisation leads."""
    return shifts.count_led(unit, thing) if thing.prefix == "org" else shifts.count_in_hand(unit, thing)


@org_service.hangs("task.open")
def hanging_tasks(unit: Unit, thing: Id) -> int:
    """Open field tasks at a post."""
    return 0 if thing.prefix == "org" else handing.count_of_post(unit, thing)


@org_service.hangs("duty.row")
def hanging_duties(unit: Unit, thing: Id) -> int:
    """Rows of the duty list in which an organisation leads or assists."""
    if thing.prefix != "org":
        return 0
    return len(dispatch_service.list_duties(unit, EVERYTHING, Page(200), org=thing).items)


@org_service.hangs("shift.coming")
def hanging_shifts(unit: Unit, thing: Id) -> int:
    """Shifts of a post that are still to come."""
    return 0 if thing.prefix == "org" else roster_service.coming(unit, thing)


# --- notices to who is on duty ---------------------------------------------------------------------------


def list_notices(unit: Unit, actor: Actor, at: Page, *, nobody: bool = False, unseen: bool = True) -> Paged[Notice]:
    """One's own notices; or, for who keeps the rota, those for which nobody was on duty."""
    if nobody and not actor.may(LEADS):
        raise Refused(action=LEADS)
    return store.list_notices(unit, at, seen_by=actor, nobody=nobody, unseen=unseen)


def see(unit: Unit, actor: Actor, wanted: Sequence[Id]) -> int:
    """Mark one's own notices as read."""
    return store.see(unit, wanted, actor.person, unit.now) if actor.person else 0


def tell_on_duty(unit: Unit, event_id: Id, what: What, about: str, stage: str = "", to_org: Id | None = None) -> int:
    """Give notice of an event to who is on duty for it. Where no rota is kept there is nobody to tell, and nothing is
    said; where one is and nobody is there, that is told to who keeps it."""
    one = event_service.get_event(unit, EVERYTHING, event_id)
    if not one.is_open:
        return 0
    lead = to_org or (one.lead_org if one.holder_of in ("lead_org", "assignee") else None)
    there = [_there(found, one) for found in roster.on_duty(unit, None)]
    reached = model.addressees(there, one.holder_role, lead, what)
    if not reached:
        if not (lead and roster_service.keeps_rota(unit, lead)):
            return 0
        _notice(unit, one, what, about, stage, None, lead)
        return 0
    for found in reached:
        _notice(unit, one, what, about, stage, found, found.org)
    return len(reached)


def _there(found: roster.OnDuty, one: Event) -> There:
    post = found.post
    reaches = one.division.startswith(division_prefix(post.division))
    return There(post.id, found.person, found.shift.org, found.shift.kind, post.roles, reaches)


def _notice(unit: Unit, one: Event, what: What, about: str, stage: str, to: There | None, org_id: Id | None) -> None:
    new = Notice(
        id=ids.new("ntc"),
        event=one.id,
        what=what.value,
        stage=stage,
        about=about,
        post=to.post if to else None,
        person=to.person if to else None,
        org=org_id,
        division=one.division,
        at=unit.now,
    )
    if store.add_notice(unit, new):
        person = str(to.person) if to else None
        orgs = [org_id] if org_id else []
        unit.tell(
            DutyTold(
                event_id=one.id,
                about=new.id,
                what=what.value,
                person=person,
                division=one.division,
                orgs=orgs,
                at=unit.now,
            )
        )
