"""SQL of docking: every row as it came in, and those that wait."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from gangmu.core.docking.link_store import docking_link, visible
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

WAITING = sa.text("state = 'waiting'")

docking_in = sa.Table(
    "docking_in",
    metadata,
    id_col("id", "din"),
    ref_col("link", "lnk", nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    text_col("number"),
    sa.Column("seq", sa.Integer, nullable=False, server_default="0"),
    when("at"),
    when("received_at", nullable=False),
    sa.Column("via", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sealed_col("body"),
    sa.UniqueConstraint("link", "message"),
    sa.Index("ix_docking_in_number", "link", "number"),
    info={"append_only": True},
)

docking_wait = sa.Table(
    "docking_wait",
    metadata,
    id_col("id", "din"),
    ref_col("link", "lnk", nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    text_col("number"),
    sa.Column("seq", sa.Integer, nullable=False, server_default="0"),
    when("at"),
    sa.Column("why", sa.Text, nullable=False),
    text_col("field"),
    text_col("code"),
    text_col("reason"),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
    when("since", nullable=False),
    sa.Column("tried", sa.Integer, nullable=False, server_default="0"),
    when("settled_at"),
    ref_col("by_person", "prs"),
    text_col("note"),
    version_col(),
    sa.Index("ix_docking_wait_number", "link", "number", "seq", postgresql_where=WAITING),
    sa.Index("ix_docking_wait_why", "link", "why", "id", postgresql_where=WAITING),
    sa.Index("ix_docking_wait_id", "link", "id"),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that came in and waits, or waited, for something."""

    id: Id
    link: Id
    message: str
    what: str
    number: str
    seq: int
    at: datetime | None
    why: str
    field: str
    code: str
    reason: str
    state: str
    since: datetime
    tried: int
    settled_at: datetime | None
    by_person: Id | None
    note: str
    version: int


_wait = db.maker(Waiting)


def known_messages(unit: Unit, link_id: Id, messages: Sequence[str]) -> set[str]:
    """Which of these messages are here already."""
    asked = sa.bindparam("asked", list(messages), type_=sa.ARRAY(sa.Text))
    query = sa.select(docking_in.c.message).where(docking_in.c.link == link_id, docking_in.c.message == sa.any_(asked))
    return {row.message for row in unit.rows(query)}


def add_in(unit: Unit, rows: Sequence[Mapping[str, Any]], source: str) -> None:
    unit.insert_many(docking_in, rows, source=source)


def bodies_of(unit: Unit, wanted: Sequence[Id]) -> dict[Id, bytes]:
    """The sealed bodies of rows that came in."""
    rows = unit.rows(sa.select(docking_in.c.id, docking_in.c.body).where(docking_in.c.id.in_(list(wanted))))
    return {row.id: row.body for row in rows}


def add_waiting(unit: Unit, rows: Sequence[Mapping[str, Any]], source: str) -> None:
    unit.insert_many(docking_wait, rows, source=source)


def get_waiting(unit: Unit, wait_id: Id, *, seen_by: Actor) -> Waiting:
    query = sa.select(docking_wait).join(docking_link, docking_link.c.id == docking_wait.c.link)
    row = unit.one(query.where(docking_wait.c.id == wait_id, visible(seen_by)).with_for_update(of=docking_wait))
    if row is None:
        raise NotFound(what=str(wait_id))
    return _wait(row)


def list_waiting(unit: Unit, link_id: Id, at: Page, *, state: str = "waiting", seen_by: Actor) -> Paged[Waiting]:
    query = sa.select(docking_wait).join(docking_link, docking_link.c.id == docking_wait.c.link)
    query = query.where(docking_wait.c.link == link_id, visible(seen_by))
    if state:
        query = query.where(docking_wait.c.state == state)
    return page.of(unit, query, at, [docking_wait.c.id], _wait)


def list_ready(
    unit: Unit, link_id: Id, whys: Sequence[str], after: Id | None, most: int, *, seen_by: Actor
) -> list[Waiting]:
    """Rows that wait for one of these reasons, oldest first, after an id."""
    query = sa.select(docking_wait).where(docking_wait.c.link == link_id, docking_wait.c.state == "waiting")
    query = query.where(docking_wait.c.why.in_(list(whys)))
    if after is not None:
        query = query.where(docking_wait.c.id > after)
    rows = unit.rows(query.order_by(docking_wait.c.id).limit(most)) if seen_by.may("docking.read") else []
    return [_wait(row) for row in rows]


def list_waiting_of(unit: Unit, link_id: Id, numbers: Iterable[str], *, seen_by: Actor) -> list[Waiting]:
    """What waits of these orders for its turn, in their order."""
    query = sa.select(docking_wait).where(docking_wait.c.link == link_id, docking_wait.c.state == "waiting")
    query = query.where(docking_wait.c.number.in_(list(numbers)), docking_wait.c.why.in_(["early", "no_order"]))
    rows = unit.rows(query.order_by(docking_wait.c.number, docking_wait.c.seq)) if seen_by.may("docking.read") else []
    return [_wait(row) for row in rows]


def numbers_waiting(unit: Unit, link_id: Id, day: date, zone: str) -> dict[str, str]:
    """Orders of a day that wait outside, with why."""
    query = sa.select(docking_wait.c.number, docking_wait.c.why).where(
        docking_wait.c.link == link_id,
        docking_wait.c.what == "order",
        docking_wait.c.state == "waiting",
        sa.cast(sa.func.timezone(zone, docking_wait.c.at), sa.Date) == day,
    )
    return {row.number: row.why for row in unit.rows(query)}


def count_waiting(unit: Unit, links: Sequence[Id]) -> dict[tuple[Id, str], int]:
    """How many rows wait, by link and why."""
    query = sa.select(docking_wait.c.link, docking_wait.c.why, sa.func.count().label("n"))
    query = query.where(docking_wait.c.link.in_(list(links)), WAITING)
    rows = unit.rows(query.group_by(docking_wait.c.link, docking_wait.c.why))
    return {(row.link, row.why): row.n for row in rows}


def settle_waiting(unit: Unit, was: Waiting, **values: Any) -> None:
    unit.update(docking_wait, was.id, values, was=was)
