"""The ground that the demo city stands on (演示底图): shaped after a real city, or wholly invented.

Names, codes and county outlines of the real one were written beside the built screens when these were built
(``web/tools/lay.mjs``, ``data/choice.toml``); what lies below a county, towns' outlines, communities, grids, streets
and houses, is invented from a seed. Without that file the ground is that of ``terrain``.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

import gangmu
from gangmu.demo import terrain
from gangmu.demo.terrain import Json, Terrain
from gangmu.kit import geo

LAID = Path(gangmu.__file__).parent / "faces" / "web_dist" / "demo" / "ground.json"
COMMUNITIES, WALKS, UNIT_GRIDS = 4, 2, 9  # of a built town, of a community, of a responsibility grid
STEPS, HOUSE_M = 7, 45.0  # along a street; how far its houses stand off it
BUILT_SPREAD_M, CLEAR_M = 2400.0, 9.0
MORE_ROADS = ("柳泉里路", "金带街", "东篱路", "鹿鸣街", "杏园路", "西溪街", "禾风路", "晓月街")
CHECKED = "石渡路"  # runs into the first community of the first town, where the demo's grid worker walks
GRAIN = 1e-9


@lru_cache(maxsize=1)
def chosen() -> Mapping[str, Any]:
    """The choice of the real city, as data."""
    return tomllib.loads((resources.files("gangmu.demo") / "data" / "choice.toml").read_text("utf-8"))


def is_laid() -> bool:
    """Whether the ground of the real city is there."""
    return LAID.exists()


def lay(seed: int = 1) -> Terrain:
    """The ground for a city that is founded now."""
    return _shaped(seed) if is_laid() else terrain.make(seed)


def of(code: str, seed: int = 1) -> Terrain:
    """The ground of the demo city that was founded under a code. ``LookupError`` when it is none of ours, or its ground
    was not laid."""
    if code.startswith(terrain.CODE):
        return terrain.make(seed)
    if not code.startswith(_short(chosen()["code"])) or not LAID.exists():
        raise LookupError(code)
    return _shaped(seed)


def _short(code: str) -> str:
    return code.removesuffix("00")


@lru_cache(maxsize=2)
def _shaped(seed: int) -> Terrain:
    return shape(json.loads(LAID.read_text("utf-8")), chosen()["built"], seed)


def shape(laid: Json, built: Sequence[str], seed: int = 1) -> Terrain:
    """A city of real names and outlines with an invented inside. ``laid`` is the file of the build, ``built`` the codes
    of the towns in which something happens, the first one first."""
    return _Surveyor(laid, built, seed).survey()


class _Surveyor:
    """Cuts the city up, level by level."""

    def __init__(self, laid: Json, built: Sequence[str], seed: int) -> None:
        self._chance = Random(f"ground {seed}")
        self._names: dict[str, str] = dict(laid["divisions"])
        self._built = [code for code in built if code in self._names]
        self._laid = laid
        self._rows: list[dict[str, str]] = []
        self._areas: dict[str, BaseGeometry] = {}
        self._units: dict[str, BaseGeometry] = {}
        self._roads: list[Json] = []
        self._walked: list[Json] = []
        self._addresses: list[dict[str, str]] = []
        names = [first + last for last in terrain.COMMUNITY_LAST for first in terrain.COMMUNITY_FIRST]
        self._chance.shuffle(names)
        self._spare = iter(names)

    def survey(self) -> Terrain:
        city = min(self._names, key=len)
        counties = {code: self._county(name) for code, name in self._names.items() if len(code) == 6 and code != city}
        self._enter(city, "city", "", shapely.union_all(list(counties.values())))
        first = self._built[0][:6]
        for code in sorted(counties, key=lambda each: (each != first, each)):
            self._enter(code, "county", city, counties[code])
            self._towns(code)
        names = iter([name for name in (*terrain.ROADS_ACROSS, *MORE_ROADS, *terrain.ROADS_UP) if name != CHECKED])
        for code in self._built:
            self._settle(code, names)
        order = {"city": 0, "county": 1, "town": 2, "community": 3}
        self._rows.sort(key=lambda row: order[row["level"]])
        told = ", ".join(f"{one['package']} {one['version']} ({one['licence']})" for one in self._laid["sources"])
        return Terrain(
            city, self._names[city], self._rows,
            terrain.collection([self._outline(code) for code in sorted(self._areas)]),
            terrain.collection([terrain.feature({"code": code}, line) for code, line in sorted(self._units.items())]),
            self._walked, terrain.collection([self._zone()]), terrain.collection(self._roads), self._addresses,
            frozenset(self._names), told, frozenset(self._built),
        )  # fmt: skip

    # --- areas -------------------------------------------------------------------------------------------

    def _county(self, name: str) -> BaseGeometry:
        parts = []
        for rings in self._laid["outlines"][name]:
            moved = []
            for ring in rings:
                spots = np.asarray(ring)
                lons, lats = geo.to_cgcs2000_many(spots[:, 0], spots[:, 1], geo.crs_of(self._laid["datum"]))
                moved.append(np.column_stack([lons, lats]))
            parts.append(shapely.Polygon(moved[0], moved[1:]))
        return _whole(shapely.union_all([shapely.make_valid(part) for part in parts]))

    def _enter(self, code: str, level: str, above: str, area: BaseGeometry) -> None:
        self._rows.append({"code": code, "level": level, "name": self._names[code], "parent_code": above})
        self._areas[code] = area

    def _towns(self, county: str) -> None:
        """Built towns close together around the middle, the others spread over the rest."""
        codes = sorted(code for code in self._names if len(code) == 9 and code.startswith(county))
        codes.sort(key=lambda code: (self._built.index(code) if code in self._built else len(self._built), code))
        inner = sum(code in self._built for code in codes)
        area = self._areas[county]
        seeds = _ring(area.representative_point(), inner, BUILT_SPREAD_M, self._chance)
        seeds = _spread(area, len(codes), self._chance, fixed=seeds)
        for code, part in zip(codes, _split(area, seeds), strict=True):
            self._enter(code, "town", county, part)

    def _settle(self, town: str, names: Any) -> None:
        """Communities of a town, their unit grids, two streets with houses."""
        area = self._areas[town]
        roads = [(next(names), _across(area, angle)) for angle in (self._chance.uniform(-20, 20), 75.0)]
        if town == self._built[0]:
            roads[1] = (CHECKED, roads[1][1])
        ending = "社区" if self._names[town].endswith("街道") else "村"
        parts = _split(area, _spread(area, COMMUNITIES, self._chance))
        last = roads[1][1].interpolate(0.93, normalized=True)
        parts.sort(key=lambda part: part.distance(last))
        mine: dict[str, BaseGeometry] = {}
        for place, part in enumerate(parts, start=1):
            code = f"{town}{place + (200 if ending == '村' else 0):03d}"
            self._rows.append(
                {"code": code, "level": "community", "name": next(self._spare) + ending, "parent_code": town}
            )
            self._areas[code] = part
            mine |= self._walks(town, code, part)
        self._units |= mine
        for number, (name, line) in enumerate(roads):
            self._roads.append(terrain.feature({"name": name}, line))
            self._houses(town, name, line, mine, 2 if number == 0 else 4)

    def _walks(self, town: str, community: str, area: BaseGeometry) -> dict[str, BaseGeometry]:
        """The responsibility grids of a community, and the unit grids of which they are made."""
        found: dict[str, BaseGeometry] = {}
        name = self._rows[-1]["name"]
        for walk in _split(area, _spread(area, WALKS, self._chance)):
            cells = _split(walk, _spread(walk, UNIT_GRIDS, self._chance))
            cells.sort(key=lambda cell: (-round(cell.centroid.y, 3), cell.centroid.x))
            own = {f"{community}{number:03d}": cell for number, cell in enumerate(cells, start=len(found) + 1)}
            number = sum(one["code"].startswith(town) for one in self._walked) + 1
            row = {"code": f"{town}G{number:04d}", "name": f"{name}第{number}网格", "units": sorted(own)}
            self._walked.append(row)
            found |= own
        return found

    def _zone(self) -> Json:
        middle = self._areas[self._built[0]].centroid
        name = self._names[min(self._names, key=len)].removesuffix("市")
        outline = shapely.set_precision(shapely.buffer(middle, 0.02, quad_segs=6), GRAIN)
        return terrain.feature({"code": "ETDZ", "name": f"{name}经济开发区", "kind": "开发区"}, outline)

    def _outline(self, code: str) -> Json:
        named = {row["code"]: row["name"] for row in self._rows}
        return terrain.feature({"code": code, "name": named[code]}, self._areas[code])

    # --- houses ------------------------------------------------------------------------------------------

    def _houses(self, town: str, road: str, line: BaseGeometry, units: Mapping[str, BaseGeometry], first: int) -> None:
        """House numbers on both sides, every third with a place of its own."""
        named = {row["code"]: row["name"] for row in self._rows}
        used: set[str] = {row["poi"] for row in self._addresses}
        tree = shapely.STRtree(list(units.values()))
        codes = list(units)
        for step in range(STEPS):
            for side in (0, 1):
                spot, unit = self._house(line, (step + 0.5) / STEPS, 1 if side else -1, tree, codes, units)
                number, place = 4 * step + first - side, len(self._addresses)
                kind, poi = "门牌", ""
                if place % 3 == 0:
                    kind, endings = self._chance.choice(terrain.KINDS)
                    poi = terrain.unused(
                        f"{self._chance.choice(terrain.STYLES)}{self._chance.choice(endings)}", named[unit[:12]], used
                    )
                full = f"{named[min(self._names, key=len)]}{named[town[:6]]}{named[town]}{road}{number}号{poi}"
                self._addresses.append({
                    "address": full, "division": unit[:12], "road": road, "house_no": f"{number}号", "poi": poi,
                    "kind": kind, "lon": f"{spot.x:.6f}", "lat": f"{spot.y:.6f}",
                })  # fmt: skip

    def _house(
        self, line: BaseGeometry, at: float, side: int, tree: shapely.STRtree, codes: Sequence[str],
        units: Mapping[str, BaseGeometry],
    ) -> tuple[shapely.Point, str]:  # fmt: skip
        """Where a house stands: off the street, clear of every border."""
        along, up = geo.metres_per_degree(line.centroid.y)
        found: tuple[shapely.Point, str] | None = None
        for turn in range(60):
            off = self._chance.uniform(-0.3, 0.3) / STEPS * min(1.0, turn / 4) + at
            spot = line.interpolate(min(max(off, 0.01), 0.99), normalized=True)
            far = side * self._chance.uniform(0.6, 1.2) * HOUSE_M * (1 if turn < 40 else -1)
            spot = shapely.Point(round(spot.x + far / along * 0.3, 6), round(spot.y + far / up, 6))
            inside = [codes[n] for n in tree.query(spot, predicate="within")]
            if inside:
                found = (spot, inside[0])
                if units[inside[0]].exterior.distance(spot) * up > CLEAR_M:
                    return found
        assert found is not None, "a street outside its town"
        return found


def _whole(area: BaseGeometry) -> BaseGeometry:
    """The areas of a geometry, without the lines and points that mending leaves."""
    parts = [part for part in shapely.get_parts(area) if part.geom_type == "Polygon" and part.area > 1e-9]
    return shapely.union_all(parts)


def _ring(middle: BaseGeometry, count: int, radius_m: float, chance: Random) -> list[shapely.Point]:
    along, up = geo.metres_per_degree(middle.y)
    spots = []
    for number in range(count):
        turn = 2 * np.pi * (number + chance.uniform(-0.15, 0.15)) / max(count, 1)
        far = 0.0 if count == 1 else radius_m
        spots.append(shapely.Point(middle.x + far * np.cos(turn) / along, middle.y + far * np.sin(turn) / up))
    return spots


def _spread(area: BaseGeometry, count: int, chance: Random, fixed: Sequence[shapely.Point] = ()) -> list[shapely.Point]:
    """So many points inside an area, evenly: the fixed ones, and others that settle in the middle of their cells."""
    west, south, east, north = area.bounds
    shapely.prepare(area)
    seeds = list(fixed)
    while len(seeds) < count:
        tried = [shapely.Point(chance.uniform(west, east), chance.uniform(south, north)) for _ in range(24)]
        inside = [spot for spot in tried if area.contains(spot)]
        if inside:
            seeds.append(max(inside, key=lambda spot: min((spot.distance(one) for one in seeds), default=0.0)))
    for _ in range(3):
        cells = _split(area, seeds)
        seeds = [
            seed if number < len(fixed) else _middle(cell)
            for number, (seed, cell) in enumerate(zip(seeds, cells, strict=True))
        ]
    return seeds


def _middle(area: BaseGeometry) -> shapely.Point:
    middle = area.centroid
    return middle if area.contains(middle) else area.representative_point()


def _split(area: BaseGeometry, seeds: Sequence[shapely.Point]) -> list[BaseGeometry]:
    """The parts of an area that lie nearest to each seed, each in one piece."""
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(list(seeds)), extend_to=area))
    tree = shapely.STRtree(cells)
    parts = [shapely.intersection(area, cells[tree.nearest(seed)], grid_size=GRAIN) for seed in seeds]
    kept: list[list[BaseGeometry]] = []
    loose: list[BaseGeometry] = []
    for seed, part in zip(seeds, parts, strict=True):
        pieces = [piece for piece in shapely.get_parts(part) if piece.geom_type == "Polygon"]
        main = min(pieces, key=lambda piece: (piece.distance(seed), -piece.area))
        kept.append([main])
        loose += [piece for piece in pieces if piece is not main]
    for piece in loose:
        touch = [shapely.length(shapely.intersection(piece, one[0])) for one in kept]
        nearest = int(np.argmax(touch)) if max(touch) > 0 else int(np.argmin([piece.distance(one[0]) for one in kept]))
        kept[nearest].append(piece)
    return [shapely.union_all(one, grid_size=GRAIN) if len(one) > 1 else one[0] for one in kept]


def _across(area: BaseGeometry, angle: float) -> BaseGeometry:
    """The longest straight piece inside an area through its middle, a little bent."""
    middle = _middle(area)
    far = max(area.bounds[2] - area.bounds[0], area.bounds[3] - area.bounds[1])
    turn = np.deg2rad(angle)
    ends = [(middle.x + side * far * np.cos(turn), middle.y + side * far * np.sin(turn)) for side in (-1, 1)]
    inside = shapely.intersection(shapely.LineString(ends), shapely.buffer(area, -0.0012))
    piece = min(shapely.get_parts(inside), key=lambda line: line.distance(middle))
    # a street of a town is some kilometres long, not as long as its district
    reach = min(piece.length, 0.032)
    at = piece.project(middle)
    start = min(max(at - reach / 2, 0.0), piece.length - reach)
    spots = [piece.interpolate(start + reach * share) for share in (0, 0.35, 0.7, 1)]
    return shapely.LineString([(spot.x, spot.y) for spot in spots if spot])
