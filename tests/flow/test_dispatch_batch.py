"""Several events dispatched at once: each by itself, what is refused takes nothing else with it, twice is once."""

import pytest

from tests.city import TOWN
from tests.flow.ground import duty, found, key, matter_of


@pytest.fixture
def ground(city):
    found(city)
    duty(city)
    return city


def filed(city, count=1):
    """Filed urban cases."""
    condition = matter_of(city.sign_in("clerk"), "urban_component", "0101")["conditions"][0]
    made = []
    for _ in range(count):
        event = city.report("patrol", division=TOWN)
        event = city.sign_in("clerk").do(event, "accept")
        made.append(city.sign_in("shift_leader").do(event, "register", condition_id=condition["id"]))
    return made


def wish(city, event, lead="市政处", **given):
    return {"event_id": event["id"], "version": event["version"], "lead_org": city.orgs[lead], **given}


def send(city, wishes, expect=200, who="dispatcher", headers=None):
    answer = city.sign_in(who).post("/api/dispatch/batch", json={"items": wishes}, headers=headers or key())
    assert answer.status_code == expect, answer.text
    return answer.json()


def test_all_shown_are_offered_and_dispatched(ground):
    events = filed(ground, 3)
    dispatcher = ground.sign_in("dispatcher")
    offers = dispatcher.get("/api/dispatch/offers", params={"event": [one["id"] for one in events]}).json()["items"]
    assert [one["event_id"] for one in offers] == [one["id"] for one in events]
    assert all(one["ready"] and one["suggestions"][0]["name"] == "市政处" for one in offers)
    wishes = [
        {"event_id": one["event_id"], "version": one["version"], "lead_org": one["suggestions"][0]["lead_org"]}
        for one in offers
    ]
    said = send(ground, wishes)
    assert (said["done"], said["refused"]) == (3, 0)
    assert {line["state"] for line in said["items"]} == {"to_handle"}
    for one in events:
        assert dispatcher.sees(one)["lead_org_name"] == "市政处"
        acts = [act["verb"] for act in dispatcher.get(f"/api/events/{one['id']}/timeline").json()["items"]]
        assert acts.count("dispatch") == 1
    ground.settle()
    assert dispatcher.get("/api/dispatch/acceptance").json()["first"] == 3


def test_what_is_refused_is_told_and_takes_nothing_with_it(ground):
    good, stale, gone, pushed, again = filed(ground, 5)
    dispatcher = ground.sign_in("dispatcher")
    dispatcher.do(stale, "note", reason="有人先动了")
    dispatcher.do(gone, "dispatch", lead_org=ground.orgs["市政处"])
    gone["version"] += 1
    wishes = [
        wish(ground, stale),
        wish(ground, gone),
        wish(ground, pushed, "东街道"),
        wish(ground, good, assistants=[ground.orgs["环卫处"]]),
        {**wish(ground, again), "event_id": "evt_" + "0" * 26},
        wish(ground, good),
    ]
    said = send(ground, wishes)
    assert (said["done"], said["refused"]) == (1, 5)
    assert [line["refused"] and line["refused"]["code"] for line in said["items"]] == [
        "event.moved_on",
        "flow.refused.not_from_here",
        "dispatch.pushed_down",
        None,
        "not_found",
        "event.moved_on",
    ]
    assert all(line["refused"]["text"] for line in said["items"] if line["refused"])
    assert dispatcher.sees(stale)["state"] == dispatcher.sees(again)["state"] == "registered"
    owed = dispatcher.get(f"/api/events/{pushed['id']}/obligations").json()["items"]
    assert owed == []


def test_a_double_click_is_one_act(ground):
    events, same = filed(ground, 2), key()
    wishes = [wish(ground, one) for one in events]
    first = send(ground, wishes, headers=same)
    second = send(ground, wishes, headers=same)
    assert first == second and first["done"] == 2
    third = send(ground, wishes)
    assert [line["refused"]["code"] for line in third["items"]] == ["event.moved_on"] * 2


def test_each_under_the_rights_of_the_dispatcher(ground):
    event = filed(ground)[0]
    there = send(ground, [wish(ground, event)], who="dispatcher@there")
    assert (there["items"][0]["refused"]["code"], there["items"][0]["title"]) == ("not_found", "")
    offers = ground.sign_in("dispatcher@there").get("/api/dispatch/offers", params={"event": event["id"]})
    assert offers.json()["items"] == []
    for who in ("clerk", "dept_lead", "system_admin"):
        send(ground, [wish(ground, event)], expect=403, who=who)
    assert ground.sign_in("dispatcher").sees(event)["state"] == "registered"


def test_no_more_than_two_hundred(ground):
    event = filed(ground)[0]
    send(ground, [wish(ground, event)] * 201, expect=422)
    send(ground, [], expect=422)
    said = send(ground, [wish(ground, event)] * 200)
    assert (said["done"], said["refused"]) == (1, 199)


# --- the dispute desk ---------------------------------------------------------------------------------------


@pytest.fixture
def disputed(ground):
    """An event that its department gave back, and the dispute."""
    event = filed(ground)[0]
    dispatcher = ground.sign_in("dispatcher")
    event = dispatcher.do(event, "dispatch", lead_org=ground.orgs["市政处"])
    event = ground.sign_in("dept_lead").do(event, "return", reason="管线权属不在我处")
    return event, dispatcher.get("/api/disputes").json()["items"][0]


def test_who_gave_such_matters_back_before(ground, disputed):
    event, dispute = disputed
    told = ground.sign_in("dispatcher").get(f"/api/disputes/{dispute['id']}/returns").json()
    assert (told["code"], told["items"][0]["name"]) == ("0101", "市政处")
    mine = told["items"][0]
    assert (mine["given"], mine["returned"], mine["here"]) == (1, 1, True)
    assert mine["words"][0]["reason"] == "管线权属不在我处" and mine["words"][0]["event_id"] == event["id"]
    assert ground.sign_in("dispatcher@there").get(f"/api/disputes/{dispute['id']}/returns").status_code == 404


def designate(city, event, dispute, expect=200, who="dispatcher", **given):
    body = {
        "lead_org": city.orgs["环卫处"],
        "reason": "经编办认定由环卫处承办",
        "source": "东区三定规定第5条",
        "version": event["version"],
        **given,
    }
    answer = city.sign_in(who).post(f"/api/disputes/{dispute['id']}/designate", json=body, headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json()


def test_a_designation_names_its_source_and_may_change_the_duty_list(ground, disputed):
    event, dispute = disputed
    moved = designate(ground, event, dispute, propose=True)
    assert (moved["state"], moved["lead_org_name"]) == ("to_handle", "环卫处")
    decided = ground.sign_in("dispatcher").get(f"/api/events/{event['id']}/disputes").json()["items"][0]
    assert (decided["state"], decided["source"], decided["binding"]) == ("designated", "东区三定规定第5条", True)
    steward = ground.sign_in("data_steward")
    offered = steward.get("/api/duty-proposals").json()["items"]
    assert [(one["lead_name"], one["code"], one["level"], one["state"]) for one in offered] == [
        ("环卫处", "0101", "county", "open")
    ]
    body = {"take": True, "version": offered[0]["version"]}
    path = f"/api/duty-proposals/{offered[0]['id']}"
    assert ground.sign_in("dispatcher").post(path, json=body, headers=key()).status_code == 403
    taken = steward.post(path, json=body, headers=key()).json()
    assert taken["state"] == "taken" and taken["duty_row"]
    row = steward.get(f"/api/duties/{taken['duty_row']}").json()["items"][-1]
    assert (row["lead_name"], row["source"], row["verified"]) == ("环卫处", "东区三定规定第5条", True)
    assert steward.post(path, json=body, headers=key()).json()["code"] == "dispatch.proposal_over"
    next_one = filed(ground)[0]
    found_now = ground.sign_in("dispatcher").get("/api/dispatch/suggest", params={"event": next_one["id"]}).json()
    assert found_now["items"][0]["name"] == "环卫处"


def test_a_row_that_holds_gets_its_next_edition(ground, disputed):
    event, dispute = disputed
    row = duty(ground, code="0101")
    designate(ground, event, dispute)
    dispatcher = ground.sign_in("dispatcher")
    put = dispatcher.post(f"/api/disputes/{dispute['id']}/proposal", json={}, headers=key())
    assert put.status_code == 201 and put.json()["replaces"] == row["id"]
    twice = dispatcher.post(f"/api/disputes/{dispute['id']}/proposal", json={}, headers=key())
    assert twice.status_code == 409
    steward = ground.sign_in("data_steward")
    end = {"take": True, "version": put.json()["version"]}
    taken = steward.post(f"/api/duty-proposals/{put.json()['id']}", json=end, headers=key()).json()
    editions = steward.get(f"/api/duties/{taken['duty_row']}").json()["items"]
    assert [one["lead_name"] for one in editions] == ["市政处", "环卫处"]


def test_a_proposal_may_be_dropped_with_a_reason(ground, disputed):
    event, dispute = disputed
    designate(ground, event, dispute, propose=True)
    steward = ground.sign_in("data_steward")
    one = steward.get("/api/duty-proposals").json()["items"][0]
    path = f"/api/duty-proposals/{one['id']}"
    bare = steward.post(path, json={"take": False, "version": one["version"]}, headers=key())
    assert bare.json()["params"]["field"] == "why"
    body = {"take": False, "why": "仅限本案", "version": one["version"]}
    assert steward.post(path, json=body, headers=key()).json()["state"] == "dropped"
    assert steward.get("/api/duty-proposals").json()["items"] == []
    assert steward.get("/api/duty-proposals", params={"state": "all"}).json()["items"][0]["why"] == "仅限本案"


def test_nothing_is_put_forward_before_a_designation(ground, disputed):
    _, dispute = disputed
    answer = ground.sign_in("dispatcher").post(f"/api/disputes/{dispute['id']}/proposal", json={}, headers=key())
    assert answer.json()["code"] == "dispatch.not_decided"


def test_a_designation_needs_the_version_one_saw_and_the_right(ground, disputed):
    event, dispute = disputed
    assert designate(ground, event, dispute, expect=409, version=event["version"] - 1)["code"] == "event.moved_on"
    assert designate(ground, event, dispute, expect=404, who="dispatcher@there")["code"] == "not_found"
    assert designate(ground, event, dispute, expect=403, who="dept_lead")["code"] == "access.refused"
