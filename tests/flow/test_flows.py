"""Flows in the database and over HTTP: shipped, checked, published, pinned."""

import copy
from uuid import uuid4

import pytest

from gangmu.core import flow as flow_stage
from gangmu.core.flow import service, store
from gangmu.core.flow.errors import FlowNotPublishable
from gangmu.kit import settings
from gangmu.kit.errors import Conflict, NotFound


def key():
    return {"idempotency-key": uuid4().hex}


def own_flow(title="改过的城管案卷", **verbs):
    made = copy.deepcopy(dict(service.shipped_data("urban_case")))
    made["title"] = {"zh": title, "en": "Own case"}
    for verb in made["verb"]:
        verb.update(verbs.get(verb["id"], {}))
    return made


def test_the_shipped_flows_are_there_once_however_often_they_are_loaded(db):
    with db.unit() as unit:
        service.load_shipped(unit)
        service.load_shipped(unit)
        rows = service.list_flows(unit, unit.actor)
    assert [(r.flow, r.number, r.status) for r in rows] == [(name, 1, "published") for name in service.shipped_flows()]
    assert {"hotline_order", "urban_case"} <= set(service.shipped_flows())


def test_the_current_flow_is_the_newest_and_an_old_one_stays_readable(db):
    with db.unit() as unit:
        first = flow_stage.current_flow(unit, unit.actor, "urban_case")
        service.publish_flow(unit, unit.actor, own_flow(), None)
        now = flow_stage.current_flow(unit, unit.actor, "urban_case")
        pinned = flow_stage.get_flow(unit, unit.actor, "urban_case", first.version)
    assert (first.version, now.version) == (1, 2)
    assert (pinned.title["zh"], now.title["zh"]) == ("城管案卷", "改过的城管案卷")


def test_a_flow_of_another_name_starts_at_version_one(db):
    made = own_flow()
    made["id"] = "park_case"
    with db.unit() as unit:
        assert service.publish_flow(unit, unit.actor, made, None).version == 1
        assert flow_stage.current_flow(unit, unit.actor, "urban_case").version == 1


def test_the_same_definition_is_not_published_twice(db):
    with db.unit() as unit:
        service.publish_flow(unit, unit.actor, own_flow(), None)
        with pytest.raises(Conflict):
            service.publish_flow(unit, unit.actor, own_flow(), None)


def test_a_flow_in_which_the_doer_can_close_is_not_published(db):
    with db.unit() as unit, pytest.raises(FlowNotPublishable) as raised:
        service.publish_flow(unit, unit.actor, own_flow(close={"guards": []}), None)
    assert any("judge_may_be_doer" in finding for finding in raised.value.findings)


def test_a_citys_own_flow_is_not_replaced_by_a_newer_shipped_one(db):
    with db.unit() as unit:
        service.publish_flow(unit, unit.actor, own_flow(), None)
        was = store.find_version(unit, "urban_case", 1, seen_by=unit.actor)
        unit.update(store.flow_version, was.id, {"digest": "an older shipped edition"}, was=was)
        service.load_shipped(unit)
        rows = store.list_versions(unit, seen_by=unit.actor, flow="urban_case")
        assert [(r.number, r.origin, r.status) for r in rows] == [
            (3, "shipped", "offered"),
            (2, "local", "published"),
            (1, "shipped", "published"),
        ]
        assert flow_stage.current_flow(unit, unit.actor, "urban_case").version == 2


def test_an_unknown_flow_is_not_found(db):
    with db.unit() as unit:
        for name, version in (("nothing", 1), ("urban_case", 9)):
            with pytest.raises(NotFound):
                flow_stage.get_flow(unit, unit.actor, name, version)


def test_flows_are_listed_and_shown_with_their_diagram(city):
    browser = city.sign_in("dispatcher")
    listed = browser.get("/api/flows").json()["items"]
    assert {(f["id"], f["version"], f["current"]) for f in listed} == {
        (name, 1, True) for name in service.shipped_flows()
    }
    whole = browser.get("/api/flows/urban_case/1").json()
    assert whole["title"] == "Urban case" and whole["diagram"].startswith("<svg")
    close = next(v for v in whole["verbs"] if v["id"] == "close")
    assert close["guards"][0]["text"] == "Whoever ordered or did the work may not judge it"
    assert browser.get("/api/flows/urban_case/7").status_code == 404


def test_checking_says_what_is_wrong_in_words_and_keeps_nothing(city):
    browser = city.sign_in("data_steward")
    answer = browser.post("/api/flows/check", json={"definition": own_flow(close={"guards": []})}, headers=key()).json()
    assert not answer["publishable"]
    assert {f["code"] for f in answer["findings"]} == {"judge_may_be_doer"}
    assert all(f["text"] and "{" not in f["text"] for f in answer["findings"])
    broken = browser.post("/api/flows/check", json={"toml": "id = "}, headers=key()).json()
    assert not broken["publishable"] and broken["problems"]
    unread = browser.post("/api/flows/check", json={"definition": {"id": "x"}}, headers=key()).json()
    assert not unread["publishable"] and any(p.startswith("title") for p in unread["problems"])
    unknown = own_flow(accept={"to": "nowhere"})
    assert not browser.post("/api/flows/check", json={"definition": unknown}, headers=key()).json()["publishable"]
    assert len(browser.get("/api/flows").json()["items"]) == len(service.shipped_flows())


def test_publishing_at_once_takes_the_right_and_a_city_without_second_person(database, city):
    body = {"definition": own_flow(), "note": "试行"}
    steward = city.sign_in("data_steward")
    assert city.sign_in("dispatcher").post("/api/flows/publish", json=body, headers=key()).status_code == 403
    held = steward.post("/api/flows/publish", json=body, headers=key())
    assert held.status_code == 409 and held.json()["code"] == "flow.second_person"
    with database.unit() as unit:
        settings.put(unit, "flow.second_person", False)
    made = steward.post("/api/flows/publish", json=body, headers=key())
    assert made.status_code == 201 and made.json()["version"] == 2
    assert steward.post("/api/flows/publish", json=body, headers=key()).status_code == 409
    bad = {"definition": own_flow("又一版", close={"guards": []})}
    refused = steward.post("/api/flows/publish", json=bad, headers=key())
    assert refused.status_code == 422 and refused.json()["code"] == "flow.not_publishable"
    neither = steward.post("/api/flows/publish", json={}, headers=key())
    assert neither.status_code == 422


def test_every_permission_has_words(city):
    items = city.sign_in("dispatcher").get("/api/flows/permissions").json()["items"]
    assert {"event.dispatch", "event.close", "matter.manage"} <= {i["id"] for i in items}
    assert all(i["title"] for i in items)
