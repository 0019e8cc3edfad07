"""Leaders' instructions: given, read, answered, chased; on the timeline; nobody else's."""

from datetime import timedelta

import pytest

from gangmu.kit import clock
from tests.city import HERE, THERE
from tests.flow.ground import found, key, matter_of


@pytest.fixture
def ground(city):
    found(city)
    return city


def dispatched(city):
    condition = matter_of(city.sign_in("clerk"), "urban_component", "0101")["conditions"][0]
    event = city.sign_in("clerk").do(city.report("patrol"), "accept")
    event = city.sign_in("shift_leader").do(event, "register", condition_id=condition["id"])
    return city.sign_in("dispatcher").do(event, "dispatch", lead_org=city.orgs["市政处"])


def give(city, events, expect=201, who="leader", **given):
    body = {
        "text": "今晚前排除隐患，书面报告",
        "events": [one["id"] for one in events],
        "to_org": city.orgs["市政处"],
        **given,
    }
    answer = city.sign_in(who).post("/api/instructions", json=body, headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json()


def post(city, who, path, expect=200, **body):
    answer = city.sign_in(who).post(f"/api/instructions/{path}", json=body or None, headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json()


def listed(city, who, **params):
    answer = city.sign_in(who).get("/api/instructions", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def verbs(city, event, who="leader"):
    return [act["verb"] for act in city.sign_in(who).get(f"/api/events/{event['id']}/timeline").json()["items"]]


def test_given_read_and_answered_with_a_receipt(ground):
    event = dispatched(ground)
    one = give(ground, [event])
    assert (one["state"], one["to_org_name"], one["late"], one["mine"]) == ("open", "市政处", False, True)
    mine = listed(ground, "dept_lead", box="to_me")
    assert [(row["id"], row["may_answer"], row["events"][0]["open_to_me"]) for row in mine] == [(one["id"], True, True)]
    seen = post(ground, "dept_lead", f"{one['id']}/read")
    again = post(ground, "dept_lead", f"{one['id']}/read")
    assert seen["read_at"] == again["read_at"] and seen["read_by"] == "甲dept_lead"
    done = post(ground, "dept_lead", f"{one['id']}/answer", text="已更换井盖并排查周边")
    assert (done["state"], done["answered_by"], done["answer"]) == ("answered", "甲dept_lead", "已更换井盖并排查周边")
    assert listed(ground, "leader", box="by_me", state="answered")[0]["id"] == one["id"]
    assert post(ground, "dept_lead", f"{one['id']}/answer", expect=409, text="再答")["code"] == "instruct.over"
    assert verbs(ground, event)[-2:] == ["instruct", "instruction_answered"]
    acts = ground.sign_in("leader").get(f"/api/events/{event['id']}/timeline").json()["items"]
    assert acts[-1]["verb_title"] == "Instruction answered" and acts[-1]["reason"] == "已更换井盖并排查周边"


def test_one_instruction_about_several_events(ground):
    events = [dispatched(ground), dispatched(ground)]
    one = give(ground, events)
    assert [each["case_no"] for each in one["events"]] == [each["case_no"] for each in events]
    for event in events:
        here = ground.sign_in("supervisor").get(f"/api/events/{event['id']}/instructions").json()["items"]
        assert [row["id"] for row in here] == [one["id"]]
        assert verbs(ground, event).count("instruct") == 1


def test_the_verb_on_the_event_goes_to_whoever_has_it(ground):
    leader = ground.sign_in("leader")
    leader.do(dispatched(ground), "instruct", reason="请加快")
    assert listed(ground, "dept_lead", box="to_me")[0]["text"] == "请加快"
    early = ground.report("patrol")
    leader.do(early, "instruct", reason="请核实")
    told = leader.get(f"/api/events/{early['id']}/instructions").json()["items"]
    assert [row["to_org_name"] for row in told] in ([], ["监督中心"])


def test_a_late_one_is_chased_and_again(ground):
    event = dispatched(ground)
    due = clock.now() + timedelta(hours=2)
    one = give(ground, [event], due_at=due.isoformat())
    ground.settle()
    assert listed(ground, "leader")[0]["chased"] == 0
    ground.forward(hours=3)
    ground.settle()
    late = listed(ground, "leader", late=True)[0]
    assert (late["chased"], late["late"]) == (1, True)
    assert verbs(ground, event)[-1] == "instruction_late"
    ground.forward(hours=25)
    ground.settle()
    assert listed(ground, "leader")[0]["chased"] == 2
    assert verbs(ground, event).count("instruction_late") == 1
    done = post(ground, "dept_lead", f"{one['id']}/answer", text="已办")
    assert done["late"] is True
    ground.forward(hours=50)
    ground.settle()
    assert listed(ground, "leader", state="answered")[0]["chased"] == 2


def test_its_author_may_withdraw_it(ground):
    one = give(ground, [dispatched(ground)])
    post(ground, "supervisor", f"{one['id']}/withdraw", expect=404)
    assert post(ground, "leader", f"{one['id']}/withdraw")["state"] == "withdrawn"
    assert listed(ground, "dept_lead", box="to_me") == []
    assert post(ground, "dept_lead", f"{one['id']}/answer", expect=409, text="办了")["code"] == "instruct.over"


def test_one_post_may_be_addressed(ground):
    event = dispatched(ground)
    one = give(ground, [event], to_post=ground.posts["handler"])
    assert one["to_post_name"] == "甲handler"
    assert [row["id"] for row in listed(ground, "handler")] == [one["id"]]
    assert post(ground, "handler", f"{one['id']}/answer", text="已到场")["state"] == "answered"
    wrong = give(ground, [event], expect=422, to_post=ground.posts["cleaner_lead"])
    assert wrong["params"]["field"] == "to_post"


def test_what_cannot_be_is_refused(ground):
    event = dispatched(ground)
    assert give(ground, [event], expect=422, due_at="2020-01-01T00:00:00+08:00")["params"]["field"] == "due_at"
    assert give(ground, [event], expect=422, due_at="2090-01-01T00:00:00")["params"]["field"] == "due_at"
    assert give(ground, [event], expect=422, text="  ")["params"]["field"] == "text"
    assert give(ground, [event], expect=404, to_org="org_" + "0" * 26)["code"] == "not_found"
    assert give(ground, [{"id": "evt_" + "0" * 26}], expect=404)["code"] == "not_found"
    for who in ("dept_lead", "dispatcher", "clerk", "system_admin"):
        give(ground, [event], expect=403, who=who)
    assert verbs(ground, event).count("instruct") == 0


def test_another_county_sees_and_does_nothing(ground):
    one = give(ground, [dispatched(ground)])
    event = ground.sign_in("leader").get(f"/api/instructions/{one['id']}").json()["events"][0]["id"]
    for who in ("supervisor@there", "dept_lead@there", "shift_leader@there"):
        browser = ground.sign_in(who)
        assert listed(ground, who, state="all") == []
        assert browser.get(f"/api/instructions/{one['id']}").status_code == 404
        assert browser.get(f"/api/events/{event}/instructions").status_code == 404
        for path, body in (("read", None), ("answer", {"text": "x"}), ("withdraw", None)):
            answer = browser.post(f"/api/instructions/{one['id']}/{path}", json=body, headers=key())
            assert answer.status_code in (403, 404), (who, path)
    give(ground, [{"id": event}], expect=404, who="supervisor@there", to_org=ground.orgs["市政处@there"])
    assert listed(ground, "cleaner_lead") == []


def test_a_set_over_two_counties_is_for_who_sees_both(ground):
    here, there = ground.report("clerk", division=HERE), ground.report("clerk@there", division=THERE)
    give(ground, [here, there], expect=404)
    assert listed(ground, "leader") == []
