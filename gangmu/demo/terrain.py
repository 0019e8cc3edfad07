"""An invented city (演示城市): divisions, grids, a zone, roads and addresses that fit together, made from a seed.

Pure: the same seed gives the same city. Its code 9901 is in no national list, its names are nobody's. What it returns
goes through the founding of a city like the files of any other.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from gangmu.kit import geo

CODE, NAME = "9901", "青澜市"
COLUMNS, ROWS = 38, 30
BLOCK_M = 125.0
ORIGIN = (113.250, 33.120)
_JITTER = 0.22  # of a block: every block stays a convex quadrilateral
_COUNTIES = (("临澜区", "区", 3), ("云岫区", "区", 3), ("禾川县", "县", 2))
_TOWNS = {
    "临澜区": ("望澜街道", "桐荫街道", "石渡街道"),
    "云岫区": ("云台街道", "松径街道", "南屏街道"),
    "禾川县": ("禾川镇", "白鹭镇"),
}
COMMUNITY_FIRST = ("兰", "槐", "竹", "荷", "枫", "杏", "梅", "柳", "榆", "菊", "桂", "菱")
COMMUNITY_LAST = ("苑", "庭", "桥", "亭", "泉", "坪", "湾", "岸", "园", "里", "畔", "坡")
ROADS_ACROSS = ("望澜大道", "晴川路", "松风路", "石渡路", "雁回路", "稻香路", "竹溪路", "云台路", "白鹭路", "长汀路")
ROADS_UP = (
    "桐荫街",
    "听泉街",
    "拾翠街",
    "枕流街",
    "临江街",
    "半山街",
    "栖霞街",
    "采薇街",
    "知秋街",
    "清和街",
    "浣花街",
    "归帆街",
)
KINDS = (
    ("小区", ("花园", "新苑", "家园", "雅居")), ("学校", ("小学", "中学", "幼儿园")), ("医院", ("社区医院", "诊所")),
    ("市场", ("菜市场", "便民市场")), ("商铺", ("超市", "面馆", "药店", "五金店")), ("公园", ("游园", "口袋公园")),
    ("公厕", ("公厕",)), ("车站", ("公交站",)), ("单位", ("便民服务站", "环卫所", "派出所")),
)  # fmt: skip
STYLES = (
    "青禾",
    "锦绣",
    "蓝汀",
    "春晓",
    "和润",
    "明湖",
    "听雨",
    "朝阳里",
    "云锦",
    "翠微",
    "安澜",
    "金穗",
    "绿野",
    "星河",
)

Cell = tuple[int, int]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Terrain:
    """What a city is founded with. Division rows have the keys of a division list; collections are GeoJSON in CGCS2000;
    `duty_grids` rows have code, name and units; `addresses` rows the columns of an address list."""

    code: str
    name: str
    divisions: list[dict[str, str]]
    boundaries: Json
    unit_grids: Json
    duty_grids: list[Json]
    zones: Json
    roads: Json
    addresses: list[dict[str, str]]
    listed: frozenset[str] = frozenset()  # codes of divisions whose names come from a package
    source: str = ""  # and which
    built: frozenset[str] = frozenset()  # towns in which something happens; empty: all

    @property
    def short(self) -> str:
        """The name as people say it."""
        return self.name.removesuffix("市")


@dataclass(slots=True)
class _Plan:
    """The lattice, and which cells make up each area."""

    corners: dict[Cell, geo.LonLat]
    rows: list[dict[str, str]]
    areas: dict[str, list[Cell]]
    names: dict[str, str]
    units: dict[Cell, str]


def make(seed: int = 1) -> Terrain:
    """The city of a seed: 3 counties, 8 towns, about 30 communities, about 1,000 unit grids, some 300 addresses."""
    chance = Random(seed)
    plan = _plan(chance)
    outlines = {cell: _quad(plan.corners, cell) for cell in plan.units}
    boundaries = [
        feature({"code": code, "name": plan.names[code]}, _union(outlines[cell] for cell in cells))
        for code, cells in sorted(plan.areas.items())
    ]
    units = [
        feature({"code": plan.units[cell]}, outlines[cell]) for cell in sorted(plan.units, key=plan.units.__getitem__)
    ]
    roads = _roads(plan)
    return Terrain(
        CODE, NAME, plan.rows, collection(boundaries), collection(units), _duty_grids(plan, chance),
        collection([_zone(plan, outlines)]), collection([feature({"name": name}, line) for name, line, _ in roads]),
        _addresses(plan, roads, chance),
    )  # fmt: skip


def _plan(chance: Random) -> _Plan:
    corners = _corners(chance)
    cells = [(column, row) for column in range(COLUMNS) for row in range(ROWS) if _in_town_limits(column, row)]
    plan = _Plan(
        corners, [{"code": CODE, "level": "city", "name": NAME, "parent_code": ""}], {CODE: cells}, {CODE: NAME}, {}
    )
    names = [first + last for last in COMMUNITY_LAST for first in COMMUNITY_FIRST]
    chance.shuffle(names)
    spare = iter(names)
    counties = _grow(cells, [towns for _, _, towns in _COUNTIES], chance)
    for number, ((county, kind, _), county_cells) in enumerate(zip(_COUNTIES, counties, strict=True)):
        code = f"{CODE}{2 + number + (18 if kind == '县' else 0):02d}"
        _enter(plan, code, "county", county, county_cells)
        towns = _grow(county_cells, [1] * len(_TOWNS[county]), chance)
        for place, (town, town_cells) in enumerate(zip(_TOWNS[county], towns, strict=True), start=1):
            town_code = f"{code}{place + (99 if town.endswith('镇') else 0):03d}"
            _enter(plan, town_code, "town", town, town_cells)
            _settle(plan, town_code, town_cells, "村" if town.endswith("镇") else "社区", spare, chance)
    return plan


def _settle(plan: _Plan, town: str, cells: list[Cell], ending: str, spare: Iterable[str], chance: Random) -> None:
    """Communities of a town, and the unit grids of each."""
    names = iter(spare)
    for place, part in enumerate(_grow(cells, [1] * 4, chance), start=1):
        code = f"{town}{place + (200 if ending == '村' else 0):03d}"
        _enter(plan, code, "community", next(names) + ending, part)
        ordered = sorted(part, key=lambda cell: (-cell[1], cell[0]))
        plan.units.update({cell: f"{code}{number:03d}" for number, cell in enumerate(ordered, start=1)})


def _enter(plan: _Plan, code: str, level: str, name: str, cells: list[Cell]) -> None:
    above = {"county": 4, "town": 6, "community": 9}[level]
    plan.rows.append({"code": code, "level": level, "name": name, "parent_code": code[:above]})
    plan.areas[code], plan.names[code] = cells, name


def _corners(chance: Random) -> dict[Cell, geo.LonLat]:
    """Street crossings: a lattice with every crossing pushed a little, shared by the blocks around it."""
    along, up = geo.metres_per_degree(ORIGIN[1])
    found = {}
    for column in range(COLUMNS + 1):
        for row in range(ROWS + 1):
            east = (column + chance.uniform(-_JITTER, _JITTER)) * BLOCK_M
            north = (row + chance.uniform(-_JITTER, _JITTER)) * BLOCK_M
            found[column, row] = (round(ORIGIN[0] + east / along, 7), round(ORIGIN[1] + north / up, 7))
    return found


def _in_town_limits(column: int, row: int) -> bool:
    """The city is a rounded, slightly dented shape, not a rectangle."""
    across = (column - (COLUMNS - 1) / 2) / (COLUMNS / 2)
    high = (row - (ROWS - 1) / 2) / (ROWS / 2)
    edge = 1.0 + 0.06 * math.sin(5 * math.atan2(high, across))
    return math.pow(abs(across), 3.2) + math.pow(abs(high), 3.2) < edge


def _grow(cells: Sequence[Cell], shares: Sequence[int], chance: Random) -> list[list[Cell]]:
    """Split connected cells into connected parts of about the given shares: seeds far apart, the part that lags most
    takes its nearest free neighbour."""
    free = set(cells)
    seeds = [min(cells)]
    while len(seeds) < len(shares):
        seeds.append(max(cells, key=lambda cell: (min(_apart(cell, seed) for seed in seeds), cell)))
    parts: list[list[Cell]] = [[] for _ in shares]
    fronts = [{seed} for seed in seeds]
    wobble = {cell: chance.random() for cell in sorted(free)}
    while free:
        ready = [number for number, front in enumerate(fronts) if front & free]
        lagging = min(ready, key=lambda number: (len(parts[number]) / shares[number], number))
        seed, front = seeds[lagging], fronts[lagging] & free
        taken = min(front, key=lambda cell: (_apart(cell, seed) + wobble[cell], cell))
        parts[lagging].append(taken)
        free.discard(taken)
        front.discard(taken)
        fronts[lagging] = front | (set(_beside(taken)) & free)
    return parts


def _apart(one: Cell, other: Cell) -> float:
    return math.hypot(one[0] - other[0], one[1] - other[1])


def _beside(cell: Cell) -> list[Cell]:
    column, row = cell
    return [(column + 1, row), (column - 1, row), (column, row + 1), (column, row - 1)]


def _quad(corners: dict[Cell, geo.LonLat], cell: Cell) -> BaseGeometry:
    column, row = cell
    return shapely.Polygon(
        [corners[spot] for spot in ((column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1))]
    )


def _union(outlines: Iterable[BaseGeometry]) -> BaseGeometry:
    return shapely.union_all(list(outlines))


def _duty_grids(plan: _Plan, chance: Random) -> list[Json]:
    """Two or three merged responsibility grids a community, each of neighbouring unit grids."""
    found: list[Json] = []
    counts: dict[str, int] = {}
    for code, cells in sorted(plan.areas.items()):
        if len(code) != 12:
            continue
        for part in _grow(cells, [1] * max(round(len(cells) / 14), 1), chance):
            number = counts[code[:9]] = counts.get(code[:9], 0) + 1
            units = sorted(plan.units[cell] for cell in part)
            found.append(
                {"code": f"{code[:9]}G{number:04d}", "name": f"{plan.names[code]}第{number}网格", "units": units}
            )
    return found


def _zone(plan: _Plan, outlines: dict[Cell, BaseGeometry]) -> Json:
    """A development zone on both sides of the border between the first two counties, with its own edge."""
    first, second = (
        set(plan.areas[code]) for code in sorted(plan.areas) if len(code) == 6 and code.endswith(("02", "03"))
    )
    border = sorted(cell for cell in first if second & set(_beside(cell)))
    middle = border[len(border) // 2]
    core = [cell for cell in plan.units if _apart(cell, middle) <= 4.2]
    outline = shapely.buffer(_union(outlines[cell] for cell in core), 0.0004, quad_segs=4)
    return feature(
        {"code": "QL-ETDZ", "name": "青澜经济开发区", "kind": "开发区"}, shapely.set_precision(outline, 1e-7)
    )


def _roads(plan: _Plan) -> list[tuple[str, BaseGeometry, list[tuple[Cell, Cell]]]]:
    """Named streets along every third line of the lattice: name, line, and its sides as pairs of crossings."""
    roads = []
    spots = {
        corner
        for column, row in plan.units
        for corner in ((column, row), (column + 1, row), (column, row + 1), (column + 1, row + 1))
    }
    lines: list[tuple[str, list[Cell]]] = [
        (name, [(column, 1 + 3 * number) for column in range(COLUMNS + 1)]) for number, name in enumerate(ROADS_ACROSS)
    ]
    lines += [(name, [(2 + 3 * number, row) for row in range(ROWS + 1)]) for number, name in enumerate(ROADS_UP)]
    for name, line in lines:
        kept = [spot for spot in line if spot in spots]
        roads.append((name, shapely.LineString([plan.corners[spot] for spot in kept]), list(pairwise(kept))))
    return roads


def _addresses(
    plan: _Plan, roads: Sequence[tuple[str, BaseGeometry, list[tuple[Cell, Cell]]]], chance: Random
) -> list[dict[str, str]]:
    """House numbers along the streets, odd on one side and even on the other, every third with a place of its own."""
    found: list[dict[str, str]] = []
    used: set[str] = set()
    for road, _, sides in roads:
        for step in range(0, len(sides), 4):
            for even in (0, 1):
                cell = _cell_at(plan, sides[step], even)
                if cell is None:
                    continue
                number = 2 * (3 * step + chance.randint(1, 5)) + even
                lon, lat = _near_side(plan, sides[step], cell, chance)
                found.append(_address(plan, cell, road, number, lon, lat, chance, used, len(found) % 3 == 0))
    return found


def _cell_at(plan: _Plan, side: tuple[Cell, Cell], even: int) -> Cell | None:
    """The block on one hand of a side of a street, if the city reaches there."""
    (column, row), (_, end) = side
    cell = (column, row - even) if end == row else (column - even, row)
    return cell if cell in plan.units else None


def _near_side(plan: _Plan, side: tuple[Cell, Cell], cell: Cell, chance: Random) -> geo.LonLat:
    """A point a few metres inside the block, off the street."""
    start, end = (plan.corners[spot] for spot in side)
    along = chance.uniform(0.2, 0.8)
    middle = geo.ring_centroid([plan.corners[spot] for spot in _ring(cell)])
    on = (start[0] + along * (end[0] - start[0]), start[1] + along * (end[1] - start[1]))
    inwards = chance.uniform(0.15, 0.3)
    return round(on[0] + inwards * (middle[0] - on[0]), 6), round(on[1] + inwards * (middle[1] - on[1]), 6)


def _ring(cell: Cell) -> list[Cell]:
    column, row = cell
    return [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]


def _address(
    plan: _Plan, cell: Cell, road: str, number: int, lon: float, lat: float, chance: Random, used: set[str], named: bool
) -> dict[str, str]:
    community = plan.units[cell][:12]
    kind, poi = ("门牌", "")
    if named:
        kind, endings = chance.choice(KINDS)
        poi = unused(f"{chance.choice(STYLES)}{chance.choice(endings)}", plan.names[community], used)
    county, town = plan.names[community[:6]], plan.names[community[:9]]
    full = f"{NAME}{county}{town}{road}{number}号{poi}"
    return {
        "address": full, "division": community, "road": road, "house_no": f"{number}号", "poi": poi, "kind": kind,
        "lon": f"{lon:.6f}", "lat": f"{lat:.6f}",
    }  # fmt: skip


def unused(name: str, community: str, used: set[str]) -> str:
    """The name, with the community before it when another place bears it already."""
    longer: Callable[[int], str] = lambda n: community[:2] + name if n == 1 else f"{community[:2]}{name}{n}分店"  # noqa: E731
    chosen, turn = name, 0
    while chosen in used:
        turn += 1
        chosen = longer(turn)
    used.add(chosen)
    return chosen


def feature(properties: Json, outline: BaseGeometry) -> Json:
    shape = shapely.geometry.mapping(outline)
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": shape["type"], "coordinates": shape["coordinates"]},
    }


def collection(features: list[Json]) -> Json:
    return {"type": "FeatureCollection", "features": features}
