"""Where a point lies (点位归属): a raster that answers at once inside an area, and the exact test along borders.

Every raster cell holds one of: nothing; the one area that covers it whole; or the short list of areas whose border runs
through it, which are then tested exactly, in order. The answer is the same as that of asking every polygon: of several
areas that share the point, the first in order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]

NOWHERE = -1
_EPS = 1e-6  # of a raster cell: border cells are taken a hair too wide, never too narrow
_FEWEST_CELLS, _MOST_CELLS = 1 << 16, 1 << 23
_CELLS_PER_AREA = 400
_CHUNK = 1 << 16  # points a pass: the working arrays stay in the processor's cache


class Lookup:
    """Areas (polygons or multipolygons, lon/lat) in the order in which they win a shared border.

    Built once for an edition of boundaries and then only read, so that threads may share it. Without areas it answers
    `NOWHERE` for every point. Invalid polygons are the caller's to mend; empty ones are never hit."""

    def __init__(self, areas: Sequence[BaseGeometry], cells: int | None = None) -> None:
        self.areas = np.empty(len(areas), dtype=object)
        self.areas[:] = list(areas)
        shapely.prepare(self.areas)
        sides = shapely.bounds(self.areas).reshape(-1, 4)
        # A prepared area builds its index while it is asked, which two threads may not do at once: one at a time asks
        # the few points at a border. The first question is asked here.
        self._exact = Lock()
        shapely.intersects_xy(self.areas, (sides[:, 0] + sides[:, 2]) / 2, (sides[:, 1] + sides[:, 3]) / 2)
        usual = min(max(len(areas) * _CELLS_PER_AREA, _FEWEST_CELLS), _MOST_CELLS)
        self._shape(usual if cells is None else max(cells, 16))
        if self._columns:
            self._draw()

    def __len__(self) -> int:
        return len(self.areas)

    def first(self, lons: npt.ArrayLike, lats: npt.ArrayLike) -> Places:
        """For each point the index of the first area that holds or touches it, or `NOWHERE`."""
        x, y = np.ascontiguousarray(lons, float), np.ascontiguousarray(lats, float)
        found = np.full(len(x), NOWHERE, dtype=np.int32)
        if not self._columns:
            return found
        for start in range(0, len(x), _CHUNK):
            part = slice(start, start + _CHUNK)
            self._first(x[part], y[part], found[part])
        return found

    def first_of(self, lon: float, lat: float) -> int:
        """The same for one point."""
        return int(self.first([lon], [lat])[0])

    def every(self, lon: float, lat: float) -> list[int]:
        """Indices of all areas that hold or touch one point, in order; for layers that overlap."""
        if not self._columns:
            return []
        cell = self._cells(np.array([lon], float), np.array([lat], float))[0]
        held = int(self._raster[cell]) if cell >= 0 else NOWHERE
        if held >= NOWHERE:
            return [held] if held >= 0 else []
        case = -2 - held
        candidates = self._candidates[self._offsets[case] : self._offsets[case + 1]]
        covers = self._covers[self._offsets[case] : self._offsets[case + 1]]
        return [
            int(area) for area, covered in zip(candidates, covers, strict=True) if covered or self._hits(area, lon, lat)
        ]

    def _hits(self, area: Any, x: Any, y: Any) -> Any:
        """The exact test of points at a border."""
        with self._exact:
            return shapely.intersects_xy(self.areas[area], x, y)

    def _shape(self, wanted: int) -> None:
        """Size of the raster: about `wanted` cells, roughly square on the ground."""
        self._columns = self._rows = 0
        bounds = shapely.total_bounds(self.areas) if len(self.areas) else np.full(4, np.nan)
        if np.isnan(bounds).any():
            return
        west, south, east, north = (float(side) for side in bounds)
        wide, high = max(east - west, 1e-9), max(north - south, 1e-9)
        ratio = wide * max(math.cos(math.radians((south + north) / 2)), 0.05) / high
        self._columns = min(max(int(math.sqrt(wanted * ratio)), 16), wanted // 16)
        self._rows = max(wanted // self._columns, 1)
        self._west, self._south = west, south
        self._per_lon, self._per_lat = self._columns / wide, self._rows / high

    def _cells(self, x: Floats, y: Floats) -> Ints:
        """Raster cell of each point; -1 outside. Points on the outermost edges belong to the outermost cells."""
        with np.errstate(invalid="ignore", over="ignore"):
            across, up = (x - self._west) * self._per_lon, (y - self._south) * self._per_lat
            inside = (across >= -_EPS) & (across <= self._columns + _EPS) & (up >= -_EPS) & (up <= self._rows + _EPS)
            column = np.clip(across, 0, self._columns - 1).astype(np.int64)
            row = np.clip(up, 0, self._rows - 1).astype(np.int64)
        row *= self._columns
        row += column
        row[~inside] = -1
        return row

    def _first(self, x: Floats, y: Floats, found: Places) -> None:
        cells = self._cells(x, y)
        np.take(self._raster, cells, out=found, mode="wrap")  # cell -1 is the spare cell at the end
        open_ = np.flatnonzero(found < NOWHERE)
        if not len(open_):
            return
        case = -2 - found[open_].astype(np.int64)
        found[open_] = NOWHERE
        at, end = self._offsets[case], self._offsets[case + 1]
        open_x, open_y = x[open_], y[open_]
        while len(open_):
            area = self._candidates[at]
            hit = self._covers[at] | self._hits(area, open_x, open_y)
            found[open_[hit]] = area[hit]
            at = at + 1
            left = np.flatnonzero(~hit & (at < end))
            open_, at, end, open_x, open_y = open_[left], at[left], end[left], open_x[left], open_y[left]

    def _draw(self) -> None:
        edges = self._edges()
        border = self._border(*edges)
        fill_cells, fill_areas = self._fill(*edges)
        total = self._columns * self._rows
        raster = np.full(total + 1, NOWHERE, dtype=np.int32)
        many = np.zeros(total, dtype=bool)
        many[border // len(self.areas)] = True
        plain = ~many[fill_cells]
        twice = np.bincount(fill_cells[plain], minlength=total) > 1
        many |= twice
        plain = ~many[fill_cells]
        raster[fill_cells[plain]] = fill_areas[plain]
        covered = fill_cells[~plain] * len(self.areas) + fill_areas[~plain]
        covered = np.setdiff1d(covered, border)
        keys = np.concatenate([border, covered])
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        self._covers = np.concatenate([np.zeros(len(border), bool), np.ones(len(covered), bool)])[order]
        self._candidates = (keys % len(self.areas)).astype(np.int32)
        case_cells, starts = np.unique(keys // len(self.areas), return_index=True)
        self._offsets = np.append(starts, len(keys)).astype(np.int64)
        raster[case_cells] = -2 - np.arange(len(case_cells))
        self._raster = raster

    def _edges(self) -> tuple[Floats, Floats, Floats, Floats, Ints]:
        """All sides of all rings in raster units, with the area that each belongs to."""
        parts, owner = shapely.get_parts(self.areas, return_index=True)
        rings, part = shapely.get_rings(parts, return_index=True)
        corners, ring = shapely.get_coordinates(rings, return_index=True)
        along = ring[1:] == ring[:-1]
        x = (corners[:, 0] - self._west) * self._per_lon
        y = (corners[:, 1] - self._south) * self._per_lat
        area = owner[part][ring]
        return x[:-1][along], y[:-1][along], x[1:][along], y[1:][along], area[1:][along].astype(np.int64)

    def _border(self, ax: Floats, ay: Floats, bx: Floats, by: Floats, area: Ints) -> Ints:
        """Sorted keys (cell * areas + area) of every cell that a side of an area runs through or touches."""
        low, high = np.minimum(ay, by), np.maximum(ay, by)
        first = np.clip(np.floor(low - _EPS), 0, self._rows - 1).astype(np.int64)
        last = np.clip(np.floor(high + _EPS), 0, self._rows - 1).astype(np.int64)
        side, step = _spread(last - first + 1)
        row = first[side] + step
        rise = by - ay
        slope = np.divide(bx - ax, rise, out=np.zeros_like(rise), where=np.abs(rise) > 1e-12)[side]
        from_y = np.maximum(low[side], row - _EPS)
        to_y = np.minimum(high[side], row + 1 + _EPS)
        at_from, at_to = ax[side] + (from_y - ay[side]) * slope, ax[side] + (to_y - ay[side]) * slope
        flat = (np.abs(rise) <= 1e-12)[side]
        west = np.where(flat, np.minimum(ax, bx)[side], np.minimum(at_from, at_to))
        east = np.where(flat, np.maximum(ax, bx)[side], np.maximum(at_from, at_to))
        start = np.clip(np.floor(west - _EPS), 0, self._columns - 1).astype(np.int64)
        end = np.clip(np.floor(east + _EPS), 0, self._columns - 1).astype(np.int64)
        run, offset = _spread(end - start + 1)
        cell = row[run] * self._columns + start[run] + offset
        return np.unique(cell * len(self.areas) + area[side[run]])

    def _fill(self, ax: Floats, ay: Floats, bx: Floats, by: Floats, area: Ints) -> tuple[Ints, Ints]:
        """(cell, area) of every cell whose centre lies in an area. Only read where no border runs."""
        first = np.ceil(np.minimum(ay, by) - 0.5).astype(np.int64)
        last = np.ceil(np.maximum(ay, by) - 0.5).astype(np.int64)
        side, step = _spread(last - first)
        row = first[side] + step
        crossing = ax[side] + (row + 0.5 - ay[side]) * ((bx - ax)[side] / (by - ay)[side])
        order = np.lexsort((crossing, row, area[side]))
        row, crossing, owner = row[order][::2], crossing[order], area[side][order][::2]
        start = np.clip(np.ceil(crossing[::2] - 0.5), 0, self._columns).astype(np.int64)
        end = np.clip(np.ceil(crossing[1::2] - 0.5), 0, self._columns).astype(np.int64)
        keep = (row >= 0) & (row < self._rows)
        start, end, row, owner = start[keep], end[keep], row[keep], owner[keep]
        run, offset = _spread(end - start)
        return row[run] * self._columns + start[run] + offset, owner[run]


def _spread(counts: Ints) -> tuple[Ints, Ints]:
    """For counts (2, 0, 3): owners (0, 0, 2, 2, 2) and steps (0, 1, 0, 1, 2)."""
    counts = np.maximum(counts, 0)
    owner = np.repeat(np.arange(len(counts)), counts)
    step = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return owner, step


def by_tree(areas: Sequence[BaseGeometry], lons: npt.ArrayLike, lats: npt.ArrayLike) -> Places:
    """The plain exact answer from an R-tree, with the same rule on shared borders; the measure of `Lookup.first`."""
    x = np.asarray(lons, float)
    found = np.full(len(x), len(areas), dtype=np.int32)
    point, area = shapely.STRtree(list(areas)).query(shapely.points(x, np.asarray(lats, float)), predicate="intersects")
    np.minimum.at(found, point, area.astype(np.int32))
    found[found == len(areas)] = NOWHERE
    return found
