"""The ground shaped after a real city: its names and outlines are kept, what is invented fits into them."""

import json

import pytest
import shapely

from gangmu.demo import ground, roster, terrain
from gangmu.kit import geo

# two counties that share a crooked border, four towns each; nothing real
LAID = {
    "code": "990200",
    "datum": "GCJ02",
    "sources": [{"package": "somewhere", "version": "1", "licence": "MIT"}],
    "divisions": [
        ["9902", "试验市"],
        ["990202", "东城区"],
        ["990203", "西川县"],
        *[[f"99020200{n}", f"东{n}街道"] for n in range(1, 5)],
        *[[f"99020310{n}", f"西{n}镇"] for n in range(1, 5)],
    ],
    "outlines": {
        "东城区": [[[[117.0, 36.0], [117.3, 36.0], [117.3, 36.25], [117.02, 36.25], [117.08, 36.1], [117.0, 36.0]]]],
        "西川县": [[[[117.0, 36.0], [117.08, 36.1], [117.02, 36.25], [116.7, 36.25], [116.7, 36.0], [117.0, 36.0]]]],
    },
}
BUILT = ["990202002", "990203101"]
LAND = ground.shape(LAID, BUILT, 3)


def outlines(collection):
    return {row["properties"]["code"]: shapely.geometry.shape(row["geometry"]) for row in collection["features"]}


AREAS = outlines(LAND.boundaries)


def test_names_and_codes_are_those_of_the_list():
    named = {row["code"]: row["name"] for row in LAND.divisions}
    assert {code: named[code] for code, _ in LAID["divisions"]} == dict(LAID["divisions"])
    assert LAND.listed == {code for code, _ in LAID["divisions"]} and LAND.source == "somewhere 1 (MIT)"
    invented = set(named) - LAND.listed
    assert invented and {len(code) for code in invented} == {12}
    assert {code[:9] for code in invented} == set(BUILT) == set(LAND.built)


def test_county_outlines_are_moved_out_of_their_datum():
    there = AREAS["990202"]
    for lon, lat in LAID["outlines"]["东城区"][0][0]:
        moved = geo.to_cgcs2000(lon, lat, "GCJ02")
        assert geo.distance_m((lon, lat), moved) > 200
        assert there.distance(shapely.Point(moved)) < 1e-6


@pytest.mark.parametrize("depth", [(6, 9), (9, 12)])
def test_what_is_below_fills_what_is_above_without_overlap(depth):
    above, below = depth
    for code in {one[:above] for one in AREAS if len(one) == below}:
        parts = [area for one, area in AREAS.items() if len(one) == below and one.startswith(code)]
        whole = shapely.union_all(parts)
        assert abs(whole.area - AREAS[code].area) < 1e-8
        assert abs(sum(part.area for part in parts) - whole.area) < 1e-8
        assert all(part.geom_type == "Polygon" for part in parts)


def test_unit_grids_make_up_their_communities_and_walks_their_units():
    units = outlines(LAND.unit_grids)
    for community in {code[:12] for code in units}:
        whole = shapely.union_all([area for code, area in units.items() if code.startswith(community)])
        assert abs(whole.area - AREAS[community].area) < 1e-8
    walked = [unit for row in LAND.duty_grids for unit in row["units"]]
    assert sorted(walked) == sorted(units)
    for row in LAND.duty_grids:
        assert shapely.union_all([units[unit] for unit in row["units"]]).geom_type == "Polygon"


def test_houses_stand_clear_inside_their_community():
    assert len(LAND.addresses) == len(BUILT) * 2 * 2 * ground.STEPS
    for row in LAND.addresses:
        spot = shapely.Point(float(row["lon"]), float(row["lat"]))
        assert AREAS[row["division"]].contains(spot)
    assert len({row["address"] for row in LAND.addresses}) == len(LAND.addresses)


def test_the_field_tasks_of_the_demo_lie_where_its_grid_worker_walks():
    staff = roster.make(LAND, 1)
    mine = next(seat.division for seat in staff.of("grid_worker") if seat.login)
    found = [row for row in LAND.addresses if row["road"] == ground.CHECKED and row["house_no"] == "28号"]
    assert mine in {row["division"] for row in found}


def test_only_built_towns_have_people_and_duties():
    staff = roster.make(LAND, 1)
    towns = {office.key: office for office in staff.offices if office.kind == "town"}
    assert len(towns) == 8
    assert {code for code, office in towns.items() if office.cares} == set(BUILT)
    assert {seat.division for seat in staff.of("patrol")} == set(BUILT)
    assert all(seat.division in BUILT for seat in staff.of("town_officer"))


def test_the_city_is_called_by_its_own_name():
    told = json.dumps([(office.name, office.duties) for office in roster.make(LAND, 1).offices], ensure_ascii=False)
    assert roster.PLACEHOLDER not in told and "试验市12345热线中心" in told


def test_the_same_seed_gives_the_same_ground():
    assert ground.shape(LAID, BUILT, 3) == LAND and ground.shape(LAID, BUILT, 4) != LAND


def test_a_city_that_is_none_of_ours_has_no_ground():
    with pytest.raises(LookupError):
        ground.of("130100", 1)
    assert ground.of(terrain.CODE, 1).name == terrain.NAME


def test_the_choice_names_a_city_and_towns_inside_it():
    chosen = ground.chosen()
    assert all(code.startswith(chosen["code"][:4]) for code in chosen["built"])
    assert len(set(chosen["built"])) == len(chosen["built"]) > 8
    assert geo.crs_of(chosen["datum"])
