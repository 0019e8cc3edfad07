"""综治网格事件: every way of a grid event over HTTP, by the people whose work it is: self-handled, reported up,
taken up, handled by the town, transferred, returned, escalated, visited back, redone, closed."""

import pytest

from tests.city import HERE, TOWN
from tests.flow.ground import PLACE, found, matter_of, shot
from tests.flow.ground import duty as duty_row

SEEN = {"channel": "grid", "text": "楼道堆放杂物引发邻里纠纷", "division": TOWN, "lon": PLACE[0], "lat": PLACE[1]}


@pytest.fixture
def town(city):
    found(city)
    duty_row(city, tree="urban_event", code="01", lead_org=city.orgs["环卫处"])
    return city


def seen(city):
    event = city.report("grid_worker", **SEEN)
    assert (event["flow"], event["state"]) == ("grid_event", "reported")
    return event


def condition(city, code="0101"):
    return matter_of(city.sign_in("grid_worker"), "urban_event", code)["conditions"][0]


def taken_up(city):
    worker, officer = city.sign_in("grid_worker"), city.sign_in("town_officer")
    event = worker.do(seen(city), "report_up", reason="需镇街协调")
    assert (event["state"], event["lead_org"]) == ("reported_up", city.orgs["东街道"])
    event = officer.do(event, "take_up", condition_id=condition(city)["id"])
    assert event["state"] == "taken_up"
    return event


def visited(city, event, outcome="solved", satisfaction="satisfied"):
    agent = city.sign_in("call_back")
    return agent.do(event, "visit_back", outcome=outcome, satisfaction=satisfaction)


def test_self_handled_by_the_grid_worker_and_closed_by_another(town):
    worker, officer = town.sign_in("grid_worker"), town.sign_in("town_officer")
    event = seen(town)
    needs = worker.do(event, "self_handle", expect=409, answer="当场劝导清理")
    assert needs["params"]["reason"] == "flow.refused.needs_evidence"
    event = worker.do(event, "self_handle", answer="当场劝导清理", evidence=[shot(worker, "after")])
    assert (event["state"], event["case_no"][:6]) == ("self_handled", "990101")
    # not to anybody's satisfaction: back to the grid, and once more
    event = officer.do(event, "refuse_self_handled", reason="照片看不出已清理")
    event = worker.do(event, "self_handle", answer="已清走", evidence=[shot(worker, "after")])
    closing = condition(town)["closing"][0]["id"]
    assert worker.do(event, "close", expect=403, closing_condition_id=closing)["code"] == "access.refused"
    event = officer.do(event, "close", closing_condition_id=closing)
    assert (event["state"], event["status"]) == ("closed", "closed")


def test_handled_by_the_town_visited_back_redone_and_closed(town):
    officer, worker = town.sign_in("town_officer"), town.sign_in("grid_worker")
    event = taken_up(town)
    assert event["due_at"], "the handling limit of the filing condition runs"
    event = officer.do(event, "start")
    event = officer.do(event, "submit", answer="组织双方调解，已清理")
    event = officer.do(event, "confirm")
    assert event["state"] == "to_visit"
    assert officer.do(event, "visit_back", expect=403, outcome="solved")["code"] == "access.refused"
    blank = worker.do(event, "visit_back", expect=409, outcome="unsolved")
    assert blank["params"]["reason"] == "flow.refused.needs_satisfaction"
    event = worker.do(event, "visit_back", outcome="unsolved", satisfaction="dissatisfied")
    closing = condition(town)["closing"][0]["id"]
    early = town.sign_in("call_back").do(event, "close", expect=409, closing_condition_id=closing)
    assert early["params"]["reason"] == "flow.refused.content_or"
    event = worker.do(event, "redo", reason="杂物又堆回来了")
    assert event["state"] == "rework"
    event = officer.do(event, "start")
    event = officer.do(event, "submit", answer="加装围挡")
    event = officer.do(event, "confirm")
    event = visited(town, event)
    # who did the work does not close it: the town officer did
    mine = officer.do(event, "close", expect=409, closing_condition_id=closing)
    assert mine["params"]["reason"] == "flow.refused.not_doer"
    event = town.sign_in("shift_leader").do(event, "close", closing_condition_id=closing)
    assert (event["state"], event["status"], event["satisfaction"]) == ("closed", "closed", "satisfied")


def test_transferred_to_a_department_which_gives_it_back(town):
    officer, dispatcher = town.sign_in("town_officer"), town.sign_in("dispatcher")
    event = officer.do(taken_up(town), "hand_on", lead_org=town.orgs["环卫处"], reason="属环卫职责")
    assert event["state"] == "to_handle"
    assert officer.sees(event)["state"] == "to_handle", "the town goes on seeing what it passed on"
    owed = officer.get(f"/api/events/{event['id']}/obligations").json()["items"]
    assert [(each["org"], each["role"]) for each in owed] == [(town.orgs["环卫处"], "host")]
    cleaner = town.sign_in("cleaner_lead")
    event = cleaner.do(event, "receive")
    event = cleaner.do(event, "return", reason="属市政设施，应由市政处办理")
    assert event["state"] == "returned"
    again = dispatcher.do(event, "dispatch", expect=409, lead_org=town.orgs["环卫处"])
    assert again["params"]["reason"] == "flow.refused.other_org_than"
    event = dispatcher.do(event, "dispatch", lead_org=town.orgs["市政处"])
    lead, handler = town.sign_in("dept_lead"), town.sign_in("handler")
    event = lead.do(event, "assign", handler_post=town.posts["handler"])
    event = handler.do(event, "submit", answer="已处置", evidence=[shot(handler, "after")])
    event = lead.do(event, "confirm")
    event = visited(town, event, "solved", "very_satisfied")
    closing = condition(town)["closing"][0]["id"]
    event = town.sign_in("call_back").do(event, "close", closing_condition_id=closing)
    assert event["status"] == "closed"
    verbs = [act["verb"] for act in officer.get(f"/api/events/{event['id']}/timeline").json()["items"]]
    wanted = ["report_up", "take_up", "hand_on", "receive", "return", "dispatch", "assign", "submit", "confirm"]
    assert sorted(set(wanted) - set(verbs)) == []


def test_escalated_to_the_county_and_sent_down_again(town):
    officer, dispatcher = town.sign_in("town_officer"), town.sign_in("dispatcher")
    event = officer.do(taken_up(town), "escalate", reason="涉及多部门，镇街无权处理")
    assert event["state"] == "escalated"
    event = dispatcher.do(event, "send_down", reason="属镇街职责清单第12项")
    assert (event["state"], event["lead_org"]) == ("reported_up", town.orgs["东街道"])
    event = officer.do(event, "take_up", condition_id=condition(town)["id"])
    event = officer.do(event, "escalate", reason="再次呈报")
    down = dispatcher.do(event, "dispatch", expect=409, lead_org=town.orgs["东街道"])
    assert down["code"] in ("dispatch.pushed_down", "event.not_allowed") or down["params"]
    event = town.sign_in("supervisor").do(event, "designate", lead_org=town.orgs["市政处"], reason="依据三定规定")
    assert event["state"] == "to_handle"
    lead = town.sign_in("dept_lead")
    event = lead.do(event, "receive")
    bound = lead.do(event, "return", expect=409, reason="仍不认可")
    assert bound["params"]["reason"] == "flow.refused.dispute_not_bound"


def test_taken_back_asked_again_dropped_and_extended(town):
    worker, officer = town.sign_in("grid_worker"), town.sign_in("town_officer")
    event = worker.do(seen(town), "report_up", reason="上报")
    event = worker.do(event, "take_back", reason="可自行处理")
    assert event["state"] == "reported"
    event = worker.do(event, "report_up", reason="仍需上报")
    event = officer.do(event, "ask_more", reason="请补充当事人")
    event = worker.do(event, "report_up", reason="已补充")
    dropped = officer.do(event, "drop", reason="不属综治事项", answer="建议拨打12345")
    assert dropped["status"] == "void"

    event = officer.do(taken_up(town), "start")
    before = event["due_at"]
    event = officer.do(event, "request_extension", reason="需多次调解")
    assert event["state"] == "extension_pending"
    event = town.sign_in("dispatcher").do(event, "grant_extension")
    assert event["state"] == "handling" and event["due_at"] > before


def test_the_town_comes_from_the_place_or_is_named(town):
    worker = town.sign_in("grid_worker")
    event = town.report("grid_worker", **{**SEEN, "division": HERE})
    unknown = worker.do(event, "report_up", expect=409, reason="上报")
    assert unknown["code"] == "concern.no_town"
    wrong = worker.do(event, "report_up", expect=409, reason="上报", lead_org=town.orgs["市政处"])
    assert wrong["code"] == "concern.no_town"
    event = worker.do(event, "report_up", reason="上报", lead_org=town.orgs["东街道"])
    assert event["state"] == "reported_up"
    assert town.sign_in("grid_worker@there").get(f"/api/events/{event['id']}").status_code == 404
