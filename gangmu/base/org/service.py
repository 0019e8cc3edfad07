"""Use cases of organisations, people and posts. Roles on posts are granted by ``base.access``."""

from collections.abc import Iterable
from dataclasses import replace

from gangmu.base.org import model, store
from gangmu.base.org.model import Org, OrgKind, OrgLevel, Person, Post, PostOf
from gangmu.kit import ids
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit


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
    changed = replace(
        was,
        name=_named(name),
        kind=kind,
        level=level,
        parent=parent,
        duties=duties,
        active=active,
        path=model.path_below(above, org_id),
    )
    store.save_org(unit, changed, was)
    if changed.path != was.path:
        store.move_branch(unit, was.path, changed.path)
    return store.get_org(unit, org_id, seen_by=actor)


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
    """Correct a name or phone, or let somebody go. ``phone`` None leaves it."""
    was = store.get_person(unit, person_id, seen_by=actor)
    sealed = was.phone if phone is None else unit.seal(person_id, phone)
    store.save_person(unit, replace(was, name=_named(name), phone=sealed, active=active), was)
    return store.get_person(unit, person_id, seen_by=actor)


def list_people(unit: Unit, actor: Actor, wanted: Page, q: str = "") -> Paged[Person]:
    return store.list_people(unit, wanted, seen_by=actor, q=q)


def add_post(
    unit: Unit, actor: Actor, person: Id, org: Id, title: str, division: str = "", roles: tuple[str, ...] = ()
) -> Post:
    """Put a person into a post of an organisation. Without a division it is the organisation's."""
    store.get_person(unit, person, seen_by=actor)
    where = store.get_org(unit, org, seen_by=actor).division if not division else model.checked_division(division)
    new = Post(ids.new("pst"), person, org, _named(title), tuple(roles), where, True)
    store.add_post(unit, new)
    return new


def change_post(unit: Unit, actor: Actor, post_id: Id, *, title: str, division: str, active: bool) -> Post:
    """Rename, move or end a post."""
    was = store.get_post(unit, post_id, seen_by=actor)
    where = model.checked_division(division)
    store.save_post(unit, replace(was, title=_named(title), division=where, active=active), was)
    return store.get_post(unit, post_id, seen_by=actor)


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


def _named(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > 120:
        raise Invalid(field="name", reason="a name has 1 to 120 characters")
    return plain
