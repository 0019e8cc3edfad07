"""The SQL of files that belong to foreign orders: where each lies over there, and what became of it here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gangmu.core.docking.inbound_store import docking_in
from gangmu.core.docking.link_store import docking_link, visible
from gangmu.core.docking.order_store import docking_order
from gangmu.kit import db, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, metadata, ref_col, text_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

docking_file = sa.Table(
    "docking_file",
    metadata,
    id_col("id", "dfl"),
    ref_col("link", "lnk", nullable=False),
    ref_col("order", "dor", nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    text_col("name"),
    text_col("url"),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
    text_col("why"),
    ref_col("file", "fil"),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    when("next_at", nullable=False),
    when("made_at", nullable=False),
    when("settled_at"),
    version_col(),
    sa.Index("ix_docking_file_order", "order"),
    sa.Index("ix_docking_file_link", "link", "state", "id"),
    sa.Index("ix_docking_file_due", "next_at", postgresql_where=sa.text("state = 'waiting'")),
)


@dataclass(frozen=True, slots=True)
class DockedFile:
    """A file of an order. ``state``: waiting, fetched (``file`` is here), refused (``why``), dead (tried too often)."""

    id: Id
    link: Id
    order: Id
    number: str
    name: str
    url: str
    state: str
    why: str
    file: Id | None
    tries: int
    next_at: datetime
    made_at: datetime
    settled_at: datetime | None
    version: int = 1


_file = db.maker(DockedFile)


def add_files(unit: Unit, rows: Sequence[DockedFile], source: str) -> None:
    if rows:
        unit.insert_many(docking_file, [db.values_of(row, docking_file) for row in rows], source=source)


def links_to_fetch(unit: Unit) -> list[Id]:
    """The links with files that are due."""
    query = sa.select(docking_file.c.link).where(docking_file.c.state == "waiting", docking_file.c.next_at <= unit.now)
    return [row.link for row in unit.rows(query.distinct())]


def due_files(unit: Unit, link_id: Id, most: int, *, seen_by: Actor) -> list[DockedFile]:
    query = sa.select(docking_file).where(
        docking_file.c.link == link_id, docking_file.c.state == "waiting", docking_file.c.next_at <= unit.now
    )
    rows = unit.rows(query.order_by(docking_file.c.id).limit(most)) if seen_by.may("docking.read") else []
    return [_file(row) for row in rows]


def files_of(unit: Unit, orders: Sequence[Id], *, seen_by: Actor) -> list[DockedFile]:
    """The files of orders. Who may see their event is asked by ``core.event``; here they are given."""
    if not orders:
        return []
    query = sa.select(docking_file).where(docking_file.c.order.in_(list(orders)))
    return [_file(row) for row in unit.rows(query.order_by(docking_file.c.id))]


def event_of_order(unit: Unit, order: Id) -> Id | None:
    """The event that an order belongs to now."""
    found: Id | None = unit.value(sa.select(docking_order.c.event).where(docking_order.c.id == order))
    return found


def list_files(unit: Unit, link_id: Id, at: Page, state: str, *, seen_by: Actor) -> Paged[DockedFile]:
    query = sa.select(docking_file).join(docking_link, docking_link.c.id == docking_file.c.link)
    query = query.where(docking_file.c.link == link_id, visible(seen_by))
    if state:
        query = query.where(docking_file.c.state == state)
    return page.of(unit, query, at, [page.Key(docking_file.c.id, descending=True)], _file)


def get_file(unit: Unit, file_id: Id, *, seen_by: Actor, lock: bool = False) -> DockedFile:
    query = sa.select(docking_file).join(docking_link, docking_link.c.id == docking_file.c.link)
    query = query.where(docking_file.c.id == file_id, visible(seen_by))
    row = unit.one(query.with_for_update(of=docking_file) if lock else query)
    if row is None:
        raise NotFound(what=str(file_id))
    return _file(row)


def save_file(unit: Unit, was: DockedFile, **values: Any) -> None:
    unit.update(docking_file, was.id, values, was=was)


def count_dead(unit: Unit, link_id: Id) -> int:
    query = sa.select(sa.func.count()).select_from(docking_file)
    return int(unit.value(query.where(docking_file.c.link == link_id, docking_file.c.state == "dead")) or 0)


def forget_addresses(unit: Unit, rows: Sequence[Id]) -> None:
    """With the rows in which files were named go their names and addresses."""
    named = sa.and_(docking_in.c.link == docking_file.c.link, docking_in.c.number == docking_file.c.number)
    gone = sa.update(docking_file).where(named, docking_in.c.id.in_(list(rows)))
    unit.run(gone.values(name="", url="", version=docking_file.c.version + 1))
