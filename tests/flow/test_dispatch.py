"""The duty list on a real database: editions, workbooks, the level guard in the act itself, what was taken of it."""

from datetime import timedelta

import pytest

from gangmu.core.dispatch.errors import PushedDown
from gangmu.core.event import ActArgs, act
from gangmu.kit import clock
from gangmu.kit.unit import open_unit
from tests.city import HERE, THERE, TOWN
from tests.flow.ground import CHINA, duty, found, key, matter_of


@pytest.fixture
def ground(city):
    found(city)
    return city


def change(city, row, expect=200, **given):
    body = {"lead_org": row["lead_org"], "version": row["version"], **given}
    answer = city.sign_in("data_steward").put(f"/api/duties/{row['id']}", json=body, headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json()


def suggested(city, code="0101", division=HERE, who="dispatcher"):
    browser = city.sign_in(who)
    matter = matter_of(browser, "urban_component", code)["id"]
    found = browser.get("/api/dispatch/suggest", params={"matter": matter, "division": division})
    assert found.status_code == 200, found.text
    return found.json()["items"]


def test_a_change_ends_the_row_and_opens_the_next(ground):
    row = duty(ground)
    tomorrow = (clock.now().astimezone(CHINA) + timedelta(days=1)).date().isoformat()
    new = change(ground, row, lead_org=ground.orgs["环卫处"], basis="职责调整通知", valid_from=tomorrow)
    assert (new["replaces"], new["valid_from"], new["valid_to"]) == (row["id"], tomorrow, None)
    steward = ground.sign_in("data_steward")
    editions = steward.get(f"/api/duties/{row['id']}").json()["items"]
    assert [(each["id"], each["valid_to"]) for each in editions] == [(row["id"], tomorrow), (new["id"], None)]
    assert [each["lead_org"] for each in suggested(ground)] == [ground.orgs["市政处"]]
    ground.forward(days=1, hours=1)
    assert [each["lead_org"] for each in suggested(ground)] == [ground.orgs["环卫处"]]
    assert change(ground, row, expect=409)["code"] == "dispatch.duty_ended"
    stale = change(ground, {**new, "version": 7}, expect=409)
    assert stale["code"] == "stale_write"


def test_one_key_has_one_row_at_a_time(ground):
    row = duty(ground)
    steward = ground.sign_in("data_steward")
    body = {name: row[name] for name in ("tree", "code", "division", "level", "lead_org")}
    assert steward.post("/api/duties", json=body, headers=key()).json()["code"] == "dispatch.duty_taken"
    ended = steward.post(f"/api/duties/{row['id']}/end", json={"version": row["version"]}, headers=key())
    assert ended.status_code == 200, ended.text
    assert steward.post("/api/duties", json=body, headers=key()).status_code == 201


def test_who_may_read_may_not_edit(ground):
    row = duty(ground)
    dispatcher = ground.sign_in("dispatcher")
    assert dispatcher.get("/api/duties").json()["items"][0]["id"] == row["id"]
    body = {"lead_org": row["lead_org"], "version": 1}
    assert dispatcher.put(f"/api/duties/{row['id']}", json=body, headers=key()).status_code == 403


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"code": "9999"}, "not_found"),
        ({"division": "110101000000"}, "not_found"),
        ({"tree": "nonsense", "code": ""}, "not_found"),
        ({"to_towns": True, "basis": ""}, "invalid"),
        ({"valid_from": "2027-01-02", "valid_to": "2027-01-01"}, "invalid"),
    ],
)
def test_a_row_that_cannot_be_is_refused(ground, given, code):
    body = {
        "tree": "urban_component",
        "code": "01",
        "division": HERE,
        "level": "county",
        "lead_org": ground.orgs["市政处"],
        **given,
    }
    answer = ground.sign_in("data_steward").post("/api/duties", json=body, headers=key())
    assert answer.json()["code"] == code, answer.text


def test_a_departments_row_is_not_led_by_a_street(ground):
    body = {"tree": "urban_component", "code": "01", "division": HERE, "level": "county"}
    lead = {"lead_org": ground.orgs["东街道"]}
    answer = ground.sign_in("data_steward").post("/api/duties", json={**body, **lead}, headers=key())
    assert answer.json()["params"]["field"] == "lead_org"


def test_the_most_specific_row_is_suggested(ground):
    duty(ground, code="", division="990100000000", level="city", lead_org=ground.orgs["市政府"])
    assert suggested(ground)[0]["lead_org"] == ground.orgs["市政府"]
    duty(ground, code="01", division=HERE)
    assert suggested(ground)[0]["lead_org"] == ground.orgs["市政处"]
    duty(ground, code="0101", division=HERE, lead_org=ground.orgs["环卫处"])
    assert suggested(ground)[0]["lead_org"] == ground.orgs["环卫处"]
    assert suggested(ground, division=THERE)[0]["lead_org"] == ground.orgs["市政府"]
    assert suggested(ground, "0102")[0]["lead_org"] == ground.orgs["市政处"]
    english = ground.sign_in("supervisor")
    assert "A row of its own for" in " ".join(suggested(ground, who="supervisor")[0]["reasons"])
    english.headers["accept-language"] = "zh-CN"
    assert "专门条目" in " ".join(suggested(ground, who="supervisor")[0]["reasons"])


def filed(city):
    """A filed urban case in the street of the town."""
    condition = matter_of(city.sign_in("clerk"), "urban_component", "0101")["conditions"][0]
    event = city.report("patrol", division=TOWN)
    event = city.sign_in("clerk").do(event, "accept")
    return city.sign_in("shift_leader").do(event, "register", condition_id=condition["id"])


def test_the_level_guard_stands_in_the_act_itself(ground):
    row = duty(ground)
    event = filed(ground)
    actor = ground.actor("dispatcher")
    street = ActArgs(lead_org=ground.orgs["东街道"], reason="就近处理")
    for verb in ("dispatch", "designate"):
        with pytest.raises(PushedDown) as refused, open_unit(actor, "test") as unit:
            act(unit, actor, event["id"], verb, street)
        assert refused.value.params["duty_row"] == row["id"]
    seen = ground.sign_in("dispatcher").sees(event)
    assert (seen["state"], seen["version"]) == ("registered", event["version"])


def test_a_row_may_give_a_duty_to_the_street(ground):
    duty(ground, to_towns=True, basis="市政府赋权决定")
    event = ground.sign_in("dispatcher").do(filed(ground), "dispatch", lead_org=ground.orgs["东街道"])
    assert event["state"] == "to_handle"


def test_a_street_has_duties_of_its_own(ground):
    duty(ground)
    duty(ground, division=TOWN, level="town", lead_org=ground.orgs["东街道"], basis="镇街履职事项清单")
    assert suggested(ground, division=TOWN)[0]["lead_org"] == ground.orgs["东街道"]
    ground.sign_in("dispatcher").do(filed(ground), "dispatch", lead_org=ground.orgs["东街道"])


def test_a_closed_or_unknown_organisation_gets_nothing(ground):
    dispatcher = ground.sign_in("dispatcher")
    event = filed(ground)
    nowhere = "org_" + "0" * 26
    assert dispatcher.do(event, "dispatch", expect=404, lead_org=nowhere)["code"] == "not_found"
    admin = ground.sign_in("system_admin")
    body = {"name": "临时办", "kind": "department", "level": "county", "parent": ground.orgs["市政府"], "duties": ""}
    made = admin.post("/api/orgs", json={**body, "division": HERE}, headers=key())
    assert made.status_code == 201, made.text
    org = made.json()
    assert admin.put(f"/api/orgs/{org['id']}", json={**body, "active": False}, headers=key()).status_code == 200
    refused = dispatcher.do(event, "dispatch", expect=409, lead_org=org["id"])
    assert refused["code"] == "dispatch.org_closed"


def test_assistants_have_clocks_of_their_own(ground):
    event = filed(ground)
    dispatcher = ground.sign_in("dispatcher")
    event = dispatcher.do(event, "dispatch", lead_org=ground.orgs["市政处"])
    event = dispatcher.do(event, "add_assistant", assistants=[ground.orgs["环卫处"]])
    cleaner = ground.sign_in("cleaner_lead")
    assert cleaner.sees(event)["id"] == event["id"]
    event = cleaner.do(event, "assist_done", reason="已清运")
    owed = dispatcher.get(f"/api/events/{event['id']}/obligations").json()["items"]
    assert [(each["role"], each["state"], each["late"]) for each in owed] == [
        ("host", "open", False),
        ("assist", "done", False),
    ]
    clocks = {(each["stage"], each["state"]) for each in dispatcher.sees(event)["clocks"] if each["org"]}
    assert clocks == {("assist", "stopped")}
    twice = cleaner.do(event, "assist_done", expect=409, reason="再次")
    assert twice["code"] == "dispatch.no_obligation"


def test_recall_takes_the_obligation_off(ground):
    dispatcher = ground.sign_in("dispatcher")
    event = dispatcher.do(filed(ground), "dispatch", lead_org=ground.orgs["市政处"])
    event = dispatcher.do(event, "recall", reason="派错单位")
    dispatcher.do(event, "dispatch", lead_org=ground.orgs["环卫处"])
    owed = dispatcher.get(f"/api/events/{event['id']}/obligations").json()["items"]
    assert [each["state"] for each in owed] == ["recalled", "open"]
