"""Whether grids fit together."""

import pytest
import shapely

from gangmu.base.places import checks

STEP = 0.001  # about 100 m


def block(column: float, row: float, wide: float = 1, high: float = 1) -> shapely.Polygon:
    return shapely.box(118 + column * STEP, 36 + row * STEP, 118 + (column + wide) * STEP, 36 + (row + high) * STEP)


def test_neighbours_do_not_overlap_but_later_rows_lying_on_others_do():
    new = [(1, "a", block(0, 0)), (2, "b", block(1, 0)), (3, "c", block(0.5, 0)), (4, "d", block(9, 9))]
    found = checks.overlapping(new, [("old", block(9, 9.5))], sliver_m2=5)
    assert [(one.row, one.reason, one.value) for one in found] == [(3, "overlaps", "a"), (4, "overlaps", "old")]
    assert not any(one.is_note for one in found)


def test_a_row_left_out_does_not_push_out_another():
    new = [(1, "a", block(0, 0)), (2, "b", block(0.5, 0)), (3, "c", block(1.2, 0))]
    assert [one.row for one in checks.overlapping(new, [], sliver_m2=5)] == [2]


def test_slivers_are_borne():
    new = [(1, "a", block(0, 0)), (2, "b", block(0.9999, 0))]
    assert checks.overlapping(new, [], sliver_m2=5) == []
    assert checks.overlapping(new, [], sliver_m2=0.1)[0].row == 2
    assert checks.overlapping([], [], sliver_m2=5) == []


def test_pieces_and_sizes():
    two = shapely.MultiPolygon([block(0, 0), block(5, 5)])
    found = checks.shapes([(1, "a", two), (2, "b", block(0, 0, 50, 50)), (3, "c", block(0, 0))])
    assert [(one.row, one.reason, one.is_note) for one in found] == [
        (1, "not_one_piece", False),
        (2, "unusual_size", True),
    ]


def test_a_hole_between_grids_is_told_with_a_point_in_it():
    around = [block(c, r) for c in range(3) for r in range(3) if (c, r) != (1, 1)]
    found = checks.gaps(around, sliver_m2=5)
    assert len(found) == 1 and found[0].reason == "gap" and found[0].is_note
    lon, lat = map(float, found[0].value.split()[0].split(","))
    assert block(1, 1).contains(shapely.Point(lon, lat))
    assert checks.gaps([*around, block(1, 1)], sliver_m2=5) == []
    assert checks.gaps([], sliver_m2=5) == []


def test_reaching_out_of_the_community_is_told():
    community = {"370303001001": block(0, 0, 2, 2)}
    new = [
        (1, "370303001001001", block(1.5, 0)),
        (2, "370303001001002", block(0, 0)),
        (3, "370303001009001", block(7, 7)),
    ]
    found = checks.outside(new, community, sliver_m2=5)
    assert [(one.row, one.is_note) for one in found] == [(1, True)]


def test_sharing_a_side_makes_neighbours_a_corner_does_not():
    assert checks.beside(block(0, 0), block(1, 0))
    assert checks.beside(block(0, 0), block(1, 0.9))
    assert not checks.beside(block(0, 0), block(1, 1))
    assert not checks.beside(block(0, 0), block(2, 0))


def test_one_piece_hangs_together_over_sides():
    assert checks.in_one_piece([block(0, 0), block(1, 0), block(1, 1)])
    assert not checks.in_one_piece([block(0, 0), block(1, 1)])
    assert checks.in_one_piece([block(0, 0)]) and not checks.in_one_piece([])


def test_a_grid_alone_in_the_field_is_told():
    new = [(1, "a", block(0, 0)), (2, "b", block(1, 0)), (3, "c", block(8, 8))]
    assert [one.row for one in checks.lonely(new, [outline for _, _, outline in new])] == [3]
    assert checks.lonely(new[:1], [new[0][2]]) == []


def test_areas_are_in_square_metres():
    ring = block(0, 0, 3, 3).difference(block(1, 1))
    assert checks.area_m2(ring) == pytest.approx(8 / 9 * checks.area_m2(block(0, 0, 3, 3)), rel=1e-3)
    assert checks.area_m2(shapely.LineString([(0, 0), (1, 1)])) == 0
