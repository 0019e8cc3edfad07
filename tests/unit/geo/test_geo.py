"""Coordinates: the datums of the door, their inverses, and the measures."""

import json
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gangmu.kit import geo
from gangmu.kit.errors import Invalid

china_lons = st.floats(74.0, 135.0)
china_lats = st.floats(4.0, 53.0)
everywhere = st.tuples(st.floats(-180, 180), st.floats(-89.9, 89.9))


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
        ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    ],
)
def test_gcj02_agrees_with_published_pairs(wgs, gcj):
    assert geo.distance_m(geo.from_cgcs2000(*wgs, "GCJ02"), gcj) < 0.02
    assert geo.distance_m(geo.to_cgcs2000(*gcj, "GCJ02"), wgs) < 0.02


def test_bd09_agrees_with_a_published_pair():
    wgs = geo.to_cgcs2000(116.404, 39.915, "GCJ02")
    assert geo.distance_m(geo.from_cgcs2000(*wgs, "BD09"), (116.41036949371029, 39.92133699351021)) < 0.01


@given(china_lons, china_lats, st.sampled_from(["GCJ02", "BD09"]))
@example(105.0, 35.0, "GCJ02")
@example(73.5, 39.4, "BD09")
def test_the_way_there_and_back_is_under_a_centimetre(lon, lat, crs):
    there = geo.from_cgcs2000(lon, lat, crs)
    back = geo.point(*there, crs=crs)
    assert geo.distance_m(back, (lon, lat)) < 0.01
    assert 0 < geo.distance_m(there, (lon, lat)) < 2500
    assert back.as_crs(crs) == pytest.approx(there, abs=1e-9)


@given(everywhere, st.sampled_from(list(geo.Crs)))
def test_positions_outside_china_pass_unchanged(place, crs):
    lon, lat = place
    if not geo.outside_china(lon, lat):
        return
    assert geo.point(lon, lat, crs=crs) == geo.Point(lon, lat, crs)
    assert geo.from_cgcs2000(lon, lat, crs) == (lon, lat)


def test_boston_stays_where_it_is_and_keeps_its_datum():
    boston = geo.point(-71.0589, 42.3601, crs="GCJ02")
    assert (boston.lon, boston.lat, boston.source) == (-71.0589, 42.3601, geo.Crs.GCJ02)


@given(st.lists(st.tuples(china_lons, china_lats), min_size=1, max_size=20), st.sampled_from(list(geo.Crs)))
def test_many_give_what_one_gives(places, crs):
    lons, lats = np.array(places).T
    got = np.column_stack(geo.to_cgcs2000_many(lons, lats, crs))
    for (lon, lat), (x, y) in zip(places, got, strict=True):
        assert geo.distance_m(geo.point(lon, lat, crs), (float(x), float(y))) < 0.001


@pytest.mark.parametrize(
    ("name", "crs"),
    [
        ("gcj-02", "GCJ02"),
        ("EPSG:4490", "CGCS2000"),
        ("epsg:4326", "WGS84"),
        ("bd09ll", "BD09"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "WGS84"),
        ("urn:ogc:def:crs:EPSG::4490", "CGCS2000"),
    ],
)
def test_names_of_datums_are_understood(name, crs):
    assert geo.crs_of(name) == crs


def test_an_unknown_datum_is_named():
    with pytest.raises(Invalid) as wrong:
        geo.point(1, 1, crs="NAD27")
    assert wrong.value.params["field"] == "crs"
    assert "NAD27" in wrong.value.params["reason"]


@pytest.mark.parametrize(
    ("lon", "lat", "field"),
    [
        (181, 0, "lon"),
        (-180.1, 0, "lon"),
        (0, 90.5, "lat"),
        (math.nan, 0, "lon"),
        (0, math.inf, "lat"),
        ("118", 36, "lon"),
        (118, None, "lat"),
        (True, 36, "lon"),
    ],
)
def test_impossible_positions_are_refused(lon, lat, field):
    with pytest.raises(Invalid) as wrong:
        geo.point(lon, lat)
    assert wrong.value.params["field"] == field


def test_the_limits_themselves_are_allowed():
    assert geo.point(-180, 90).lat == 90.0


@given(everywhere, everywhere)
def test_distance_is_symmetric_and_bounded(a, b):
    there = geo.distance_m(a, b)
    assert there == pytest.approx(geo.distance_m(b, a), rel=1e-12, abs=1e-6)
    assert 0 <= there <= math.pi * geo.EARTH_RADIUS_M + 1
    assert geo.distance_m(a, a) == 0


def test_a_degree_of_latitude_is_111_km():
    assert geo.distance_m((118, 36), (118, 37)) == pytest.approx(111_195, rel=1e-4)
    assert geo.metres_per_degree(36)[1] == pytest.approx(110_960, rel=1e-3)


@given(st.tuples(china_lons, china_lats), st.floats(1, 50_000), st.floats(0, 2 * math.pi), st.floats(0, 0.99))
def test_the_box_round_a_centre_holds_all_that_is_near(centre, metres, angle, share):
    along, up = geo.metres_per_degree(centre[1])
    near = (centre[0] + metres * share * math.cos(angle) / along, centre[1] + metres * share * math.sin(angle) / up)
    if geo.distance_m(centre, near) <= metres * 0.99:
        assert geo.box_around(centre, metres).holds(near)


def test_boxes_are_read_as_maps_send_them():
    box = geo.Box.parse("117.5,36.1,118.2,37.0")
    assert box.centre == pytest.approx((117.85, 36.55))
    assert box.holds((117.5, 37.0)) and not box.holds((117.4, 36.5))
    assert box.meets(geo.Box(118.2, 37.0, 119, 38)) and not box.meets(geo.Box(118.3, 36, 119, 38))


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "1,2,0,3", "1,4,2,3", "1,2,3,99", "nan,1,2,3", "1,2,3,4,5"])
def test_a_bad_box_is_refused(text):
    with pytest.raises(Invalid) as wrong:
        geo.Box.parse(text)
    assert wrong.value.params["field"] == "bbox"


def test_box_of_nothing_is_an_error():
    with pytest.raises(ValueError):
        geo.Box.around([])
    assert geo.Box.around([(1, 5), geo.point(3, 2)]) == geo.Box(1, 2, 3, 5)


@given(st.tuples(china_lons, st.floats(4, 52)), st.floats(50, 2000), st.floats(50, 2000))
def test_area_of_a_small_rectangle_is_its_sides(corner, wide, high):
    lon, lat = corner
    along, up = geo.metres_per_degree(lat)
    ring = [(lon, lat), (lon + wide / along, lat), (lon + wide / along, lat + high / up), (lon, lat + high / up)]
    assert geo.ring_area_m2(ring) == pytest.approx(wide * high, rel=2e-3)
    assert geo.ring_area_m2(ring[::-1]) == pytest.approx(geo.ring_area_m2(ring), rel=1e-9)
    assert geo.ring_centroid(ring) == pytest.approx((lon + wide / along / 2, lat + high / up / 2), abs=1e-6)


def test_area_of_the_globe_and_of_nothing():
    quarter = [(0, 0), (90, 0), (90, 89.999999), (0, 89.999999)]
    assert geo.ring_area_m2(quarter) * 8 == pytest.approx(5.10065e14, rel=1e-4)
    assert geo.ring_area_m2([(0, 0), (1, 1)]) == 0
    assert geo.polygon_area_m2([]) == 0


def test_holes_are_taken_out():
    outer, hole = [(0, 0), (2, 0), (2, 2), (0, 2), (0, 0)], [(0, 0), (1, 0), (1, 2), (0, 2), (0, 0)]
    assert geo.polygon_area_m2([outer, hole]) == pytest.approx(geo.ring_area_m2(outer) / 2, rel=1e-9)


def test_the_centre_of_a_flat_ring_is_the_mean_of_its_corners():
    assert geo.ring_centroid([(0, 0), (2, 0), (4, 0)]) == (2, 0)
    with pytest.raises(ValueError):
        geo.ring_centroid([])


def test_a_point_travels_as_geojson():
    assert json.loads(json.dumps(geo.point(118, 36).geojson())) == {"type": "Point", "coordinates": [118.0, 36.0]}
