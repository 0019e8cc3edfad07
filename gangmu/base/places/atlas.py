"""The atlas (地图集): every layer of the city ready to say where points belong, one edition of it held in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from gangmu.base.places.codes import Level
from gangmu.base.places.lookup import NOWHERE, Lookup
from gangmu.base.places.model import Attribution, attributed
from gangmu.kit import geo

UNIT, NONE = "unit_grid", "none"
_DEEPEST_FIRST = (Level.community, Level.town, Level.county, Level.city)
Texts = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Layer:
    """Areas of one kind in the order of their codes, which is the order in which they win a shared border."""

    codes: Texts
    lookup: Lookup

    @classmethod
    def of(cls, areas: Mapping[str, BaseGeometry]) -> "Layer":
        codes = sorted(areas)
        return cls(np.array(codes, dtype="U20"), Lookup([areas[code] for code in codes]))

    def __len__(self) -> int:
        return len(self.codes)

    def box(self) -> geo.Box | None:
        """The box that the areas fill."""
        if not len(self):
            return None
        return geo.Box(*(float(side) for side in shapely.total_bounds(self.lookup.areas)))


@dataclass(frozen=True, slots=True)
class Attributions:
    """Answers for many points: arrays of equal length. `division` is the deepest division known (12 digits or empty),
    `unit_grid` 15 digits or empty."""

    division: Texts
    unit_grid: Texts


class Atlas:
    """Outlines by code: `units` by 15 digits, `divisions` by level and 12 digits, `zones` by their code; `walked` says
    which responsibility grids hold a unit. Read only once made."""

    def __init__(
        self,
        divisions: Mapping[Level, Mapping[str, BaseGeometry]],
        units: Mapping[str, BaseGeometry] | None = None,
        zones: Mapping[str, BaseGeometry] | None = None,
        walked: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._units = Layer.of(units or {})
        self._levels = [(level, Layer.of(divisions[level])) for level in _DEEPEST_FIRST if divisions.get(level)]
        self._zones = Layer.of(zones or {})
        self._walked = dict(walked or {})
        self._joined: dict[tuple[str, ...], BaseGeometry] = {}

    @property
    def deepest(self) -> str:
        """The deepest layer that can answer: unit_grid, community, town, county, city or none."""
        if len(self._units):
            return UNIT
        return str(self._levels[0][0]) if self._levels else NONE

    def at(self, lon: float, lat: float) -> Attribution:
        """Where a CGCS2000 point belongs, as deep as the boundaries know."""
        zones = [str(self._zones.codes[place]) for place in self._zones.lookup.every(lon, lat)]
        unit = self._units.lookup.first_of(lon, lat)
        if unit != NOWHERE:
            code = str(self._units.codes[unit])
            return attributed(code[:12], code, self.deepest, self._walked.get(code, ()), zones)
        for _, layer in self._levels:
            place = layer.lookup.first_of(lon, lat)
            if place != NOWHERE:
                return attributed(str(layer.codes[place]), "", self.deepest, zones=zones)
        return attributed("", "", self.deepest, zones=zones)

    def sizes(self) -> dict[str, tuple[int, geo.Box | None]]:
        """How many areas each layer has and the box that they fill; layers without any are left out."""
        layers = [*[(str(level), layer) for level, layer in reversed(self._levels)], (UNIT, self._units)]
        found = {kind: (len(layer), layer.box()) for kind, layer in layers}
        found["duty_grid"] = (len({code for codes in self._walked.values() for code in codes}), self._units.box())
        found["zone"] = (len(self._zones), self._zones.box())
        return {kind: size for kind, size in found.items() if size[0]}

    def joined(self, units: tuple[str, ...]) -> BaseGeometry | None:
        """The outline of a responsibility grid: its unit grids in one, joined once. None when none of them is here."""
        if units not in self._joined:
            places = np.searchsorted(self._units.codes, units)
            codes = self._units.codes
            held = [
                place for place, unit in zip(places, units, strict=True) if place < len(codes) and codes[place] == unit
            ]
            self._joined[units] = shapely.union_all(self._units.lookup.areas[held])
        outline = self._joined[units]
        return None if outline.is_empty else outline

    def many(self, lons: npt.ArrayLike, lats: npt.ArrayLike) -> Attributions:
        """The same for arrays of points, without duties and zones."""
        x, y = np.asarray(lons, float), np.asarray(lats, float)
        units, divisions = np.zeros(len(x), dtype="U15"), np.zeros(len(x), dtype="U12")
        found = self._units.lookup.first(x, y)
        hit = found != NOWHERE
        if hit.any():
            units[hit] = self._units.codes[found[hit]]
            divisions[hit] = units[hit].astype("U12")
        left = np.flatnonzero(~hit)
        for _, layer in self._levels:
            if not len(left):
                break
            found = layer.lookup.first(x[left], y[left])
            hit = found != NOWHERE
            divisions[left[hit]] = layer.codes[found[hit]]
            left = left[~hit]
        return Attributions(divisions, units)
