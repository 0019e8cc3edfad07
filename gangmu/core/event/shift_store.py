"""The SQL of events that shifts ask for: what has moved since, what is in hand at a post."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from gangmu.core.event.model import Event
from gangmu.core.event.store import OPEN, event, event_act, make_event, visible
from gangmu.kit import page
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit


@dataclass(frozen=True, slots=True)
class Moved:
    """An event that has moved: how many acts, by how many, the last of them when."""

    event: Id
    acts: int
    verb: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MovedCounts:
    """What has happened since: acts, events, and of these how many came in, were closed, are late."""

    acts: int
    events: int
    opened: int
    closed: int
    late: int


def _since(since: datetime, but: Id | None) -> sa.ColumnElement[bool]:
    others = sa.true() if but is None else event_act.c.person.is_distinct_from(but)
    return sa.and_(event_act.c.recorded_at > since, others)


def list_moved(unit: Unit, since: datetime, at: Page, *, seen_by: Actor, but: Id | None = None) -> Paged[Moved]:
    """Events that one may see and others have acted on since, the latest first."""
    last = (
        sa.select(
            event_act.c.event,
            sa.func.count().label("acts"),
            sa.func.max(event_act.c.recorded_at).label("at"),
            sa.func.max(event_act.c.seq).label("seq"),
        )
        .where(_since(since, but))
        .group_by(event_act.c.event)
        .subquery("last")
    )
    query = (
        sa.select(last.c.event, last.c.acts, last.c.at, event_act.c.verb, event_act.c.actor_name)
        .join(event, event.c.id == last.c.event)
        .join(event_act, sa.and_(event_act.c.event == last.c.event, event_act.c.seq == last.c.seq))
        .where(visible(seen_by))
    )
    keys = [page.Key(last.c.at, descending=True), page.Key(last.c.event, descending=True)]
    return page.of(unit, query, at, keys, lambda row: Moved(row.event, row.acts, row.verb, row.actor_name, row.at))


def moved_counts(unit: Unit, since: datetime, *, seen_by: Actor, but: Id | None = None) -> MovedCounts:
    """The same as figures."""
    some = (
        sa.select(event_act.c.event, sa.func.count().label("acts"))
        .where(_since(since, but))
        .group_by(event_act.c.event)
        .subquery("some")
    )
    query = (
        sa.select(
            sa.func.coalesce(sa.func.sum(some.c.acts), 0).label("acts"),
            sa.func.count().label("events"),
            sa.func.count().filter(event.c.reported_at > since).label("opened"),
            sa.func.count().filter(event.c.closed_at > since).label("closed"),
            sa.func.count().filter(sa.and_(event.c.status == "open", event.c.lateness == "late")).label("late"),
        )
        .select_from(some)
        .join(event, event.c.id == some.c.event)
        .where(visible(seen_by))
    )
    row = unit.one(query)
    return MovedCounts(0, 0, 0, 0, 0) if row is None else MovedCounts(*[int(value) for value in row])


def _in_hand(post: Id) -> sa.ColumnElement[bool]:
    return sa.and_(OPEN, sa.or_(event.c.holder_post == post, event.c.handler_post == post))


def list_in_hand(unit: Unit, post: Id, at: Page, *, seen_by: Actor) -> Paged[Event]:
    """Open events that a post holds or was named to handle, the most pressing first."""
    query = sa.select(event).where(_in_hand(post), visible(seen_by))
    return page.of(unit, query, at, [event.c.due_sort, event.c.id], make_event)


def count_in_hand(unit: Unit, post: Id) -> int:
    return int(unit.value(sa.select(sa.func.count()).select_from(event).where(_in_hand(post))) or 0)


def count_led(unit: Unit, org: Id) -> int:
    """Open events that an organisation leads."""
    led = sa.and_(OPEN, event.c.orgs.contains([org]), event.c.lead_org == org)
    return int(unit.value(sa.select(sa.func.count()).select_from(event).where(led)) or 0)


def list_waiting(
    unit: Unit, post: Id, roles: Sequence[str], most: int, *, seen_by: Actor, late: bool = False
) -> list[Event]:
    """Open events that wait for a role or are in hand at a post, the late ones first; with ``late`` all that are
    late."""
    waits = sa.and_(
        event.c.holder_role.in_(list(roles)), sa.or_(event.c.holder_post.is_(None), event.c.holder_post == post)
    )
    overdue = event.c.lateness == "late" if late else sa.false()
    query = sa.select(event).where(OPEN, sa.or_(waits, event.c.handler_post == post, overdue), visible(seen_by))
    return [make_event(row) for row in unit.rows(query.order_by(event.c.due_sort, event.c.id).limit(most))]
