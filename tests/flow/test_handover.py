"""Hand-over between shifts, what has changed since, notices to who is on duty, what is in hand at a post."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from gangmu.base import access, org
from gangmu.kit import clock
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.city import HERE, hire
from tests.flow.ground import CHINA, found, matter_of
from tests.flow.test_roster import put_on
from tests.flow.test_verify import sent_to_check


def key():
    return {"idempotency-key": uuid4().hex}


@pytest.fixture
def morning(city):
    """Half past seven on a working morning, with divisions."""
    found(city)
    city.forward(seconds=(datetime(2026, 9, 28, 7, 30, tzinfo=CHINA) - clock.now()).total_seconds())
    return city


def at(hour, day=28):
    return datetime(2026, 9, day, hour, tzinfo=CHINA)


def written(city, shift, who="clerk", expect=200, **said):
    body = {"notes": "一切正常", "watch": "东门积水", "keys": "对讲机 3 号", **said}
    answer = city.sign_in(who).post(f"/api/roster/shifts/{shift['id']}/hand-over", json=body, headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json()


def signed(city, hand_over, who, expect=200):
    answer = city.sign_in(who).post(f"/api/hand-overs/{hand_over['id']}/sign", json={"receipt": "已阅"}, headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json()


def test_a_shift_hands_over_what_is_open_late_first_and_the_next_signs(morning):
    city = morning
    mine, _ = put_on(city, "clerk", at(8), 8), put_on(city, "shift_leader2", at(16), 8)
    early = city.report("patrol", text="早上的井盖")
    assert written(city, mine, expect=409)["code"] == "handover.not_this_shift"
    city.forward(hours=7)
    city.settle()
    late = city.report("patrol", text="下午的井盖")
    listed = city.sign_in("clerk").get(f"/api/roster/shifts/{mine['id']}/matters").json()
    assert [one["id"] for one in listed["items"]] == [early["id"], late["id"]]
    assert (listed["items"][0]["lateness"], listed["late"]) == ("late", 1)
    made = written(city, mine)
    assert (made["open_count"], made["late_count"], made["mine"]) == (2, 1, True)
    assert made["matters"][0]["lateness"] == "late" and made["matters"][0]["title"]
    again = written(city, mine, notes="补充一条")
    assert again["id"] == made["id"] and again["notes"] == "补充一条"
    assert signed(city, made, "clerk", 409)["code"] == "handover.not_next"
    assert signed(city, made, "patrol", 409)["code"] == "handover.not_next"
    assert written(city, mine, who="patrol", expect=404)
    done = signed(city, made, "shift_leader2")
    assert (done["received_by_name"], done["receipt"]) == ("甲shift_leader2", "已阅")
    assert signed(city, made, "shift_leader", 409)["code"] == "handover.signed"
    assert written(city, mine, expect=409)["code"] == "handover.signed"


def test_a_hand_over_stays_in_its_organisation(morning):
    city = morning
    mine = put_on(city, "clerk", at(8), 1)
    city.report("patrol", text="张三的电话是13612345678")
    city.forward(hours=1)
    made = written(city, mine)
    for who in ("clerk@there", "dept_lead", "dispatcher", "shift_leader@there"):
        browser = city.sign_in(who)
        assert browser.get("/api/hand-overs").json()["items"] == [], who
        assert browser.get(f"/api/hand-overs/{made['id']}").status_code == 404, who
        signed(city, made, who, 404)
    shown = city.sign_in("patrol").get(f"/api/hand-overs/{made['id']}")
    assert shown.status_code == 200 and "13612345678" not in shown.text
    waiting = city.sign_in("shift_leader").get("/api/hand-overs", params={"waiting": True}).json()["items"]
    assert [one["id"] for one in waiting] == [made["id"]]
    signed(city, made, "shift_leader")


def test_who_stands_in_writes_the_hand_over(morning):
    city = morning
    mine = put_on(city, "clerk", at(8), 2)
    with open_unit(System("test"), "who") as unit:
        person = org.get_post(unit, unit.actor, city.posts["patrol2"]).person
    body = {
        "post": city.posts["clerk"],
        "person": person,
        "starts_at": clock.now().isoformat(),
        "ends_at": at(20).isoformat(),
        "reason": "病假",
    }
    assert city.sign_in("shift_leader").post("/api/stand-ins", json=body, headers=key()).status_code == 201
    city.forward(hours=2)
    written(city, mine, who="clerk", expect=404)
    assert written(city, mine, who="patrol2")["person_name"] == "甲patrol2"


def test_what_has_changed_since_my_last_shift(morning):
    city = morning
    put_on(city, "clerk", at(8), 1)
    before = city.report("patrol", text="班前的事")
    city.forward(hours=2)
    clerk = city.sign_in("clerk")
    quiet = clerk.get("/api/roster/since").json()
    assert (quiet["events"], quiet["had_shift"]) == (0, True)
    assert datetime.fromisoformat(quiet["since"]) == at(9)
    since = city.report("patrol", text="班后的事")
    city.sign_in("shift_leader").do(before, "note", reason="提醒")
    clerk.do(since, "accept")
    told = clerk.get("/api/roster/since").json()
    assert (told["acts"], told["events"], told["opened"], told["closed"]) == (2, 2, 1, 0), "one's own acts do not count"
    assert [one["event"]["id"] for one in told["items"]] == [before["id"], since["id"]]
    assert told["items"][0]["by"] == "甲shift_leader" and told["items"][0]["verb_title"]
    first = clerk.get("/api/roster/since", params={"limit": 1}).json()
    second = clerk.get("/api/roster/since", params={"limit": 1, "after": first["next"]}).json()
    assert [one["event"]["id"] for one in (*first["items"], *second["items"])] == [before["id"], since["id"]]
    there = city.sign_in("clerk@there").get("/api/roster/since").json()
    assert (there["events"], there["items"], there["had_shift"]) == (0, [], False)
    lead = city.sign_in("dept_lead").get("/api/roster/since").json()
    assert lead["items"] == [] and lead["acts"] == 0
    back = {"since": (clock.now() - timedelta(days=90)).isoformat()}
    assert clerk.get("/api/roster/since", params=back).status_code == 422


def notices(city, who, **asked):
    return city.sign_in(who).get("/api/notices", params=asked).json()["items"]


def test_a_clock_that_warns_or_runs_out_tells_who_is_on_duty(morning):
    city = morning
    put_on(city, "clerk", at(8), 8)
    put_on(city, "shift_leader", at(8), 8, kind="shift_leader")
    city.forward(hours=1)
    event = city.report("patrol")
    city.forward(hours=3)
    city.settle()
    told = notices(city, "clerk")
    assert {one["what"] for one in told} == {"near", "late"} and {one["event_id"] for one in told} == {event["id"]}
    assert {one["what"] for one in notices(city, "shift_leader")} == {"late"}, "only what has run out goes up"
    assert notices(city, "shift_leader2") == [] == notices(city, "clerk@there")
    seen = city.sign_in("clerk").post("/api/notices/seen", json={"ids": [told[0]["id"]]}, headers=key())
    assert seen.json()["seen"] == 1
    assert city.sign_in("shift_leader").post(
        "/api/notices/seen", json={"ids": [told[1]["id"]]}, headers=key()
    ).json() == {"seen": 0}
    assert len(notices(city, "clerk")) == len(told) - 1


def dispatched(city):
    condition = matter_of(city.sign_in("clerk"), "urban_component", "0101")["conditions"][0]
    event = city.report("patrol")
    event = city.sign_in("clerk").do(event, "accept")
    event = city.sign_in("shift_leader").do(event, "register", condition_id=condition["id"])
    return city.sign_in("dispatcher").do(event, "dispatch", lead_org=city.orgs["市政处"])


def test_an_order_that_comes_to_a_department_tells_its_officer_on_duty(morning):
    city = morning
    put_on(city, "handler", at(8), 8, who="dept_lead", org_name="市政处", kind="duty")
    city.forward(hours=1)
    event = dispatched(city)
    city.settle()
    assert [(one["what"], one["event_id"]) for one in notices(city, "handler")] == [("waits", event["id"])]
    assert notices(city, "dept_lead") == []


def test_where_nobody_is_on_duty_who_keeps_the_rota_is_told(morning):
    city = morning
    dispatched(city)
    city.settle()
    assert notices(city, "dept_lead", nobody=True) == [], "no rota is kept there"
    body = {
        "org": city.orgs["市政处"],
        "title": "值班",
        "kind": "duty",
        "slots": [{"title": "白班", "starts": "08:00", "ends": "18:00"}],
        "crew": [city.posts["handler"]],
    }
    assert city.sign_in("dept_lead").post("/api/roster/patterns", json=body, headers=key()).status_code == 201
    event = dispatched(city)
    city.settle()
    assert [one["event_id"] for one in notices(city, "dept_lead", nobody=True)] == [event["id"]]
    assert notices(city, "shift_leader@there", nobody=True) == []
    assert city.sign_in("handler").get("/api/notices", params={"nobody": True}).status_code == 403


# --- what is in hand at a post ---------------------------------------------------------------------------


def test_a_post_with_work_in_hand_does_not_end_until_it_is_handed_over(morning):
    city = morning
    with open_unit(System("test"), "second handler") as unit:
        hire(unit, city, "handler2", "handler", city.orgs["市政处"], HERE)
    event = city.sign_in("handler").do(dispatched(city), "start")
    admin, lead = city.sign_in("system_admin"), city.sign_in("dept_lead")
    url = f"/api/posts/{city.posts['handler']}"
    refused = admin.post(f"{url}/end", json={}, headers=key())
    assert (refused.status_code, refused.json()["code"]) == (409, "org.has_work")
    assert admin.get(f"{url}/hanging").json()["items"] == [
        {"kind": "event.in_hand", "title": "Open events", "count": 1}
    ]
    shown = lead.get(f"{url}/in-hand").json()
    assert (shown["total"], [one["id"] for one in shown["items"]]) == (1, [event["id"]])
    wrong = {"to": city.posts["cleaner_lead"], "reason": "离职"}
    assert lead.post(f"{url}/hand-over", json=wrong, headers=key()).status_code == 404
    body = {"to": city.posts["handler2"], "reason": "离职"}
    assert lead.post(f"{url}/hand-over", json=body, headers=key()).json() == {"done": 1, "left": []}
    assert admin.post(f"{url}/end", json={}, headers=key()).status_code == 204
    now = city.sign_in("handler2").sees(event)
    assert now["handler_post"]["id"] == city.posts["handler2"] == now["holder_post"]["id"]
    assert city.sign_in("handler2").get(f"/api/events/{event['id']}/timeline").json()["items"][-1]["reason"] == "离职"
    for who in ("dept_lead@there", "shift_leader"):
        assert city.sign_in(who).get(f"{url}/in-hand").status_code == 404, who


def test_a_check_never_goes_to_who_did_the_work(morning):
    city = morning
    with open_unit(System("test"), "a doer among the patrol") as unit:
        doer = org.get_post(unit, unit.actor, city.posts["handler"])
        post = org.add_post(unit, unit.actor, doer.person, city.orgs["监督中心"], "patrol", HERE)
        access.grant_roles(unit, unit.actor, post.id, ("patrol",))
    event, _ = sent_to_check(city)
    leader = city.sign_in("shift_leader")
    url = f"/api/posts/{city.posts['patrol2']}/hand-over"
    left = leader.post(url, json={"to": post.id, "reason": "轮休"}, headers=key())
    assert left.json() == {"done": 0, "left": [event["id"]]}
    done = leader.post(url, json={"to": city.posts["patrol"], "reason": "轮休"}, headers=key())
    assert done.json() == {"done": 1, "left": []}
    task = city.sign_in("patrol").get("/api/tasks", params={"mine": True}).json()["items"][0]
    assert (task["event_id"], task["assignee"]) == (event["id"], city.posts["patrol"])
