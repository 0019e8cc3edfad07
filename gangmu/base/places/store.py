"""The only SQL of places."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import shapely
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.base.places.checks import area_m2
from gangmu.base.places.codes import short_code
from gangmu.base.places.model import Division, DutyGrid, Edition, GridDuty, GridState, UnitGrid, Zone
from gangmu.base.places.sift import ListedDivision
from gangmu.kit import geo, ids, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, maker, metadata, ref_col, text_col, texts_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import fold, pinyin_initials, pinyin_key
from gangmu.kit.unit import Unit


def _outline_cols() -> list[sa.Column[Any]]:
    """An outline (WKB, CGCS2000), its box, its area and a point inside it that carries the name on maps."""
    numbers = ("west", "south", "east", "north", "area_m2", "lon", "lat")
    return [
        sa.Column("outline", sa.LargeBinary, nullable=False),
        *[sa.Column(name, sa.Float, nullable=False) for name in numbers],
    ]


division = sa.Table(
    "division",
    metadata,
    id_col("id", "div"),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("parent", sa.Text, nullable=False),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_to", sa.Date),
    sa.Column("successor", sa.Text),
    text_col("source"),
    text_col("sort_key", info={"derived": True}),
    text_col("initials", info={"derived": True}),
    version_col(),
    sa.Index("ix_division_now", "code", unique=True, postgresql_where=sa.text("valid_to IS NULL")),
    sa.Index("ix_division_parent", "parent", "sort_key"),
    sa.Index("ix_division_code", "code"),
)

boundary_edition = sa.Table(
    "boundary_edition",
    metadata,
    id_col("id", "bed"),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    text_col("source"),
    sa.Column("digest", sa.Text, nullable=False),
    when("made_at", nullable=False),
    sa.UniqueConstraint("label", "level"),
)

boundary = sa.Table(
    "boundary",
    metadata,
    id_col("id", "bnd"),
    ref_col("edition", "bed", "boundary_edition.id", nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    *_outline_cols(),
    sa.UniqueConstraint("edition", "division"),
)

unit_grid = sa.Table(
    "unit_grid",
    metadata,
    id_col("id", "ugr"),
    sa.Column("code", sa.Text, nullable=False, unique=True),
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="valid"),
    text_col("reason"),
    when("made_at", nullable=False),
    when("voided_at"),
    *_outline_cols(),
    version_col(),
)

duty_grid = sa.Table(
    "duty_grid",
    metadata,
    id_col("id", "dgr"),
    sa.Column("code", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    text_col("name"),
    sa.Column("division", sa.Text, nullable=False),
    texts_col("units"),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_to", sa.Date),
    version_col(),
)

grid_duty = sa.Table(
    "grid_duty",
    metadata,
    id_col("id", "gdy"),
    sa.Column("grid", sa.Text, nullable=False),
    sa.Column("duty", sa.Text, nullable=False),
    ref_col("post", "pst", nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date),
    version_col(),
    sa.Index("ix_grid_duty_now", "grid", "duty", unique=True, postgresql_where=sa.text("valid_to IS NULL")),
    sa.Index("ix_grid_duty_post", "post"),
)

zone = sa.Table(
    "zone",
    metadata,
    id_col("id", "zon"),
    sa.Column("code", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    text_col("kind"),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_to", sa.Date),
    *_outline_cols(),
    version_col(),
)

address = sa.Table(
    "address",
    metadata,
    id_col("id", "adr"),
    sa.Column("full", sa.Text, nullable=False, unique=True),
    sa.Column("division", sa.Text, nullable=False),
    text_col("road"),
    text_col("house_no"),
    text_col("name"),
    text_col("kind"),
    sa.Column("lon", sa.Float),
    sa.Column("lat", sa.Float),
    text_col("datum"),
    sa.Column("unit_grid", sa.Text),
    text_col("compound"),
    text_col("building"),
    text_col("unit_no"),
    text_col("room"),
    texts_col("aliases"),
    text_col("state", server_default="valid"),
    text_col("void_reason"),
    version_col(),
    text_col("folded", info={"derived": True}),
    text_col("initials", info={"derived": True}),
    texts_col("grams", info={"derived": True}),
    text_col("sort_key", info={"derived": True}),
    text_col("source"),
    sa.Index("ix_address_grams", "grams", postgresql_using="gin"),
    sa.Index("ix_address_initials", "initials", postgresql_ops={"initials": "text_pattern_ops"}),
    sa.Index("ix_address_sort_key", "sort_key", "id"),
    sa.Index("ix_address_kind", "kind", "sort_key", "id", postgresql_where=sa.text("kind <> ''")),
)

place_mark = sa.Table(
    "place_mark",
    metadata,
    sa.Column("one", sa.Boolean, primary_key=True, server_default=sa.true()),
    sa.Column("mark", sa.Text, nullable=False),
    sa.CheckConstraint("one", name="one_row"),
)

_division = maker(Division)
_edition = maker(Edition)
_zone = maker(Zone)
_unit_grid = maker(UnitGrid)
_grid_duty = maker(GridDuty)


def _duty_grid(row: Any) -> DutyGrid:
    spans = (row.valid_from, row.valid_to, row.version)
    return DutyGrid(row.id, row.code, row.kind, row.name, row.division, tuple(row.units), *spans)


def outline_values(outline: BaseGeometry) -> dict[str, Any]:
    """The columns of an outline."""
    west, south, east, north = (float(side) for side in outline.bounds)
    label = shapely.point_on_surface(outline)
    return {
        "outline": shapely.to_wkb(outline),
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "area_m2": round(area_m2(outline), 2),
        "lon": float(label.x),
        "lat": float(label.y),
    }


def current_on(table: sa.Table, day: date) -> sa.ColumnElement[bool]:
    """Rows whose validity holds on a day."""
    begun = sa.or_(table.c.valid_from.is_(None), table.c.valid_from <= day)
    return sa.and_(begun, sa.or_(table.c.valid_to.is_(None), table.c.valid_to > day))


# --- the mark of the layers: another one after every change, so that nobody answers from an old atlas ---


def mark(unit: Unit, *, seen_by: Actor) -> str:
    """The mark of the layers as they stand; empty on a node without any."""
    return unit.value(sa.select(place_mark.c.mark)) or ""


def new_mark(unit: Unit) -> None:
    """Whoever changes layers waits here for whoever changes them now."""
    adding = pg_insert(place_mark).values(one=True, mark=ids.new("mrk"))
    unit.run(adding.on_conflict_do_update(index_elements=["one"], set_={"mark": adding.excluded.mark}))


# --- divisions ---


def find_root(unit: Unit, *, seen_by: Actor) -> Division | None:
    """The division that the node was founded for. All others lie in it, so that its code, filled up with zeros, is the
    smallest."""
    row = unit.one(sa.select(division).where(division.c.valid_to.is_(None)).order_by(division.c.code).limit(1))
    return None if row is None else _division(row)


def add_divisions(unit: Unit, rows: Sequence[ListedDivision], source: str) -> None:
    unit.insert_many(division, [_division_values(row, source) for row in rows], source=source)


def add_division(unit: Unit, row: ListedDivision, source: str) -> Id:
    values = _division_values(row, source)
    unit.insert(division, values)
    return Id(values["id"])


def _division_values(row: ListedDivision, source: str) -> dict[str, Any]:
    return {
        "id": ids.new("div"),
        "code": row.code,
        "level": row.level.value,
        "name": row.name,
        "parent": row.parent,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "successor": row.successor,
        "source": source,
        "sort_key": pinyin_key(row.name),
        "initials": pinyin_initials(row.name),
        "version": 1,
    }


def end_division(unit: Unit, was: Division, day: date, successor: str | None) -> None:
    unit.update(division, was.id, {"valid_to": day, "successor": successor}, was=was)


def rename_division(unit: Unit, was: Division, name: str) -> None:
    values = {"name": name, "sort_key": pinyin_key(name), "initials": pinyin_initials(name)}
    unit.update(division, was.id, values, was=was)


def find_division(unit: Unit, code: str, day: date, *, seen_by: Actor) -> Division | None:
    """The division of a 12-digit code on a day."""
    row = unit.one(sa.select(division).where(division.c.code == code, current_on(division, day)).limit(1))
    return None if row is None else _division(row)


def get_division(unit: Unit, code: str, day: date, *, seen_by: Actor) -> Division:
    found = find_division(unit, code, day, seen_by=seen_by)
    if found is None:
        raise NotFound(what=f"division {short_code(code)}")
    return found


def list_history(unit: Unit, code: str, *, seen_by: Actor) -> list[Division]:
    """All validities of a code, oldest first."""
    query = sa.select(division).where(division.c.code == code)
    return [_division(row) for row in unit.rows(query.order_by(division.c.valid_from.nulls_first(), division.c.id))]


def list_divisions(unit: Unit, day: date, *, seen_by: Actor, parent: str | None = None) -> list[Division]:
    """Divisions of a day by pinyin, those right under `parent` or all."""
    query = sa.select(division).where(current_on(division, day))
    if parent is not None:
        query = query.where(division.c.parent == parent, division.c.code != parent)
    return [_division(row) for row in unit.rows(query.order_by(division.c.sort_key, division.c.code))]


def find_divisions(unit: Unit, text: str, day: date, *, seen_by: Actor) -> list[Division]:
    """Up to 50 divisions whose names hold a text or whose pinyin begins with its letters; the higher ones first."""
    wanted = escaped(fold(text))
    if not wanted:
        return []
    named = sa.or_(division.c.name.like(f"%{wanted}%"), division.c.initials.like(f"{wanted}%"))
    query = sa.select(division).where(named, current_on(division, day))
    higher = sa.func.length(sa.func.rtrim(division.c.code, "0"))
    return [_division(row) for row in unit.rows(query.order_by(higher, division.c.sort_key, division.c.id).limit(50))]


def find_named(unit: Unit, name: str, within: str, level: str, day: date, *, seen_by: Actor) -> Division | None:
    query = sa.select(division).where(division.c.name == name, division.c.level == level, current_on(division, day))
    row = unit.one(query.where(division.c.code.like(short_code(within) + "%")).order_by(division.c.code).limit(1))
    return None if row is None else _division(row)


def codes_ever(unit: Unit, within: str, *, seen_by: Actor) -> set[str]:
    """Every division code that was ever used inside one, ended ones included."""
    query = sa.select(division.c.code).where(division.c.code.like(short_code(within) + "%"))
    return {row.code for row in unit.rows(query)}


def known_now(unit: Unit, *, seen_by: Actor) -> dict[str, Division]:
    """Divisions whose validity is open, by code."""
    return {row.code: _division(row) for row in unit.rows(sa.select(division).where(division.c.valid_to.is_(None)))}


def names_of(unit: Unit, codes: Iterable[str], *, seen_by: Actor) -> dict[str, str]:
    """Names by 12-digit code: the open validity's, else the last one's."""
    wanted = set(codes)
    if not wanted:
        return {}
    query = sa.select(division.c.code, division.c.name).where(division.c.code.in_(wanted))
    rows = unit.rows(query.order_by(division.c.code, division.c.valid_to.nulls_last(), division.c.id))
    found: dict[str, str] = {}
    for row in rows:
        found[row.code] = row.name
    return found


# --- boundaries ---


def list_editions(unit: Unit, *, seen_by: Actor) -> list[Edition]:
    query = sa.select(boundary_edition).order_by(boundary_edition.c.level, boundary_edition.c.valid_from)
    return [_edition(row) for row in unit.rows(query)]


def add_edition(unit: Unit, new: Edition, outlines: Mapping[str, BaseGeometry]) -> None:
    values = {name: getattr(new, name) for name in ("id", "label", "level", "valid_from", "source", "digest")}
    unit.insert(boundary_edition, {**values, "made_at": unit.now})
    rows = [
        {"id": ids.new("bnd"), "edition": new.id, "division": code, **outline_values(outline)}
        for code, outline in sorted(outlines.items())
    ]
    unit.insert_many(boundary, rows, source=f"boundaries {new.label} {new.level}")


def boundaries_of(unit: Unit, edition: Id, *, seen_by: Actor) -> dict[str, BaseGeometry]:
    """Outlines of an edition by 12-digit code."""
    query = sa.select(boundary.c.division, boundary.c.outline).where(boundary.c.edition == edition)
    return {row.division: shapely.from_wkb(bytes(row.outline)) for row in unit.rows(query)}


# --- unit grids ---


def unit_outlines(unit: Unit, *, seen_by: Actor) -> dict[str, BaseGeometry]:
    """Outlines of the valid unit grids by code."""
    query = sa.select(unit_grid.c.code, unit_grid.c.outline).where(unit_grid.c.state == GridState.valid)
    rows = unit.rows(query.order_by(unit_grid.c.code))
    outlines = shapely.from_wkb([bytes(row.outline) for row in rows])
    return dict(zip([row.code for row in rows], outlines, strict=True))


def unit_codes(unit: Unit, *, seen_by: Actor) -> dict[str, str]:
    """The state of every unit grid there ever was, by code."""
    return {row.code: row.state for row in unit.rows(sa.select(unit_grid.c.code, unit_grid.c.state))}


def add_unit_grids(unit: Unit, grids: Sequence[tuple[str, BaseGeometry]], source: str) -> None:
    rows = [
        {
            "id": ids.new("ugr"),
            "code": code,
            "division": code[:12],
            "state": GridState.valid.value,
            "reason": "",
            "made_at": unit.now,
            **outline_values(outline),
            "version": 1,
        }
        for code, outline in grids
    ]
    unit.insert_many(unit_grid, rows, source=source)


def get_unit_grid(unit: Unit, code: str, *, seen_by: Actor) -> UnitGrid:
    row = unit.one(sa.select(unit_grid).where(unit_grid.c.code == code))
    if row is None:
        raise NotFound(what=f"unit grid {code[:20]}")
    return _unit_grid(row)


def list_unit_grids(unit: Unit, within: str, at: Page, *, seen_by: Actor) -> Paged[UnitGrid]:
    """Unit grids of a division by code, voided ones too."""
    prefix = short_code(within)
    query = sa.select(unit_grid).where(
        unit_grid.c.code >= prefix.ljust(12, "0"), unit_grid.c.code <= prefix.ljust(15, "9")
    )
    return page.of(unit, query, at, [unit_grid.c.code], _unit_grid)


def void_unit_grid(unit: Unit, was: UnitGrid, reason: str) -> None:
    values = {"state": GridState.void.value, "reason": reason, "voided_at": unit.now}
    unit.update(unit_grid, was.id, values, was={"voided_at": None, **_plain(was)})


def _plain(thing: Any) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in thing.__dataclass_fields__}


# --- responsibility grids and their duties ---


def list_duty_grids(unit: Unit, day: date, *, seen_by: Actor) -> list[DutyGrid]:
    query = sa.select(duty_grid).where(current_on(duty_grid, day))
    return [_duty_grid(row) for row in unit.rows(query.order_by(duty_grid.c.code))]


def duty_codes_ever(unit: Unit, *, seen_by: Actor) -> set[str]:
    return {row.code for row in unit.rows(sa.select(duty_grid.c.code))}


def get_duty_grid(unit: Unit, code: str, *, seen_by: Actor) -> DutyGrid:
    row = unit.one(sa.select(duty_grid).where(duty_grid.c.code == code))
    if row is None:
        raise NotFound(what=f"responsibility grid {code[:20]}")
    return _duty_grid(row)


def add_duty_grid(unit: Unit, new: DutyGrid) -> None:
    unit.insert(duty_grid, {**_plain(new), "units": list(new.units)})


def save_duty_grid(unit: Unit, changed: DutyGrid, was: DutyGrid) -> None:
    before = {**_plain(was), "units": list(was.units)}
    after = {"name": changed.name, "units": list(changed.units), "valid_to": changed.valid_to}
    unit.update(duty_grid, was.id, after, was=before)


def list_grid_duties(
    unit: Unit, day: date, *, seen_by: Actor, grid: str | None = None, post: Id | None = None
) -> list[GridDuty]:
    """Who walks which grid for what on a day."""
    query = sa.select(grid_duty).where(current_on(grid_duty, day))
    if grid is not None:
        query = query.where(grid_duty.c.grid == grid)
    if post is not None:
        query = query.where(grid_duty.c.post == post)
    return [_grid_duty(row) for row in unit.rows(query.order_by(grid_duty.c.grid, grid_duty.c.duty))]


def find_open_duty(unit: Unit, grid: str, duty: str, *, seen_by: Actor) -> GridDuty | None:
    row = unit.one(
        sa.select(grid_duty).where(grid_duty.c.grid == grid, grid_duty.c.duty == duty, grid_duty.c.valid_to.is_(None))
    )
    return None if row is None else _grid_duty(row)


def add_grid_duty(unit: Unit, new: GridDuty) -> None:
    unit.insert(grid_duty, _plain(new))


def end_grid_duty(unit: Unit, was: GridDuty, day: date) -> None:
    unit.update(grid_duty, was.id, {"valid_to": day}, was=was)


def move_grid_duty(unit: Unit, was: GridDuty, post: Id) -> None:
    unit.update(grid_duty, was.id, {"post": post}, was=was)


# --- zones ---


def zones_now(unit: Unit, *, seen_by: Actor) -> dict[str, tuple[Zone, BaseGeometry]]:
    """Every zone there is, with its outline, by code."""
    return {row.code: (_zone(row), shapely.from_wkb(bytes(row.outline))) for row in unit.rows(sa.select(zone))}


def zone_outlines(unit: Unit, day: date, *, seen_by: Actor) -> dict[str, BaseGeometry]:
    query = sa.select(zone.c.code, zone.c.outline).where(current_on(zone, day))
    return {row.code: shapely.from_wkb(bytes(row.outline)) for row in unit.rows(query)}


def add_zone(unit: Unit, new: Zone, outline: BaseGeometry) -> None:
    unit.insert(zone, {**_plain(new), **outline_values(outline)})


def save_zone(unit: Unit, changed: Zone, was: Zone, outline: BaseGeometry) -> None:
    values = {"name": changed.name, "kind": changed.kind, **outline_values(outline)}
    unit.update(zone, was.id, values, was=was)


def escaped(text: str) -> str:
    """A text inside a LIKE pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


# --- layers for the map ---


def boundary_rows(unit: Unit, edition: Id, box: geo.Box | None, within: str, *, seen_by: Actor) -> list[Any]:
    """Boundaries of an edition that meet a box, inside a division, smallest columns only."""
    query = sa.select(boundary).where(boundary.c.edition == edition)
    return list(unit.rows(_narrowed(query, boundary, boundary.c.division, box, within).order_by(boundary.c.division)))


def unit_rows(unit: Unit, box: geo.Box | None, within: str, limit: int, *, seen_by: Actor) -> list[Any]:
    query = sa.select(unit_grid).where(unit_grid.c.state == GridState.valid)
    query = _narrowed(query, unit_grid, unit_grid.c.code, box, within)
    return list(unit.rows(query.order_by(unit_grid.c.code).limit(limit)))


def zone_rows(unit: Unit, day: date, box: geo.Box | None, *, seen_by: Actor) -> list[Any]:
    query = sa.select(zone).where(current_on(zone, day))
    return list(unit.rows(_narrowed(query, zone, None, box, "").order_by(zone.c.code)))


def _narrowed(query: Any, table: sa.Table, code: Any, box: geo.Box | None, within: str) -> Any:
    if within and code is not None:
        prefix = short_code(within)
        query = query.where(code >= prefix.ljust(12, "0"), code <= prefix.ljust(15, "9"))
    if box is not None:
        query = query.where(table.c.west <= box.east, table.c.east >= box.west)
        query = query.where(table.c.south <= box.north, table.c.north >= box.south)
    return query
