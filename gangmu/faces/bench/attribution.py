"""``gangmu bench attribution``: points attributed a second of one processor, each compared with an R-tree's answer.

A generated lattice of cells that share crooked sides, points drawn evenly over its box and a little beyond, and some
right on corners and sides, where the tie-break decides.
"""

import time
from typing import Any

import numpy as np
import shapely

from gangmu.base.places.lookup import Lookup, by_tree

USUAL, FULL = (400_000, 2_500), (1_000_000, 10_000)
_TREE_CHUNK = 100_000
_BEND = 0.3  # of a cell: how far corners and the middles of sides are pushed
_ON_BORDERS = 0.01  # share of the points that lie exactly on corners and middles of sides


def run(args: Any) -> dict[str, Any]:
    """Run it: ``args.full`` for 1,000,000 points on 10,000 cells, ``args.n`` for another number of points."""
    points, cells = FULL if getattr(args, "full", False) else USUAL
    points = getattr(args, "n", None) or points
    chance = np.random.default_rng(getattr(args, "seed", None) or 20260918)
    areas = lattice(round(cells**0.5), chance)
    lons, lats = scattered(areas, points, chance)
    tick = time.process_time()
    lookup = Lookup(areas)
    build_s = time.process_time() - tick
    lookup.first(lons[:1000], lats[:1000])
    ours_s, ours = _best(lambda: lookup.first(lons, lats))
    tick = time.process_time()
    theirs = np.concatenate(
        [
            by_tree(areas, lons[at : at + _TREE_CHUNK], lats[at : at + _TREE_CHUNK])
            for at in range(0, points, _TREE_CHUNK)
        ]
    )
    tree_s = time.process_time() - tick
    return {
        "figures": {
            "points_per_cpu_s": round(points / ours_s),
            "equal_share": float((ours == theirs).mean()),
            "build_s": round(build_s, 3),
        },
        "n": points,
        "peer": {"name": "shapely STRtree", "points_per_cpu_s": round(points / tree_s)},
        "notes": {"cells": len(areas), "outside": int((ours < 0).sum())},
    }


def lattice(side: int, chance: np.random.Generator) -> list[shapely.Polygon]:
    """``side`` x ``side`` cells of about 100 m with a bend in every side, shared with the neighbour."""
    step = 0.001
    fine = 2 * side + 1
    x = np.arange(fine)[:, None] / 2 + chance.uniform(-_BEND / 2, _BEND / 2, (fine, fine))
    y = np.arange(fine)[None, :] / 2 + chance.uniform(-_BEND / 2, _BEND / 2, (fine, fine))
    spots = np.stack([118 + x * step, 36 + y * step], axis=-1)
    turn = ((0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1))
    return [
        shapely.Polygon([spots[2 * column + east, 2 * row + north] for east, north in turn])
        for column in range(side)
        for row in range(side)
    ]


def scattered(areas: list[shapely.Polygon], count: int, chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points over the box of the areas and 2 % beyond, some of them exactly on corners."""
    west, south, east, north = shapely.total_bounds(areas)
    over_x, over_y = (east - west) / 50, (north - south) / 50
    lons = chance.uniform(west - over_x, east + over_x, count)
    lats = chance.uniform(south - over_y, north + over_y, count)
    corners = shapely.get_coordinates(areas)
    picked = chance.integers(0, len(corners), int(count * _ON_BORDERS))
    spread = chance.choice(count, len(picked), replace=False)
    lons[spread], lats[spread] = corners[picked, 0], corners[picked, 1]
    return lons, lats


def _best(call: Any, times: int = 3) -> tuple[float, np.ndarray]:
    """The least processor time of several passes, and the answer."""
    least, answer = float("inf"), np.empty(0)
    for _ in range(times):
        tick = time.process_time()
        answer = call()
        least = min(least, time.process_time() - tick)
    return max(least, 1e-9), answer
