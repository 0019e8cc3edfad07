"""Use cases of rotas: patterns and shifts, who is on duty, what a rota lacks, swaps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from gangmu.base import access, org
from gangmu.base.calendar import service as calendar_service
from gangmu.base.org import PostOf
from gangmu.base.org import service as org_service
from gangmu.base.roster import model, store
from gangmu.base.roster.errors import OnLeave, OnTwoShifts, ShiftOver
from gangmu.base.roster.model import Busy, Finding, Made, Member, Occurrence, Pattern, Shift, Slot, Swap, SwapState
from gangmu.base.roster.settings import RosterSettings
from gangmu.kit import ids, settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Invalid, NotFound, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit
from gangmu.messages.roster import RotaChanged, SwapMoved

MANAGE, READ, OWN = "roster.manage", "roster.read", "shift.use"
EVERYTHING = System("roster")


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A post on shift, with who is there: its holder, or whoever stands in for him."""

    shift: Shift
    post: PostOf
    person: Id
    name: str
    stands_in: bool


# --- who is on duty --------------------------------------------------------------------------------------


def on_duty(
    unit: Unit, org_id: Id | None, at: datetime | None = None, kind: str = "", *, seen_by: Actor | None = None
) -> list[OnDuty]:
    """Who is on duty in an organisation (or everywhere that the viewer sees) at a time; by kind of duty if asked."""
    moment = at or unit.now
    viewer = seen_by or EVERYTHING
    there = store.touching(unit, moment, moment + timedelta(microseconds=1), seen_by=viewer, org=org_id, kind=kind)
    return named(unit, there, moment)


def named(unit: Unit, shifts: Sequence[Shift], at: datetime | None = None) -> list[OnDuty]:
    """Shifts with who comes: the holder of the post, or who stands in for him at that time (the shift's start). Posts
    that nobody holds any more are left out."""
    posts = org.post_names(unit, {one.post for one in shifts})
    found = []
    stood = _stood(unit, shifts, at)
    names = org_service.person_names(unit, set(stood.values()))
    for one in shifts:
        post = posts.get(one.post)
        if post is None:
            continue
        other = stood.get(one.id)
        name = names.get(other, "") if other else post.person_name
        found.append(OnDuty(one, post, other or post.person, name, other is not None))
    return found


def _stood(unit: Unit, shifts: Sequence[Shift], at: datetime | None) -> dict[Id, Id]:
    """Who stands in, by shift."""
    spans = org_service.stand_ins_of(unit, {one.post for one in shifts})
    found: dict[Id, Id] = {}
    for one in shifts:
        moment = at or one.starts_at
        held = next((item for item in spans.get(one.post, ()) if item.holds_at(moment)), None)
        if held is not None:
            found[one.id] = held.person
    return found


def stand_in_of(unit: Unit, post: Id, at: datetime) -> Id | None:
    """Who stands in this post at a time: a person, or None."""
    held = org_service.stood_in(unit, [post], at).get(post)
    return held.person if held else None


def shifts_of(unit: Unit, person: Id, at: datetime) -> tuple[Shift | None, Shift | None, Shift | None]:
    """A person's last shift, the one that runs, and the next, in whichever post he has or stands in."""
    posts = [one.id for one in org_service.acting_posts(unit, EVERYTHING, person)]
    if not posts:
        return None, None, None
    now = store.touching(unit, at, at + timedelta(microseconds=1), seen_by=EVERYTHING, posts=posts)
    last = store.of_posts(unit, posts, at, seen_by=EVERYTHING)
    after = store.next_of_posts(unit, posts, at, seen_by=EVERYTHING)
    return last, now[0] if now else None, after


def get_shift(unit: Unit, actor: Actor, shift_id: Id) -> Shift:
    return store.get_shift(unit, shift_id, seen_by=actor)


def shifts_between(unit: Unit, org_id: Id, first: datetime, last: datetime) -> list[Shift]:
    """All shifts of an organisation that touch a time."""
    return store.touching(unit, first, last, seen_by=EVERYTHING, org=org_id)


def coming(unit: Unit, post: Id) -> int:
    """How many shifts of a post are still to come."""
    return store.count_coming(unit, post, unit.now)


def keeps_rota(unit: Unit, org_id: Id) -> bool:
    """Whether an organisation keeps a rota at all: it has a pattern in use."""
    return bool(store.list_patterns(unit, seen_by=EVERYTHING, org=org_id))


# --- patterns --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PatternDraft:
    """What an editor says of a pattern."""

    title: str
    kind: str
    slots: tuple[Slot, ...]
    crew: tuple[Id, ...]
    rest_hours: int = 11
    calendar: str = ""
    active: bool = True


def list_patterns(unit: Unit, actor: Actor, org_id: Id | None = None, active: bool = True) -> list[Pattern]:
    return store.list_patterns(unit, seen_by=actor, org=org_id, active=active)


def add_pattern(unit: Unit, actor: Actor, org_id: Id, draft: PatternDraft) -> Pattern:
    """A new pattern of an organisation."""
    where = _managed(unit, actor, org_id)
    new = _pattern_of(unit, actor, ids.new("spt"), org_id, where, draft)
    store.add_pattern(unit, new)
    _tell(unit, org_id, where)
    return new


def change_pattern(unit: Unit, actor: Actor, pattern_id: Id, draft: PatternDraft, version: int) -> Pattern:
    """Change a pattern. Shifts laid out already stay as they are."""
    was = store.get_pattern(unit, pattern_id, seen_by=actor, lock=True)
    where = _managed(unit, actor, was.org)
    if was.version != version:
        raise StaleWrite(about=str(pattern_id))
    new = replace(_pattern_of(unit, actor, was.id, was.org, where, draft), version=version)
    store.save_pattern(unit, new, was)
    _tell(unit, was.org, where)
    return store.get_pattern(unit, pattern_id, seen_by=EVERYTHING)


def _pattern_of(unit: Unit, actor: Actor, pattern_id: Id, org_id: Id, division: str, draft: PatternDraft) -> Pattern:
    new = Pattern(
        pattern_id,
        org_id,
        division,
        draft.title.strip(),
        draft.kind,
        draft.calendar.strip(),
        draft.slots,
        draft.crew,
        draft.rest_hours,
        draft.active,
    )
    model.check_pattern(new)
    _members(unit, actor, new.crew)
    zone_of(unit, new)
    return new


def _managed(unit: Unit, actor: Actor, org_id: Id) -> str:
    """The division of an organisation whose rota the actor may keep; ``NotFound`` for one that he does not see."""
    found = org_service.get_orgs(unit, actor, [org_id]).get(org_id)
    if found is None or not access.sees(actor, READ, access.Located(found.division, (org_id,))):
        raise NotFound(what=str(org_id))
    access.require(actor, MANAGE, found.division, orgs=(org_id,))
    return found.division


def _members(unit: Unit, actor: Actor, posts: Iterable[Id]) -> list[Member]:
    """Posts of the crew with who holds them. Each must be one that the actor's rights reach."""
    wanted = list(posts)
    found = org.post_names(unit, wanted)
    for post in wanted:
        held = found.get(post)
        if held is None or not access.sees(actor, MANAGE, access.Located(held.division, (held.org,))):
            raise NotFound(what=str(post))
    return [Member(post, found[post].person) for post in wanted]


def zone_of(unit: Unit, pattern: Pattern | None = None) -> ZoneInfo:
    """The time zone of a rota's calendar."""
    name = (pattern.calendar if pattern else "") or settings.get(RosterSettings).calendar
    return ZoneInfo(calendar_service.get_calendar(unit, EVERYTHING, name).zone)


def occurrences(unit: Unit, pattern: Pattern, days: Sequence[date]) -> list[Occurrence]:
    """The shifts of a pattern over days, by the holidays of its calendar."""
    name = pattern.calendar or settings.get(RosterSettings).calendar
    kept = calendar_service.get_calendar(unit, EVERYTHING, name)
    return model.occurrences(pattern, [(day, kept.is_working(day)) for day in days], ZoneInfo(kept.zone))


def lay_out(
    unit: Unit, actor: Actor, pattern_id: Id, month: str, *, anew: bool = False
) -> tuple[list[Shift], list[Finding]]:
    """Fill a month by a pattern: what is missing, or (``anew``) also everything the pattern had laid out that has not
    begun. What was edited by hand stays. Returns what was made and what is still lacking."""
    pattern = store.get_pattern(unit, pattern_id, seen_by=actor, lock=True)
    _managed(unit, actor, pattern.org)
    if not pattern.active:
        raise Invalid(field="pattern", reason="the pattern is not used any more")
    wanted = [one for one in occurrences(unit, pattern, model.month_of(month)) if one.starts_at > unit.now]
    if not wanted:
        return [], []
    first, last = wanted[0].starts_at, max(one.ends_at for one in wanted)
    standing = _standing(unit, pattern, first, last, anew)
    crew = _members(unit, actor, pattern.crew)
    rest = timedelta(hours=pattern.rest_hours)
    people = {one.person for one in crew}
    busy = _busy(unit, people, first - rest - timedelta(days=31), last + rest)
    away = store.away(unit, people, first, last)
    laid = model.lay_out(pattern, wanted, crew, standing, busy, away)
    made = [
        Shift(
            ids.new("shf"), pattern.id, each.slot, pattern.kind, pattern.org, pattern.division, member.post,
            each.starts_at, each.ends_at, Made.pattern.value,
        )
        for each, member in laid
    ]  # fmt: skip
    for one in made:
        store.add_shift(unit, one)
    _tell(unit, pattern.org, pattern.division)
    return made, find(unit, actor, pattern.org, first, last)


def _standing(unit: Unit, pattern: Pattern, first: datetime, last: datetime, anew: bool) -> list[Shift]:
    kept = []
    for one in store.touching(unit, first, last, seen_by=EVERYTHING, org=pattern.org, kind=pattern.kind):
        if anew and one.pattern == pattern.id and one.made == Made.pattern and one.starts_at > unit.now:
            store.drop_shift(unit, one)
        else:
            kept.append(one)
    return kept


def _busy(unit: Unit, people: Iterable[Id], first: datetime, last: datetime) -> list[Busy]:
    """When these people are on shift, in whichever post."""
    posts = {post.id: person for person in people for post in org_service.list_posts(unit, EVERYTHING, person)}
    if not posts:
        return []
    there = store.touching(unit, first, last, seen_by=EVERYTHING, posts=list(posts))
    return [Busy(posts[one.post], one.starts_at, one.ends_at) for one in there]


# --- shifts ----------------------------------------------------------------------------------------------


def list_shifts(
    unit: Unit, actor: Actor, at: Page, first: datetime, last: datetime, org_id: Id | None = None, kind: str = ""
) -> Paged[Shift]:
    """Shifts between two times that one may see."""
    if not first < last <= first + timedelta(days=100):
        raise Invalid(field="to", reason="after the start, and within 100 days of it")
    return store.list_shifts(unit, at, first, last, seen_by=actor, org=org_id, kind=kind)


def add_shift(
    unit: Unit,
    actor: Actor,
    org_id: Id,
    kind: str,
    post: Id,
    starts_at: datetime,
    ends_at: datetime,
    slot: str = "",
    note: str = "",
    made: Made = Made.hand,
) -> Shift:
    """Put somebody on duty. ``OnTwoShifts``, ``OnLeave``."""
    where = _managed(unit, actor, org_id)
    new = Shift(ids.new("shf"), None, slot.strip(), kind, org_id, where, post, starts_at, ends_at, made.value, note)
    model.check_shift(new)
    _members(unit, actor, [post])
    _free(unit, new, but=())
    store.add_shift(unit, new)
    _tell(unit, org_id, where)
    return new


def change_shift(
    unit: Unit,
    actor: Actor,
    shift_id: Id,
    version: int,
    post: Id,
    starts_at: datetime,
    ends_at: datetime,
    note: str = "",
    made: Made = Made.hand,
) -> Shift:
    """Put somebody else on it, or at another time. What is over stays as it was."""
    was = _changing(unit, actor, shift_id, version)
    now = replace(was, post=post, starts_at=starts_at, ends_at=ends_at, note=note, made=made.value)
    model.check_shift(now)
    if post != was.post:
        _members(unit, actor, [post])
    _free(unit, now, but=(was.id,))
    store.save_shift(unit, now, was)
    _tell(unit, was.org, was.division)
    return store.get_shift(unit, shift_id, seen_by=EVERYTHING)


def drop_shift(unit: Unit, actor: Actor, shift_id: Id, version: int) -> None:
    """Take a shift out of the rota; the journal keeps that it was there."""
    was = _changing(unit, actor, shift_id, version)
    if was.starts_at <= unit.now:
        raise ShiftOver(about=str(was.id))
    store.drop_shift(unit, was)
    _tell(unit, was.org, was.division)


def _changing(unit: Unit, actor: Actor, shift_id: Id, version: int) -> Shift:
    was = store.get_shift(unit, shift_id, seen_by=actor, lock=True)
    access.require(actor, MANAGE, was.division, orgs=(was.org,))
    if was.version != version:
        raise StaleWrite(about=str(shift_id))
    if was.ends_at <= unit.now:
        raise ShiftOver(about=str(was.id))
    return was


def _free(unit: Unit, one: Shift, but: Sequence[Id]) -> None:
    """The person of the post is on no other shift then, and not on leave unless somebody stands in."""
    holder = org.post_names(unit, [one.post])[one.post].person
    if stand_in_of(unit, one.post, one.starts_at) is None and store.away(unit, [holder], one.starts_at, one.ends_at):
        raise OnLeave(post=str(one.post))
    posts = [post.id for post in org_service.list_posts(unit, EVERYTHING, holder)] or [one.post]
    there = store.touching(unit, one.starts_at, one.ends_at, seen_by=EVERYTHING, posts=posts)
    if any(other.id not in (one.id, *but) for other in there):
        raise OnTwoShifts(post=str(one.post))


def find(unit: Unit, actor: Actor, org_id: Id, first: datetime, last: datetime) -> list[Finding]:
    """What the rota of an organisation lacks between two times: gaps, double bookings, leave, ended posts."""
    if not first < last <= first + timedelta(days=100):
        raise Invalid(field="to", reason="after the start, and within 100 days of it")
    patterns = store.list_patterns(unit, seen_by=actor, org=org_id)
    wanted = {}
    for pattern in patterns:
        zone = zone_of(unit, pattern)
        day, days = first.astimezone(zone).date(), []
        while day <= last.astimezone(zone).date():
            days.append(day)
            day += timedelta(days=1)
        spans = occurrences(unit, pattern, days)
        wanted[pattern.id] = [one for one in spans if first <= one.starts_at < last]
    own = store.touching(unit, first, last, seen_by=actor, org=org_id)
    people = {one.shift.id: one.person for one in named(unit, own)}
    posts = {post.id for who in set(people.values()) for post in org_service.list_posts(unit, EVERYTHING, who)}
    elsewhere = [
        one for one in store.touching(unit, first, last, seen_by=EVERYTHING, posts=posts) if one.org != org_id
    ] if posts else []  # fmt: skip
    people |= {one.shift.id: one.person for one in named(unit, elsewhere)}
    away = store.away(unit, people.values(), first, last)
    held = org_service.held_posts(unit, {one.post for one in own})
    gone = {one.post for one in own} - held
    seen = {one.id for one in own}
    return [
        one
        for one in model.findings(patterns, wanted, [*own, *elsewhere], people, away, gone)
        if not one.shifts or seen & set(one.shifts)
    ]


# --- swaps -----------------------------------------------------------------------------------------------


def list_swaps(unit: Unit, actor: Actor, at: Page, open_only: bool = True) -> Paged[Swap]:
    return store.list_swaps(unit, at, seen_by=actor, open_only=open_only)


def ask_swap(unit: Unit, actor: Actor, shift_id: Id, to_post: Id, other_id: Id | None, reason: str) -> Swap:
    """Ask somebody to take one's shift, perhaps for one of his."""
    own = store.get_shift(unit, shift_id, seen_by=actor)
    access.require(actor, OWN, own.division, orgs=(own.org,), people=(actor.person,) if actor.person else ())
    mine = {post.id for post in org_service.list_posts(unit, actor, actor.person)} if actor.person else set()
    if own.post not in mine:
        raise NotFound(what=str(shift_id))
    other = store.get_shift(unit, other_id, seen_by=actor) if other_id else None
    for one in (own, other):
        if one is not None and one.starts_at <= unit.now:
            raise ShiftOver(about=str(one.id))
    taker = org.post_names(unit, [to_post]).get(to_post)
    if taker is None or taker.person == actor.person or (other is not None and other.post != to_post):
        raise Invalid(field="to_post", reason="the other's post, and his shift if one is taken in exchange")
    if not access.sees(actor, READ, access.Located(taker.division, (taker.org,))):
        raise NotFound(what=str(to_post))
    assert actor.person is not None
    new = Swap(
        ids.new("swp"), own.org, own.division, own.id, other.id if other else None, own.post, to_post,
        actor.person, taker.person, reason.strip()[:500], SwapState.asked.value, unit.now,
    )  # fmt: skip
    store.add_swap(unit, new)
    _tell_swap(unit, new)
    return new


def agree_swap(unit: Unit, actor: Actor, swap_id: Id, agrees: bool, note: str = "") -> Swap:
    """The one asked says yes or no."""
    was = store.get_swap(unit, swap_id, seen_by=actor)
    return _moved(unit, was, model.agree(was, actor.person, unit.now, agrees, note.strip()[:500]))


def withdraw_swap(unit: Unit, actor: Actor, swap_id: Id) -> Swap:
    was = store.get_swap(unit, swap_id, seen_by=actor)
    return _moved(unit, was, model.withdraw_swap(was, actor.person))


def decide_swap(unit: Unit, actor: Actor, swap_id: Id, approved: bool, note: str = "") -> Swap:
    """The leader says yes or no; with yes the rota changes, if both are still free for it."""
    was = store.get_swap(unit, swap_id, seen_by=actor)
    access.require(actor, MANAGE, was.division, orgs=(was.org,))
    now = model.decide_swap(was, actor.person, unit.now, approved, note.strip()[:500])
    if approved:
        _exchange(unit, was)
    return _moved(unit, was, now)


def _exchange(unit: Unit, swap: Swap) -> None:
    own = store.get_shift(unit, swap.shift, seen_by=EVERYTHING, lock=True)
    other = store.get_shift(unit, swap.other, seen_by=EVERYTHING, lock=True) if swap.other else None
    both = [one for one in (own, other) if one is not None]
    if any(one.starts_at <= unit.now for one in both):
        raise ShiftOver(about=str(own.id))
    if own.post != swap.from_post or (other is not None and other.post != swap.to_post):
        raise StaleWrite(about=str(swap.id))
    but = [one.id for one in both]
    pairs = [(own, swap.to_post), *([(other, swap.from_post)] if other else [])]
    for one, post in pairs:
        _free(unit, replace(one, post=post), but=but)
    for one, post in pairs:
        store.save_shift(unit, replace(one, post=post, made=Made.swap.value), one)
    _tell(unit, swap.org, swap.division)


def _moved(unit: Unit, was: Swap, now: Swap) -> Swap:
    store.save_swap(unit, now, was)
    _tell_swap(unit, now)
    return replace(now, version=was.version + 1)


def _tell(unit: Unit, org_id: Id, division: str) -> None:
    unit.tell(RotaChanged(about=org_id, division=division, orgs=[org_id], at=unit.now))


def _tell_swap(unit: Unit, one: Swap) -> None:
    people = [one.from_person, one.to_person]
    unit.tell(
        SwapMoved(
            about=one.id,
            shift=one.shift,
            state=one.state,
            people=list(people),
            division=one.division,
            orgs=[one.org],
            at=unit.now,
        )
    )
