"""SQL of docking: foreign orders and the events behind them, and which events have moved."""

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.core.docking.link_store import docking_link, visible
from gangmu.core.docking.model import Docked
from gangmu.kit import db, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import (
    id_col,
    metadata,
    ref_col,
    text_col,
    version_col,
    when,
)
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

docking_order = sa.Table(
    "docking_order",
    metadata,
    id_col("id", "dor"),
    ref_col("link", "lnk", nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    ref_col("event", "evt", nullable=False),
    ref_col("first_event", "evt", nullable=False),
    ref_col("report", "rpt", nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    when("handed_at", nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    when("taken_at", nullable=False),
    when("started_at", nullable=False),
    when("their_due_at"),
    when("our_due_at"),
    sa.Column("clock", sa.Text, nullable=False),
    sa.Column("both_claim", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("seq", sa.Integer, nullable=False, server_default="0"),
    sa.Column("told", sa.Integer, nullable=False, server_default="1"),
    text_col("their_state"),
    sa.Column("standing", sa.Text, nullable=False, server_default="open"),
    sa.Column("taken_over", sa.Boolean, nullable=False, server_default=sa.false()),
    version_col(),
    sa.UniqueConstraint("link", "number"),
    sa.Index("ix_docking_order_event", "event"),
    sa.Index("ix_docking_order_day", "link", "day"),
)

docking_due = sa.Table(
    "docking_due",
    metadata,
    ref_col("event", "evt", primary_key=True),
    when("since", nullable=False),
)

_docked = db.maker(Docked)


def add_docked(unit: Unit, rows: Sequence[Docked], source: str) -> None:
    unit.insert_many(docking_order, [db.values_of(row, docking_order) for row in rows], source=source)


def find_docked(unit: Unit, link_id: Id, numbers: Iterable[str], *, seen_by: Actor) -> dict[str, Docked]:
    """Orders by their foreign numbers."""
    query = sa.select(docking_order).where(docking_order.c.link == link_id, docking_order.c.number.in_(list(numbers)))
    rows = unit.rows(query) if seen_by.may("docking.read") or seen_by.may("docking.deliver") else []
    return {row.number: _docked(row) for row in rows}


def save_docked(unit: Unit, changed: Docked, was: Docked) -> None:
    values = db.values_of(changed, docking_order)
    values.pop("version")
    unit.update(docking_order, was.id, values, was=was)


def docked_of(unit: Unit, events: Iterable[Id], *, seen_by: Actor) -> list[Docked]:
    """The foreign orders behind events. Who may see the event is asked by ``core.event``; here it is given."""
    query = sa.select(docking_order).where(docking_order.c.event.in_(list(events)))
    return [_docked(row) for row in unit.rows(query.order_by(docking_order.c.id))]


def docked_of_day(unit: Unit, link_id: Id, day: date, *, seen_by: Actor) -> list[Docked]:
    query = sa.select(docking_order).where(docking_order.c.link == link_id, docking_order.c.day == day)
    rows = unit.rows(query.order_by(docking_order.c.number)) if seen_by.may("docking.read") else []
    return [_docked(row) for row in rows]


def list_docked(unit: Unit, link_id: Id, at: Page, number: str = "", *, seen_by: Actor) -> Paged[Docked]:
    query = sa.select(docking_order).join(docking_link, docking_link.c.id == docking_order.c.link)
    query = query.where(docking_order.c.link == link_id, visible(seen_by))
    if number:
        query = query.where(docking_order.c.number == number)
    return page.of(unit, query, at, [page.Key(docking_order.c.id, descending=True)], _docked)


def follow(unit: Unit, was: Id, becomes: Id, reports: Sequence[Id], told: int) -> int:
    """Orders go over to another event (merged or parted): only what is done there from now on travels back."""
    moving = sa.update(docking_order).where(docking_order.c.event == was)
    if reports:
        moving = moving.where(docking_order.c.report.in_(list(reports)))
    return unit.run(moving.values(event=becomes, told=told))


def mark_due(unit: Unit, event_id: Id) -> None:
    """An event with a foreign order has moved."""
    mine = sa.select(sa.literal(event_id, docking_due.c.event.type), sa.literal(unit.now, docking_due.c.since.type))
    mine = mine.where(sa.exists(sa.select(docking_order.c.id).where(docking_order.c.event == event_id)))
    adding = pg_insert(docking_due).from_select(["event", "since"], mine)
    unit.run(adding.on_conflict_do_nothing())


def take_due(unit: Unit, most: int) -> list[Id]:
    """Events that have moved, taken off the list in this transaction."""
    some = sa.select(docking_due.c.event).order_by(docking_due.c.since).limit(most).with_for_update(skip_locked=True)
    gone = sa.delete(docking_due).where(docking_due.c.event.in_(some.scalar_subquery())).returning(docking_due.c.event)
    return [row.event for row in unit.rows(gone)]


def told_upto(unit: Unit, rows: Sequence[tuple[Id, int, str]]) -> None:
    """How far the histories of orders have been looked at, and where they stand now."""
    if not rows:
        return
    given = sa.values(
        sa.column("id", docking_order.c.id.type),
        sa.column("told", sa.Integer),
        sa.column("standing", sa.Text),
        name="given",
    ).data(list(rows))
    unit.run(
        sa.update(docking_order)
        .where(docking_order.c.id == given.c.id)
        .values(told=given.c.told, standing=given.c.standing)
    )
