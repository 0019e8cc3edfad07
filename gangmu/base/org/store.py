"""The only SQL of organisations, people and posts."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array

from gangmu.base.org.model import Org, OrgKind, OrgLevel, Person, Post, PostOf, StandIn
from gangmu.kit import page
from gangmu.kit.actor import Actor
from gangmu.kit.db import IdList, id_col, metadata, ref_col, sealed_col, text_col, texts_col, version_col, when
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
    ref_col("successor", "org"),
    when("ended_at"),
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

stand_in = sa.Table(
    "stand_in",
    metadata,
    id_col("id", "stn"),
    ref_col("post", "pst", "post.id", nullable=False),
    ref_col("person", "prs", "person.id", nullable=False),
    ref_col("org", "org", nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    when("starts_at", nullable=False),
    when("ends_at", nullable=False),
    text_col("reason"),
    texts_col("only"),
    ref_col("made_by", "prs"),
    when("ended_at"),
    ref_col("ended_by", "prs"),
    version_col(),
    sa.Index("ix_stand_in_person", "person", "ends_at"),
    sa.Index("ix_stand_in_post", "post", "ends_at"),
    sa.Index("ix_stand_in_newest", sa.text("starts_at DESC"), sa.text("id DESC")),
)


def _org(row: Any) -> Org:
    return Org(
        row.id,
        row.name,
        OrgKind(row.kind),
        OrgLevel(row.level),
        row.parent,
        row.division,
        row.path,
        row.duties,
        row.active,
        row.successor,
        row.ended_at,
        row.version,
    )


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
    names = ("name", "parent", "path", "duties", "active", "division", "successor", "ended_at")
    values = {name: getattr(changed, name) for name in names}
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


def list_orgs(unit: Unit, *, seen_by: Actor, q: str = "", kind: str = "", parent: Id | None = None) -> list[Org]:
    """All organisations by their place in the tree; organisations are known to everybody who works here."""
    query = sa.select(org)
    if q:
        like = f"%{q}%"
        query = query.where(sa.or_(org.c.name.like(like), org.c.initials.like(f"{q.lower()}%")))
    if kind:
        query = query.where(org.c.kind == kind)
    if parent is not None:
        query = query.where(org.c.parent == parent)
    return [_org(row) for row in unit.rows(query.order_by(org.c.division, org.c.sort_key).limit(5000))]


def get_orgs(unit: Unit, wanted: Iterable[Id], *, seen_by: Actor) -> dict[Id, Org]:
    """Those of these organisations that are there, by id."""
    ids = [item for item in dict.fromkeys(wanted) if item]
    if not ids:
        return {}

    def make() -> sa.Select[Any]:
        return sa.select(org).where(org.c.id == sa.func.any(sa.bindparam("ids", type_=IdList("org"))))

    return {row.id: _org(row) for row in unit.soon("orgs", make, ids=ids).rows()}


def find_org_named(unit: Unit, name: str, division: str, *, seen_by: Actor) -> Org | None:
    row = unit.one(sa.select(org).where(org.c.name == name, org.c.division == division))
    return None if row is None else _org(row)


def org_names(unit: Unit, wanted: Iterable[Id]) -> dict[Id, str]:
    ids = {item for item in wanted if item}
    if not ids:
        return {}
    return {row.id: row.name for row in unit.rows(sa.select(org.c.id, org.c.name).where(org.c.id.in_(ids)))}


def branch_of(unit: Unit, org_id: Id) -> tuple[Id, ...]:
    """The organisation and all below it. Every request of a person asks, so it is a moment old."""

    def load() -> tuple[Id, ...]:
        own = sa.select(org.c.path).where(org.c.id == org_id).scalar_subquery()
        return tuple(row.id for row in unit.rows(sa.select(org.c.id).where(org.c.path.startswith(own))))

    return unit.lately(org, ("branch", org_id), load)


def chain_of(unit: Unit, org_id: Id) -> tuple[Id, ...]:
    """The organisation and all above it, from the top; as old as ``branch_of``."""

    def load() -> tuple[Id, ...]:
        path = unit.value(sa.select(org.c.path).where(org.c.id == org_id)) or ""
        return tuple(Id(part) for part in path.split("/") if part)

    return unit.lately(org, ("chain", org_id), load)


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


def _held(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    started = sa.or_(post.c.valid_from.is_(None), post.c.valid_from <= now)
    return sa.and_(started, sa.or_(post.c.valid_to.is_(None), post.c.valid_to > now))


def list_posts(
    unit: Unit, *, seen_by: Actor, person_id: Id | None = None, org_id: Id | None = None, role: str = ""
) -> list[PostOf]:
    """Posts held now, by person, organisation or role."""
    now = unit.now
    query = _posts_query().where(post.c.active, _held(now))
    if person_id:
        query = query.where(post.c.person == person_id)
    if org_id:
        query = query.where(post.c.org == org_id)
    if role:
        query = query.where(post.c.roles.contains([role]))
    return [
        _post_of(row) for row in unit.rows(query.order_by(post.c.division, person.c.sort_key, post.c.id).limit(2000))
    ]


def held_posts(unit: Unit, wanted: Iterable[Id]) -> set[Id]:
    """Those of these posts that are held now."""
    ids = {item for item in wanted if item}
    if not ids:
        return set()
    query = sa.select(post.c.id).where(post.c.id.in_(ids), post.c.active, _held(unit.now))
    return {row.id for row in unit.rows(query)}


def person_names(unit: Unit, wanted: Iterable[Id]) -> dict[Id, str]:
    ids = {item for item in wanted if item}
    if not ids:
        return {}
    return {row.id: row.name for row in unit.rows(sa.select(person.c.id, person.c.name).where(person.c.id.in_(ids)))}


def post_names(unit: Unit, wanted: Iterable[Id], *, seen_by: Actor) -> dict[Id, PostOf]:
    ids = {item for item in wanted if item}
    if not ids:
        return {}
    return {row.id: _post_of(row) for row in unit.rows(_posts_query().where(post.c.id.in_(ids)))}


def roles_of_person(unit: Unit, person_id: Id, *, but: Id | None = None) -> set[str]:
    """The roles of all active posts of a person and of those in which he stands in, now or later, leaving one out."""
    stood = sa.select(stand_in.c.post).where(stand_in.c.person == person_id, _not_over(unit.now))
    query = sa.select(post.c.roles).where(sa.or_(post.c.person == person_id, post.c.id.in_(stood)), post.c.active)
    if but is not None:
        query = query.where(post.c.id != but)
    return {role for row in unit.rows(query) for role in row.roles}


# --- standing in -----------------------------------------------------------------------------------------


def _stand_in(row: Any) -> StandIn:
    values = {name: getattr(row, name) for name in StandIn.__dataclass_fields__}
    return StandIn(**{**values, "only": tuple(row.only)})


def _not_over(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    return sa.and_(stand_in.c.ends_at > now, sa.or_(stand_in.c.ended_at.is_(None), stand_in.c.ended_at > now))


def add_stand_in(unit: Unit, new: StandIn) -> None:
    """Keep it. One at a time for a post: the post's row is locked while the others are looked at."""
    values = {name: getattr(new, name) for name in StandIn.__dataclass_fields__}
    unit.insert(stand_in, {**values, "only": list(new.only)})


def lock_post(unit: Unit, post_id: Id) -> None:
    unit.value(sa.select(post.c.id).where(post.c.id == post_id).with_for_update())


def save_stand_in(unit: Unit, changed: StandIn, was: StandIn) -> None:
    names = ("ended_at", "ended_by", "ends_at")
    unit.update(stand_in, was.id, {name: getattr(changed, name) for name in names}, was=was)


def get_stand_in(unit: Unit, stand_in_id: Id, *, seen_by: Actor, lock: bool = False, share: bool = False) -> StandIn:
    query = sa.select(stand_in).where(stand_in.c.id == stand_in_id)
    row = unit.one(query.with_for_update(read=share) if lock or share else query)
    if row is None:
        raise NotFound(what=str(stand_in_id))
    return _stand_in(row)


def list_stand_ins_of(
    unit: Unit, *, seen_by: Actor, post_id: Id | None = None, person_id: Id | None = None
) -> list[StandIn]:
    """Those of a post or by a person that are not over."""
    query = sa.select(stand_in).where(_not_over(unit.now))
    if post_id is not None:
        query = query.where(stand_in.c.post == post_id)
    if person_id is not None:
        query = query.where(stand_in.c.person == person_id)
    return [_stand_in(row) for row in unit.rows(query.order_by(stand_in.c.starts_at).limit(500))]


def list_stand_ins_in(unit: Unit, posts: Iterable[Id], *, seen_by: Actor) -> list[StandIn]:
    """All stand-ins of these posts, the earliest first."""
    ids = list(posts)
    if not ids:
        return []
    query = sa.select(stand_in).where(stand_in.c.post.in_(ids)).order_by(stand_in.c.starts_at)
    return [_stand_in(row) for row in unit.rows(query)]


def find_last_stand_in(unit: Unit, post_id: Id, person_id: Id, *, seen_by: Actor) -> StandIn | None:
    query = sa.select(stand_in).where(stand_in.c.post == post_id, stand_in.c.person == person_id)
    row = unit.one(query.order_by(stand_in.c.starts_at.desc()).limit(1))
    return None if row is None else _stand_in(row)


def stood_in(unit: Unit, posts: Iterable[Id], at: datetime, *, seen_by: Actor) -> dict[Id, StandIn]:
    """Who stands in these posts at a time, by post."""
    ids = list(posts)
    if not ids:
        return {}
    there = sa.and_(stand_in.c.starts_at <= at, _not_over(at))
    return {row.post: _stand_in(row) for row in unit.rows(sa.select(stand_in).where(stand_in.c.post.in_(ids), there))}


def list_stand_ins(
    unit: Unit,
    wanted: Page,
    scope: Callable[[Any, Any, Any], sa.ColumnElement[bool]],
    *,
    seen_by: Actor,
    open_only: bool = True,
) -> Paged[StandIn]:
    """Stand-ins newest first. ``scope`` narrows by division, organisations and people, as the caller's rights say."""
    orgs = sa.cast(array([stand_in.c.org]), IdList("org"))
    people = sa.cast(array([stand_in.c.person]), IdList("prs"))
    query = sa.select(stand_in).where(scope(stand_in.c.division, orgs, people))
    if open_only:
        query = query.where(_not_over(unit.now))
    keys = [page.Key(stand_in.c.starts_at, descending=True), page.Key(stand_in.c.id, descending=True)]
    return page.of(unit, query, wanted, keys, _stand_in)


def acting_posts(unit: Unit, person_id: Id, *, seen_by: Actor) -> list[PostOf]:
    """The posts in which a person may act now: his own first, then those in which he stands in. Every request of a
    person asks, so both are read in one go."""
    own = unit.soon("posts held", _held_by_one, person=person_id, now=unit.now)
    others = unit.soon("stands in", _standing_in, person=person_id, now=unit.now)
    posts, held = [_post_of(row) for row in own.rows()], others.rows()
    if not held:
        return posts
    there = {row.post: row for row in held}
    query = _posts_query().where(post.c.id.in_(list(there)), post.c.active, _held(unit.now))
    found = [_post_of(row) for row in unit.rows(query.order_by(post.c.division, person.c.sort_key, post.c.id))]
    return posts + [
        replace(one, stand_in=there[one.id].id, until=there[one.id].ends_at, only=tuple(there[one.id].only))
        for one in found
    ]


def _held_by_one() -> sa.Select[Any]:
    now = sa.bindparam("now", type_=post.c.valid_from.type)
    mine = post.c.person == sa.bindparam("person", type_=post.c.person.type)
    query = _posts_query().where(post.c.active, _held(now), mine)
    return query.order_by(post.c.division, person.c.sort_key, post.c.id).limit(2000)


def _standing_in() -> sa.Select[Any]:
    now = sa.bindparam("now", type_=stand_in.c.starts_at.type)
    mine = stand_in.c.person == sa.bindparam("person", type_=stand_in.c.person.type)
    return sa.select(stand_in).where(mine, stand_in.c.starts_at <= now, _not_over(now))
