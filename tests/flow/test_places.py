"""A city is founded, changed, gridded and asked about: on a real database, with an invented city."""

import json
from datetime import date, timedelta

import pytest
import shapely

from gangmu.base import places
from gangmu.base.places import checks, codes, founding, grids, service
from gangmu.base.places.errors import (
    AnotherCity,
    BadValidity,
    EditionTaken,
    GridCodesSpent,
    GridVoid,
    NoCity,
)
from gangmu.base.places.files import Feature
from gangmu.base.places.model import Duty
from gangmu.demo import terrain
from gangmu.kit import geo, ids
from gangmu.kit.actor import Actor, Grant, System
from gangmu.kit.errors import Invalid, NotFound, Refused

ME = System("test")
LIST = [
    {"code": "3703", "name": "某市", "level": "city"},
    {"code": "370303", "name": "甲区", "level": "county", "parent_code": "3703"},
    {"code": "370303001", "name": "乙街道", "level": "township", "parent_code": "370303"},
    {"code": "370303001001", "name": "丙社区", "level": "village", "parent_code": "370303001"},
]
AREA = "370303001001"


@pytest.fixture(scope="module")
def land() -> terrain.Terrain:
    return terrain.make(4)


def features(collection: dict) -> list[Feature]:
    return [
        Feature(row, {key: str(value) for key, value in one["properties"].items()}, outline_of(one))
        for row, one in enumerate(collection["features"], start=1)
    ]


def outline_of(feature: dict) -> shapely.Geometry:
    return shapely.from_geojson(json.dumps(feature["geometry"]))


def block(column: float, row: float, wide: float = 1, high: float = 1) -> shapely.Geometry:
    step = 0.001
    return shapely.box(118 + column * step, 36 + row * step, 118 + (column + wide) * step, 36 + (row + high) * step)


def found(unit, rows=LIST, **more):
    return founding.found_city(unit, ME, "370300", rows, **more)


def settle(unit, land: terrain.Terrain) -> None:
    founding.found_city(unit, ME, land.code, land.divisions)
    founding.publish_boundaries(unit, ME, features(land.boundaries), label="first")
    grids.import_unit_grids(unit, ME, features(land.unit_grids))
    grids.import_duty_grids(unit, ME, land.duty_grids)
    grids.import_zones(unit, ME, features(land.zones))
    service.import_addresses(unit, ME, land.addresses)


# --- founding ---


def test_a_city_is_founded_once_and_a_second_time_changes_nothing(db):
    with db.unit() as unit:
        first = found(unit)
        assert (first.read, first.accepted, first.already, first.quarantined) == (4, 4, 0, 0)
    with db.unit() as unit:
        second = found(unit)
        assert (second.read, second.accepted, second.already) == (4, 0, 4)
        assert places.city(unit, ME).name == "某市"
        assert [one.name for one in places.list_divisions(unit, ME, "370303")] == ["乙街道"]
        assert places.get_division(unit, ME, "3703").code == places.get_division(unit, ME, "370300000000").code
        assert places.division_names(unit, [AREA, "990000000000", ""]) == {AREA: "丙社区"}


def test_bad_rows_stay_out_with_row_field_and_reason(db):
    rows = [*LIST, {"code": "37X", "name": "坏"}, {"code": "370304001", "name": "无父街道"}]
    with db.unit() as unit:
        report = found(unit, rows)
        assert (report.accepted, report.quarantined) == (4, 2)
        told = [(one.row, one.field, one.reason) for one in report.findings]
        assert told == [(5, "code", "bad_code"), (6, "parent_code", "no_parent")]


def test_a_missing_parent_may_come_later(db):
    with db.unit() as unit:
        assert found(unit, [LIST[0], LIST[2]]).quarantined == 1
        assert found(unit, LIST[1:3]).accepted == 2


def test_another_city_is_refused_and_a_nameless_one_too(db):
    with db.unit() as unit, pytest.raises(Invalid) as wrong:
        founding.found_city(unit, ME, "9902")
    assert wrong.value.params["field"] == "name"
    with db.unit() as unit, pytest.raises(NoCity):
        places.city(unit, ME)
    with db.unit() as unit:
        found(unit)
        with pytest.raises(AnotherCity):
            founding.found_city(unit, ME, "370100", [], name="别市")


def test_a_county_may_be_the_node(db):
    with db.unit() as unit:
        report = founding.found_city(unit, ME, "370303", LIST)
        assert (report.accepted, [one.reason for one in report.findings]) == (3, ["not_in_city"])
        assert places.city(unit, ME).name == "甲区"


def test_a_new_name_begins_a_new_validity_and_the_old_stays_true_of_its_time(db):
    day = date(2026, 9, 1)
    renamed = [*LIST[:2], {**LIST[2], "name": "乙镇"}, LIST[3]]
    with db.unit() as unit:
        found(unit)
        report = found(unit, renamed, valid_from=day)
        assert (report.accepted, report.changed, report.already) == (1, 1, 3)
        assert found(unit, renamed, valid_from=day).changed == 0
        assert places.get_division(unit, ME, "370303001", day - timedelta(days=1)).name == "乙街道"
        assert places.get_division(unit, ME, "370303001", day).name == "乙镇"
        history = service.list_history(unit, ME, "370303001")
        assert [(one.name, one.valid_from, one.valid_to) for one in history] == [
            ("乙街道", None, day),
            ("乙镇", day, None),
        ]


def test_a_name_corrected_on_its_first_day_makes_no_new_validity(db):
    day = date(2026, 9, 1)
    with db.unit() as unit:
        found(unit)
        founding.rename_division(unit, ME, "370303001", "已镇", day)
        founding.rename_division(unit, ME, "370303001", "乙镇", day)
        assert [one.name for one in service.list_history(unit, ME, "370303001")] == ["乙街道", "乙镇"]
        with pytest.raises(BadValidity):
            founding.rename_division(unit, ME, "370303001", "丁镇", day - timedelta(days=1))
        with pytest.raises(NotFound):
            founding.rename_division(unit, ME, "370399", "无", day)


def test_a_merged_division_ends_with_its_successor(db):
    day = date(2026, 1, 1)
    heir = {"code": "370303002", "name": "戊街道"}
    ended = {**LIST[2], "valid_to": "2026-01-01", "successor": "370303002"}
    with db.unit() as unit:
        found(unit, [*LIST, heir])
        assert found(unit, [ended]).changed == 1
        assert found(unit, [ended]).already == 1
        with pytest.raises(NotFound):
            places.get_division(unit, ME, "370303001", day)
        was = places.get_division(unit, ME, "370303001", day - timedelta(days=1))
        assert (was.name, was.successor) == ("乙街道", "370303002000")
        assert places.division_names(unit, [was.code]) == {was.code: "乙街道"}


def test_divisions_may_come_from_the_records(db):
    with db.unit() as unit:
        founding.found_city(unit, ME, "9902", name="Springfield")
        names = ["Mission Hill", "Roxbury", "Mission  Hill ", "Dorchester"]
        learnt = [places.learn_division(unit, ME, name) for name in names]
        assert [one.code for one in learnt] == ["990201000000", "990202000000", "990201000000", "990203000000"]
        ward = places.learn_division(unit, ME, "Ward 1", places.Level.town, "990202")
        assert (ward.code, ward.parent) == ("990202001000", "990202000000")
        with pytest.raises(Invalid):
            places.learn_division(unit, ME, "upside down", places.Level.city)
        for number in range(4, 100):
            places.learn_division(unit, ME, f"N{number}")
        with pytest.raises(GridCodesSpent):
            places.learn_division(unit, ME, "one too many")


def test_only_who_manages_places_there_may_change_them(db):
    def officer(permission: str, reach: str, division: str = "") -> Actor:
        return Actor(kind="person", name="x", grants=(Grant(permission, reach, division),))

    with db.unit() as unit:
        found(unit)
        founding.rename_division(unit, officer("place.manage", "division", "370303000000"), "370303001", "新街道")
        for actor in (
            officer("place.read", "all"),
            officer("place.manage", "division", "370302"),
            officer("place.manage", "own"),
        ):
            with pytest.raises(Refused):
                founding.rename_division(unit, actor, "370303001", "别街道")
            with pytest.raises(Refused):
                founding.found_city(unit, actor, "3703", LIST)


# --- boundaries ---


def outline(code: str, area: shapely.Geometry, row: int = 1, **fields: str) -> Feature:
    return Feature(row, {"code": code, **fields} if code else fields, area)


def test_an_edition_of_boundaries_holds_from_its_day_and_the_next_takes_over(db):
    today = date(2026, 11, 20)
    inside = geo.point(118.0005, 36.0005)
    with db.unit() as unit:
        found(unit)
        assert places.attribute(unit, inside).depth == "none"
        day = founding.today(unit)
        report = founding.publish_boundaries(unit, ME, [outline("370303", block(0, 0))], label="旧", valid_from=today)
        assert report.accepted == 1
        here = places.attribute(unit, inside)
        assert (here.depth, here.exact, here.county, here.town) == ("county", True, "370303000000", "")
        moved = [outline("370303", block(5, 5))]
        founding.publish_boundaries(unit, ME, moved, label="新", valid_from=day + timedelta(days=1))
        assert places.attribute(unit, inside).depth == "county", "an edition of tomorrow does not hold today"
        founding.publish_boundaries(unit, ME, [outline("370303", block(7, 7))], label="今", valid_from=day)
        assert places.attribute(unit, inside).depth == "none"
        assert places.attribute(unit, geo.point(118.0075, 36.0075)).county == "370303000000"


def test_the_same_edition_twice_is_there_already_and_another_under_its_label_is_refused(db):
    with db.unit() as unit:
        found(unit)
        assert founding.publish_boundaries(unit, ME, [outline("3703 ".strip() + "03", block(0, 0))], label="a").accepted
        again = founding.publish_boundaries(unit, ME, [outline("370303", block(0, 0))], label="b")
        assert (again.accepted, again.already) == (0, 1)
        with pytest.raises(EditionTaken):
            founding.publish_boundaries(unit, ME, [outline("370303", block(1, 1))], label="a")


def test_boundaries_of_unknown_foreign_or_nameless_divisions_stay_out(db):
    listed = [
        outline("370303", block(0, 0), 1),
        outline("370304", block(1, 0), 2),
        outline("3701", block(2, 0), 3),
        outline("", block(3, 0), 4),
        outline("x", block(4, 0), 5),
        outline("", block(0.5, 0.5, 0.2, 0.2), 6, name="乙街道"),
    ]
    with db.unit() as unit:
        found(unit)
        report = founding.publish_boundaries(unit, ME, listed, label="a")
        assert [(one.row, one.reason) for one in report.findings] == [
            (2, "unknown_division"),
            (3, "not_in_city"),
            (4, "missing"),
            (5, "bad_code"),
        ]
        assert report.accepted == 2
        here = places.attribute(unit, geo.point(118.0006, 36.0006))
        assert (here.town, here.depth) == ("370303001000", "town")
        hole = places.attribute(unit, geo.point(118.0001, 36.0001))
        assert (hole.depth, hole.exact) == ("county", False), "the town layer has a hole here, and the answer says so"


def test_boundaries_that_lie_on_each_other_are_told_but_go_in(db):
    with db.unit() as unit:
        found(unit, [*LIST, {"code": "370304", "name": "己区"}])
        listed = [outline("370303", block(0, 0), 1), outline("370304", block(0.5, 0), 2)]
        report = founding.publish_boundaries(unit, ME, listed, label="a")
        assert [(one.row, one.reason, one.is_note) for one in report.findings] == [(2, "overlaps", True)]
        assert report.accepted == 2
        assert places.attribute(unit, geo.point(118.0007, 36.0005)).county == "370303000000"


# --- the invented city through all doors ---


def test_the_invented_city_goes_in_whole_and_a_second_time_adds_nothing(db, land):
    with db.unit() as unit:
        settle(unit, land)
    with db.unit() as unit:
        for report in (
            founding.found_city(unit, ME, land.code, land.divisions),
            founding.publish_boundaries(unit, ME, features(land.boundaries), label="first"),
            grids.import_unit_grids(unit, ME, features(land.unit_grids)),
            grids.import_duty_grids(unit, ME, land.duty_grids),
            grids.import_zones(unit, ME, features(land.zones)),
            service.import_addresses(unit, ME, land.addresses),
        ):
            assert (report.accepted, report.quarantined, report.findings) == (0, 0, ())
            assert report.already == report.read > 0


def test_every_unit_grid_is_found_from_a_point_in_it_one_by_one_and_in_bulk(db, land):
    with db.unit() as unit:
        settle(unit, land)
        spots = [
            (one["properties"]["code"], outline_of(one).representative_point()) for one in land.unit_grids["features"]
        ]
        got = places.attribute_many(unit, [spot.x for _, spot in spots], [spot.y for _, spot in spots])
        assert got.unit_grid.tolist() == [code for code, _ in spots]
        walked = {cell: row["code"] for row in land.duty_grids for cell in row["units"]}
        for code, spot in spots[::97]:
            here = places.attribute(unit, geo.point(spot.x, spot.y))
            assert (here.unit_grid, here.duty_grid, here.division) == (code, walked[code], code[:12])
        shifted = geo.from_cgcs2000(spots[0][1].x, spots[0][1].y, "GCJ02")
        assert places.attribute(unit, geo.point(*shifted, crs="GCJ02")).unit_grid == spots[0][0]


def test_layers_are_drawn_by_box_division_and_zoom(db, land):
    with db.unit() as unit:
        settle(unit, land)
        layers = {one.kind: one for one in service.list_layers(unit, ME)}
        assert {kind: one.count for kind, one in layers.items()} == {
            "city": 1,
            "county": 3,
            "town": 8,
            "community": 32,
            "unit_grid": len(land.unit_grids["features"]),
            "duty_grid": len(land.duty_grids),
            "zone": 1,
        }
        assert layers["county"].edition == "first" and layers["county"].box is not None
        towns = service.layer(unit, ME, "town", within="990102")
        assert sorted(one["properties"]["name"] for one in towns) == ["望澜街道", "桐荫街道", "石渡街道"]
        fine = service.layer(unit, ME, "city", zoom=20)[0]["geometry"]["coordinates"]
        coarse = service.layer(unit, ME, "city", zoom=9)[0]["geometry"]["coordinates"]
        assert 3 < len(coarse[0]) < len(fine[0]) / 3
        spot = outline_of(land.unit_grids["features"][0]).representative_point()
        box = geo.box_around((spot.x, spot.y), 1)
        shown = service.layer(unit, ME, "unit_grid", box)
        assert [one["properties"]["code"] for one in shown] == [land.unit_grids["features"][0]["properties"]["code"]]
        assert len(service.layer(unit, ME, "duty_grid", box)) == 1
        assert len(service.layer(unit, ME, "unit_grid", within="990102001001")) == sum(
            one["properties"]["code"].startswith("990102001001") for one in land.unit_grids["features"]
        )
        assert service.layer(unit, ME, "zone")[0]["properties"]["kind"] == "开发区"
        with pytest.raises(NotFound):
            service.layer(unit, ME, "sea")


# --- grids ---


def grid(code: str, area: shapely.Geometry, row: int = 1) -> Feature:
    return Feature(row, {"code": code} if len(code) == 15 or not code else {"community": code}, area)


def test_grids_are_numbered_in_their_community_and_the_same_outline_only_once(db):
    cells = [grid(AREA, block(column, 0), column + 1) for column in range(3)]
    with db.unit() as unit:
        found(unit)
        assert grids.import_unit_grids(unit, ME, cells).accepted == 3
        again = grids.import_unit_grids(unit, ME, cells)
        assert (again.accepted, again.already) == (0, 3)
        more = grids.import_unit_grids(unit, ME, [grid(AREA + "009", block(3, 0), 1), grid(AREA, block(4, 0), 2)])
        assert more.accepted == 2
        assert places.attribute(unit, geo.point(118.0045, 36.0005)).unit_grid == AREA + "010"


def test_a_coded_grid_neither_changes_nor_comes_back_after_it_was_voided(db):
    with db.unit() as unit:
        found(unit)
        grids.import_unit_grids(unit, ME, [grid(AREA + "001", block(0, 0)), grid(AREA + "002", block(1, 0), 2)])
        changed = grids.import_unit_grids(unit, ME, [grid(AREA + "001", block(5, 5))])
        assert [one.reason for one in changed.findings] == ["code_taken"]
        voided = grids.void_unit_grid(unit, ME, AREA + "001", "道路改线")
        assert (voided.state, voided.reason) == ("void", "道路改线")
        assert places.attribute(unit, geo.point(118.0005, 36.0005)).unit_grid == ""
        with pytest.raises(GridVoid):
            grids.void_unit_grid(unit, ME, AREA + "001", "again")
        back = grids.import_unit_grids(unit, ME, [grid(AREA + "001", block(0, 0))])
        assert [one.reason for one in back.findings] == ["code_void"]
        assert grids.import_unit_grids(unit, ME, [grid(AREA, block(0, 0))]).accepted == 1
        assert places.attribute(unit, geo.point(118.0005, 36.0005)).unit_grid == AREA + "003"
        with pytest.raises(Invalid):
            grids.void_unit_grid(unit, ME, AREA + "002", "  ")


def test_a_community_runs_out_of_codes_and_none_is_used_again(db):
    cells = [grid(AREA + "998", block(0, 0)), grid(AREA, block(1, 0), 2), grid(AREA, block(2, 0), 3)]
    with db.unit() as unit:
        found(unit)
        report = grids.import_unit_grids(unit, ME, cells)
        assert report.accepted == 2
        assert [(one.row, one.reason) for one in report.findings] == [(3, "codes_spent")]
        grids.void_unit_grid(unit, ME, AREA + "999", "test")
        more = grids.import_unit_grids(unit, ME, [grid(AREA, block(2, 0))])
        assert [one.reason for one in more.findings] == ["codes_spent"]


def test_grids_that_do_not_fit_stay_out_row_by_row(db):
    cells = [
        grid(AREA + "001", block(0, 0), 1),
        grid(AREA + "002", block(0.5, 0), 2),
        grid(AREA + "003", shapely.MultiPolygon([block(4, 4), block(6, 6)]), 3),
        grid("370303001002001", block(1, 0), 4),
        grid("37030300100100", block(2, 0), 5),
        grid(AREA + "004", block(9, 9), 6),
        grid(AREA + "001", block(3, 0), 7),
        grid("370303001", block(8, 0), 8),
    ]
    with db.unit() as unit:
        found(unit)
        report = grids.import_unit_grids(unit, ME, cells)
        kept_out = [(one.row, one.reason) for one in report.findings if not one.is_note]
        assert kept_out == [
            (2, "overlaps"),
            (3, "not_one_piece"),
            (4, "unknown_division"),
            (5, "bad_code"),
            (7, "code_twice"),
            (8, "unknown_division"),
        ]
        assert report.accepted == 2
        assert {one.row for one in report.findings if one.reason == "no_neighbour"} == {1, 6}


def test_several_duties_on_one_grid_are_walked_by_posts_and_change_hands(db, land):
    first, second = ids.new("pst"), ids.new("pst")
    with db.unit() as unit:
        settle(unit, land)
        code = land.duty_grids[0]["code"]
        grids.assign_duty(unit, ME, code, Duty.governance, first)
        walked = grids.assign_duty(unit, ME, code, Duty.appearance, first)
        assert [(one.duty, one.post) for one in walked] == [("appearance", first), ("governance", first)]
        grids.assign_duty(unit, ME, code, Duty.governance, second)
        assert {one.duty: one.post for one in places.duties_of(unit, ME, grid=code)} == {
            "appearance": first,
            "governance": second,
        }
        assert [one.grid for one in places.duties_of(unit, ME, post=second)] == [code]
        grids.assign_duty(unit, ME, code, Duty.governance, None)
        assert [one.duty for one in places.duties_of(unit, ME, grid=code)] == ["appearance"]


def test_a_grid_of_one_kind_carries_its_own_duty_only(db, land):
    with db.unit() as unit:
        settle(unit, land)
        row = {"code": land.duty_grids[0]["code"][:9] + "C0001", "name": "城管一", "units": land.duty_grids[0]["units"]}
        assert grids.import_duty_grids(unit, ME, [row]).accepted == 1
        grids.assign_duty(unit, ME, row["code"], Duty.appearance, ids.new("pst"))
        with pytest.raises(Invalid):
            grids.assign_duty(unit, ME, row["code"], Duty.market, ids.new("pst"))
        spot = shapely.from_geojson(json.dumps(land.unit_grids["features"][0]["geometry"])).representative_point()
        assert land.unit_grids["features"][0]["properties"]["code"] in row["units"]
        assert set(places.attribute(unit, geo.point(spot.x, spot.y)).duty_grids) == {
            row["code"],
            land.duty_grids[0]["code"],
        }


def test_a_responsibility_grid_gets_other_units_and_loses_a_voided_one(db, land):
    with db.unit() as unit:
        settle(unit, land)
        row = land.duty_grids[0]
        outlines = {one["properties"]["code"]: outline_of(one) for one in land.unit_grids["features"]}
        without = [[cell for cell in row["units"] if cell != dropped] for dropped in row["units"]]
        whole = next(units for units in without if checks.in_one_piece([outlines[cell] for cell in units]))
        fewer = {**row, "units": whole}
        assert grids.import_duty_grids(unit, ME, [fewer]).changed == 1
        apart = {**row, "units": [row["units"][0], land.duty_grids[1]["units"][-1]]}
        assert [one.reason for one in grids.import_duty_grids(unit, ME, [apart]).findings] == ["unit_taken"]
        kept = fewer["units"][0]
        grids.void_unit_grid(unit, ME, kept, "拆迁")
        held = next(one for one in grids.list_duty_grids(unit, ME) if one.code == row["code"])
        assert kept not in held.units and len(held.units) > 0


# --- addresses ---


def test_addresses_are_found_by_characters_and_by_letters(db, land):
    poi = next(row for row in land.addresses if row["kind"] == "学校")
    with db.unit() as unit:
        settle(unit, land)

        def search(text: str) -> list[str]:
            return [one.full for one in places.search_addresses(unit, ME, text, 50)]

        assert search(poi["poi"])[0] == poi["address"]
        assert poi["address"] in search(poi["road"] + poi["house_no"])
        assert all("望澜大道" in full for full in search("望澜大道")) and len(search("望澜大道")) >= 10
        letters = codes_of(poi["poi"])
        assert poi["address"] in search(letters) and poi["address"] in search(letters[1:])
        assert all(full.count("望澜") for full in search("wldd"))
        assert search("望") and all("望" in full for full in search("望"))
        assert search("") == search("  ") == search("不存在的地方") == search("%") == search("_") == []
        house = next(one for one in places.search_addresses(unit, ME, poi["address"], 5) if one.full == poi["address"])
        assert house.unit_grid and house.unit_grid.startswith(poi["division"]) and house.name == poi["poi"]


def codes_of(text: str) -> str:
    from gangmu.kit.text import pinyin_initials

    return pinyin_initials(text)


def test_addresses_without_place_or_text_stay_out(db, land):
    rows = [
        {"road": "甲路", "house_no": "1号", "lon": "113.27", "lat": "33.13"},
        {"address": "无处可寻路1号"},
        {"address": "海外路1号", "lon": "-71", "lat": "42"},
        {"address": "北极路1号", "lon": "113.27", "lat": "933.13"},
        {"address": "坏数路1号", "lon": "abc", "lat": "33.13"},
        {"lon": "113.27", "lat": "33.13"},
        {"address": "外地路1号", "division": "370303"},
        {"road": "甲路", "house_no": "1号", "lon": "113.27", "lat": "33.13"},
    ]
    with db.unit() as unit:
        settle(unit, land)
        report = service.import_addresses(unit, ME, rows)
        assert [(one.row, one.field, one.reason) for one in report.findings] == [
            (2, "division", "missing"),
            (3, "lon", "outside_city"),
            (4, "lat", "not_degrees"),
            (5, "lon", "not_degrees"),
            (6, "address", "missing"),
            (7, "division", "unknown_division"),
        ]
        assert (report.accepted, report.already) == (1, 1)
        (got,) = [one for one in places.search_addresses(unit, ME, "甲路1号", 5) if one.road == "甲路"]
        assert got.full.startswith("青澜市") and got.full.endswith("甲路1号")
        assert codes.is_inside(got.division, "9901")
