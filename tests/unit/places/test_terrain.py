"""The invented city fits together like a real one."""

import json

import pytest
import shapely

from gangmu.base.places import checks, codes
from gangmu.base.places.atlas import Atlas
from gangmu.base.places.codes import Level
from gangmu.base.places.sift import sift_divisions, sift_duty_grids
from gangmu.demo import terrain
from gangmu.kit import geo


@pytest.fixture(scope="module")
def land() -> terrain.Terrain:
    return terrain.make(7)


def outlines(collection: dict) -> dict[str, shapely.Geometry]:
    return {
        one["properties"]["code"]: shapely.from_geojson(json.dumps(one["geometry"])) for one in collection["features"]
    }


def test_the_same_seed_makes_the_same_city(land):
    assert terrain.make(7) == land
    assert terrain.make(8) != land


@pytest.mark.parametrize("seed", [1, 20])
def test_it_has_the_size_that_was_asked_for(seed):
    land = terrain.make(seed)
    levels = [codes.level_of(row["code"]) for row in land.divisions]
    assert [levels.count(level) for level in Level] == [0, 1, 3, 8, 32]
    assert 900 <= len(land.unit_grids["features"]) <= 1100
    assert 250 <= len(land.addresses) <= 450
    assert 50 <= len(land.duty_grids) <= 100
    assert len({row["name"] for row in land.divisions}) == len(land.divisions)
    assert len({row["address"] for row in land.addresses}) == len(land.addresses)


def test_its_list_goes_in_whole(land):
    sieve = sift_divisions(land.divisions, land.code)
    assert sieve.findings == [] and len(sieve.good) == len(land.divisions)


def test_its_grids_have_no_gap_no_overlap_and_fill_their_communities(land):
    units = outlines(land.unit_grids)
    rows = [(number, code, outline) for number, (code, outline) in enumerate(units.items(), start=1)]
    assert all(codes.is_unit_code(code) and outline.is_valid for code, outline in units.items())
    assert checks.overlapping(rows, [], sliver_m2=0.01) == []
    assert checks.gaps(list(units.values()), sliver_m2=0.01) == []
    assert checks.shapes(rows) == [] and checks.lonely(rows, list(units.values())) == []
    assert checks.in_one_piece(list(units.values()))
    for code, outline in outlines(land.boundaries).items():
        inside = [unit for unit_code, unit in units.items() if codes.is_inside(unit_code, code)]
        assert sum(map(checks.area_m2, inside)) == pytest.approx(checks.area_m2(outline), rel=1e-6)
        assert len(code) < 12 or checks.in_one_piece(inside)


def test_its_responsibility_grids_are_adjacent_units_of_one_town_and_cover_all(land):
    units = outlines(land.unit_grids)
    good, findings = sift_duty_grids(
        land.duty_grids, units, {}, lambda listed: checks.in_one_piece([units[code] for code in listed])
    )
    assert findings == [] and len(good) == len(land.duty_grids)
    assert sorted(unit for _, _, _, held in good for unit in held) == sorted(units)


def test_its_zone_lies_on_a_border_of_counties(land):
    zone = next(iter(outlines(land.zones).values()))
    parts = outlines(land.boundaries)
    touched = [
        code for code, outline in parts.items() if len(code) == 6 and outline.intersection(zone).area > 0.05 * zone.area
    ]
    assert len(touched) >= 2


def test_every_address_lies_in_its_community_beside_its_road(land):
    parts = outlines(land.boundaries)
    roads = {
        one["properties"]["name"]: shapely.from_geojson(json.dumps(one["geometry"])) for one in land.roads["features"]
    }
    for row in land.addresses:
        spot = geo.point(float(row["lon"]), float(row["lat"]))
        assert parts[row["division"]].contains(shapely.Point(spot.lon, spot.lat))
        near, _ = shapely.get_coordinates(shapely.shortest_line(roads[row["road"]], shapely.Point(spot.lon, spot.lat)))
        assert geo.distance_m(spot, tuple(near)) < 60
        assert row["address"].startswith(land.name) and row["road"] + row["house_no"] in row["address"]


def test_points_of_it_are_attributed_from_the_city_down_to_the_grid(land):
    parts, units = outlines(land.boundaries), outlines(land.unit_grids)
    levels = {
        level: {codes.full_code(code): shape for code, shape in parts.items() if codes.level_of(code) is level}
        for level in Level
    }
    walked = {unit: [row["code"]] for row in land.duty_grids for unit in row["units"]}
    zones = outlines(land.zones)
    atlas = Atlas(levels, units, zones, walked)
    for code, outline in list(units.items())[::37]:
        spot = outline.representative_point()
        found = atlas.at(spot.x, spot.y)
        assert (found.depth, found.exact, found.unit_grid) == ("unit_grid", True, code)
        assert (found.community, found.town) == (code[:12], code[:9] + "000")
        assert (found.county, found.division) == (code[:6] + "000000", code[:12])
        assert found.duty_grid == walked[code][0]
        assert found.zones == tuple(key for key, zone in zones.items() if zone.intersects(spot))
    away = atlas.at(120.0, 30.0)
    assert (away.depth, away.exact, away.division, away.unit_grid) == ("none", False, "", "")


def test_an_atlas_answers_as_deep_as_it_knows(land):
    parts = {codes.full_code(code): shape for code, shape in outlines(land.boundaries).items()}
    units = outlines(land.unit_grids)
    code, outline = next(iter(units.items()))
    spot = outline.representative_point()
    counties = {code: shape for code, shape in parts.items() if codes.level_of(code) is Level.county}
    only = Atlas({Level.county: counties})
    assert (only.deepest, only.at(spot.x, spot.y).depth, only.at(spot.x, spot.y).exact) == ("county", "county", True)
    assert only.at(spot.x, spot.y).town == ""
    holed = Atlas({Level.county: counties}, {key: shape for key, shape in units.items() if key != code})
    found = holed.at(spot.x, spot.y)
    assert (found.depth, found.exact, found.division) == ("county", False, code[:6] + "000000")
    empty = Atlas({})
    assert (empty.deepest, empty.at(spot.x, spot.y).depth) == ("none", "none")


def test_many_points_get_what_each_gets_alone(land):
    parts = {codes.full_code(code): shape for code, shape in outlines(land.boundaries).items()}
    levels = {level: {code: shape for code, shape in parts.items() if codes.level_of(code) is level} for level in Level}
    units = dict(list(outlines(land.unit_grids).items())[:400])
    atlas = Atlas(levels, units)
    west, south, east, north = shapely.total_bounds(list(parts.values()))
    spots = [
        (west + (east - west) * (n * 0.618 % 1.1 - 0.05), south + (north - south) * (n * 0.414 % 1.1 - 0.05))
        for n in range(500)
    ]
    lons, lats = zip(*spots, strict=True)
    got = atlas.many(lons, lats)
    singly = [atlas.at(lon, lat) for lon, lat in spots]
    assert got.division.tolist() == [one.division for one in singly]
    assert got.unit_grid.tolist() == [one.unit_grid for one in singly]
    assert {one.depth for one in singly} == {"unit_grid", "community", "none"}
