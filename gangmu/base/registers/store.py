"""The only SQL of registers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.base.access import scope, within
from gangmu.base.registers.model import LEVELS, Component, Edition, Kind, square_of
from gangmu.kit import geo, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, json_col, maker, metadata, ref_col, refs_col, text_col, texts_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import bigrams, fold, query_grams
from gangmu.kit.unit import Unit

READ = "component.read"

component_class = sa.Table(
    "component_class",
    metadata,
    id_col("id", "ccl"),
    sa.Column("code", sa.Text, nullable=False, unique=True),
    sa.Column("title_zh", sa.Text, nullable=False),
    text_col("title_en"),
    texts_col("extras"),
    text_col("source"),
    sa.Column("verified", sa.Boolean, nullable=False),
    sa.Column("local", sa.Boolean, nullable=False),
    when("ended_at"),
    version_col(),
)

component = sa.Table(
    "component",
    metadata,
    id_col("id", "cmp"),
    sa.Column("code", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    text_col("name"),
    sa.Column("division", sa.Text, nullable=False),
    text_col("unit_grid"),
    sa.Column("state", sa.Text, nullable=False),
    ref_col("authority", "org"),
    text_col("authority_name"),
    ref_col("owner", "org"),
    text_col("owner_name"),
    ref_col("maintainer", "org"),
    text_col("maintainer_name"),
    sa.Column("first_on", sa.Date),
    sa.Column("changed_on", sa.Date),
    text_col("source"),
    text_col("accuracy"),
    sa.Column("lon", sa.Float),
    sa.Column("lat", sa.Float),
    text_col("datum"),
    text_col("road"),
    text_col("note"),
    text_col("material"),
    text_col("shape"),
    sa.Column("height_m", sa.Float),
    sa.Column("on_blind_path", sa.Boolean),
    refs_col("photos", "fil"),
    sa.Column("edition", sa.Integer, nullable=False, server_default="1"),
    text_col("void_reason"),
    when("voided_at"),
    sa.Column("cell", sa.BigInteger, info={"derived": True}),
    texts_col("grams", info={"derived": True}),
    version_col(),
    sa.Index("ix_component_code", "code", postgresql_ops={"code": "text_pattern_ops"}),
    sa.Index("ix_component_kind", "kind", "code"),
    sa.Index("ix_component_division", "division", "code"),
    sa.Index("ix_component_cell", "cell"),
    sa.Index("ix_component_grams", "grams", postgresql_using="gin"),
    sa.Index("ix_component_maintainer", "maintainer", "code"),
    sa.Index("ix_component_photos", "photos", postgresql_using="gin"),
)

component_edition = sa.Table(
    "component_edition",
    metadata,
    id_col("id", "ced"),
    ref_col("component", "cmp", "component.id", nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("surveyed_on", sa.Date, nullable=False),
    ref_col("person", "prs"),
    text_col("person_name"),
    text_col("reason"),
    json_col("changed", nullable=False),
    when("made_at", nullable=False),
    sa.UniqueConstraint("component", "number"),
    info={"append_only": True},
)

component_serial = sa.Table(
    "component_serial",
    metadata,
    sa.Column("prefix", sa.Text, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)

component_count = sa.Table(
    "component_count",
    metadata,
    sa.Column("level", sa.Integer, primary_key=True),
    sa.Column("x", sa.Integer, primary_key=True),
    sa.Column("y", sa.Integer, primary_key=True),
    sa.Column("division", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("lon", sa.Float, nullable=False),
    sa.Column("lat", sa.Float, nullable=False),
)

_made = maker(Component)
_edition = maker(Edition)
NAMES = tuple(field.name for field in fields(Component))


def _kind(row: Any) -> Kind:
    told = (row.title_zh, row.title_en, tuple(row.extras), row.source, row.verified, row.local)
    return Kind(row.id, row.code, *told, row.ended_at, row.version)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of components is narrowed by."""

    q: str = ""
    kind: str = ""
    state: str = ""
    org: Id | None = None
    division: str = ""
    unit_grid: str = ""
    box: geo.Box | None = None
    void: bool = False
    kinds: tuple[str, ...] = ()  # sub-classes whose names hold the text


# --- classes ---


def list_kinds(unit: Unit, *, seen_by: Actor) -> list[Kind]:
    """All classes there ever were, by code."""
    return [_kind(row) for row in unit.rows(sa.select(component_class).order_by(component_class.c.code))]


def get_kind(unit: Unit, code: str, *, seen_by: Actor) -> Kind:
    row = unit.one(sa.select(component_class).where(component_class.c.code == code))
    if row is None:
        raise NotFound(what=f"component class {code[:10]}")
    return _kind(row)


def add_kind(unit: Unit, new: Kind) -> None:
    unit.insert(component_class, _plain(new))


def save_kind(unit: Unit, changed: Kind, was: Kind) -> None:
    unit.update(component_class, was.id, _plain(changed), was=_plain(was))


def _plain(thing: Any) -> dict[str, Any]:
    values = {field.name: getattr(thing, field.name) for field in fields(thing)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


# --- serials ---


def take_serials(unit: Unit, prefix: str, count: int) -> int:
    """Take ``count`` serials in a row under a prefix; the first of them. Waits for whoever takes some now."""
    taken = pg_insert(component_serial).values(prefix=prefix, last=count)
    grown = taken.on_conflict_do_update(
        index_elements=["prefix"], set_={"last": component_serial.c.last + count}
    ).returning(component_serial.c.last)
    return int(unit.value(grown)) - count + 1


def keep_serials(unit: Unit, last: Mapping[str, int]) -> None:
    """Serials that came from outside are taken too."""
    for prefix in sorted(last):
        taken = pg_insert(component_serial).values(prefix=prefix, last=last[prefix])
        most = sa.func.greatest(component_serial.c.last, last[prefix])
        unit.run(taken.on_conflict_do_update(index_elements=["prefix"], set_={"last": most}))


# --- components ---


def values_of(one: Component) -> dict[str, Any]:
    """The columns of a component, with those it is found by."""
    words = (one.name, one.road, one.authority_name, one.owner_name, one.maintainer_name, one.note)
    return {
        **{name: getattr(one, name) for name in NAMES},
        "photos": list(one.photos),
        "cell": cell_of(one.lon, one.lat),
        "grams": bigrams(" ".join(word for word in words if word)),
    }


def cell_of(lon: float | None, lat: float | None) -> int | None:
    """The square of 0.001 degrees (about 100 m) that a place lies in, as one number for an index."""
    if lon is None or lat is None:
        return None
    return int((lon + 180) / 0.001) * 1_000_000 + int((lat + 90) / 0.001)


def add(unit: Unit, new: Component) -> None:
    unit.insert(component, values_of(new))
    _count(unit, [(new, 1)])


def add_many(unit: Unit, new: Sequence[Component], source: str) -> None:
    unit.insert_many(component, [values_of(one) for one in new], source=source)
    _count(unit, [(one, 1) for one in new])


def save(unit: Unit, changed: Component, was: Component) -> None:
    before = {**_plain(was), "cell": None, "grams": None}
    unit.update(component, was.id, values_of(changed), was=before, version=was.version)
    _count(unit, [(was, -1), (changed, 1)])


def _count(unit: Unit, moved: Iterable[tuple[Component, int]]) -> None:
    """Keep the counts of the map's squares."""
    sums: dict[tuple[int, int, int, str], list[float]] = {}
    for one, sign in moved:
        if one.lon is None or one.lat is None or one.is_void:
            continue
        for level in LEVELS:
            held = sums.setdefault((level, *square_of(one.lon, one.lat, level), one.division[:9]), [0, 0.0, 0.0])
            held[0] += sign
            held[1] += sign * one.lon
            held[2] += sign * one.lat
    rows = [
        {"level": key[0], "x": key[1], "y": key[2], "division": key[3].ljust(12, "0"), "number": n, "lon": x, "lat": y}
        for key, (n, x, y) in sorted(sums.items())
        if n or abs(x) > 1e-12 or abs(y) > 1e-12
    ]
    for start in range(0, len(rows), 1000):
        adding = pg_insert(component_count).values(rows[start : start + 1000])
        grown = {name: component_count.c[name] + adding.excluded[name] for name in ("number", "lon", "lat")}
        unit.run(adding.on_conflict_do_update(index_elements=["level", "x", "y", "division"], set_=grown))


def _scoped(actor: Actor) -> sa.ColumnElement[bool]:
    return scope(actor, READ, component.c.division)


def get(unit: Unit, component_id: Id, *, seen_by: Actor, lock: bool = False) -> Component:
    query = sa.select(component).where(component.c.id == component_id, _scoped(seen_by))
    row = unit.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(what=str(component_id))
    return _made(row)


def find_many(unit: Unit, wanted: Iterable[Id], *, seen_by: Actor) -> list[Component]:
    """Those of these that the actor may see."""
    query = sa.select(component).where(component.c.id.in_(list(wanted)), _scoped(seen_by))
    return [_made(row) for row in unit.rows(query.order_by(component.c.code))]


def find_coded(unit: Unit, codes: Sequence[str], *, seen_by: Actor) -> dict[str, Component]:
    """Those of these codes that are there, by code."""
    found: dict[str, Component] = {}
    for start in range(0, len(codes), 5000):
        query = sa.select(component).where(component.c.code.in_(codes[start : start + 5000]), _scoped(seen_by))
        found.update((row.code, _made(row)) for row in unit.rows(query))
    return found


def codes_taken(unit: Unit, codes: Sequence[str]) -> set[str]:
    """Which of these codes have been given to any component, seen or not."""
    found: set[str] = set()
    for start in range(0, len(codes), 5000):
        query = sa.select(component.c.code).where(component.c.code.in_(codes[start : start + 5000]))
        found.update(row.code for row in unit.rows(query))
    return found


def list_components(unit: Unit, wanted: Wanted, at: Page, *, seen_by: Actor) -> Paged[Component]:
    """Components by code."""
    query = sa.select(component).where(_scoped(seen_by), *_clauses(wanted))
    return page.of(unit, query, at, [component.c.code], _made)


def _clauses(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    c = component.c
    clauses: list[sa.ColumnElement[bool]] = []
    if not wanted.void:
        clauses.append(c.voided_at.is_(None))
    if wanted.kind:
        clauses.append(c.kind.startswith(wanted.kind, autoescape=True))
    if wanted.state:
        clauses.append(c.state == wanted.state)
    if wanted.org is not None:
        clauses.append(sa.or_(c.authority == wanted.org, c.owner == wanted.org, c.maintainer == wanted.org))
    if wanted.division:
        clauses.append(within(c.division, wanted.division))
    if wanted.unit_grid:
        clauses.append(c.unit_grid == wanted.unit_grid)
    if wanted.box is not None:
        clauses += _in_box(wanted.box)
    if wanted.q.strip():
        clauses.append(_like(wanted.q, wanted.kinds))
    return clauses


def _like(q: str, kinds: Sequence[str]) -> sa.ColumnElement[bool]:
    """A code from its beginning, a class by name, or words of road, owners and name."""
    c, text = component.c, fold(q)
    if text.isdigit() and len(text) >= 4:
        return c.code.startswith(text)
    clauses = []
    grams = query_grams(text)
    if grams:
        clauses.append(c.grams.contains(grams))
    elif text:
        clauses.append(c.grams.contains([text]))
    if kinds:
        clauses.append(c.kind.in_(list(kinds)))
    return sa.or_(*clauses) if clauses else sa.false()


def _in_box(box: geo.Box) -> list[sa.ColumnElement[bool]]:
    c = component.c
    clauses = [c.lon.between(box.west, box.east), c.lat.between(box.south, box.north)]
    columns = range(int((box.west + 180) / 0.001), int((box.east + 180) / 0.001) + 1)
    if len(columns) <= 60:  # a strip of squares a column, by the index; wider boxes are read by the counts
        low, high = int((box.south + 90) / 0.001), int((box.north + 90) / 0.001)
        clauses.append(
            sa.or_(*[c.cell.between(column * 1_000_000 + low, column * 1_000_000 + high) for column in columns])
        )
    return clauses


def list_near(
    unit: Unit, lon: float, lat: float, radius_m: float, kind: str, *, seen_by: Actor
) -> list[tuple[Component, float]]:
    """Components around a place with their distance in metres, nearest first."""
    box = geo.box_around((lon, lat), radius_m)
    wanted = Wanted(kind=kind, box=box)
    query = sa.select(component).where(_scoped(seen_by), *_clauses(wanted)).limit(2000)
    found = []
    for row in unit.rows(query):
        metres = geo.distance_m((lon, lat), (row.lon, row.lat))
        if metres <= radius_m:
            found.append((_made(row), round(metres, 1)))
    return sorted(found, key=lambda pair: (pair[1], pair[0].code))


def list_in_box(unit: Unit, wanted: Wanted, most: int, *, seen_by: Actor) -> list[Component]:
    """Components of a part of the map, at most so many."""
    query = sa.select(component).where(_scoped(seen_by), component.c.lon.is_not(None), *_clauses(wanted))
    return [_made(row) for row in unit.rows(query.limit(most))]


def list_squares(unit: Unit, box: geo.Box, level: int, *, seen_by: Actor) -> list[Any]:
    """How many components lie in each square of a part of the map, and their middle; from the counts."""
    t = component_count.c
    west, south = square_of(box.west, box.south, level)
    east, north = square_of(box.east, box.north, level)
    number = sa.func.sum(t.number)
    query = (
        sa.select(t.x, t.y, number.label("number"), (sa.func.sum(t.lon) / number).label("lon"))
        .add_columns((sa.func.sum(t.lat) / number).label("lat"))
        .where(t.level == level, t.x.between(west, east), t.y.between(south, north), scope(seen_by, READ, t.division))
        .group_by(t.x, t.y)
        .having(number > 0)
    )
    return list(unit.rows(query.order_by(t.x, t.y).limit(5000)))


def has_photo(unit: Unit, file_id: Id, *, seen_by: Actor) -> bool:
    """Whether a component that the actor may see shows this photo."""
    shown = component.c.photos.contains([file_id])
    return unit.value(sa.select(sa.exists().where(shown, _scoped(seen_by)))) is True


# --- editions ---


def add_edition(unit: Unit, new: Edition) -> None:
    unit.insert(component_edition, _plain(new))


def add_editions(unit: Unit, new: Sequence[Edition], source: str) -> None:
    unit.insert_many(component_edition, [_plain(one) for one in new], source=source)


def editions_of(unit: Unit, one: Component, *, seen_by: Actor) -> list[Edition]:
    """All editions of a component, newest first."""
    query = sa.select(component_edition).where(component_edition.c.component == one.id)
    return [_edition(row) for row in unit.rows(query.order_by(component_edition.c.number.desc()).limit(500))]
