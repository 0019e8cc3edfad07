"""The catalogue in the database and over HTTP: shipped, found, edited by editions, out and in as a workbook."""

from datetime import timedelta
from uuid import uuid4

import pytest

from gangmu.core import matter
from gangmu.core.matter import service
from gangmu.core.matter.service import ClassDraft, ConditionDraft
from gangmu.kit.errors import StaleWrite


def key():
    return {"idempotency-key": uuid4().hex}


def steward_post(city, path, expect=201, method="post", **body):
    browser = city.sign_in("data_steward")
    answer = getattr(browser, method)(path, json=body, headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json()


def test_the_shipped_catalogue_is_there_once(db):
    with db.unit() as unit:
        before = len(service.list_classes(unit, unit.actor))
        service.load_shipped(unit)
        assert len(service.list_classes(unit, unit.actor)) == before > 390
        assert [t.id for t in service.list_trees(unit, unit.actor)] == ["hotline", "urban_component", "urban_event"]


def test_a_class_is_found_by_words_initials_and_code(db):
    with db.unit() as unit:

        def found(q, tree=""):
            return {row.code for row in service.list_classes(unit, unit.actor, tree=tree, q=q)}

        assert "0101" in found("上水井盖", "urban_component")
        assert {"0101", "0102", "0103"} <= found("井盖", "urban_component")
        assert found("bllj", "urban_event") == {"0110"}  # 暴露垃圾
        assert "0110" in found("rubbish", "urban_event")
        assert found("0110", "urban_event") == {"0110"}
        assert found("没有这种事", "urban_event") == set()
        assert found("%' OR 1=1 --") == set()


def test_a_class_says_what_it_can_be_filed_under(db):
    with db.unit() as unit:
        spill = matter.find_class(unit, unit.actor, "urban_event", "0501")
        (condition,) = matter.conditions_for(unit, unit.actor, spill.id)
        assert [str(p) for p in condition.parts] == ["1u", "5d"]
        assert matter.get_condition(unit, unit.actor, condition.id) == condition
        kiosk = matter.find_class(unit, unit.actor, "urban_component", "0140")
        inherited = matter.conditions_for(unit, unit.actor, kiosk.id)
        assert inherited and not any(c.verified for c in inherited) and {c.code for c in inherited} == {""}
        assert matter.national_code(unit, unit.actor, kiosk.id) == "0140"


def test_a_changed_limit_leaves_the_old_row_for_the_events_that_pin_it(db):
    with db.unit() as unit:
        row = matter.find_class(unit, unit.actor, "urban_event", "0110")
        (was,) = matter.conditions_for(unit, unit.actor, row.id)
        day = service.today(unit)
        draft = ConditionDraft("", "", was.text_zh, "2h", closing=(("已清理", "Cleaned"),))
        made = service.change_condition(unit, unit.actor, was.id, draft, was.version)
        assert [c.limit for c in matter.conditions_for(unit, unit.actor, row.id)] == ["2h"]
        assert matter.get_condition(unit, unit.actor, was.id).limit == "4h"
        before = matter.conditions_for(unit, unit.actor, row.id, day - timedelta(days=1))
        assert [c.id for c in before] == [was.id]
        assert made.seq == was.seq and matter.get_condition(unit, unit.actor, was.id).valid_to == day
        with pytest.raises(StaleWrite):
            service.change_condition(unit, unit.actor, was.id, draft, was.version)


def test_a_change_may_begin_later(db):
    with db.unit() as unit:
        row = matter.find_class(unit, unit.actor, "urban_event", "0112")
        (was,) = matter.conditions_for(unit, unit.actor, row.id)
        later = service.today(unit) + timedelta(days=30)
        service.change_condition(unit, unit.actor, was.id, ConditionDraft("", "", "道路不洁", "1h"), was.version, later)
        assert [c.limit for c in matter.conditions_for(unit, unit.actor, row.id)] == ["2h"]
        assert [c.limit for c in matter.conditions_for(unit, unit.actor, row.id, later)] == ["1h"]


def test_two_local_classes_get_the_next_two_numbers_backwards(db):
    with db.unit() as unit:
        first = service.add_class(unit, unit.actor, ClassDraft("urban_event", "", "乱涂乱画", parent="02"))
        second = service.add_class(unit, unit.actor, ClassDraft("urban_event", "", "灯箱破损", parent="02"))
        assert (first.code, second.code) == ("0299", "0298")
        service.end_class(unit, unit.actor, first.id, first.version)
        third = service.add_class(unit, unit.actor, ClassDraft("urban_event", "", "旗杆破损", parent="02"))
        assert third.code == "0297"  # an ended number is not given again


def test_the_catalogue_over_http(city):
    browser = city.sign_in("hotline_operator")
    trees = browser.get("/api/matter/trees").json()["items"]
    assert {t["id"] for t in trees} == {"hotline", "urban_component", "urban_event"}
    tops = browser.get("/api/matter/classes", params={"tree": "urban_event", "parent": ""}).json()["items"]
    assert [c["code"] for c in tops] == ["01", "02", "03", "04", "05", "06"]
    burst = browser.get("/api/matter/classes", params={"tree": "urban_event", "q": "供水管破裂"}).json()["items"][0]
    whole = browser.get(f"/api/matter/classes/{burst['id']}").json()
    (condition,) = whole["conditions"]
    assert [(p["title"], p["text"], p["clock"]) for p in condition["parts"]] == [
        ("Make safe", "1 urgent hours", "urgent"),
        ("Repair", "5 working days", "working_days"),
    ]
    assert condition["closing"] and not condition["inherited"] and whole["national_code"] == "0501"
    assert browser.get("/api/matter/classes/mat_00000000000000000000000000").status_code == 404


def test_editing_over_http_takes_the_right_and_notices_two_at_once(city):
    body = {"tree": "urban_event", "parent": "02", "title_zh": "乱涂乱画", "national": "0201"}
    assert city.sign_in("dispatcher").post("/api/matter/classes", json=body, headers=key()).status_code == 403
    made = steward_post(city, "/api/matter/classes", **body)
    assert (made["code"], made["local"], made["national"]) == ("0299", True, "0201")
    change = {"id": made["id"], "version": made["version"], "title_zh": "涂鸦", "national": "0201"}
    new = steward_post(city, "/api/matter/classes", 200, "put", **change)
    assert new["id"] != made["id"] and new["code"] == "0299"
    stale = steward_post(city, "/api/matter/classes", 409, "put", **change)
    assert stale["code"] == "stale_write"
    whole = city.sign_in("data_steward").get(f"/api/matter/classes/{new['id']}").json()
    assert [h["title_zh"] for h in whole["history"]] == ["乱涂乱画", "涂鸦"]
    taken = steward_post(city, "/api/matter/classes", 409, tree="urban_event", code="0299", title_zh="别的")
    assert taken["code"] == "matter.code_taken"
    for wrong in ({"code": "029"}, {"code": "7701"}, {"tree": "moon"}, {"national": "0299"}, {"title_zh": "\x00"}):
        answer = steward_post(city, "/api/matter/classes", 404 if "tree" in wrong else 422, **{**body, **wrong})
        assert answer["code"]


def test_conditions_over_http(city):
    base = {"tree": "urban_event", "code": "0110", "text_zh": "大面积暴露垃圾", "limit": "8h"}
    made = steward_post(
        city, "/api/matter/conditions", **base, closing=[{"zh": "已清理", "en": "Cleaned"}], units=["环卫"]
    )
    assert made["seq"] == 2 and made["parts"][0]["clock"] == "working_hours"
    bad = steward_post(city, "/api/matter/conditions", 422, **{**base, "limit": "soon"})
    assert bad["code"] == "matter.limit_malformed"
    steward_post(city, "/api/matter/conditions", 404, **{**base, "code": "0177"})
    gone = {"id": made["id"], "version": made["version"], "text_zh": "x", "limit": "8h", "ended": True}
    assert steward_post(city, "/api/matter/conditions", 200, "put", **gone)["valid_to"]
    kept = city.sign_in("dispatcher").get(f"/api/matter/conditions/{made['id']}").json()
    assert kept["limit"] == "8h"  # an event that pins it still reads it
