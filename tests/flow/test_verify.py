"""Field tasks on a real database: who is sent, what proof counts, at which time of day, and handing over."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from gangmu.base import access, org
from gangmu.kit import clock, settings
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.flow.ground import CHINA, PLACE, found, key, matter_of, now_photo, shot, upload
from tests.flow.test_loop_urban_case import handled


@pytest.fixture
def ground(city):
    found(city)
    return city


def tasks(browser, **wanted):
    return browser.get("/api/tasks", params=wanted).json()["items"]


def finish(browser, task, expect=200, **body):
    answer = browser.post(f"/api/tasks/{task['id']}/done", json=body, headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json()


def sent_to_check(city, post="patrol2", **given):
    event = handled(city, **given)
    event = city.sign_in("clerk").do(event, "send_check", handler_post=city.posts[post])
    return event, tasks(city.sign_in(post), mine=True)[0]


def test_a_public_report_is_verified_before_it_is_filed(ground):
    clerk = ground.sign_in("clerk")
    event = ground.report("clerk", channel="citizen", flow="urban_case", lon=PLACE[0], lat=PLACE[1])
    event = clerk.do(event, "accept")
    condition = matter_of(clerk, "urban_component", "0101")["conditions"][0]["id"]
    unseen = ground.sign_in("shift_leader").do(event, "register", expect=409, condition_id=condition)
    assert unseen["params"]["reason"] == "flow.refused.verified_first"
    event = clerk.do(event, "send_verify", reason="看是否属实")
    task = tasks(clerk, kind="verify")[0]
    assert (task["ask"], task["state"], task["evidence_kind"]) == ("看是否属实", "open", "near")
    assert {each["id"] for each in task["outcomes"]} == {"confirmed", "not_found", "not_ours"}
    who = next(name for name, post in ground.posts.items() if post == task["assignee"])
    walker = ground.sign_in(who)
    finish(walker, task, result="confirmed", reason="井盖确已丢失")
    event = clerk.sees(event)
    assert (event["state"], event["outcome"], event["open_tasks"]) == ("accepted", "confirmed", [])
    assert ground.sign_in("shift_leader").do(event, "register", condition_id=condition)["state"] == "registered"
    done = tasks(walker, mine=True, state="done")[0]
    assert (done["result"], done["result_title"]) == ("confirmed", "True")
    assert finish(walker, task, 409, result="confirmed")["code"] == "verify.task_over"


def test_the_task_called_back_is_nobodys_any_more(ground):
    event, task = sent_to_check(ground)
    event = ground.sign_in("clerk").do(event, "cancel_check", reason="部门要求补充材料")
    assert (event["state"], event["open_tasks"], event["holder_post"]) == ("to_check", [], None)
    assert ground.sign_in("patrol2").get(f"/api/tasks/{task['id']}").json()["state"] == "cancelled"
    assert tasks(ground.sign_in("patrol2"), mine=True) == []


def test_the_doer_is_never_sent_whatever_post_he_takes(ground):
    """The handler gets a second post as a patrol worker: free and near, but he did the work."""
    with open_unit(System("test"), "second post") as unit:
        doer = org.get_post(unit, unit.actor, ground.posts["handler"])
        second = org.add_post(unit, unit.actor, doer.person, ground.orgs["监督中心"], "patrol", "990101001000")
        access.grant_roles(unit, unit.actor, second.id, ("patrol",))
    event = handled(ground)
    clerk = ground.sign_in("clerk")
    refused = clerk.do(event, "send_check", expect=409, handler_post=second.id)
    assert (refused["code"], refused["params"]["reason"]) == ("verify.not_eligible", "doer")
    event = clerk.do(event, "send_check")
    assert event["holder_post"]["id"] in (ground.posts["patrol"], ground.posts["patrol2"], ground.posts["grid_worker"])


@pytest.mark.parametrize(
    ("who", "reason"), [("clerk", "doer"), ("dispatcher", "doer"), ("patrol@there", "division"), ("leader", "role")]
)
def test_who_cannot_be_sent(ground, who, reason):
    event = handled(ground)
    refused = ground.sign_in("clerk").do(event, "send_check", expect=409, handler_post=ground.posts[who])
    assert refused["params"]["reason"] == reason


def test_the_least_busy_is_sent(ground):
    first = handled(ground)
    clerk = ground.sign_in("clerk")
    seen = {clerk.do(first, "send_check")["holder_post"]["id"]}
    for _ in range(2):
        seen.add(clerk.do(handled(ground), "send_check")["holder_post"]["id"])
    assert len(seen) == 3


def test_a_photo_of_before_the_check_was_sent_proves_nothing(ground):
    event, task = sent_to_check(ground)
    walker = ground.sign_in("patrol2")
    proof = {"file": upload(walker, now_photo(hours=-5))["id"]}
    refused = finish(walker, task, 409, result="check_pass", evidence=[proof])
    assert refused["params"]["reason"] == "flow.refused.fresh_evidence"
    assert ground.sign_in("clerk").sees(event)["state"] == "checking"


@pytest.mark.parametrize(("hours", "flag"), [(5, "old"), (0, "future")])
def test_a_photo_that_is_not_of_now_proves_nothing(ground, hours, flag):
    event, task = sent_to_check(ground)
    content = now_photo(minutes=1) if hours else now_photo(days=2)
    ground.forward(hours=hours)
    walker = ground.sign_in("patrol2")
    proof = {"file": upload(walker, content)["id"]}
    refused = finish(walker, task, 409, result="check_pass", evidence=[proof])
    assert (refused["code"], refused["params"]["flags"]) == ("verify.not_fresh", flag)
    assert ground.sign_in("clerk").sees(event)["state"] == "checking"


def test_a_photo_used_before_proves_nothing(ground):
    content = now_photo()
    walker = ground.sign_in("patrol2")
    upload(walker, content)
    used = {"file": upload(walker, content)["id"], "kind": "near"}
    ground.report("patrol2", attachments=[used["file"]])
    _, task = sent_to_check(ground)
    again = {"file": upload(walker, content)["id"]}
    refused = finish(walker, task, 409, result="check_pass", evidence=[again])
    assert refused["params"]["reason"] == "flow.refused.evidence_reused"


def test_a_photo_from_elsewhere_is_taken_and_says_so(ground):
    event, task = sent_to_check(ground)
    walker = ground.sign_in("patrol2")
    done = finish(walker, task, result="check_pass", evidence=[shot(walker, "check", (117.95, 36.79))])
    assert [flag["key"] for flag in done["flags"]] == ["far"]
    kept = walker.get(f"/api/events/{event['id']}/evidence").json()["items"][-1]
    assert kept["flags"] == ["far"] and 8000 < kept["metres"] < 10_000


def test_somebody_elses_file_is_no_proof(ground):
    _, task = sent_to_check(ground)
    foreign = shot(ground.sign_in("patrol"), "check")
    assert finish(ground.sign_in("patrol2"), task, 404, result="check_pass", evidence=[foreign])["code"] == "not_found"


def test_a_task_is_handed_over_with_its_history(ground):
    event, task = sent_to_check(ground)
    clerk = ground.sign_in("clerk")
    address = f"/api/tasks/{task['id']}/reassign"
    walker = ground.sign_in("patrol2")
    assert walker.post(address, json={"reason": "不想去"}, headers=key()).status_code == 403
    doer = clerk.post(address, json={"post": ground.posts["handler"], "reason": "改派"}, headers=key())
    assert doer.json()["params"]["reason"] == "doer"
    given = clerk.post(address, json={"post": ground.posts["patrol"], "reason": "休假"}, headers=key()).json()
    assert given["assignee"] == ground.posts["patrol"]
    assert clerk.sees(event)["holder_post"]["id"] == ground.posts["patrol"]
    line = clerk.get(f"/api/events/{event['id']}/timeline").json()["items"][-1]
    assert (line["verb"], line["verb_title"], line["reason"]) == ("reassign", "Task given to another", "休假")
    assert finish(walker, task, 409, result="check_pass")["code"] == "verify.not_your_task"
    patrol = ground.sign_in("patrol")
    stale = finish(patrol, task, 409, result="check_pass", version=task["version"])
    assert stale["code"] == "stale_write"
    finish(patrol, task, result="check_pass", evidence=[shot(patrol, "check")], version=given["version"])


def test_another_county_sees_no_task(ground):
    _, task = sent_to_check(ground)
    there = ground.sign_in("patrol@there")
    assert tasks(there) == [] and there.get(f"/api/tasks/{task['id']}").status_code == 404


def test_the_same_answer_sent_twice_counts_once(ground):
    _, task = sent_to_check(ground)
    walker = ground.sign_in("patrol2")
    body = {"result": "check_pass", "evidence": [shot(walker, "check")]}
    once = {"idempotency-key": uuid4().hex}
    first = walker.post(f"/api/tasks/{task['id']}/done", json=body, headers=once)
    second = walker.post(f"/api/tasks/{task['id']}/done", json=body, headers=once)
    assert (first.status_code, second.status_code) == (200, 200) and first.json() == second.json()


# --- the same time of day -----------------------------------------------------------------------------------


def recurring(city):
    """A filing condition that asks for a check at the same time of day."""
    condition = matter_of(city.sign_in("clerk"), "urban_component", "0101")["conditions"][0]
    steward = city.sign_in("data_steward")
    whole = {name: condition[name] for name in ("text_zh", "limit")}
    body = {
        **whole,
        "tree": "urban_component",
        "code": "0101",
        "same_time": True,
        "closing": [{"zh": "已取缔", "en": ""}],
    }
    answer = steward.post("/api/matter/conditions", json=body, headers=key())
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def at_local(hour):
    """Move the clock to the next time that the city's clocks show this hour."""
    local = clock.now().astimezone(CHINA)
    wanted = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return wanted if wanted > local else wanted + timedelta(days=1)


def move_to(city, when: datetime):
    city.forward(seconds=(when - clock.now()).total_seconds())


def test_a_night_market_is_checked_at_night(ground):
    move_to(ground, at_local(21))
    condition = recurring(ground)
    happened = clock.now().isoformat()
    event = ground.report("patrol", text="夜市占道", happened_at=happened, lon=PLACE[0], lat=PLACE[1])
    ground.sign_in("clerk").do(event, "accept")
    ground.sign_in("shift_leader").do(event, "register", condition_id=condition)
    ground.sign_in("dispatcher").do(event, "dispatch", lead_org=ground.orgs["市政处"])
    handler = ground.sign_in("handler")
    handler.do(event, "start")
    handler.do(event, "submit", answer="已劝离", evidence=[shot(handler, "before"), shot(handler, "after")])
    ground.sign_in("dept_lead").do(event, "confirm")
    move_to(ground, at_local(9))
    fresh = {who: ground.sign_in(who, fresh=True) for who in ("clerk", "patrol2")}
    fresh["clerk"].do(event, "send_check", handler_post=ground.posts["patrol2"])
    task = tasks(fresh["patrol2"], mine=True)[0]
    assert task["window"] == {"first": "20:00", "last": "22:00"}
    opens = datetime.fromisoformat(task["not_before"]).astimezone(CHINA)
    assert (opens.hour, opens.date()) == (20, clock.now().astimezone(CHINA).date())
    check = next(each for each in fresh["clerk"].sees(event)["clocks"] if each["stage"] == "check")
    assert datetime.fromisoformat(check["due_at"]) > opens
    early = finish(fresh["patrol2"], task, 409, result="check_pass", evidence=[shot(fresh["patrol2"], "check")])
    assert early["code"] == "verify.wrong_time_of_day"
    assert (early["params"]["first"], early["params"]["last"]) == ("20:00", "22:00")
    move_to(ground, at_local(21))
    walker = ground.sign_in("patrol2", fresh=True)
    done = finish(walker, task, result="check_pass", evidence=[shot(walker, "check")])
    assert (done["state"], done["flags"]) == ("done", [])


def test_a_city_may_take_it_flagged_instead(ground):
    with open_unit(System("test"), "policy") as unit:
        settings.put(unit, "verify.same_time_strict", False)
    move_to(ground, at_local(21))
    condition = recurring(ground)
    event = ground.report("patrol", text="夜市占道", lon=PLACE[0], lat=PLACE[1])
    ground.sign_in("clerk").do(event, "accept")
    ground.sign_in("shift_leader").do(event, "register", condition_id=condition)
    ground.sign_in("dispatcher").do(event, "propose_close", reason="巡查时已自行离开")
    move_to(ground, at_local(9))
    fresh = ground.sign_in("clerk", fresh=True)
    fresh.do(event, "send_check", handler_post=ground.posts["patrol2"])
    walker = ground.sign_in("patrol2", fresh=True)
    task = tasks(walker, mine=True)[0]
    done = finish(walker, task, result="check_pass", evidence=[shot(walker, "check")])
    assert [flag["key"] for flag in done["flags"]] == ["wrong_time_of_day"]
