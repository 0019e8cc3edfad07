"""Attribution of points: the raster answers as every polygon would."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gangmu.base.places.lookup import NOWHERE, Lookup, by_tree


def lattice(wide: int, high: int, seed: int = 0, push: float = 0.3) -> list[shapely.Polygon]:
    """Blocks that share their corners, with no gap and no overlap."""
    chance = np.random.default_rng(seed)
    x = np.arange(wide + 1)[:, None] + chance.uniform(-push, push, (wide + 1, high + 1))
    y = np.arange(high + 1)[None, :] + chance.uniform(-push, push, (wide + 1, high + 1))
    x, y = 118 + x / 1000, 36 + y / 1000
    return [
        shapely.Polygon([(x[i, j], y[i, j]) for i, j in ((c, r), (c + 1, r), (c + 1, r + 1), (c, r + 1))])
        for c in range(wide)
        for r in range(high)
    ]


def agree(areas: list, x: np.ndarray, y: np.ndarray, cells: int | None = None) -> np.ndarray:
    got = Lookup(areas, cells).first(x, y)
    np.testing.assert_array_equal(got, by_tree(areas, x, y))
    return got


@pytest.mark.parametrize("cells", [16, 1000, 1 << 18])
def test_a_city_of_blocks_is_answered_as_by_the_tree(cells):
    areas = lattice(20, 15)
    chance = np.random.default_rng(3)
    x, y = chance.uniform(117.998, 118.022, 30_000), chance.uniform(35.998, 36.017, 30_000)
    got = agree(areas, x, y, cells)
    assert {NOWHERE, 0, len(areas) - 1} <= set(got.tolist())


def test_points_on_shared_corners_and_sides_go_to_the_first_area():
    areas = lattice(12, 12, seed=5)
    corners = shapely.get_coordinates(areas)
    middles = (corners[:-1] + corners[1:]) / 2
    points = np.concatenate([corners, middles])
    got = agree(areas, points[:, 0], points[:, 1])
    owner = np.repeat(np.arange(len(areas)), 5)
    assert (got[: len(corners)] <= owner).all() and (got[: len(corners)] >= 0).all()


def test_overlapping_areas_holes_islands_and_slivers():
    ring = shapely.Polygon([(0, 0), (10, 0), (10, 10), (0, 10)], [[(4, 4), (6, 4), (6, 6), (4, 6)]])
    island = shapely.box(4.5, 4.5, 5.5, 5.5)
    twins = shapely.MultiPolygon([shapely.box(8, 8, 12, 12), shapely.box(-3, -3, -1, -1)])
    sliver = shapely.Polygon([(0, 5), (10, 5.0000001), (10, 5.0000002)])
    areas = [sliver, twins, ring, island, ring]
    x, y = (axis.ravel() for axis in np.meshgrid(np.linspace(-4, 13, 69), np.linspace(-4, 13, 69)))
    for cells in (16, 5000, 1 << 17):
        agree(areas, x, y, cells)
    assert Lookup(areas).every(9, 9) == [1, 2, 4]
    assert Lookup(areas).every(5, 5) == [3] and Lookup(areas).every(4.2, 4.2) == []
    assert Lookup(areas).every(50, 50) == []


small = st.integers(0, 6)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(small, small, st.integers(1, 4), st.integers(1, 4), st.booleans()), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(-2, 22), st.integers(-2, 22)), min_size=1, max_size=60),
    st.sampled_from([16, 49, 400]),
)
def test_any_areas_on_a_lattice_with_points_on_its_lines(shapes, points, cells):
    areas = [
        shapely.Polygon([(x, y), (x + w, y), (x, y + h)]) if is_triangle else shapely.box(x, y, x + w, y + h)
        for x, y, w, h, is_triangle in shapes
    ]
    x, y = np.array(points, float).T / 2
    agree(areas, x, y, cells)
    lookup, tree = Lookup(areas, cells), shapely.STRtree(areas)
    for lon, lat in zip(x, y, strict=True):
        assert lookup.every(lon, lat) == sorted(tree.query(shapely.Point(lon, lat), predicate="intersects").tolist())


@given(hnp.arrays(float, 20, elements=st.floats(allow_nan=True, allow_infinity=True)))
@settings(deadline=None)
def test_impossible_numbers_are_nowhere(values):
    got = Lookup([shapely.box(118, 36, 119, 37)]).first(values, np.full(20, 36.5))
    assert ((got == 0) == ((values >= 118) & (values <= 119))).all()


def test_threads_share_one_lookup():
    areas = lattice(30, 30, seed=8)
    x, y = np.random.default_rng(9).uniform((118.0, 36.0), (118.03, 36.03), (20_000, 2)).T
    expected = by_tree(areas, x, y)
    for _ in range(3):
        lookup = Lookup(areas)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lookup.first, [x] * 16, [y] * 16))
        for answer in answers:
            np.testing.assert_array_equal(answer, expected)


def test_without_areas_everything_is_nowhere():
    for areas in ([], [shapely.Polygon()]):
        assert Lookup(areas).first([118.0], [36.0]).tolist() == [NOWHERE]
        assert Lookup(areas).every(118.0, 36.0) == []
    assert Lookup([shapely.box(0, 0, 1, 1)]).first([], []).tolist() == []
