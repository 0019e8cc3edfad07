"""Addresses and landmarks: kept, found by forgiving search, other and older names, spreadsheets; p95 on many."""

import time

import pytest

from gangmu.base.places import addresses, service
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.city import HERE, TOWN
from tests.flow.ground import PLACE, found, key

ROWS = [
    {"address": "纲目市东区东街道金晶大道128号", "road": "金晶大道", "house_no": "128号", "division": TOWN},
    {"road": "柳泉路", "house_no": "45号", "poi": "实验小学", "kind": "学校", "division": TOWN},
    {"address": "纲目市东区东街道和平小区3号楼2单元502室", "division": TOWN},
    {"road": "人民西路", "house_no": "9号", "poi": "人民公园", "kind": "公园", "division": HERE},
]


@pytest.fixture
def steward(city):
    found(city)
    with open_unit(System("test"), "addresses") as unit:
        told = service.import_addresses(unit, System("test"), ROWS, source="test")
        assert (told.accepted, told.findings) == (4, ())
    return city.sign_in("data_steward")


def hits(browser, q):
    answer = browser.get("/api/addresses", params={"q": q})
    assert answer.status_code == 200, answer.text
    return [(one["full"].removeprefix("纲目市东区"), one["how"]) for one in answer.json()["items"]]


def test_the_search_forgives(steward):
    assert hits(steward, "金晶大道") == [("东街道金晶大道128号", "exact")]
    assert hits(steward, "jjdd") == [("东街道金晶大道128号", "exact")]
    assert hits(steward, "金净大道128号") == [("东街道金晶大道128号", "corrected")], "the sound for the writing"
    assert hits(steward, "金晶大到") == [("东街道金晶大道128号", "corrected")]
    assert hits(steward, "实险小学") == [("东街道柳泉路45号实验小学", "corrected")], "one letter wrong"
    assert hits(steward, "实小验学") == [("东街道柳泉路45号实验小学", "corrected")], "two swapped"
    assert hits(steward, "人民公圆") == [("人民西路9号人民公园", "corrected")]
    assert hits(steward, "东区金晶大道128号3楼505室") == [("东街道金晶大道128号", "part")]
    assert hits(steward, "火星大道") == []
    for odd in ("%", "_", "'", "()", "　", "a" * 100):
        hits(steward, odd)


def test_other_and_older_names(steward):
    assert hits(steward, "中心路45号") == []
    body = {"name": "中心路", "means": "柳泉路", "way": "old"}
    assert steward.post("/api/address-names", json=body, headers=key()).status_code == 201
    assert hits(steward, "中心路45号") == [("东街道柳泉路45号实验小学", "corrected")]


def test_kept_mended_voided(city, steward):
    body = {"division": TOWN, "full": "纲目市东区东街道新村路7号", "lon": PLACE[0], "lat": PLACE[1], "crs": "GCJ02"}
    made = steward.post("/api/addresses", json=body, headers=key()).json()
    assert (made["road"], made["house_no"]) == ("新村路", "7号") and abs(made["lon"] - PLACE[0]) > 0.001
    assert steward.post("/api/addresses", json=body, headers=key()).status_code == 409
    assert steward.post("/api/addresses", json={"full": "无处"}, headers=key()).status_code == 422
    assert city.sign_in("dispatcher").post("/api/addresses", json=body, headers=key()).status_code == 403
    change = {"full": "纲目市东区东街道新华路7号", "aliases": ["老粮店"], "version": made["version"]}
    changed = steward.put(f"/api/addresses/{made['id']}", json=change, headers=key()).json()
    assert set(changed["aliases"]) == {"老粮店", "纲目市东区东街道新村路7号"} and changed["road"] == "新华路"
    assert hits(steward, "老粮店") == [("东街道新华路7号", "exact")] == hits(steward, "新村路7号")
    stale = steward.put(f"/api/addresses/{made['id']}", json=change, headers=key())
    assert stale.status_code == 409
    gone = steward.post(f"/api/addresses/{made['id']}/void", json={"reason": "拆迁"}, headers=key()).json()
    assert gone["state"] == "void" and hits(steward, "老粮店") == []
    landmarks = steward.get("/api/landmarks").json()["items"]
    assert [one["name"] for one in landmarks] == ["人民公园", "实验小学"]
    assert [one["name"] for one in steward.get("/api/landmarks", params={"kind": "学校"}).json()["items"]] == [
        "实验小学"
    ]
    parts = steward.get("/api/addresses/parse", params={"text": "东街道和平小区3号楼2单元502室"}).json()
    assert (parts["town"], parts["compound"], parts["building"]) == ("东街道", "和平小区", "3号楼")
    assert (parts["unit"], parts["room"]) == ("2单元", "502室")


def test_many_addresses_answer_quickly(city, steward):
    roads = [f"{a}{b}{c}" for a in "金银铜铁锡东西南北中" for b in "山河湖海林泉石云" for c in ("路", "大街", "大道")]
    rows = [
        {"road": roads[n % 240], "house_no": f"{n // 240 + 1}号", "division": TOWN, "lon": "", "lat": ""}
        for n in range(20_000)
    ]
    with open_unit(System("test"), "many") as unit:
        told = service.import_addresses(unit, System("test"), rows, source="many")
        assert told.accepted == 20_000
    with open_unit(System("test"), "analyze") as unit:
        unit.conn.exec_driver_sql("ANALYZE address")
    asked = [f"{road}{no}号" for road in roads[::12] for no in (3, 17, 64)]
    asked += [road[0] + "珊" + road[2:] + "55号" for road in roads[::24]] + [
        "jshdd",
        "金山",
        "银河路",
        "东街道铁石大道12号楼",
    ]
    took = []
    with open_unit(System("test"), "search") as unit:
        for q in asked:
            began = time.perf_counter()
            addresses.search(unit, System("test"), q)
            took.append(time.perf_counter() - began)
    took.sort()
    p95 = took[int(len(took) * 0.95)]
    print(f"searches {len(took)}, median {took[len(took) // 2] * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms")
    assert p95 < 2, "loosely: the machine of a suite is shared"


def test_a_unit_grid_is_drawn_and_a_responsibility_grid_bound(city, steward):
    code = "990101001001"
    made = steward.post("/api/divisions", json={"code": code, "name": "一社区"}, headers=key())
    assert made.status_code == 201, made.text
    lon, lat = PLACE
    ring = [[lon, lat], [lon + 0.001, lat], [lon + 0.001, lat + 0.001], [lon, lat + 0.001]]
    grid = steward.post("/api/unit-grids", json={"community": code, "ring": ring}, headers=key())
    assert grid.status_code == 201, grid.text
    assert grid.json()["code"] == code + "001"
    over = steward.post("/api/unit-grids", json={"community": code, "ring": ring}, headers=key())
    assert over.status_code == 422
    listed = steward.get("/api/unit-grids", params={"code": code}).json()["items"]
    assert [(one["code"], one["state"]) for one in listed] == [(code + "001", "valid")]
    body = {"code": "990101001G0001", "name": "一号网格", "units": [code + "001"]}
    duty = steward.post("/api/duty-grids", json=body, headers=key())
    assert duty.status_code == 201, duty.text
    assert duty.json()["units"] == [code + "001"]
    wrong = steward.post("/api/duty-grids", json={**body, "units": ["990101001001999"]}, headers=key())
    assert wrong.status_code == 422
    assert (
        city.sign_in("clerk").post("/api/unit-grids", json={"community": code, "ring": ring}, headers=key()).status_code
        == 403
    )
