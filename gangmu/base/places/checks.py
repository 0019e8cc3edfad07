"""Whether grids fit together (拓扑检查): no overlaps, no gaps, each in one piece and inside its community.

Pure: outlines in, findings out. Lengths and areas are taken at the latitude of the grids, in metres.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gangmu.base.places.model import Finding
from gangmu.kit import geo

SMALLEST_M2, LARGEST_M2 = 100.0, 200_000.0
"""A unit grid is about 10,000 m²; one outside these is told of, not refused."""
_SIDE_DEG = 1e-6  # two grids whose sides lie nearer than this (0.1 m) share them
_SIDE_AREA = 5e-12  # ... over half a metre at least: a touching corner does not make neighbours


def area_m2(outline: BaseGeometry) -> float:
    """Area of a polygon or multipolygon in lon/lat, square metres."""
    return float(sum(_part_area(part) for part in shapely.get_parts(outline)))


def _part_area(part: BaseGeometry) -> float:
    if part.geom_type != "Polygon":
        return 0.0
    rings = [[(float(x), float(y)) for x, y in shapely.get_coordinates(ring)] for ring in shapely.get_rings(part)]
    return geo.polygon_area_m2(rings)


def overlapping(
    new: Sequence[tuple[int, str, BaseGeometry]], standing: Sequence[tuple[str, BaseGeometry]], sliver_m2: float
) -> list[Finding]:
    """A finding for each new grid (row, code, outline) that lies on a standing one or on a row before it by more than
    a sliver; `value` names the other."""
    if not new:
        return []
    outlines = [outline for _, outline in standing] + [outline for _, _, outline in new]
    names = [code for code, _ in standing] + [code for _, code, _ in new]
    first_new = len(standing)
    here, there = shapely.STRtree(outlines).query(np.array(outlines[first_new:], dtype=object), predicate="intersects")
    here = here + first_new
    earlier = there < here
    here, there = here[earlier], there[earlier]
    pieces = shapely.intersection(np.array(outlines, object)[here], np.array(outlines, object)[there])
    out: set[int] = set()
    findings = []
    for place in np.lexsort((there, here)):
        mine, other = int(here[place]), int(there[place])
        if mine in out or other in out or shapely.area(pieces[place]) == 0 or area_m2(pieces[place]) <= sliver_m2:
            continue
        out.add(mine)
        findings.append(Finding(new[mine - first_new][0], "geometry", "overlaps", names[other]))
    return findings


def shapes(new: Sequence[tuple[int, str, BaseGeometry]]) -> list[Finding]:
    """A finding for each grid in several pieces, a note for each of unusual size."""
    findings = []
    for row, code, outline in new:
        size = area_m2(outline)
        if len(shapely.get_parts(outline)) != 1:
            findings.append(Finding(row, "geometry", "not_one_piece", code))
        elif not SMALLEST_M2 <= size <= LARGEST_M2:
            findings.append(Finding(row, "geometry", "unusual_size", f"{size:.0f} m2", is_note=True))
    return findings


def outside(
    new: Sequence[tuple[int, str, BaseGeometry]], communities: Mapping[str, BaseGeometry], sliver_m2: float
) -> list[Finding]:
    """A note for each grid that reaches out of its community, where the outline of that community is known. Only a
    note: boundaries and grids often come from different surveys."""
    findings = []
    for row, code, outline in new:
        community = communities.get(code[:12])
        if community is None:
            continue
        beyond = area_m2(shapely.difference(outline, community))
        if beyond > sliver_m2:
            findings.append(Finding(row, "geometry", "outside_community", f"{beyond:.0f} m2", is_note=True))
    return findings


def gaps(outlines: Sequence[BaseGeometry], sliver_m2: float) -> list[Finding]:
    """A note for each hole that a set of grids leaves between them, with a point in it."""
    if not len(outlines):
        return []
    findings = []
    for part in shapely.get_parts(shapely.union_all(list(outlines))):
        for hole in part.interiors:
            gap = shapely.Polygon(hole)
            if area_m2(gap) > sliver_m2:
                inner = shapely.point_on_surface(gap)
                value = f"{inner.x:.6f},{inner.y:.6f} {area_m2(gap):.0f} m2"
                findings.append(Finding(0, "geometry", "gap", value, is_note=True))
    return findings


def lonely(new: Sequence[tuple[int, str, BaseGeometry]], around: Sequence[BaseGeometry]) -> list[Finding]:
    """A note for each grid that shares no side with any of those around it (which may hold it too)."""
    if len(around) < 2:
        return []
    tree = shapely.STRtree(list(around))
    findings = []
    for row, code, outline in new:
        near = [around[int(place)] for place in tree.query(outline, predicate="dwithin", distance=_SIDE_DEG)]
        if not any(beside(outline, other) for other in near if not shapely.equals_exact(other, outline)):
            findings.append(Finding(row, "geometry", "no_neighbour", code, is_note=True))
    return findings


def beside(one: BaseGeometry, other: BaseGeometry) -> bool:
    """Whether two grids share a side, not just a corner."""
    return float(shapely.area(shapely.intersection(shapely.buffer(one, _SIDE_DEG), other))) > _SIDE_AREA


def in_one_piece(outlines: Sequence[BaseGeometry]) -> bool:
    """Whether grids hang together over shared sides."""
    if len(outlines) < 2:
        return bool(len(outlines))
    tree = shapely.STRtree(list(outlines))
    seen, todo = {0}, [0]
    while todo:
        here = outlines[todo.pop()]
        for place in (int(found) for found in tree.query(here, predicate="dwithin", distance=_SIDE_DEG)):
            if place not in seen and beside(here, outlines[place]):
                seen.add(place)
                todo.append(place)
    return len(seen) == len(outlines)
