"""SQL of docking: our acts on their way to the other side, and what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from gangmu.core.docking.link_store import docking_link, visible
from gangmu.kit import page
from gangmu.kit.actor import Actor
from gangmu.kit.db import (
    id_col,
    metadata,
    ref_col,
    refs_col,
    text_col,
    when,
)
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

UNSETTLED = sa.text("state IN ('ready', 'sent')")

docking_out = sa.Table(
    "docking_out",
    metadata,
    id_col("id", "dox"),
    ref_col("link", "lnk", nullable=False),
    ref_col("docked", "dor", nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    ref_col("event", "evt", nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    when("at", nullable=False),
    text_col("text"),
    text_col("outcome"),
    text_col("satisfaction"),
    text_col("their_state"),
    text_col("by_name"),
    when("due_at"),
    refs_col("files", "fil"),
    sa.Column("state", sa.Text, nullable=False, server_default="ready"),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    when("next_at", nullable=False),
    when("sent_at"),
    text_col("receipt_code"),
    text_col("receipt_text"),
    when("settled_at"),
    sa.UniqueConstraint("docked", "seq"),
    sa.Index("ix_docking_out_unsettled", "link", "docked", "seq", postgresql_where=UNSETTLED),
    sa.Index("ix_docking_out_event", "event"),
    sa.Index("ix_docking_out_refused", "link", "id", postgresql_where=sa.text("state = 'refused'")),
)


@dataclass(frozen=True, slots=True)
class Out:
    """An act of ours on its way."""

    id: Id
    link: Id
    docked: Id
    number: str
    event: Id
    seq: int
    verb: str
    code: str
    at: datetime
    text: str
    outcome: str
    satisfaction: str
    their_state: str
    by_name: str
    due_at: datetime | None
    files: tuple[Id, ...]
    state: str
    tries: int
    next_at: datetime
    sent_at: datetime | None
    receipt_code: str
    receipt_text: str
    settled_at: datetime | None


def _out(row: Any) -> Out:
    values = {name: row._mapping[name] for name in Out.__dataclass_fields__}
    return Out(**{**values, "files": tuple(row.files or ())})


def add_out(unit: Unit, rows: Sequence[Mapping[str, Any]]) -> None:
    unit.insert_many(docking_out, rows, source="docking")


def next_out(unit: Unit, link_id: Id, most: int, *, seen_by: Actor) -> list[Out]:
    """The first unsettled act of each order that is due to be sent, locked."""
    first = (
        sa.select(docking_out.c.id)
        .where(docking_out.c.link == link_id, UNSETTLED)
        .ext(distinct_on(docking_out.c.docked))
        .order_by(docking_out.c.docked, docking_out.c.seq)
        .subquery()
    )
    query = sa.select(docking_out).where(docking_out.c.id.in_(sa.select(first.c.id)))
    query = query.where(docking_out.c.next_at <= unit.now).order_by(docking_out.c.id).limit(most)
    rows = unit.rows(query.with_for_update()) if seen_by.may("docking.read") else []
    return [_out(row) for row in rows]


def unsettled_out(unit: Unit, link_id: Id, most: int, *, seen_by: Actor) -> list[Out]:
    """Every act of a link without a receipt, in the order of each order, locked."""
    query = sa.select(docking_out).where(docking_out.c.link == link_id, UNSETTLED)
    query = query.order_by(docking_out.c.number, docking_out.c.seq).limit(most).with_for_update()
    return [_out(row) for row in unit.rows(query)] if seen_by.may("docking.read") else []


def mark_sent(unit: Unit, wanted: Sequence[Id]) -> None:
    """From here on it is not known whether the other side has them, until a receipt says so."""
    sending = sa.update(docking_out).where(docking_out.c.id.in_(list(wanted)))
    unit.run(sending.values(state="sent", sent_at=unit.now, tries=docking_out.c.tries + 1))


def settle_out(unit: Unit, rows: Sequence[tuple[Id, str, str, str, datetime, datetime | None]]) -> None:
    """What became of rows: id, state, code, text, when next, when settled."""
    if not rows:
        return
    given = sa.values(
        sa.column("id", docking_out.c.id.type),
        sa.column("state", sa.Text),
        sa.column("code", sa.Text),
        sa.column("text", sa.Text),
        sa.column("next_at", sa.DateTime(timezone=True)),
        sa.column("settled_at", sa.DateTime(timezone=True)),
        name="given",
    ).data(list(rows))
    unit.run(
        sa.update(docking_out)
        .where(docking_out.c.id == given.c.id)
        .values(
            state=given.c.state,
            receipt_code=given.c.code,
            receipt_text=given.c.text,
            next_at=given.c.next_at,
            settled_at=given.c.settled_at,
        )
    )


def out_of_event(unit: Unit, event_id: Id, *, seen_by: Actor) -> list[Out]:
    """Acts of an event on their way or settled. The event is given; who sees it is asked by ``core.event``."""
    query = sa.select(docking_out).where(docking_out.c.event == event_id).order_by(docking_out.c.id)
    return [_out(row) for row in unit.rows(query.limit(500))]


def list_out(unit: Unit, link_id: Id, at: Page, state: str = "", *, seen_by: Actor) -> Paged[Out]:
    query = sa.select(docking_out).join(docking_link, docking_link.c.id == docking_out.c.link)
    query = query.where(docking_out.c.link == link_id, visible(seen_by))
    if state == "unsettled":
        query = query.where(docking_out.c.state.in_(["ready", "sent"]))
    elif state:
        query = query.where(docking_out.c.state == state)
    return page.of(unit, query, at, [page.Key(docking_out.c.id, descending=True)], _out)


def get_out(unit: Unit, out_id: Id, *, seen_by: Actor) -> Out:
    query = sa.select(docking_out).join(docking_link, docking_link.c.id == docking_out.c.link)
    row = unit.one(query.where(docking_out.c.id == out_id, visible(seen_by)).with_for_update(of=docking_out))
    if row is None:
        raise NotFound(what=str(out_id))
    return _out(row)


def find_out(unit: Unit, link_id: Id, wanted: Sequence[Id], *, seen_by: Actor) -> list[Out]:
    query = sa.select(docking_out).where(docking_out.c.link == link_id, docking_out.c.id.in_(list(wanted)))
    rows = unit.rows(query.with_for_update()) if seen_by.may("docking.read") else []
    return [_out(row) for row in rows]


def save_out(unit: Unit, was: Out, **values: Any) -> None:
    unit.update(docking_out, was.id, values, was=was)


def count_out(unit: Unit, links: Sequence[Id]) -> dict[tuple[Id, str], int]:
    """Acts by link and state, of those that are not settled or were refused."""
    query = sa.select(docking_out.c.link, docking_out.c.state, sa.func.count().label("n"))
    query = query.where(docking_out.c.link.in_(list(links)), docking_out.c.state.in_(["ready", "sent", "refused"]))
    rows = unit.rows(query.group_by(docking_out.c.link, docking_out.c.state))
    return {(row.link, row.state): row.n for row in rows}


def unsettled_numbers(unit: Unit, link_id: Id, numbers: Sequence[str]) -> dict[str, str]:
    """Orders with an act that has not arrived: the state of the first one."""
    query = sa.select(docking_out.c.number, docking_out.c.state, docking_out.c.verb)
    query = query.where(docking_out.c.link == link_id, docking_out.c.number.in_(list(numbers)))
    query = query.where(docking_out.c.state.in_(["ready", "sent", "refused"]))
    rows = unit.rows(query.order_by(docking_out.c.id.desc()))
    return {row.number: f"{row.state}:{row.verb}" for row in rows}


def links_to_push(unit: Unit) -> set[Id]:
    """Links with an act that is due to be sent."""
    query = sa.select(docking_out.c.link).where(UNSETTLED, docking_out.c.next_at <= unit.now).distinct()
    return {row.link for row in unit.rows(query)}
