"""What events concern: components with proposals and history, places, people under seal; other roles and counties."""

import pytest

from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.city import HERE
from tests.flow.ground import PLACE, found, key, matter_of
from tests.flow.test_components import add

NUMBER = "11010519491231002X"
SECRET = {
    "role": "party",
    "name": "赵某某",
    "number": NUMBER,
    "phone": "13712345678",
    "home": "东街道3号楼",
    "note": "情绪激动",
}


@pytest.fixture
def scene(city):
    found(city)
    steward = city.sign_in("data_steward")
    lamp = add(steward, maintainer=city.orgs["市政处"])
    cover = add(steward, kind="0102", road="解放路", lon=PLACE[0] + 0.0003)
    event = city.report("clerk", text="人民路污水井盖破损", lon=PLACE[0], lat=PLACE[1])
    return city, event, lamp, cover


def concern(browser, event):
    answer = browser.get(f"/api/events/{event['id']}/concern")
    assert answer.status_code == 200, answer.text
    return answer.json()


def send(browser, event, tail, body, expect):
    answer = browser.post(f"/api/events/{event['id']}/concern/{tail}", json=body, headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json()


def test_the_component_is_proposed_with_reasons_and_a_person_decides(scene):
    city, event, lamp, cover = scene
    clerk = city.sign_in("clerk")
    asked = {"lon": PLACE[0], "lat": PLACE[1], "text": "人民路污水井盖破损"}
    matter = matter_of(city.sign_in("data_steward"), "urban_component", "0102")
    named = clerk.get("/api/concern/suggest", params={**asked, "matter": matter["id"]}).json()["items"]
    assert [each["code"] for each in named] == [cover["code"], lamp["code"]], "the class outweighs a few metres"
    assert {"key": "class"} in named[0]["reasons"] and named[0]["confidence"] > named[1]["confidence"]
    assert concern(clerk, event)["components"] == [], "nothing is decided by the house"
    said = send(clerk, event, "components", {"component": cover["id"], "proposed": True}, 201)
    assert [(each["code"], each["how"]) for each in said["components"]] == [(cover["code"], "accepted")]
    again = send(clerk, event, "components", {"component": cover["id"]}, 409)
    assert again["code"] == "concern.already"
    history = clerk.get(f"/api/components/{cover['id']}/events").json()["items"]
    assert [each["id"] for each in history] == [event["id"]]
    assert city.sign_in("leader").get(f"/api/components/{lamp['id']}/events").json()["items"] == []
    dropped = send(clerk, event, f"components/{cover['id']}/drop", {"reason": "看错了"}, 200)
    assert dropped["components"] == []
    assert send(clerk, event, f"components/{cover['id']}/drop", {"reason": "x"}, 404)["code"] == "not_found"
    assert clerk.get(f"/api/components/{cover['id']}/events").json()["items"] == []


def test_places_are_addresses_or_words(scene):
    city, event, *_ = scene
    clerk = city.sign_in("clerk")
    said = send(clerk, event, "places", {"role": "home", "text": "东街道幸福小区3号楼"}, 201)
    place = said["places"][0]
    assert (place["role"], place["text"], place["by_name"]) == ("home", "东街道幸福小区3号楼", "甲clerk")
    assert send(clerk, event, "places", {"role": "work"}, 422)["params"]["field"] == "text"
    assert send(clerk, event, f"places/{place['id']}/drop", {}, 200)["places"] == []


def test_people_are_sealed_and_shown_to_few_and_never_without_a_purpose(scene, database):
    city, event, *_ = scene
    worker, supervisor = city.sign_in("grid_worker"), city.sign_in("supervisor")
    assert send(worker, event, "people", {**SECRET, "number": "110105194912310021"}, 422)["params"]["field"] == "number"
    assert send(worker, event, "people", {"role": "party"}, 422)["params"]["field"] == "name"
    assert send(worker, event, "people", {**SECRET, "kinds": ["released"]}, 403)["code"] == "access.refused"
    said = send(supervisor, event, "people", {**SECRET, "kinds": ["released", "alone"]}, 201)
    assert said["people_count"] == 1 and set(said["people"][0]) == {"id", "role", "by_name", "at"}

    # --- by role: who sees whom, who only how many, who nothing
    for who in ("grid_worker", "supervisor"):
        assert len(concern(city.sign_in(who), event)["people"]) == 1
    for who in ("clerk", "dispatcher", "patrol", "shift_leader", "leader", "evaluator", "call_back", "data_steward"):
        shown = concern(city.sign_in(who), event)
        assert (shown["people"], shown["people_count"]) == (None, 1), who
        refused = send(city.sign_in(who), event, "people/reveal", {"purpose": "工作需要"}, 403)
        assert refused["code"] == "access.refused"
        assert send(city.sign_in(who), event, "people", SECRET, 403)["code"] == "access.refused"
    for who in ("handler", "dept_lead", "town_officer"):
        assert city.sign_in(who).get(f"/api/events/{event['id']}/concern").status_code == 404
    for who in ("grid_worker@there", "supervisor@there", "clerk@there"):
        there = city.sign_in(who)
        assert there.get(f"/api/events/{event['id']}/concern").status_code == 404
        assert send(there, event, "people/reveal", {"purpose": "看看"}, 404 if "clerk" not in who else 403)
    assert city.sign_in("system_admin").get(f"/api/events/{event['id']}/concern").status_code == 403

    # --- in clear, for a purpose; the marks only to whom they are for
    assert send(worker, event, "people/reveal", {"purpose": ""}, 422)
    seen = send(worker, event, "people/reveal", {"purpose": "上门调解"}, 200)["items"][0]
    assert (seen["name"], seen["number"], seen["phone"]) == ("赵某某", NUMBER, "13712345678")
    assert seen["kinds"] is None, "that he is watched over is not for the grid worker"
    assert send(supervisor, event, "people/reveal", {"purpose": "督查"}, 200)["items"][0]["kinds"] == [
        "released",
        "alone",
    ]

    # --- every look is journaled; nothing of him is anywhere in clear
    city.settle()
    with open_unit(System("test"), "read") as unit:
        import sqlalchemy as sa

        entries = [bytes(row.body).decode() for row in unit.rows(sa.text("SELECT body FROM journal_entry"))]
        whole = "\n".join(entry for entry in entries if event["id"] in entry)
        assert '"purpose":"上门调解"' in whole and '"purpose":"督查"' in whole
        stored = repr(unit.rows(sa.text("SELECT * FROM concern_person"))[0])
        ticks = repr(unit.rows(sa.text("SELECT * FROM live_tick")))
        told = repr(unit.rows(sa.text("SELECT body FROM outbox")))
        words = repr(unit.rows(sa.text("SELECT * FROM event")))
    for secret in ("赵某某", NUMBER, "13712345678", "情绪激动", "released"):
        for where in (whole, stored, ticks, told, words):
            assert secret not in where
    for q in ("赵某某", NUMBER, "13712345678"):
        assert supervisor.get("/api/search", params={"q": q}).json()["items"] == []
        assert supervisor.get("/api/events", params={"q": q}).json()["items"] == []

    # --- the same person elsewhere is counted, where it may be seen
    other = city.report("clerk", text="另一起纠纷")
    send(worker, other, "people", {**SECRET, "role": "witness"}, 201)
    assert send(worker, other, "people/reveal", {"purpose": "核对"}, 200)["items"][0]["elsewhere"] == 1
    gone = send(worker, event, f"people/{said['people'][0]['id']}/drop", {}, 200)
    assert (gone["people"], gone["people_count"]) == ([], 0)


def test_a_mended_place_proposes_a_correction_which_a_steward_decides(scene):
    city, event, *_ = scene
    steward, dispatcher = city.sign_in("data_steward"), city.sign_in("dispatcher")
    body = {"division": HERE, "full": "纲目市东区人民路18号", "lon": PLACE[0], "lat": PLACE[1]}
    known = steward.post("/api/addresses", json=body, headers=key())
    assert known.status_code == 201, known.text
    known = known.json()
    assert (known["road"], known["house_no"]) == ("人民路", "18号")
    event = city.report("clerk", text="路灯不亮", address="纲目市东区人民路18号", lon=PLACE[0], lat=PLACE[1])
    address = f"/api/events/{event['id']}/place"
    same = dispatcher.post(address, json={"address": "纲目市东区人民路18号", "reason": "x"}, headers=key())
    assert same.status_code == 422
    near = {"lon": PLACE[0] + 0.00005, "lat": PLACE[1], "reason": "微调"}
    assert dispatcher.post(address, json=near, headers=key()).json()["correction"] is None
    far = {"lon": PLACE[0] + 0.002, "lat": PLACE[1], "reason": "现场在路口东侧"}
    mended = dispatcher.post(address, json=far, headers=key())
    assert mended.status_code == 200, mended.text
    assert mended.json()["event"]["lon"] == far["lon"] and mended.json()["correction"]
    assert [act["verb"] for act in dispatcher.get(f"/api/events/{event['id']}/timeline").json()["items"]].count(
        "mend_place"
    ) == 2
    waiting = steward.get("/api/address-corrections").json()["items"]
    assert [(one["about"], one["was_full"], one["lon"]) for one in waiting] == [
        (event["id"], "纲目市东区人民路18号", far["lon"])
    ]
    assert dispatcher.get("/api/address-corrections").status_code == 403
    accept = f"/api/address-corrections/{waiting[0]['id']}/accept"
    assert steward.post(accept, headers=key()).json()["state"] == "accepted"
    assert steward.post(accept, headers=key()).json()["code"] == "places.correction_decided"
    hit = steward.get("/api/addresses", params={"q": "人民路18号"}).json()["items"][0]
    assert hit["lon"] == far["lon"]
    # another text: the old one stays a name of it
    text = {"address": "纲目市东区人民路18号甲", "reason": "门牌已改"}
    proposed = dispatcher.post(address, json=text, headers=key()).json()["correction"]
    refuse = f"/api/address-corrections/{proposed}/refuse"
    assert steward.post(refuse, json={"reason": "未见门牌变更"}, headers=key()).json()["state"] == "refused"
    assert city.sign_in("dispatcher@there").post(address, json=far, headers=key()).status_code == 404
