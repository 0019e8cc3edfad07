"""SQL of events for the desks' views: sums of the maintained counts, bounded looks into queues, what repeats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array

from gangmu.base import access
from gangmu.core.event.model import Event, Status
from gangmu.core.event.store import event, event_count, make_event, visible
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id, of_uuid
from gangmu.kit.unit import Unit

OPEN = sa.literal_column("event.status = 'open'")
DEEP = 500
"""So many of a queue are looked at for its oldest: those due first, among which the oldest are."""


@dataclass(frozen=True, slots=True)
class Queue:
    """The look into one state's queue: who has waited longest, what is due first."""

    since: datetime | None
    due_at: datetime | None
    event: Id | None


@dataclass(frozen=True, slots=True)
class Load:
    """How much one post of an organisation has in hand."""

    post: Id | None
    n: int
    late: int
    near: int
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same class at the same place again and again: how often since a time, and where."""

    division: str
    matter: Id
    orgs: tuple[Id, ...]
    n: int
    open: int
    west: float
    south: float
    east: float
    north: float
    address: str
    last_at: datetime
    events: tuple[Id, ...]


def _counted(actor: Actor) -> sa.ColumnElement[bool]:
    lead = sa.cast(array([event_count.c.lead_org]), event.c.orgs.type)
    return access.scope(actor, "event.read", event_count.c.division, lead)


def sums(unit: Unit, grain: str, *, seen_by: Actor, digits: int = 6) -> list[Mapping[str, Any]]:
    """Open events of the maintained counts by ``grain`` (lead_org, division cut to so many digits, or state with flow)
    with lateness and supervision."""
    key: dict[str, list[Any]] = {
        "lead_org": [event_count.c.lead_org.label("key")],
        "division": [sa.func.left(event_count.c.division, digits).label("key")],
        "state": [event_count.c.flow.label("flow"), event_count.c.state.label("key")],
    }
    columns = [*key[grain], event_count.c.lateness, event_count.c.supervised]
    query = sa.select(*columns, sa.func.sum(event_count.c.n).label("n")).where(
        event_count.c.status == Status.open.value, _counted(seen_by)
    )
    found = unit.rows(query.group_by(*columns).having(sa.func.sum(event_count.c.n) != 0))
    return [dict(row._mapping) for row in found]


def look(unit: Unit, flow: str, state: str, *, seen_by: Actor) -> Queue:
    """Into a state's queue: the one due first and since when the longest has waited, of the first few hundred."""
    since = sa.func.coalesce(event.c.clock_started_at, event.c.moved_at).label("since")
    first = (
        sa.select(event.c.id, event.c.due_at, since)
        .where(OPEN, event.c.state == state, event.c.flow == flow, visible(seen_by))
        .order_by(event.c.due_sort, event.c.id)
        .limit(DEEP)
    )
    rows = unit.rows(first)
    if not rows:
        return Queue(None, None, None)
    return Queue(min(row.since for row in rows), rows[0].due_at, rows[0].id)


def load(unit: Unit, orgs: Sequence[Id], *, seen_by: Actor) -> list[Load]:
    """Open events of organisations by the post that handles them; of the first five thousand."""
    late = event.c.lateness
    some = (
        sa.select(event.c.handler_post, late, event.c.due_at)
        .where(OPEN, event.c.orgs.overlap(list(orgs)), visible(seen_by))
        .limit(5000)
        .subquery()
    )
    query = sa.select(
        some.c.handler_post,
        sa.func.count().label("n"),
        sa.func.count().filter(some.c.lateness == "late").label("late"),
        sa.func.count().filter(some.c.lateness == "near").label("near"),
        sa.func.min(some.c.due_at).label("due_at"),
    ).group_by(some.c.handler_post)
    return [Load(row.handler_post, row.n, row.late, row.near, row.due_at) for row in unit.rows(query)]


def list_of_handler(unit: Unit, post: Id, orgs: Sequence[Id], *, seen_by: Actor, most: int = 200) -> list[Event]:
    """Open events of these organisations in the hands of a post, late first."""
    mine = sa.select(event).where(OPEN, event.c.orgs.overlap(list(orgs)), event.c.handler_post == post)
    query = mine.where(visible(seen_by)).order_by(event.c.due_sort, event.c.id).limit(most)
    return [make_event(row) for row in unit.rows(query)]


def list_repeats(unit: Unit, since: datetime, least: int, *, seen_by: Actor, most: int = 2000) -> list[Repeat]:
    """Places (squares of about 500 m) that had one class of matter so often since a time. For a chore, not for a
    request: it walks the events of the span."""
    query = (
        sa.select(
            event.c.division,
            event.c.matter,
            event.c.cell,
            sa.func.count().label("n"),
            sa.func.count().filter(OPEN).label("open"),
            sa.func.min(event.c.lon).label("west"),
            sa.func.min(event.c.lat).label("south"),
            sa.func.max(event.c.lon).label("east"),
            sa.func.max(event.c.lat).label("north"),
            sa.func.max(event.c.reported_at).label("last_at"),
            sa.func.array_agg(event.c.id).label("events"),
            sa.func.array_agg(sa.distinct(event.c.lead_org)).label("leads"),
            sa.func.max(event.c.address).label("address"),
        )
        .where(
            event.c.reported_at >= since,
            event.c.cell.is_not(None),
            event.c.matter.is_not(None),
            event.c.status.in_((Status.open.value, Status.closed.value)),
            visible(seen_by),
        )
        .group_by(event.c.division, event.c.matter, event.c.cell)
        .having(sa.func.count() >= least)
        .order_by(sa.func.count().desc())
        .limit(most)
    )
    return [
        Repeat(
            division=row.division,
            matter=row.matter,
            orgs=_ids("org", row.leads),
            n=row.n,
            open=row.open,
            west=row.west,
            south=row.south,
            east=row.east,
            north=row.north,
            address=row.address,
            last_at=row.last_at,
            events=_ids("evt", row.events[:50]),
        )
        for row in unit.rows(query)
    ]


def _ids(prefix: str, values: Sequence[Any]) -> tuple[Id, ...]:
    """An aggregated list of ids, whose type the database does not know by its prefix."""
    there = [each for each in values if each is not None]
    return tuple(each if isinstance(each, Id) else of_uuid(prefix, each) for each in there)


def walk(unit: Unit, after: Id | None, most: int, last: Id | None, open_only: bool, *, seen_by: Actor) -> list[Event]:
    """Events in the order of their ids."""
    query = sa.select(event).where(visible(seen_by))
    if after is not None:
        query = query.where(event.c.id > after)
    if last is not None:
        query = query.where(event.c.id <= last)
    if open_only:
        query = query.where(OPEN)
    return [make_event(row) for row in unit.rows(query.order_by(event.c.id).limit(most))]
