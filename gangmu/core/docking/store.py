"""The only SQL of docking: links, mappings, what came in, what waits, what travels back, accounts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.base import access
from gangmu.core.docking.model import Docked, Link
from gangmu.kit import db, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import (
    id_col,
    json_col,
    metadata,
    ref_col,
    refs_col,
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
UNSETTLED = sa.text("state IN ('ready', 'sent')")

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

docking_mapping = sa.Table(
    "docking_mapping",
    metadata,
    id_col("id", "lmp"),
    ref_col("link", "lnk", "docking_link.id", nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    text_col("note"),
    when("valid_from", nullable=False),
    when("valid_to"),
    ref_col("by_person", "prs"),
    version_col(),
    sa.Index(
        "uq_docking_mapping_now", "link", "kind", "code", unique=True, postgresql_where=sa.text("valid_to IS NULL")
    ),
)

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

docking_account = sa.Table(
    "docking_account",
    metadata,
    id_col("id", "dac"),
    ref_col("link", "lnk", nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    json_col("ours", nullable=False),
    json_col("theirs"),
    json_col("differing", nullable=False),
    sa.Column("equal", sa.Boolean),
    when("made_at", nullable=False),
    version_col(),
    sa.UniqueConstraint("link", "day"),
)

docking_alarm = sa.Table(
    "docking_alarm",
    metadata,
    id_col("id", "dal"),
    ref_col("link", "lnk", nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    when("since", nullable=False),
    when("last_at", nullable=False),
    sa.Column("count", sa.Integer, nullable=False, server_default="1"),
    when("cleared_at"),
    version_col(),
    sa.Index("uq_docking_alarm_open", "link", "kind", unique=True, postgresql_where=sa.text("cleared_at IS NULL")),
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


_link, _pulse, _wait, _docked = db.maker(Link), db.maker(Pulse), db.maker(Waiting), db.maker(Docked)


def _out(row: Any) -> Out:
    values = {name: row._mapping[name] for name in Out.__dataclass_fields__}
    return Out(**{**values, "files": tuple(row.files or ())})


# --- links -------------------------------------------------------------------------------------------------


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


# --- mappings ----------------------------------------------------------------------------------------------


def list_mappings(unit: Unit, link_id: Id, kind: str = "", *, seen_by: Actor) -> list[Any]:
    """The mappings of a link in force, by kind and code."""
    query = sa.select(docking_mapping).join(docking_link, docking_link.c.id == docking_mapping.c.link)
    query = query.where(docking_mapping.c.link == link_id, docking_mapping.c.valid_to.is_(None), visible(seen_by))
    if kind:
        query = query.where(docking_mapping.c.kind == kind)
    return list(unit.rows(query.order_by(docking_mapping.c.kind, docking_mapping.c.code)))


def table_of(unit: Unit, link_id: Id) -> dict[str, dict[str, str]]:
    """All mappings of a link in force, for translating."""
    key = ("docking.table", link_id)
    if key not in unit.memo:
        query = sa.select(docking_mapping.c.kind, docking_mapping.c.code, docking_mapping.c.value)
        rows = unit.rows(query.where(docking_mapping.c.link == link_id, docking_mapping.c.valid_to.is_(None)))
        table: dict[str, dict[str, str]] = {}
        for row in rows:
            table.setdefault(row.kind, {})[row.code] = row.value
        unit.memo[key] = table
    found: dict[str, dict[str, str]] = unit.memo[key]
    return found


def find_mapping(unit: Unit, link_id: Id, kind: str, code: str, *, seen_by: Actor) -> Any:
    query = sa.select(docking_mapping).where(docking_mapping.c.link == link_id, docking_mapping.c.kind == kind)
    query = query.where(docking_mapping.c.code == code, docking_mapping.c.valid_to.is_(None))
    return unit.one(query.with_for_update()) if seen_by.may("docking.read") else None


def add_mapping(unit: Unit, values: Mapping[str, Any]) -> None:
    unit.memo.pop(("docking.table", values["link"]), None)
    unit.insert(docking_mapping, values)


def end_mapping(unit: Unit, was: Any, at: datetime) -> None:
    unit.memo.pop(("docking.table", was.link), None)
    unit.update(docking_mapping, was.id, {"valid_to": at}, was=was)


# --- what came in ------------------------------------------------------------------------------------------


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


def still_waiting(unit: Unit, wait_id: Id) -> bool:
    """Lock a row that waits; False when somebody else has settled it."""
    query = sa.select(docking_wait.c.id).where(docking_wait.c.id == wait_id, docking_wait.c.state == "waiting")
    return unit.one(query.with_for_update()) is not None


# --- orders ------------------------------------------------------------------------------------------------


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


# --- what travels back -------------------------------------------------------------------------------------


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


# --- accounts, alarms, nonces ------------------------------------------------------------------------------


def find_account(unit: Unit, link_id: Id, day: date, *, seen_by: Actor) -> Any:
    query = sa.select(docking_account).join(docking_link, docking_link.c.id == docking_account.c.link)
    return unit.one(query.where(docking_account.c.link == link_id, docking_account.c.day == day, visible(seen_by)))


def list_accounts(unit: Unit, link_id: Id, at: Page, *, seen_by: Actor) -> Paged[Any]:
    query = sa.select(docking_account).join(docking_link, docking_link.c.id == docking_account.c.link)
    query = query.where(docking_account.c.link == link_id, visible(seen_by))
    keys = [page.Key(docking_account.c.day, descending=True)]
    return page.of(unit, query, at, keys, lambda row: row)


def put_account(unit: Unit, was: Any, values: Mapping[str, Any]) -> None:
    if was is None:
        unit.insert(docking_account, values)
    else:
        unit.update(docking_account, was.id, {k: v for k, v in values.items() if k != "id"}, was=was)


def find_alarm(unit: Unit, link_id: Id, kind: str, *, seen_by: Actor) -> Any:
    query = sa.select(docking_alarm).where(docking_alarm.c.link == link_id, docking_alarm.c.kind == kind)
    query = query.where(docking_alarm.c.cleared_at.is_(None)).with_for_update()
    return unit.one(query) if seen_by.may("docking.read") else None


def open_alarms(unit: Unit, links: Sequence[Id], *, seen_by: Actor) -> list[Any]:
    query = sa.select(docking_alarm).where(docking_alarm.c.link.in_(list(links)), docking_alarm.c.cleared_at.is_(None))
    return list(unit.rows(query.order_by(docking_alarm.c.since))) if seen_by.may("docking.read") else []


def add_alarm(unit: Unit, values: Mapping[str, Any]) -> None:
    unit.insert(docking_alarm, values)


def save_alarm(unit: Unit, was: Any, **values: Any) -> None:
    unit.update(docking_alarm, was.id, values, was=was)


def seen_nonce(unit: Unit, link_id: Id, nonce: str, before: datetime, now: datetime) -> bool:
    """Remember a nonce; True when it was there already. Forgets those from before the window."""
    unit.run(sa.delete(docking_nonce).where(docking_nonce.c.link == link_id, docking_nonce.c.at < before))
    adding = pg_insert(docking_nonce).values(link=link_id, nonce=nonce, at=now).on_conflict_do_nothing()
    return unit.one(adding.returning(docking_nonce.c.nonce)) is None
