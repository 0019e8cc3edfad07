"""Geometry (坐标): one datum inside, conversions at the door, and the few measures that everybody needs.

Inside the house a position is CGCS2000 longitude and latitude in degrees. Map programmes send GCJ-02 or BD-09 and
handhelds WGS-84; they are converted where they come in and the datum that they came in is kept with the point.
GCJ-02 displaces positions inside China only, so that a point elsewhere passes unchanged.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
import numpy.typing as npt

from gangmu.kit.errors import Invalid

Floats = npt.NDArray[np.float64]
LonLat = tuple[float, float]
Displacement = Callable[[Floats, Floats], tuple[Floats, Floats]]

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the Earth, metres (IUGG); used by `distance_m`."""

_CGCS_A = 6_378_137.0
_CGCS_F = 1 / 298.257222101
_CGCS_E2 = _CGCS_F * (2 - _CGCS_F)

# Krasovsky 1940, on which the GCJ-02 displacement is defined.
_GCJ_A = 6_378_245.0
_GCJ_E2 = 0.006_693_421_622_965_943
_BD_PI = math.pi * 3000.0 / 180.0
_CHINA = (72.004, 0.8293, 137.8347, 55.8271)
_NEAR_ENOUGH = 1e-11  # degrees: about a micrometre, far under the promised centimetre
_MOST_STEPS = 60


class Crs(StrEnum):
    """The datums that are understood at the door."""

    CGCS2000 = "CGCS2000"  # 国家大地坐标系, EPSG:4490
    WGS84 = "WGS84"  # EPSG:4326; taken as CGCS2000 (they differ by less than a metre)
    GCJ02 = "GCJ02"  # 火星坐标: what public map services in China show
    BD09 = "BD09"  # GCJ-02 displaced once more


_CRS_NAMES = {
    "CGCS2000": Crs.CGCS2000,
    "EPSG4490": Crs.CGCS2000,
    "4490": Crs.CGCS2000,
    "WGS84": Crs.WGS84,
    "EPSG4326": Crs.WGS84,
    "4326": Crs.WGS84,
    "CRS84": Crs.WGS84,
    "OGC13CRS84": Crs.WGS84,
    "GCJ02": Crs.GCJ02,
    "BD09": Crs.BD09,
    "BD09LL": Crs.BD09,
}


def crs_of(name: str) -> Crs:
    """The datum called `name`; `gcj-02`, `EPSG:4490` and the like are understood. Raises `Invalid` (field crs)."""
    folded = "".join(letter for letter in name.upper() if letter.isalnum()).removeprefix("URNOGCDEFCRS")
    found = _CRS_NAMES.get(folded)
    if found is None:
        raise Invalid(field="crs", reason=f"unknown datum {name!r}; known are {', '.join(Crs)}")
    return found


@dataclass(frozen=True, slots=True)
class Point:
    """A position: CGCS2000 longitude and latitude in degrees. `source` says which datum it was given in."""

    lon: float
    lat: float
    source: Crs = Crs.CGCS2000

    def as_crs(self, crs: str | Crs) -> LonLat:
        """The position in another datum, (lon, lat) in degrees."""
        return from_cgcs2000(self.lon, self.lat, crs)

    def geojson(self) -> dict[str, object]:
        """A GeoJSON Point geometry."""
        return {"type": "Point", "coordinates": [self.lon, self.lat]}


def point(lon: float, lat: float, crs: str | Crs = Crs.CGCS2000) -> Point:
    """A position given in `crs`, held in CGCS2000. Degrees. Raises `Invalid` naming the field: lon, lat or crs."""
    datum = crs if isinstance(crs, Crs) else crs_of(crs)
    check_range(lon, lat)
    if datum in (Crs.CGCS2000, Crs.WGS84):
        return Point(float(lon), float(lat), datum)
    lons, lats = to_cgcs2000_many(np.array([lon], float), np.array([lat], float), datum)
    return Point(float(lons[0]), float(lats[0]), datum)


def check_range(lon: float, lat: float) -> None:
    """Raises `Invalid` unless -180 <= lon <= 180 and -90 <= lat <= 90, both finite numbers."""
    for field, value, limit in (("lon", lon, 180.0), ("lat", lat, 90.0)):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise Invalid(field=field, reason="not a finite number")
        if abs(value) > limit:
            raise Invalid(field=field, reason=f"{value} is outside -{limit:g}..{limit:g}")


def outside_china(lon: float, lat: float) -> bool:
    """Whether GCJ-02 leaves the position alone: the customary box of the transformation."""
    west, south, east, north = _CHINA
    return not (west <= lon <= east and south <= lat <= north)


def to_cgcs2000(lon: float, lat: float, crs: str | Crs) -> LonLat:
    """(lon, lat) in CGCS2000 of a position given in `crs`; degrees."""
    found = point(lon, lat, crs)
    return found.lon, found.lat


def from_cgcs2000(lon: float, lat: float, crs: str | Crs) -> LonLat:
    """(lon, lat) in `crs` of a CGCS2000 position; degrees."""
    check_range(lon, lat)
    lons, lats = from_cgcs2000_many(np.array([lon], float), np.array([lat], float), crs)
    return float(lons[0]), float(lats[0])


def to_cgcs2000_many(lons: Floats, lats: Floats, crs: str | Crs) -> tuple[Floats, Floats]:
    """Arrays of equal shape in `crs`, turned into CGCS2000 degrees. The inverse of GCJ-02 has no closed form: it is
    iterated until it stands still, which is under a micrometre, everywhere in China."""
    datum = crs if isinstance(crs, Crs) else crs_of(crs)
    if datum is Crs.GCJ02:
        return _undo(lons, lats, _gcj02)
    if datum is Crs.BD09:
        return _undo(lons, lats, _bd09)
    return np.asarray(lons, float), np.asarray(lats, float)


def from_cgcs2000_many(lons: Floats, lats: Floats, crs: str | Crs) -> tuple[Floats, Floats]:
    """Arrays of equal shape in CGCS2000 degrees, turned into `crs`."""
    datum = crs if isinstance(crs, Crs) else crs_of(crs)
    lons, lats = np.asarray(lons, float), np.asarray(lats, float)
    if datum not in (Crs.GCJ02, Crs.BD09):
        return lons, lats
    moved = _gcj02(lons, lats) if datum is Crs.GCJ02 else _bd09(lons, lats)
    away = _away(lons, lats)
    return np.where(away, lons, moved[0]), np.where(away, lats, moved[1])


def _away(lons: Floats, lats: Floats) -> npt.NDArray[np.bool_]:
    west, south, east, north = _CHINA
    return (lons < west) | (lons > east) | (lats < south) | (lats > north)


def _gcj02(lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
    """The displacement itself, without the rule of the box: smooth, so that it can be inverted."""
    x, y = lons - 105.0, lats - 35.0
    root = np.sqrt(np.abs(x))
    pi = math.pi
    waves = (20.0 * np.sin(6.0 * x * pi) + 20.0 * np.sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north = north + (20.0 * np.sin(y * pi) + 40.0 * np.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north = north + (160.0 * np.sin(y / 12.0 * pi) + 320.0 * np.sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east = east + (20.0 * np.sin(x * pi) + 40.0 * np.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east = east + (150.0 * np.sin(x / 12.0 * pi) + 300.0 * np.sin(x / 30.0 * pi)) * 2.0 / 3.0
    latitude = np.radians(lats)
    bulge = 1.0 - _GCJ_E2 * np.sin(latitude) ** 2
    north_deg = north * 180.0 / (_GCJ_A * (1.0 - _GCJ_E2) / (bulge * np.sqrt(bulge)) * pi)
    east_deg = east * 180.0 / (_GCJ_A / np.sqrt(bulge) * np.cos(latitude) * pi)
    return lons + east_deg, lats + north_deg


def _bd09(lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
    x, y = _gcj02(lons, lats)
    reach = np.sqrt(x * x + y * y) + 0.00002 * np.sin(y * _BD_PI)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_PI)
    return reach * np.cos(angle) + 0.0065, reach * np.sin(angle) + 0.006


def _undo(lons: Floats, lats: Floats, displace: Displacement) -> tuple[Floats, Floats]:
    """Fixed-point inverse of a small smooth displacement; positions outside the box are left as they are."""
    lons, lats = np.asarray(lons, float), np.asarray(lats, float)
    away = _away(lons, lats)
    safe_lons, safe_lats = np.where(away, 105.0, lons), np.where(away, 35.0, lats)
    guess_lons, guess_lats = safe_lons, safe_lats
    for _ in range(_MOST_STEPS):
        there_lons, there_lats = displace(guess_lons, guess_lats)
        off_lons, off_lats = safe_lons - there_lons, safe_lats - there_lats
        guess_lons, guess_lats = guess_lons + off_lons, guess_lats + off_lats
        if max(np.abs(off_lons).max(initial=0.0), np.abs(off_lats).max(initial=0.0)) < _NEAR_ENOUGH:
            break
    return np.where(away, lons, guess_lons), np.where(away, lats, guess_lats)


def distance_m(a: Point | LonLat, b: Point | LonLat) -> float:
    """Great-circle distance in metres (haversine); within 0.5 % of the ellipsoid's."""
    lon_a, lat_a = _pair(a)
    lon_b, lat_b = _pair(b)
    return float(distances_m(np.array([lon_a]), np.array([lat_a]), lon_b, lat_b)[0])


def distances_m(lons: Floats, lats: Floats, lon: float | Floats, lat: float | Floats) -> Floats:
    """Great-circle distances in metres from many positions to one, or pairwise to equally many."""
    phi_a, phi_b = np.radians(lats), np.radians(lat)
    half_phi = (phi_b - phi_a) / 2
    half_lam = (np.radians(lon) - np.radians(lons)) / 2
    chord = np.sin(half_phi) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin(half_lam) ** 2
    found: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))
    return found


def _pair(place: Point | LonLat) -> LonLat:
    return (place.lon, place.lat) if isinstance(place, Point) else place


def metres_per_degree(lat: float) -> LonLat:
    """(metres a degree of longitude, metres a degree of latitude) on the CGCS2000 ellipsoid at a latitude."""
    phi = math.radians(lat)
    bulge = 1 - _CGCS_E2 * math.sin(phi) ** 2
    along = math.pi / 180 * _CGCS_A * math.cos(phi) / math.sqrt(bulge)
    up = math.pi / 180 * _CGCS_A * (1 - _CGCS_E2) / bulge**1.5
    return along, up


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in degrees, west <= east and south <= north, borders included. No box crosses the date line."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def parse(cls, text: str) -> Self:
        """From "west,south,east,north" as maps send it. Raises `Invalid` (field bbox)."""
        try:
            west, south, east, north = (float(part) for part in text.split(","))
        except ValueError:
            raise Invalid(field="bbox", reason="wants four numbers: west,south,east,north") from None
        for lon, lat in ((west, south), (east, north)):
            try:
                check_range(lon, lat)
            except Invalid as wrong:
                raise Invalid(field="bbox", reason=str(wrong.params.get("reason", "out of range"))) from None
        if west > east or south > north:
            raise Invalid(field="bbox", reason="west must not exceed east, nor south north")
        return cls(west, south, east, north)

    @classmethod
    def around(cls, places: Iterable[Point | LonLat]) -> Self:
        """The smallest box round some positions. Raises `ValueError` when there are none."""
        pairs = [_pair(place) for place in places]
        if not pairs:
            raise ValueError("no position to draw a box round")
        lons, lats = [lon for lon, _ in pairs], [lat for _, lat in pairs]
        return cls(min(lons), min(lats), max(lons), max(lats))

    @property
    def centre(self) -> LonLat:
        return (self.west + self.east) / 2, (self.south + self.north) / 2

    def holds(self, place: Point | LonLat) -> bool:
        lon, lat = _pair(place)
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    def meets(self, other: Box) -> bool:
        """Whether the two share a point."""
        return (
            self.west <= other.east
            and other.west <= self.east
            and self.south <= other.north
            and other.south <= self.north
        )

    def grown(self, metres: float) -> Box:
        """Wider by `metres` on every side, kept on the globe."""
        along, up = metres_per_degree(min(max(abs(self.south), abs(self.north)), 89.0))
        return Box(
            max(self.west - metres / along, -180.0),
            max(self.south - metres / up, -90.0),
            min(self.east + metres / along, 180.0),
            min(self.north + metres / up, 90.0),
        )


def box_around(centre: Point | LonLat, metres: float) -> Box:
    """The box that holds every position within `metres` of a centre; for narrowing a search before `distance_m`."""
    lon, lat = _pair(centre)
    return Box(lon, lat, lon, lat).grown(metres)


def ring_area_m2(ring: Sequence[LonLat]) -> float:
    """Area in square metres within a closed or open ring of (lon, lat), on the CGCS2000 ellipsoid, never negative.
    Sides are straight in longitude and equal-area latitude, which for grids and divisions is exact to well under 0.1 %.
    """
    if len(ring) < 3:
        return 0.0
    corners = np.asarray(ring, float)
    lam = np.radians(corners[:, 0])
    height = _equal_area(np.radians(corners[:, 1]))
    lam = lam - lam[0]
    height = height - height[0]
    twice = float(np.sum(lam * np.roll(height, -1) - np.roll(lam, -1) * height))
    return abs(twice) / 2 * _CGCS_A**2


def _equal_area(phi: Floats) -> Floats:
    """Half of Lambert's q, whose product with a² and longitude is the area down to the equator."""
    e = math.sqrt(_CGCS_E2)
    sin = np.sin(phi)
    found: Floats = (1 - _CGCS_E2) / 2 * (sin / (1 - _CGCS_E2 * sin**2) + np.arctanh(e * sin) / e)
    return found


def polygon_area_m2(rings: Sequence[Sequence[LonLat]]) -> float:
    """Area of a polygon given as GeoJSON rings: the first less its holes."""
    if not rings:
        return 0.0
    return max(ring_area_m2(rings[0]) - sum(ring_area_m2(hole) for hole in rings[1:]), 0.0)


def ring_centroid(ring: Sequence[LonLat]) -> LonLat:
    """Centre of mass of a simple ring, degrees; the mean of the corners when it has no area.
    Raises `ValueError` for an empty ring."""
    if not ring:
        raise ValueError("an empty ring has no centre")
    corners = np.asarray(ring, float)
    if len(corners) > 1 and np.array_equal(corners[0], corners[-1]):
        corners = corners[:-1]
    origin = corners.mean(axis=0)
    x, y = (corners - origin).T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    twice = float(cross.sum())
    if abs(twice) < 1e-18:
        return float(origin[0]), float(origin[1])
    lon = float(((x + np.roll(x, -1)) * cross).sum()) / (3 * twice)
    lat = float(((y + np.roll(y, -1)) * cross).sum()) / (3 * twice)
    return float(origin[0]) + lon, float(origin[1]) + lat
