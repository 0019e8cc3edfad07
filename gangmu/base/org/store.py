"""The only SQL of organisations, people and posts."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from gangmu.base.org.model import Org, OrgKind, OrgLevel, Person, Post, PostOf
from gangmu.kit import page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, metadata, ref_col, sealed_col, text_col, texts_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import pinyin_initials, pinyin_key
from gangmu.kit.unit import Unit

org = sa.Table(
    "org",
    metadata,
    id_col("id", "org"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    ref_col("parent", "org", "org.id"),
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False, index=True),
    text_col("duties"),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    text_col("sort_key", info={"derived": True}),
    text_col("initials", info={"derived": True}),
    version_col(),
    sa.UniqueConstraint("name", "division"),
)

person = sa.Table(
    "person",
    metadata,
    id_col("id", "prs"),
    sa.Column("name", sa.Text, nullable=False),
    sealed_col("phone"),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    text_col("sort_key", info={"derived": True}),
    version_col(),
)

post = sa.Table(
    "post",
    metadata,
    id_col("id", "pst"),
    ref_col("person", "prs", "person.id", nullable=False, index=True),
    ref_col("org", "org", "org.id", nullable=False, index=True),
    sa.Column("title", sa.Text, nullable=False),
    texts_col("roles"),
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    when("valid_from"),
    when("valid_to"),
    version_col(),
)


def _org(row: Any) -> Org:
    level, kind = OrgLevel(row.level), OrgKind(row.kind)
    return Org(row.id, row.name, kind, level, row.parent, row.division, row.path, row.duties, row.active, row.version)


def _person(row: Any) -> Person:
    return Person(row.id, row.name, row.phone, row.active, row.version)


def _post(row: Any) -> Post:
    return Post(
        row.id,
        row.person,
        row.org,
        row.title,
        tuple(row.roles),
        row.division,
        row.active,
        row.valid_from,
        row.valid_to,
        row.version,
    )


def _keys(name: str) -> dict[str, str]:
    return {"sort_key": pinyin_key(name), "initials": pinyin_initials(name)}


def add_org(unit: Unit, new: Org) -> None:
    values = {name: getattr(new, name) for name in ("id", "name", "parent", "division", "path", "duties", "active")}
    unit.insert(org, {**values, "kind": new.kind.value, "level": new.level.value, **_keys(new.name)})


def save_org(unit: Unit, changed: Org, was: Org) -> None:
    values = {name: getattr(changed, name) for name in ("name", "parent", "path", "duties", "active", "division")}
    unit.update(
        org,
        changed.id,
        {**values, "kind": changed.kind.value, "level": changed.level.value, **_keys(changed.name)},
        was=was,
    )


def move_branch(unit: Unit, old: str, new: str) -> None:
    """Give all below a moved organisation their new path."""
    tail = sa.func.substr(org.c.path, len(old) + 1)
    unit.run(sa.update(org).where(org.c.path.startswith(old), org.c.path != new).values(path=sa.literal(new) + tail))


def get_org(unit: Unit, org_id: Id, *, seen_by: Actor) -> Org:
    row = unit.one(sa.select(org).where(org.c.id == org_id))
    if row is None:
        raise NotFound(what=str(org_id))
    return _org(row)


def list_orgs(unit: Unit, *, seen_by: Actor, q: str = "", kind: str = "") -> list[Org]:
    """All organisations by their place in the tree; organisations are known to everybody who works here."""
    query = sa.select(org)
    if q:
        like = f"%{q}%"
        query = query.where(sa.or_(org.c.name.like(like), org.c.initials.like(f"{q.lower()}%")))
    if kind:
        query = query.where(org.c.kind == kind)
    return [_org(row) for row in unit.rows(query.order_by(org.c.division, org.c.sort_key).limit(5000))]


def get_orgs(unit: Unit, wanted: Iterable[Id], *, seen_by: Actor) -> dict[Id, Org]:
    """Those of these organisations that are there, by id."""
    ids = {item for item in wanted if item}
    if not ids:
        return {}
    return {row.id: _org(row) for row in unit.rows(sa.select(org).where(org.c.id.in_(ids)))}


def find_org_named(unit: Unit, name: str, division: str, *, seen_by: Actor) -> Org | None:
    row = unit.one(sa.select(org).where(org.c.name == name, org.c.division == division))
    return None if row is None else _org(row)


def org_names(unit: Unit, wanted: Iterable[Id]) -> dict[Id, str]:
    ids = {item for item in wanted if item}
    if not ids:
        return {}
    return {row.id: row.name for row in unit.rows(sa.select(org.c.id, org.c.name).where(org.c.id.in_(ids)))}


def branch_of(unit: Unit, org_id: Id) -> tuple[Id, ...]:
    """The organisation and all below it."""
    own = sa.select(org.c.path).where(org.c.id == org_id).scalar_subquery()
    return tuple(row.id for row in unit.rows(sa.select(org.c.id).where(org.c.path.startswith(own))))


def chain_of(unit: Unit, org_id: Id) -> tuple[Id, ...]:
    """The organisation and all above it, from the top."""
    path = unit.value(sa.select(org.c.path).where(org.c.id == org_id)) or ""
    return tuple(Id(part) for part in path.split("/") if part)


def add_person(unit: Unit, new: Person) -> None:
    values = {name: getattr(new, name) for name in ("id", "name", "phone", "active")}
    unit.insert(person, {**values, "sort_key": pinyin_key(new.name)})


def save_person(unit: Unit, changed: Person, was: Person) -> None:
    values = {name: getattr(changed, name) for name in ("name", "phone", "active")}
    unit.update(person, changed.id, {**values, "sort_key": pinyin_key(changed.name)}, was=was)


def get_person(unit: Unit, person_id: Id, *, seen_by: Actor) -> Person:
    row = unit.one(sa.select(person).where(person.c.id == person_id))
    if row is None:
        raise NotFound(what=str(person_id))
    return _person(row)


def list_people(unit: Unit, wanted: Page, *, seen_by: Actor, q: str = "") -> Paged[Person]:
    query = sa.select(person)
    if q:
        query = query.where(person.c.name.like(f"%{q}%"))
    return page.of(unit, query, wanted, [person.c.sort_key, person.c.id], _person)


def add_post(unit: Unit, new: Post) -> None:
    values = {name: getattr(new, name) for name in ("id", "person", "org", "title", "division", "active")}
    unit.insert(post, {**values, "roles": list(new.roles), "valid_from": new.valid_from, "valid_to": new.valid_to})


def save_post(unit: Unit, changed: Post, was: Post) -> None:
    values = {name: getattr(changed, name) for name in ("title", "division", "active", "valid_from", "valid_to", "org")}
    before = {**{name: getattr(was, name) for name in values}, "roles": list(was.roles), "version": was.version}
    unit.update(post, changed.id, {**values, "roles": list(changed.roles)}, was=before)


def get_post(unit: Unit, post_id: Id, *, seen_by: Actor) -> Post:
    row = unit.one(sa.select(post).where(post.c.id == post_id))
    if row is None:
        raise NotFound(what=str(post_id))
    return _post(row)


def _posts_query() -> sa.Select[Any]:
    return (
        sa.select(post, person.c.name.label("person_name"), org.c.name.label("org_name"))
        .join(person, person.c.id == post.c.person)
        .join(org, org.c.id == post.c.org)
    )


def _post_of(row: Any) -> PostOf:
    return PostOf(row.id, row.title, row.person, row.person_name, row.org, row.org_name, row.division, tuple(row.roles))


def list_posts(
    unit: Unit, *, seen_by: Actor, person_id: Id | None = None, org_id: Id | None = None, role: str = ""
) -> list[PostOf]:
    """Posts held now, by person, organisation or role."""
    now = unit.now
    query = _posts_query().where(
        post.c.active,
        sa.or_(post.c.valid_from.is_(None), post.c.valid_from <= now),
        sa.or_(post.c.valid_to.is_(None), post.c.valid_to > now),
    )
    if person_id:
        query = query.where(post.c.person == person_id)
    if org_id:
        query = query.where(post.c.org == org_id)
    if role:
        query = query.where(post.c.roles.contains([role]))
    return [
        _post_of(row) for row in unit.rows(query.order_by(post.c.division, person.c.sort_key, post.c.id).limit(2000))
    ]


def post_names(unit: Unit, wanted: Iterable[Id], *, seen_by: Actor) -> dict[Id, PostOf]:
    ids = {item for item in wanted if item}
    if not ids:
        return {}
    return {row.id: _post_of(row) for row in unit.rows(_posts_query().where(post.c.id.in_(ids)))}


def roles_of_person(unit: Unit, person_id: Id, *, but: Id | None = None) -> set[str]:
    """The roles of all active posts of a person, leaving one post out."""
    query = sa.select(post.c.roles).where(post.c.person == person_id, post.c.active)
    if but is not None:
        query = query.where(post.c.id != but)
    return {role for row in unit.rows(query) for role in row.roles}
