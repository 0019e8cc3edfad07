"""The component register over HTTP: taken up, surveyed, voided, found, shown, imported; another county sees nothing."""

import pytest

from gangmu.base import registers
from gangmu.kit.actor import System
from gangmu.kit.errors import Invalid
from gangmu.kit.unit import open_unit
from tests.city import HERE, THERE
from tests.flow.ground import PLACE, found, key, now_photo, upload

LAMP = {"kind": "0137", "division": HERE, "road": "人民路", "lon": PLACE[0], "lat": PLACE[1]}


@pytest.fixture
def steward(city):
    found(city)
    return city.sign_in("data_steward")


def add(browser, expect=201, **given):
    answer = browser.post("/api/components", json={**LAMP, **given}, headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json()


def listed(browser, **params):
    answer = browser.get("/api/components", params=params)
    assert answer.status_code == 200, answer.text
    return [one["code"] for one in answer.json()["items"]]


def survey(browser, one, expect=200, **given):
    answer = browser.post(f"/api/components/{one['id']}/surveys", json=given, headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json()


def test_a_component_gets_the_next_code_of_its_county_and_class(city, steward):
    first = add(steward, maintainer=city.orgs["市政处"], owner_name="某灯具公司", material="钢", height_m=8.5)
    assert first["code"] == "9901010137000001"
    assert (first["kind_title"], first["state"], first["edition"]) == ("Street lamp", "good", 1)
    assert (first["maintainer_name"], first["owner"], first["owner_name"]) == ("市政处", None, "某灯具公司")
    assert (first["material"], first["height_m"], first["division_name"]) == ("钢", 8.5, "东区")
    given = add(steward, code="9901010137000007", kind="")
    assert given["code"].endswith("000007")
    assert add(steward)["code"] == "9901010137000008", "what came from outside is taken too"
    assert add(steward, expect=409, code="9901010137000007")["code"] == "conflict"
    for wrong, reason in (("990101013700000", "digits"), ("9901020137000001", "county"), ("9901010101000001", "class")):
        said = add(steward, expect=422, code=wrong)
        assert (said["code"], said["params"]["reason"]) == ("registers.bad_component_code", reason)
    assert add(steward, expect=422, kind="0101", height_m=3)["params"]["field"] == "height_m"
    assert add(steward, expect=422, kind="01")["params"]["field"] == "kind"
    assert add(steward, expect=403, division=THERE)["code"] == "access.refused"


def test_a_survey_is_an_edition_and_a_void_one_stays_readable(city, steward):
    one, patrol = add(steward), city.sign_in("patrol")
    picture = upload(patrol, now_photo())["id"]
    hit = survey(patrol, one, state="damaged", photos=[picture], reason="被车撞歪")
    assert (hit["state"], hit["edition"], hit["photos"]) == ("damaged", 2, [picture])
    same = survey(patrol, one)
    assert same["edition"] == 3, "somebody was there"
    editions = steward.get(f"/api/components/{one['id']}/editions").json()["items"]
    assert [each["number"] for each in editions] == [3, 2, 1]
    assert editions[1]["changed"]["state"] == {"was": "good", "is": "damaged"}
    assert editions[1]["reason"] == "被车撞歪" and editions[1]["person_name"]
    assert survey(patrol, one, expect=422, surveyed_on="2999-01-01")["params"]["field"] == "surveyed_on"
    assert survey(patrol, one, expect=422, surveyed_on="1999-01-01")["params"]["field"] == "surveyed_on"
    assert survey(patrol, one, expect=404, photos=[upload(steward, now_photo())["id"]])["code"] == "not_found"
    assert survey(city.sign_in("dispatcher"), one, expect=403, state="lost")["code"] == "access.refused"
    # the photo is seen by who sees the component, and by nobody else
    assert city.sign_in("dispatcher").get(f"/api/files/{picture}").status_code == 200
    assert city.sign_in("dispatcher@there").get(f"/api/files/{picture}").status_code == 404

    address = f"/api/components/{one['id']}/void"
    assert patrol.post(address, json={"reason": "拆除"}, headers=key()).status_code == 403
    gone = steward.post(address, json={"reason": "道路改造拆除"}, headers=key()).json()
    assert gone["void_reason"] == "道路改造拆除" and gone["voided_at"]
    assert steward.post(address, json={"reason": "再次"}, headers=key()).json()["code"] == "registers.component_void"
    assert survey(patrol, one, expect=409, state="good")["code"] == "registers.component_void"
    assert listed(steward) == [] and listed(steward, void=True) == [one["code"]]
    assert steward.get(f"/api/components/{one['id']}").json()["void_reason"]
    assert add(steward)["code"] != one["code"], "a code is never given again"


def test_found_by_code_class_road_owner_and_place(city, steward):
    lamp = add(steward, maintainer=city.orgs["市政处"])
    cover = add(steward, kind="0102", road="解放路", lon=PLACE[0] + 0.0002, owner=city.orgs["环卫处"])
    far = add(steward, kind="0102", road="人民路", lon=PLACE[0] + 0.02)
    clerk = city.sign_in("clerk")
    assert listed(clerk) == sorted([lamp["code"], cover["code"], far["code"]])
    assert listed(clerk, q="9901010137") == [lamp["code"]]
    assert listed(clerk, q="污水井盖") == [cover["code"], far["code"]]
    assert listed(clerk, q="sewage") == [cover["code"], far["code"]]
    assert set(listed(clerk, q="人民路")) == {lamp["code"], far["code"]}
    assert listed(clerk, q="环卫处") == [cover["code"]] == listed(clerk, org=city.orgs["环卫处"])
    assert listed(clerk, kind="01", state="lost") == []
    assert listed(clerk, bbox=f"{PLACE[0] - 0.001},{PLACE[1] - 0.001},{PLACE[0] + 0.001},{PLACE[1] + 0.001}") == [
        cover["code"],
        lamp["code"],
    ]
    near = clerk.get("/api/components/near", params={"lon": PLACE[0], "lat": PLACE[1], "radius_m": 50}).json()["items"]
    assert [(each["code"], each["metres"] < 30) for each in near] == [(lamp["code"], True), (cover["code"], True)]
    first = clerk.get("/api/components", params={"limit": 2}).json()
    rest = clerk.get("/api/components", params={"limit": 2, "after": first["next"]}).json()
    assert len(first["items"]) == 2 and len(rest["items"]) == 1 and rest["next"] is None


def test_another_county_sees_nothing(city, steward):
    one = add(steward)
    for who in ("clerk@there", "dispatcher@there", "patrol@there", "grid_worker@there"):
        there = city.sign_in(who)
        assert listed(there) == [] and listed(there, q="人民路") == [] and listed(there, q=one["code"]) == []
        for tail in ("", "/editions"):
            assert there.get(f"/api/components/{one['id']}{tail}").status_code == 404
        shown = there.get("/api/components/map", params={"bbox": "117,36,118,37", "zoom": 8}).json()
        assert (shown["points"], shown["squares"]) == ([], [])
        assert there.get("/api/components/near", params={"lon": PLACE[0], "lat": PLACE[1]}).json()["items"] == []
    assert survey(city.sign_in("patrol@there"), one, expect=404, state="lost")["code"] == "not_found"
    assert city.sign_in("system_admin").get("/api/components").status_code == 403


def rows(count, start=1, **given):
    return [
        {
            "code": f"9901010137{start + n:06d}",
            "路灯": "",
            "状态": "完好",
            "道路": f"第{n % 40}大街",
            "lon": f"{117.80 + (n % 100) * 0.0005:.6f}",
            "lat": f"{36.75 + (n // 100) * 0.0005:.6f}",
            "养护单位": "市政处",
            "普查日期": "2024/05/06",
            **given,
        }
        for n in range(count)
    ]


def known(raw):
    from gangmu.base.registers.importing import column_of

    return [{column_of(name): value for name, value in row.items() if column_of(name)} for row in raw]


def test_a_file_goes_in_once_and_changes_become_editions(city, steward):
    good = known(rows(700))
    bad = known(
        [
            *rows(1, 9000, 状态="还行"),
            *rows(1, 9001, lon="1000"),
            *rows(1, 9002, code="9901020137000001"),
            *rows(1, 9003, code="9901019999000001"),
            *rows(1, 9004, 普查日期="2999-01-01"),
            *rows(1, 1),
        ]
    )
    with open_unit(System("test"), "import") as unit:
        told = registers.import_components(unit, city.actor("data_steward"), good + bad, source="普查2024")
    assert (told.read, told.accepted, told.quarantined) == (706, 700, 6), told.findings
    assert [(one.row, one.field, one.reason) for one in told.findings] == [
        (701, "state", "unknown_word"),
        (702, "lon", "not_degrees"),
        (703, "division", "not_yours"),
        (704, "code", "unknown_class"),
        (705, "first_on", "in_future"),
        (706, "code", "repeated"),
    ]
    good[0]["state"] = "破损"
    with open_unit(System("test"), "import") as unit:
        again = registers.import_components(unit, city.actor("data_steward"), good, source="普查2025")
    assert (again.accepted, again.changed, again.already) == (1, 1, 699)
    one = steward.get("/api/components", params={"q": "9901010137000001"}).json()["items"][0]
    assert (one["state"], one["edition"], one["maintainer_name"]) == ("damaged", 2, "市政处")
    assert one["maintainer"] == city.orgs["市政处"] and one["first_on"] == "2024-05-06"
    assert add(steward)["code"] == "9901010137000701"

    # far out the map shows counted squares, near by each component; the counts follow what moves and is voided
    wide = steward.get("/api/components/map", params={"bbox": "117.7,36.7,118,36.9", "zoom": 12}).json()
    assert sum(each["number"] for each in wide["squares"]) == 701 and wide["points"] == []
    steward.post(f"/api/components/{one['id']}/void", json={"reason": "拆除"}, headers=key())
    wide = steward.get("/api/components/map", params={"bbox": "117.7,36.7,118,36.9", "zoom": 12}).json()
    assert sum(each["number"] for each in wide["squares"]) == 700
    close = steward.get("/api/components/map", params={"bbox": "117.80,36.75,117.801,36.751", "zoom": 18}).json()
    assert 1 <= len(close["points"]) <= 12 and close["squares"] == []
    some = steward.get("/api/components/map", params={"bbox": "117.7,36.7,118,36.9", "zoom": 8, "q": "第3大街"}).json()
    assert len(some["points"]) == 18 and not some["cut"]


def test_local_classes_are_first_class(city, steward):
    made = steward.post(
        "/api/components/classes",
        json={"above": "03", "title_zh": "便民驿站", "title_en": "Rest point", "extras": ["material"]},
        headers=key(),
    )
    assert made.status_code == 201 and (made.json()["code"], made.json()["local"]) == ("0396", True)
    assert add(steward, kind="0396", material="木")["code"] == "9901010396000001"
    ended = steward.post("/api/components/classes/0396/end", headers=key()).json()
    assert ended["ended_at"]
    assert add(steward, expect=422, kind="0396")["params"]["field"] == "kind"
    again = steward.post(
        "/api/components/classes", json={"above": "03", "title_zh": "充电桩雨棚"}, headers=key()
    ).json()
    assert again["code"] == "0395", "an ended number is not given again"
    assert steward.post("/api/components/classes/0301/end", headers=key()).status_code == 422
    kinds = steward.get("/api/components/classes").json()["items"]
    assert {"0137", "0395"} <= {each["code"] for each in kinds} and "0396" not in {each["code"] for each in kinds}
    assert any(not each["verified"] for each in kinds)
    bad = {"above": "03", "title_zh": "x", "extras": ["colour"]}
    assert steward.post("/api/components/classes", json=bad, headers=key()).status_code == 422


def test_a_component_outside_is_refused(city, steward):
    with pytest.raises(Invalid), open_unit(System("test"), "add") as unit:
        from gangmu.base.registers import service
        from gangmu.base.registers.schema import ComponentIn

        service.add_component(unit, city.actor("data_steward"), ComponentIn(kind="0137").draft(), "0137")


def test_a_map_file_is_read_by_its_points(tmp_path):
    import json

    from gangmu.base.places.files import read_points, read_rows

    feature = {
        "type": "Feature",
        "properties": {"ObjID": "9901010137000009", "ObjState": "完好", "BGID": "990101001001001"},
        "geometry": {"type": "Point", "coordinates": [117.85, 36.79]},
    }
    file = tmp_path / "lamps.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    assert known(read_points(file)) == [
        {"code": "9901010137000009", "state": "完好", "lon": "117.85", "lat": "36.79"},
    ]
    table = tmp_path / "lamps.csv"
    table.write_bytes("部件标识码,状态,经度,纬度\n9901010137000009,完好,117.85,36.79\n".encode("gb18030"))
    assert known(read_rows(table, {})) == known(read_points(file))
