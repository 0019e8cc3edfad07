"""The only SQL about what has happened, in bulk: histories for trying rules on, and where events pin which version."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gangmu.core.event.model import Status
from gangmu.core.event.store import event, event_act, evidence, visible
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit


def list_past(unit: Unit, flow: str, since: datetime, most: int, *, seen_by: Actor) -> list[Any]:
    """The last events of a flow: id, case number, version of the flow, state, channel; the newest first."""
    columns = [event.c[name] for name in ("id", "case_no", "title", "flow_version", "state", "status", "channel")]
    query = sa.select(*columns).where(event.c.flow == flow, event.c.reported_at >= since, visible(seen_by))
    return list(unit.rows(query.order_by(event.c.reported_at.desc(), event.c.id.desc()).limit(most)))


def list_acts(unit: Unit, events: Sequence[Id], *, seen_by: Actor) -> list[Any]:
    """The acts of these events, each event's oldest first."""
    if not seen_by.may("event.read"):
        return []
    query = sa.select(event_act).where(event_act.c.event.in_(list(events)))
    return list(unit.rows(query.order_by(event_act.c.event, event_act.c.seq)))


def list_evidence(unit: Unit, events: Sequence[Id], *, seen_by: Actor) -> list[Any]:
    """The evidence of these events."""
    if not seen_by.may("event.read"):
        return []
    columns = [evidence.c[name] for name in ("event", "act", "kind", "received_at", "taken_at", "reused")]
    query = sa.select(*columns).where(evidence.c.event.in_(list(events)))
    return list(unit.rows(query.order_by(evidence.c.id)))


def list_shown(unit: Unit, events: Iterable[Id], *, seen_by: Actor) -> list[Any]:
    """Id, case number and title of those of these events that one may see."""
    query = sa.select(event.c.id, event.c.case_no, event.c.title).where(event.c.id.in_(list(events)), visible(seen_by))
    return list(unit.rows(query))


def list_places(unit: Unit, since: datetime, until: datetime, *, seen_by: Actor) -> list[Any]:
    """How many events of each class (or of none) were reported in each division: (matter, division, n)."""
    query = (
        sa.select(event.c.matter, event.c.division, sa.func.count().label("n"))
        .where(event.c.reported_at >= since, event.c.reported_at < until, visible(seen_by))
        .group_by(event.c.matter, event.c.division)
    )
    return list(unit.rows(query))


def list_at(
    unit: Unit, places: Sequence[tuple[Id, str]], since: datetime, until: datetime, each: int, *, seen_by: Actor
) -> list[Any]:
    """A few events of each class in each division that one may see, the newest first: (id, case number, title, matter,
    division), all in one pass."""
    if not places:
        return []
    wanted = sa.values(sa.column("matter", event.c.matter.type), sa.column("division", sa.Text), name="wanted").data(
        [(matter, division) for matter, division in dict.fromkeys(places)]
    )
    newest = sa.func.row_number().over(
        partition_by=(event.c.matter, event.c.division), order_by=(event.c.reported_at.desc(), event.c.id.desc())
    )
    columns = [event.c[name] for name in ("id", "case_no", "title", "matter", "division", "reported_at")]
    found = (
        sa.select(*columns, newest.label("place"))
        .join(wanted, sa.and_(wanted.c.matter == event.c.matter, wanted.c.division == event.c.division))
        .where(event.c.reported_at >= since, event.c.reported_at < until, visible(seen_by))
        .subquery("found")
    )
    query = sa.select(found).where(found.c.place <= each)
    return list(unit.rows(query.order_by(found.c.reported_at.desc(), found.c.id.desc())))


def count_version(unit: Unit, flow: str, version: int) -> dict[str, int]:
    """How many open events pin a version of a flow, by state."""
    query = (
        sa.select(event.c.state, sa.func.count())
        .where(event.c.flow == flow, event.c.flow_version == version, event.c.status == Status.open.value)
        .group_by(event.c.state)
    )
    return {state: int(n) for state, n in unit.rows(query)}


def list_version(unit: Unit, flow: str, version: int, states: Sequence[str], most: int, *, seen_by: Actor) -> list[Id]:
    """Open events that pin a version and stand in one of these states, the oldest first."""
    query = sa.select(event.c.id).where(
        event.c.flow == flow,
        event.c.flow_version == version,
        event.c.status == Status.open.value,
        event.c.state.in_(list(states)),
        visible(seen_by),
    )
    return [row.id for row in unit.rows(query.order_by(event.c.id).limit(most))]


def count_conditions(unit: Unit, conditions: Iterable[Id]) -> dict[Id, int]:
    """How many open events run under each of these filing conditions."""
    query = (
        sa.select(event.c.condition, sa.func.count())
        .where(event.c.condition.in_(list(conditions)), event.c.status == Status.open.value)
        .group_by(event.c.condition)
    )
    return {row[0]: int(row[1]) for row in unit.rows(query)}


def count_matters(unit: Unit, matters: Iterable[Id]) -> dict[Id, int]:
    """How many open events are filed under each of these editions of classes."""
    query = (
        sa.select(event.c.matter, sa.func.count())
        .where(event.c.matter.in_(list(matters)), event.c.status == Status.open.value)
        .group_by(event.c.matter)
    )
    return {row[0]: int(row[1]) for row in unit.rows(query)}


def ids_between(unit: Unit, first: Id, last: Id) -> list[Id]:
    """The ids of all events from one to another, in order."""
    query = sa.select(event.c.id).where(event.c.id.between(first, last)).order_by(event.c.id)
    return [row.id for row in unit.rows(query)]


def ids_after(unit: Unit, after: Id | None, most: int) -> list[Id]:
    """Ids of events in order, from one on."""
    query = sa.select(event.c.id) if after is None else sa.select(event.c.id).where(event.c.id > after)
    return [row.id for row in unit.rows(query.order_by(event.c.id).limit(most))]
