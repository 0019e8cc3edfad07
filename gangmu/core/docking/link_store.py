"""SQL of docking: links to other systems, how each is, its nonces."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.base import access
from gangmu.core.docking.model import Link
from gangmu.kit import db, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import (
    id_col,
    metadata,
    ref_col,
    sealed_col,
    text_col,
    version_col,
    when,
)
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

docking_link = sa.Table(
    "docking_link",
    metadata,
    id_col("id", "lnk"),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("connector", sa.Text, nullable=False),
    sealed_col("settings"),
    sa.Column("division", sa.Text, nullable=False),
    ref_col("org", "org", nullable=False),
    ref_col("application", "app", nullable=False),
    sa.Column("flow", sa.Text, nullable=False),
    sa.Column("clock", sa.Text, nullable=False),
    sa.Column("limit", sa.Text, nullable=False),
    sa.Column("sequence", sa.Text, nullable=False),
    sa.Column("every_s", sa.Integer, nullable=False),
    sa.Column("silence_minutes", sa.Integer, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    when("made_at", nullable=False),
    version_col(),
)

docking_pulse = sa.Table(
    "docking_pulse",
    metadata,
    ref_col("link", "lnk", "docking_link.id", primary_key=True),
    text_col("cursor"),
    when("contact_at"),
    when("tried_at"),
    when("next_at"),
    sa.Column("fails", sa.Integer, nullable=False, server_default="0"),
    text_col("error"),
    sa.Column("repeated", sa.BigInteger, nullable=False, server_default="0"),
)

docking_nonce = sa.Table(
    "docking_nonce",
    metadata,
    ref_col("link", "lnk", primary_key=True),
    sa.Column("nonce", sa.Text, primary_key=True),
    when("at", nullable=False),
)


@dataclass(frozen=True, slots=True)
class Pulse:
    """How a link is."""

    link: Id
    cursor: str
    contact_at: datetime | None
    tried_at: datetime | None
    next_at: datetime | None
    fails: int
    error: str
    repeated: int


_link = db.maker(Link)

_pulse = db.maker(Pulse)


def visible(actor: Actor) -> sa.ColumnElement[bool]:
    """The links that an actor may see: those of his division."""
    return access.scope(actor, "docking.read", docking_link.c.division)


def add_link(unit: Unit, new: Link, settings: bytes | None) -> None:
    unit.insert(docking_link, {**db.values_of(new, docking_link), "settings": settings})
    unit.run(sa.insert(docking_pulse), {"link": new.id})


def save_link(unit: Unit, changed: Link, was: Link, settings: bytes | None) -> None:
    values = db.values_of(changed, docking_link)
    values.pop("version")
    if settings is not None:
        values["settings"] = settings
    unit.update(docking_link, was.id, values, was=was)


def get_link(unit: Unit, link_id: Id, *, seen_by: Actor) -> Link:
    row = unit.one(sa.select(docking_link).where(docking_link.c.id == link_id, visible(seen_by)))
    if row is None:
        raise NotFound(what=str(link_id))
    return _link(row)


def find_link_named(unit: Unit, name: str, *, seen_by: Actor) -> Link | None:
    row = unit.one(sa.select(docking_link).where(docking_link.c.name == name, visible(seen_by)))
    return None if row is None else _link(row)


def find_link_of_application(unit: Unit, link_id: Id, name: str, org: Id | None, *, seen_by: Actor) -> Link | None:
    """The link that an application delivers to: its own alone."""
    query = sa.select(docking_link).where(docking_link.c.id == link_id, docking_link.c.org == org)
    row = unit.one(query.where(docking_link.c.name == name))
    return None if row is None or not seen_by.may("docking.deliver") else _link(row)


def settings_of(unit: Unit, link_id: Id) -> bytes | None:
    """The sealed settings."""
    found: bytes | None = unit.value(sa.select(docking_link.c.settings).where(docking_link.c.id == link_id))
    return found


def list_links(unit: Unit, at: Page, *, seen_by: Actor) -> Paged[tuple[Link, Pulse]]:
    query = sa.select(docking_link, *[c for c in docking_pulse.c if c.name != "link"], docking_pulse.c.link)
    query = query.join(docking_pulse, docking_pulse.c.link == docking_link.c.id).where(visible(seen_by))
    return page.of(unit, query, at, [docking_link.c.id], lambda row: (_link(row), _pulse(row)))


def list_active(unit: Unit, *, seen_by: Actor) -> list[tuple[Link, Pulse]]:
    """Every active link with its pulse."""
    query = sa.select(docking_link, *[c for c in docking_pulse.c if c.name != "link"], docking_pulse.c.link)
    query = query.join(docking_pulse, docking_pulse.c.link == docking_link.c.id)
    rows = unit.rows(query.where(docking_link.c.active, visible(seen_by)).order_by(docking_link.c.id))
    return [(_link(row), _pulse(row)) for row in rows]


def get_pulse(unit: Unit, link_id: Id, *, seen_by: Actor, lock: bool = False) -> Pulse:
    query = sa.select(docking_pulse).where(docking_pulse.c.link == link_id)
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(link_id))
    return _pulse(row)


def set_pulse(unit: Unit, link_id: Id, **values: Any) -> None:
    unit.run(sa.update(docking_pulse).where(docking_pulse.c.link == link_id).values(**values))


@contextmanager
def alone(link_id: Id, what: str) -> Iterator[bool]:
    """Hold a link's way in or out, in one process of all; False when somebody else holds it. Gone with the
    connection, so that a killed process lets go at once."""
    keys = {"a": f"docking.{what}", "b": str(link_id)}
    take = sa.text("SELECT pg_try_advisory_lock(hashtext(:a), hashtext(:b))")
    give = sa.text("SELECT pg_advisory_unlock(hashtext(:a), hashtext(:b))")
    with db.current().connect() as conn:
        conn = conn.execution_options(isolation_level="AUTOCOMMIT")
        got = bool(conn.execute(take, keys).scalar())
        try:
            yield got
        finally:
            if got:
                conn.execute(give, keys)


def seen_nonce(unit: Unit, link_id: Id, nonce: str, before: datetime, now: datetime) -> bool:
    """Remember a nonce; True when it was there already. Forgets those from before the window."""
    unit.run(sa.delete(docking_nonce).where(docking_nonce.c.link == link_id, docking_nonce.c.at < before))
    adding = pg_insert(docking_nonce).values(link=link_id, nonce=nonce, at=now).on_conflict_do_nothing()
    return unit.one(adding.returning(docking_nonce.c.nonce)) is None
