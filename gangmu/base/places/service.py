"""Where a point belongs (归属), what a division is called, what the map shows, where an address is."""

import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from gangmu.base.places import address_store, store
from gangmu.base.places.address_text import Names, parse
from gangmu.base.places.atlas import Atlas, Attributions
from gangmu.base.places.codes import Level, ancestors_of, full_code, is_inside
from gangmu.base.places.errors import BadDivisionCode
from gangmu.base.places.founding import city, require, today
from gangmu.base.places.model import Address, Attribution, Division, Finding, Report, edition_on
from gangmu.kit import geo, ids
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.unit import Unit

MOST_FEATURES = 5000
KINDS = (Level.city, Level.county, Level.town, Level.community)
_READER = System("places")
_atlases: OrderedDict[tuple[str, date], Atlas] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class LayerCount:
    """A layer of the map: its kind, how many outlines it has, the label of its edition, the box that it fills."""

    kind: str
    count: int
    edition: str
    valid_from: date | None
    box: geo.Box | None


# --- attribution ---


def attribute(unit: Unit, point: geo.Point) -> Attribution:
    """Where a point belongs, as deep as the city's boundaries know."""
    return current_atlas(unit).at(point.lon, point.lat)


def attribute_many(unit: Unit, lons: npt.ArrayLike, lats: npt.ArrayLike) -> Attributions:
    """The same for arrays of CGCS2000 points, without duties and zones."""
    return current_atlas(unit).many(lons, lats)


def current_atlas(unit: Unit) -> Atlas:
    """The atlas of today's layers, made once for every change of them and kept in this process."""
    day = today(unit)
    mark = store.mark(unit, seen_by=_READER)
    with _lock:
        held = _atlases.get((mark, day))
    if held is not None:
        return held
    made = _make_atlas(unit, day)
    with _lock:
        _atlases[mark, day] = made
        while len(_atlases) > 4:
            _atlases.popitem(last=False)
    return made


def _make_atlas(unit: Unit, day: date) -> Atlas:
    editions = store.list_editions(unit, seen_by=_READER)
    divisions: dict[Level, Mapping[str, BaseGeometry]] = {}
    for level in KINDS:
        edition = edition_on(editions, level.value, day)
        if edition is not None:
            divisions[level] = store.boundaries_of(unit, edition.id, seen_by=_READER)
    walked: dict[str, list[str]] = {}
    for grid in store.list_duty_grids(unit, day, seen_by=_READER):
        for cell in grid.units:
            walked.setdefault(cell, []).append(grid.code)
    zones = store.zone_outlines(unit, day, seen_by=_READER)
    return Atlas(divisions, store.unit_outlines(unit, seen_by=_READER), zones, walked)


# --- divisions ---


def list_divisions(unit: Unit, actor: Actor, parent: str | None = None, day: date | None = None) -> list[Division]:
    """Divisions right under ``parent`` (the city itself when it is empty), or all when it is None; by pinyin."""
    if parent == "":
        return [city(unit, actor)]
    above = full_code(parent) if parent else None
    return store.list_divisions(unit, day or today(unit), seen_by=actor, parent=above)


def get_division(unit: Unit, actor: Actor, code: str, day: date | None = None) -> Division:
    """The division of a code (4, 6, 9 or 12 digits) on a day (today). Raises ``NotFound``, ``BadDivisionCode``."""
    return store.get_division(unit, full_code(code), day or today(unit), seen_by=actor)


def find_divisions(unit: Unit, actor: Actor, text: str) -> list[Division]:
    """Divisions whose names hold the text, or begin with its letters in pinyin; the higher ones first."""
    return store.find_divisions(unit, text, today(unit), seen_by=actor)


def line_above(unit: Unit, actor: Actor, code: str) -> list[Division]:
    """The divisions above one that are on this node, from the top."""
    digits, day = full_code(code), today(unit)
    line = [
        store.find_division(unit, one, day, seen_by=actor) for one in ancestors_of(digits).values() if one != digits
    ]
    return [one for one in line if one is not None]


def list_history(unit: Unit, actor: Actor, code: str) -> list[Division]:
    """All that a code has stood for, oldest first."""
    return store.list_history(unit, full_code(code), seen_by=actor)


def division_names(unit: Unit, codes: Iterable[str]) -> dict[str, str]:
    """Names by 12-digit code, for lists; codes that are unknown are left out."""
    return store.names_of(unit, [code for code in codes if code], seen_by=_READER)


# --- addresses ---


@dataclass(frozen=True, slots=True)
class AddressReader:
    """What rows of addresses are read against."""

    atlas: Atlas
    crs: str
    root: str
    known: Mapping[str, Division]
    names: Names

    @classmethod
    def of(cls, unit: Unit, actor: Actor, crs: str) -> "AddressReader":
        """``Refused`` unless the actor manages the places of the city."""
        root = city(unit, actor)
        require(actor, root.code)
        known = store.known_now(unit, seen_by=actor)
        names = Names.of([(one.level, one.name) for one in known.values()])
        return cls(current_atlas(unit), crs, root.code, known, names)

    def read(self, number: int, row: Mapping[str, str]) -> dict[str, Any] | Finding:
        """A row as the columns of an address, or what is wrong with it."""
        return _address(self.atlas, number, row, self.crs, self.root, self.known, self.names)


def import_addresses(
    unit: Unit, actor: Actor, rows: Sequence[Mapping[str, str]], *, crs: str = "CGCS2000", source: str = ""
) -> Report:
    """Take in standard addresses: address (else made of division, road, number and name), division, road, house_no,
    poi, kind, lon, lat. A row needs a text, and a division or a position inside the city."""
    reader = AddressReader.of(unit, actor, crs)
    findings: list[Finding] = []
    taken: dict[str, dict[str, Any]] = {}
    repeated = 0
    for number, row in enumerate(rows, start=1):
        found = reader.read(number, row)
        if isinstance(found, Finding):
            findings.append(found)
        elif found["full"] in taken:
            repeated += 1
        else:
            taken[found["full"]] = found
    there = address_store.addresses_known(unit, list(taken), seen_by=actor)
    fresh = [row for full, row in taken.items() if full not in there]
    address_store.add_addresses(unit, fresh, source or "addresses")
    return Report(len(rows), len(fresh), repeated + len(there), 0, tuple(findings))


def _address(
    atlas: Atlas,
    number: int,
    row: Mapping[str, str],
    crs: str,
    root: str,
    known: Mapping[str, Division],
    names: Names,
) -> dict[str, Any] | Finding:
    words = {name: " ".join((row.get(name) or "").split()) for name in ("address", "road", "house_no", "poi", "kind")}
    spot = _spot(number, row, crs)
    if isinstance(spot, Finding):
        return spot
    where = atlas.at(spot.lon, spot.lat) if spot else Attribution()
    given = (row.get("division") or "").strip()
    try:
        code = full_code(given) if given else where.division
    except BadDivisionCode:
        return Finding(number, "division", "bad_code", given)
    if not code:
        return Finding(number, "lon" if spot else "division", "outside_city" if spot else "missing", "")
    if code not in known or not is_inside(code, root):
        return Finding(number, "division", "unknown_division", given)
    full = words["address"] or _composed(code, words, known)
    if not (words["address"] or words["road"] or words["poi"]):
        return Finding(number, "address", "missing", "")
    if len(full) > 300:
        return Finding(number, "address", "too_long", full)
    if words["road"] or words["poi"]:
        parts = {"road": words["road"], "house_no": words["house_no"], "name": words["poi"]}
    else:
        read = parse(full, names)
        parts = {"road": read.road, "house_no": read.house_no, "name": read.name}
        parts |= {"compound": read.compound, "building": read.building, "unit_no": read.unit, "room": read.room}
    return {
        "id": ids.new("adr"),
        "full": full,
        "division": code,
        **{name: said[:120] for name, said in parts.items()},
        "kind": words["kind"][:40],
        "lon": spot.lon if spot else None,
        "lat": spot.lat if spot else None,
        "datum": spot.source.value if spot else "",
        "unit_grid": where.unit_grid or None,
    }


def _spot(number: int, row: Mapping[str, str], crs: str) -> geo.Point | Finding | None:
    lon, lat = (row.get("lon") or "").strip(), (row.get("lat") or "").strip()
    if not lon and not lat:
        return None
    try:
        return geo.point(float(lon), float(lat), crs)
    except ValueError:
        return Finding(number, "lon", "not_degrees", f"{lon},{lat}")
    except Invalid as wrong:
        if wrong.params.get("field") == "crs":
            raise
        return Finding(number, str(wrong.params["field"]), "not_degrees", f"{lon},{lat}")


def _composed(code: str, words: Mapping[str, str], known: Mapping[str, Division]) -> str:
    """City, county, town, road, number, name: how an address is written; the community is not part of it."""
    line = [above for level, above in ancestors_of(code).items() if level is not Level.community and above in known]
    return "".join([*[known[above].name for above in line], words["road"], words["house_no"], words["poi"]])


def search_addresses(unit: Unit, actor: Actor, text: str, limit: int = 20) -> list[Address]:
    """Standard addresses for what somebody types: characters of it, or the first letters of its pinyin."""
    return address_store.search_addresses(unit, text[:100], max(1, min(limit, 50)), seen_by=actor)


# --- layers ---


def list_layers(unit: Unit, actor: Actor) -> list[LayerCount]:
    """The layers that the map can show now, from the atlas: nothing is counted for it."""
    day, editions = today(unit), store.list_editions(unit, seen_by=actor)
    found = []
    for kind, (count, box) in current_atlas(unit).sizes().items():
        edition = edition_on(editions, kind, day)
        label, since = (edition.label, edition.valid_from) if edition else ("", None)
        found.append(LayerCount(kind, count, label, since, box))
    return found


def layer(
    unit: Unit, actor: Actor, kind: str, box: geo.Box | None = None, within: str = "", zoom: float = 20.0
) -> list[dict[str, Any]]:
    """GeoJSON features of a layer that meet a box or lie in a division, drawn as finely as a zoom can show."""
    day = today(unit)
    inside = full_code(within) if within else ""
    if kind in {level.value for level in KINDS}:
        features = _boundaries(unit, actor, kind, day, box, inside)
    elif kind == "unit_grid":
        features = _units(unit, actor, box, inside)
    elif kind == "duty_grid":
        features = _walks(unit, actor, day, box, inside)
    elif kind == "zone":
        rows = store.zone_rows(unit, day, box, seen_by=actor)
        features = [({"code": row.code, "name": row.name, "kind": row.kind, **_label(row)}, _wkb(row)) for row in rows]
    else:
        raise NotFound(what=f"layer {kind[:40]}")
    return [_feature(properties, outline, zoom) for properties, outline in features]


def _boundaries(unit: Unit, actor: Actor, kind: str, day: date, box: geo.Box | None, within: str) -> list[Any]:
    edition = edition_on(store.list_editions(unit, seen_by=actor), kind, day)
    if edition is None:
        return []
    rows = store.boundary_rows(unit, edition.id, box, within, seen_by=actor)
    names = store.names_of(unit, [row.division for row in rows], seen_by=actor)
    return [({"code": row.division, "name": names.get(row.division, ""), **_label(row)}, _wkb(row)) for row in rows]


def _units(unit: Unit, actor: Actor, box: geo.Box | None, within: str) -> list[Any]:
    rows = store.unit_rows(unit, box, within, MOST_FEATURES, seen_by=actor)
    return [({"code": row.code, "area_m2": row.area_m2, **_label(row)}, _wkb(row)) for row in rows]


def _walks(unit: Unit, actor: Actor, day: date, box: geo.Box | None, within: str) -> list[Any]:
    atlas, frame = current_atlas(unit), shapely.box(box.west, box.south, box.east, box.north) if box else None
    found = []
    for grid in store.list_duty_grids(unit, day, seen_by=actor):
        outline = atlas.joined(tuple(cell for cell in grid.units if not within or is_inside(cell, within)))
        if outline is None or (frame is not None and not outline.intersects(frame)):
            continue
        spot = shapely.point_on_surface(outline)
        label = {"label": [round(float(spot.x), 6), round(float(spot.y), 6)]}
        found.append(({"code": grid.code, "name": grid.name, "kind": grid.kind, **label}, outline))
    return found


def _label(row: Any) -> dict[str, Any]:
    return {"label": [round(row.lon, 6), round(row.lat, 6)]}


def _wkb(row: Any) -> BaseGeometry:
    return shapely.from_wkb(bytes(row.outline))


def _feature(properties: dict[str, Any], outline: BaseGeometry, zoom: float) -> dict[str, Any]:
    """Simplified to half a pixel of the zoom (256-pixel tiles), never to nothing."""
    pixel = 360.0 / (256 * 2 ** min(max(zoom, 0.0), 22.0))
    drawn = shapely.simplify(outline, pixel / 2, preserve_topology=True)
    drawn = shapely.set_precision(drawn, 1e-7, mode="pointwise")
    return {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(drawn))}
