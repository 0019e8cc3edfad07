"""The only SQL of concern. Whoever reads here has been shown the event first, or reads under his own name."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from gangmu.core.concern.model import ComponentLink, PersonLink, PlaceLink
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, maker, metadata, ref_col, sealed_col, text_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

component_link = sa.Table(
    "concern_component",
    metadata,
    id_col("id", "cnc"),
    ref_col("event", "evt", nullable=False),
    ref_col("component", "cmp", nullable=False),
    sa.Column("how", sa.Text, nullable=False),
    ref_col("by_person", "prs"),
    text_col("by_name"),
    when("at", nullable=False),
    when("gone_at"),
    text_col("gone_reason"),
    version_col(),
    sa.Index(
        "ix_concern_component_now", "event", "component", unique=True, postgresql_where=sa.text("gone_at IS NULL")
    ),
    sa.Index("ix_concern_component_component", "component", "at"),
)

place_link = sa.Table(
    "concern_place",
    metadata,
    id_col("id", "cpl"),
    ref_col("event", "evt", nullable=False),
    ref_col("address", "adr"),
    sa.Column("role", sa.Text, nullable=False),
    text_col("text"),
    sa.Column("lon", sa.Float),
    sa.Column("lat", sa.Float),
    text_col("by_name"),
    when("at", nullable=False),
    when("gone_at"),
    version_col(),
    sa.Index("ix_concern_place_event", "event"),
    sa.Index("ix_concern_place_address", "address"),
)

person_link = sa.Table(
    "concern_person",
    metadata,
    id_col("id", "cpr"),
    ref_col("event", "evt", nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sealed_col("name"),
    sealed_col("number"),
    sealed_col("phone"),
    sealed_col("home"),
    sealed_col("note"),
    sealed_col("kinds"),
    sa.Column("number_mark", sa.LargeBinary, info={"personal": True, "derived": True}),
    text_col("by_name"),
    when("at", nullable=False),
    when("gone_at"),
    version_col(),
    sa.Index("ix_concern_person_event", "event"),
    sa.Index("ix_concern_person_number_mark", "number_mark"),
)

_component = maker(ComponentLink)
_place = maker(PlaceLink)
_person = maker(PersonLink)


def _plain(thing: Any) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in thing.__dataclass_fields__}


def add_component(unit: Unit, new: ComponentLink) -> None:
    unit.insert(component_link, _plain(new))


def end_component(unit: Unit, was: ComponentLink, reason: str) -> None:
    unit.update(component_link, was.id, {"gone_at": unit.now, "gone_reason": reason}, was=was)


def components_of(unit: Unit, event: Id, *, seen_by: Actor) -> list[ComponentLink]:
    """What an event points at now, first pointed at first."""
    t = component_link.c
    query = sa.select(component_link).where(t.event == event, t.gone_at.is_(None)).order_by(t.at, t.id)
    return [_component(row) for row in unit.rows(query)]


def events_of(unit: Unit, component: Id, most: int, *, seen_by: Actor) -> list[ComponentLink]:
    """The events that pointed at a component, newest first. Their own rights are the caller's to ask."""
    t = component_link.c
    query = sa.select(component_link).where(t.component == component, t.gone_at.is_(None))
    return [_component(row) for row in unit.rows(query.order_by(t.at.desc(), t.id.desc()).limit(most))]


def add_place(unit: Unit, new: PlaceLink) -> None:
    unit.insert(place_link, _plain(new))


def end_place(unit: Unit, was: PlaceLink) -> None:
    unit.update(place_link, was.id, {"gone_at": unit.now}, was=was)


def places_of(unit: Unit, event: Id, *, seen_by: Actor) -> list[PlaceLink]:
    t = place_link.c
    query = sa.select(place_link).where(t.event == event, t.gone_at.is_(None)).order_by(t.at, t.id)
    return [_place(row) for row in unit.rows(query)]


def add_person(unit: Unit, new: PersonLink) -> None:
    unit.insert(person_link, _plain(new))


def end_person(unit: Unit, was: PersonLink) -> None:
    unit.update(person_link, was.id, {"gone_at": unit.now}, was=was)


def count_people(unit: Unit, event: Id) -> int:
    t = person_link.c
    query = sa.select(sa.func.count()).where(t.event == event, t.gone_at.is_(None))
    return int(unit.value(query) or 0)


def people_of(unit: Unit, event: Id, *, seen_by: Actor) -> list[PersonLink]:
    """The people whom an event concerns, sealed."""
    t = person_link.c
    query = sa.select(person_link).where(t.event == event, t.gone_at.is_(None)).order_by(t.at, t.id)
    return [_person(row) for row in unit.rows(query)]


def get_person(unit: Unit, event: Id, person: Id, *, seen_by: Actor) -> PersonLink:
    t = person_link.c
    row = unit.one(sa.select(person_link).where(t.id == person, t.event == event, t.gone_at.is_(None)))
    if row is None:
        raise NotFound(what=str(person))
    return _person(row)


def events_with(unit: Unit, marks: Iterable[bytes], *, but: Id) -> dict[bytes, Sequence[Id]]:
    """Other events that concern people of these numbers."""
    wanted = list(marks)
    if not wanted:
        return {}
    t = person_link.c
    query = sa.select(t.number_mark, t.event).where(t.number_mark.in_(wanted), t.event != but, t.gone_at.is_(None))
    found: dict[bytes, list[Id]] = {}
    for row in unit.rows(query.distinct()):
        found.setdefault(bytes(row.number_mark), []).append(row.event)
    return dict(found)
