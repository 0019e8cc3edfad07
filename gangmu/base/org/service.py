"""Use cases of organisations, people and posts. Roles on posts are granted by ``base.access``."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from gangmu.base.org import model, store
from gangmu.base.org.errors import HasWork, OrgEnded, StandInEnded
from gangmu.base.org.model import Hanging, Org, OrgKind, OrgLevel, Person, Post, PostOf, StandIn
from gangmu.kit import ids
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import t
from gangmu.kit.unit import Unit

_hang: dict[str, Callable[[Unit, Id], int]] = {}


def hangs(kind: str) -> Callable[[Callable[[Unit, Id], int]], Callable[[Unit, Id], int]]:
    """Let a stage above say how much of a kind hangs on an organisation or post, so that neither ends with work."""

    def register(call: Callable[[Unit, Id], int]) -> Callable[[Unit, Id], int]:
        _hang[kind] = call
        return call

    return register


def add_org(
    unit: Unit,
    actor: Actor,
    name: str,
    kind: OrgKind,
    level: OrgLevel,
    division: str,
    parent: Id | None = None,
    duties: str = "",
) -> Org:
    """Found an organisation. The name is unique in its division."""
    above = store.get_org(unit, parent, seen_by=actor) if parent else None
    org_id = ids.new("org")
    path = model.path_below(above, org_id)
    code = model.checked_division(division)
    new = Org(org_id, _named(name), kind, level, parent, code, path, duties, True)
    store.add_org(unit, new)
    return new


def change_org(
    unit: Unit,
    actor: Actor,
    org_id: Id,
    *,
    name: str,
    kind: OrgKind,
    level: OrgLevel,
    parent: Id | None,
    duties: str,
    active: bool,
) -> Org:
    """Rename, move or close an organisation; what lies below moves with it."""
    was = store.get_org(unit, org_id, seen_by=actor)
    above = store.get_org(unit, parent, seen_by=actor) if parent else None
    model.check_parent(was, above)
    if was.active and not active:
        _check_free(hanging(unit, actor, org_id))
    changed = replace(
        was,
        name=_named(name),
        kind=kind,
        level=level,
        parent=parent,
        duties=duties,
        active=active,
        successor=None if active else was.successor,
        ended_at=None if active else was.ended_at or unit.now,
        path=model.path_below(above, org_id),
    )
    store.save_org(unit, changed, was)
    if changed.path != was.path:
        store.move_branch(unit, was.path, changed.path)
    return store.get_org(unit, org_id, seen_by=actor)


def end_org(unit: Unit, actor: Actor, org_id: Id, successor: Id | None = None) -> Org:
    """End an organisation. With a successor, its posts and what lies below it go there; duties and open matters are
    given elsewhere first, by those who decide about them. ``HasWork`` says what hangs on it yet."""
    was = store.get_org(unit, org_id, seen_by=actor)
    if not was.active:
        raise OrgEnded(name=was.name)
    after = store.get_org(unit, successor, seen_by=actor) if successor else None
    if after is not None:
        if not after.active or after.path.startswith(was.path):
            raise Invalid(field="successor", reason="an organisation that goes on, and does not lie below this one")
        _hand_on(unit, actor, was, after)
    _check_free(hanging(unit, actor, org_id))
    ended = replace(was, active=False, successor=successor, ended_at=unit.now)
    store.save_org(unit, ended, was)
    return store.get_org(unit, org_id, seen_by=actor)


def _hand_on(unit: Unit, actor: Actor, was: Org, after: Org) -> None:
    """Posts and organisations below go to the successor."""
    for post in store.list_posts(unit, seen_by=actor, org_id=was.id):
        held = store.get_post(unit, post.id, seen_by=actor)
        store.save_post(unit, replace(held, org=after.id), held)
    for below in store.list_orgs(unit, seen_by=actor, parent=was.id):
        if below.active:
            moved = replace(below, parent=after.id, path=model.path_below(after, below.id))
            store.save_org(unit, moved, below)
            store.move_branch(unit, below.path, moved.path)


def hanging(unit: Unit, actor: Actor, thing: Id) -> list[Hanging]:
    """What hangs on an organisation or post: how many of each kind, never which."""
    found = [Hanging(kind, call(unit, thing)) for kind, call in sorted(_hang.items())]
    if thing.prefix == "org":
        store.get_org(unit, thing, seen_by=actor)
        found.append(Hanging("org.post", len(store.list_posts(unit, seen_by=actor, org_id=thing))))
        below = store.list_orgs(unit, seen_by=actor, parent=thing)
        found.append(Hanging("org.below", sum(one.active for one in below)))
    else:
        store.get_post(unit, thing, seen_by=actor)
    return [one for one in found if one.count]


def _check_free(found: list[Hanging]) -> None:
    if found:
        raise HasWork(count=sum(one.count for one in found), what=", ".join(one.kind for one in found))


def list_orgs(unit: Unit, actor: Actor, q: str = "", kind: str = "") -> list[Org]:
    return store.list_orgs(unit, seen_by=actor, q=q, kind=kind)


def get_orgs(unit: Unit, actor: Actor, wanted: Iterable[Id]) -> dict[Id, Org]:
    """Those of these organisations that are there, by id."""
    return store.get_orgs(unit, wanted, seen_by=actor)


def find_org_named(unit: Unit, actor: Actor, name: str, division: str) -> Org | None:
    return store.find_org_named(unit, name, model.checked_division(division), seen_by=actor)


def add_person(unit: Unit, actor: Actor, name: str, phone: str = "") -> Person:
    """Take somebody on."""
    person_id = ids.new("prs")
    new = Person(person_id, _named(name), unit.seal(person_id, phone), True)
    store.add_person(unit, new)
    return new


def change_person(unit: Unit, actor: Actor, person_id: Id, *, name: str, phone: str | None, active: bool) -> Person:
    """Correct a name or phone, or let somebody go: his posts end with it, so nothing may be in hand there. ``phone``
    None leaves it."""
    was = store.get_person(unit, person_id, seen_by=actor)
    if was.active and not active:
        for held in store.list_posts(unit, seen_by=actor, person_id=person_id):
            end_post(unit, actor, held.id)
    sealed = was.phone if phone is None else unit.seal(person_id, phone)
    store.save_person(unit, replace(was, name=_named(name), phone=sealed, active=active), was)
    return store.get_person(unit, person_id, seen_by=actor)


def list_people(unit: Unit, actor: Actor, wanted: Page, q: str = "") -> Paged[Person]:
    return store.list_people(unit, wanted, seen_by=actor, q=q)


def add_post(
    unit: Unit,
    actor: Actor,
    person: Id,
    org: Id,
    title: str,
    division: str = "",
    roles: tuple[str, ...] = (),
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> Post:
    """Put a person into a post of an organisation. Without a division it is the organisation's."""
    store.get_person(unit, person, seen_by=actor)
    place = store.get_org(unit, org, seen_by=actor)
    if not place.active:
        raise OrgEnded(name=place.name)
    where = place.division if not division else model.checked_division(division)
    new = Post(ids.new("pst"), person, org, _named(title), tuple(roles), where, True, valid_from, valid_to)
    store.add_post(unit, new)
    return new


def change_post(unit: Unit, actor: Actor, post_id: Id, *, title: str, division: str, active: bool) -> Post:
    """Rename a post or give it another division; ``active`` false ends it now."""
    if not active:
        return end_post(unit, actor, post_id)
    was = store.get_post(unit, post_id, seen_by=actor)
    where = model.checked_division(division)
    store.save_post(unit, replace(was, title=_named(title), division=where, active=active), was)
    return store.get_post(unit, post_id, seen_by=actor)


def end_post(unit: Unit, actor: Actor, post_id: Id, at: datetime | None = None) -> Post:
    """End a post, now or at a time. What is in hand there is handed over first: ``HasWork``."""
    was = store.get_post(unit, post_id, seen_by=actor)
    store.lock_post(unit, post_id)
    if at is not None and at > unit.now:
        store.save_post(unit, replace(was, valid_to=at), was)
        return store.get_post(unit, post_id, seen_by=actor)
    _check_free(hanging(unit, actor, post_id))
    store.save_post(unit, replace(was, active=False, valid_to=was.valid_to or unit.now), was)
    return store.get_post(unit, post_id, seen_by=actor)


def move_post(
    unit: Unit, actor: Actor, post_id: Id, org: Id, title: str = "", division: str = "", at: datetime | None = None
) -> Post:
    """Move somebody to another organisation: the post ends and a new one begins there, whose roles the security
    administrator grants."""
    was = store.get_post(unit, post_id, seen_by=actor)
    if was.org == org:
        raise Invalid(field="org", reason="the post is there already")
    end_post(unit, actor, post_id, at)
    begins = at if at is not None and at > unit.now else None
    return add_post(unit, actor, was.person, org, title or was.title, division, valid_from=begins)


def set_roles(unit: Unit, actor: Actor, post_id: Id, roles: tuple[str, ...]) -> Post:
    """Write the roles of a post. ``base.access`` checks them first; call its ``grant_roles``."""
    was = store.get_post(unit, post_id, seen_by=actor)
    store.save_post(unit, replace(was, roles=roles), was)
    return store.get_post(unit, post_id, seen_by=actor)


def get_post(unit: Unit, actor: Actor, post_id: Id) -> Post:
    return store.get_post(unit, post_id, seen_by=actor)


def list_posts(
    unit: Unit, actor: Actor, person: Id | None = None, org: Id | None = None, role: str = ""
) -> list[PostOf]:
    return store.list_posts(unit, seen_by=actor, person_id=person, org_id=org, role=role)


def list_holders(unit: Unit, actor: Actor, role: str, org: Id | None = None) -> list[PostOf]:
    """Who holds a role now, in an organisation or anywhere."""
    return store.list_posts(unit, seen_by=actor, role=role, org_id=org)


def org_names(unit: Unit, wanted: Iterable[Id]) -> dict[Id, str]:
    """Names of organisations for lists."""
    return store.org_names(unit, wanted)


def post_names(unit: Unit, wanted: Iterable[Id]) -> dict[Id, PostOf]:
    """Posts with the names of person and organisation, for lists."""
    return store.post_names(unit, wanted, seen_by=unit.actor)


def branch_of(unit: Unit, org: Id) -> tuple[Id, ...]:
    """An organisation and all below it."""
    return store.branch_of(unit, org)


def chain_of(unit: Unit, org: Id) -> tuple[Id, ...]:
    """An organisation and all above it, from the top."""
    return store.chain_of(unit, org)


def roles_of_person(unit: Unit, person: Id, *, but: Id | None = None) -> set[str]:
    return store.roles_of_person(unit, person, but=but)


def held_posts(unit: Unit, wanted: Iterable[Id]) -> set[Id]:
    """Those of these posts that are held now."""
    return store.held_posts(unit, wanted)


def get_person(unit: Unit, actor: Actor, person_id: Id) -> Person:
    return store.get_person(unit, person_id, seen_by=actor)


def person_names(unit: Unit, wanted: Iterable[Id]) -> dict[Id, str]:
    """Names of people for lists."""
    return store.person_names(unit, wanted)


def phone_of(unit: Unit, actor: Actor, person_id: Id, purpose: str) -> str | None:
    """Somebody's phone in clear, for a purpose, journaled."""
    found = store.get_person(unit, person_id, seen_by=actor)
    unit.saw_personal(str(person_id), ["person.phone"], purpose)
    return unit.unseal(found.id, found.phone)


# --- standing in -----------------------------------------------------------------------------------------


def acting_posts(unit: Unit, actor: Actor, person: Id) -> list[PostOf]:
    """The posts in which a person may act now: his own, then those in which he stands in."""
    return store.acting_posts(unit, person, seen_by=actor)


def stood_in(unit: Unit, posts: Iterable[Id], at: datetime) -> dict[Id, StandIn]:
    """Who stands in these posts at a time, by post; posts in which nobody does are left out."""
    return store.stood_in(unit, posts, at, seen_by=unit.actor)


def stand_ins_of(unit: Unit, posts: Iterable[Id]) -> dict[Id, list[StandIn]]:
    """All stand-ins of posts, past ones too, by post."""
    found: dict[Id, list[StandIn]] = {}
    for one in store.list_stand_ins_in(unit, posts, seen_by=unit.actor):
        found.setdefault(one.post, []).append(one)
    return found


def list_stand_ins(
    unit: Unit, actor: Actor, at: Page, scope: Callable[[Any, Any, Any], Any], open_only: bool = True
) -> Paged[StandIn]:
    """Stand-ins newest first, as far as ``scope`` (over division, organisations, people) reaches."""
    return store.list_stand_ins(unit, at, scope, seen_by=actor, open_only=open_only)


def get_stand_in(unit: Unit, actor: Actor, stand_in: Id) -> StandIn:
    return store.get_stand_in(unit, stand_in, seen_by=actor, lock=True)


def add_stand_in(unit: Unit, actor: Actor, new: StandIn, holder: Id, longest: timedelta) -> None:
    """Keep that somebody stands in a post. ``base.roster`` asks for rights and exclusions first; call its
    ``stand_in``."""
    store.lock_post(unit, new.post)
    model.check_stand_in(new, holder, store.list_stand_ins_of(unit, seen_by=actor, post_id=new.post), longest)
    store.add_stand_in(unit, new)


def end_stand_in(unit: Unit, actor: Actor, was: StandIn) -> StandIn:
    """End it now; ``StandInEnded`` when it was over."""
    if was.last <= unit.now:
        raise StandInEnded(ended=was.last.isoformat())
    store.save_stand_in(unit, replace(was, ended_at=unit.now, ended_by=actor.person), was)
    return store.get_stand_in(unit, was.id, seen_by=actor)


def standing_name(unit: Unit, person: Id, holder: str) -> str:
    """How somebody is named who acts in another's post, in history and journal."""
    return t("org.standing_in", name=store.get_person(unit, person, seen_by=unit.actor).name, holder=holder)


def standing_in(unit: Unit, post: Id) -> set[Id]:
    """The people who stand in a post, now or later."""
    return {one.person for one in store.list_stand_ins_of(unit, seen_by=unit.actor, post_id=post)}


def check_still(unit: Unit, stand_in: Id, at: datetime) -> None:
    """Before a change is committed: whoever makes it stands in still, and goes on doing so until it is committed, since
    the row is held. ``StandInEnded`` otherwise."""
    held = store.get_stand_in(unit, stand_in, seen_by=unit.actor, share=True)
    if not held.holds_at(at):
        raise StandInEnded(ended=held.last.isoformat())


def check_not_ended(unit: Unit, person: Id, post: Id) -> None:
    """``StandInEnded`` when the person stood in this post and does not any more."""
    last = store.find_last_stand_in(unit, post, person, seen_by=unit.actor)
    if last is not None and not last.holds_at(unit.now):
        raise StandInEnded(ended=last.last.isoformat())


def _named(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > 120:
        raise Invalid(field="name", reason="a name has 1 to 120 characters")
    return plain
