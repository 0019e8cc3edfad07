"""12345 工单: a caller's matter from the call to the call back: classify, dispatch by duty, sign, return and objection,
reply, satisfaction, redo, close; and the caller is told."""

from tests.flow.ground import duty, found, key, matter_of

CALLER = {"name": "王小民", "phone": "13812345678"}


def called(city, **given):
    """A call taken by an operator, classified."""
    operator = city.sign_in("hotline_operator")
    matter = matter_of(operator, "hotline", "020101")
    body = {"channel": "hotline12345", "kind": "complaint", "text": "夜里占道经营，油烟扰民", "reporter": CALLER}
    event = city.report("hotline_operator", **{**body, "matter_id": matter["id"], **given})
    assert (event["flow"], event["state"]) == ("hotline_order", "received")
    missing = operator.do(event, "classify", expect=409)
    assert missing["params"]["reason"] == "flow.refused.needs_filing_condition"
    condition = matter["conditions"][0]
    return operator.do(event, "classify", condition_id=condition["id"], outcome="in_scope"), condition


def answers_of(city, event):
    city.settle()
    browser = city.sign_in("call_back")
    report = browser.get(f"/api/events/{event['id']}/reports").json()["items"][0]
    return browser.get(f"/api/reports/{report['id']}/answers").json()["items"]


def test_a_call_goes_its_whole_way(city):
    found(city)
    row = duty(city, tree="hotline", code="0201", lead_org=city.orgs["环卫处"])
    event, condition = called(city)
    assert event["case_no"] and event["state"] == "classified"

    # --- dispatched as the duty list proposes; never down to a street
    dispatcher = city.sign_in("dispatcher")
    first = dispatcher.get("/api/dispatch/suggest", params={"event": event["id"]}).json()["items"][0]
    assert (first["duty_row"], first["lead_org"]) == (row["id"], city.orgs["环卫处"])
    down = dispatcher.do(event, "dispatch", expect=409, lead_org=city.orgs["东街道"])
    assert down["code"] == "dispatch.pushed_down"
    event = dispatcher.do(event, "dispatch", lead_org=city.orgs["环卫处"])

    # --- given back with a reason; the dispatcher agrees and sends it elsewhere, not to the same again
    cleaner = city.sign_in("cleaner_lead")
    event = cleaner.do(event, "sign")
    assert cleaner.do(event, "request_return", expect=409)["params"]["reason"] == "flow.refused.needs_reason"
    event = cleaner.do(event, "request_return", reason="夜间占道由市政处负责")
    open_now = dispatcher.get("/api/disputes").json()["items"]
    assert [(each["org"], each["times"], each["state"]) for each in open_now] == [(city.orgs["环卫处"], 1, "open")]
    event = dispatcher.do(event, "accept_return", reason="情况属实")
    again = dispatcher.do(event, "dispatch", expect=409, lead_org=city.orgs["环卫处"])
    assert again["params"]["reason"] == "flow.refused.other_org_than"
    last = dispatcher.get("/api/dispatch/suggest", params={"event": event["id"]}).json()["items"][-1]
    assert last["lead_org"] == city.orgs["环卫处"] and last["confidence"] < first["confidence"] / 3
    event = dispatcher.do(event, "dispatch", lead_org=city.orgs["市政处"], reason="按职责改派")
    assert dispatcher.get("/api/disputes").json()["items"] == []
    settled = dispatcher.get(f"/api/events/{event['id']}/disputes").json()["items"][0]
    assert (settled["state"], settled["outcome"], settled["binding"]) == ("settled", "dispatch", False)
    owed = dispatcher.get(f"/api/events/{event['id']}/obligations").json()["items"]
    assert [(each["org"], each["state"]) for each in owed] == [
        (city.orgs["环卫处"], "returned"),
        (city.orgs["市政处"], "open"),
    ]

    # --- handled and answered; who handled does not call back
    lead, handler = city.sign_in("dept_lead"), city.sign_in("handler")
    event = lead.do(event, "sign")
    event = lead.do(event, "assign", handler_post=city.posts["handler"])
    event = handler.do(event, "reply", answer="已劝离并安排夜间巡查", outcome="solved")
    event = lead.do(event, "confirm")
    assert event["state"] == "to_call_back"
    assert handler.do(event, "visit", expect=403, outcome="solved")["code"] == "access.refused"
    waiting = answers_of(city, event)
    assert [(each["text"], each["way"], each["state"]) for each in waiting] == [
        ("已劝离并安排夜间巡查", "phone", "pending")
    ]

    # --- the caller is told by phone, once; a call that does not reach him is a try
    agent = city.sign_in("call_back")
    address = f"/api/answers/{waiting[0]['id']}/sent"
    assert agent.get("/api/answers").json()["items"][0]["id"] == waiting[0]["id"]
    tried = agent.post(address, json={"reached": False, "note": "无人接听"}, headers=key()).json()
    assert (tried["state"], tried["tries"]) == ("pending", 1)
    assert agent.post(address, json={"note": "已告知"}, headers=key()).json()["state"] == "sent"
    assert agent.post(address, json={}, headers=key()).json()["code"] == "notify.already_told"
    assert agent.get("/api/answers").json()["items"] == []

    # --- not content: redone once, then content, closed under a condition
    no_grade = agent.do(event, "visit", expect=409, outcome="unsolved")
    assert no_grade["params"]["reason"] == "flow.refused.needs_satisfaction"
    event = agent.do(event, "visit", outcome="unsolved", satisfaction="dissatisfied")
    early = agent.do(event, "close", expect=409, closing_condition_id=condition["closing"][0]["id"])
    assert early["params"]["reason"] == "flow.refused.content_or"
    event = agent.do(event, "redo", reason="夜间仍有摊点")
    assert event["state"] == "redo"
    event = handler.do(event, "start")
    event = handler.do(event, "reply", answer="已设固定岗", outcome="solved")
    event = lead.do(event, "confirm")
    event = agent.do(event, "visit", outcome="solved", satisfaction="satisfied")
    event = agent.do(event, "close", closing_condition_id=condition["closing"][0]["id"])
    assert (event["state"], event["status"], event["satisfaction"]) == ("closed", "closed", "satisfied")
    assert [each["text"] for each in answers_of(city, event)] == ["已劝离并安排夜间巡查", "已设固定岗"]
    counted = dispatcher.get("/api/dispatch/acceptance").json()
    assert (counted["decided"], counted["suggested"], counted["first"], counted["rate"]) == (2, 2, 1, 0.5)


def test_a_designation_ends_the_dispute_for_good(city):
    found(city)
    duty(city, tree="hotline", code="0201", lead_org=city.orgs["环卫处"])
    event, _ = called(city)
    dispatcher, supervisor = city.sign_in("dispatcher"), city.sign_in("supervisor")
    event = dispatcher.do(event, "dispatch", lead_org=city.orgs["环卫处"])
    cleaner = city.sign_in("cleaner_lead")
    event = cleaner.do(event, "request_return", reason="非我单位职责")
    event = dispatcher.do(event, "raise_dispute", reason="双方均称无职责")
    assert [each["state"] for each in supervisor.get("/api/disputes").json()["items"]] == ["coordinated"]
    event = supervisor.do(event, "designate", lead_org=city.orgs["环卫处"], reason="依据三定规定第六条指定")
    decided = supervisor.get("/api/disputes", params={"state": "all"}).json()["items"]
    assert [(each["state"], each["binding"], each["lead_org"], each["decision"]) for each in decided] == [
        ("designated", True, city.orgs["环卫处"], "依据三定规定第六条指定")
    ]
    bound = cleaner.do(event, "request_return", expect=409, reason="仍不认可")
    assert bound["params"]["reason"] == "flow.refused.dispute_not_bound"
    assert cleaner.get("/api/disputes", params={"state": "all"}).json()["items"][0]["id"] == decided[0]["id"]
    there = city.sign_in("dispatcher@there").get("/api/disputes", params={"state": "all"}).json()["items"]
    assert there == []


def test_an_enquiry_is_answered_on_the_line(city):
    operator = city.sign_in("hotline_operator")
    body = {"channel": "hotline12345", "kind": "enquiry", "text": "公积金怎么提取", "reporter": {"anonymous": True}}
    event = city.report("hotline_operator", **body)
    event = operator.do(event, "answer", answer="请持证件到大厅二楼办理", outcome="knowledge")
    assert event["status"] == "closed"
    assert [(each["way"], each["state"]) for each in answers_of(city, event)] == [("kept", "kept")]


def test_the_time_to_give_back_ends_without_making_anybody_late(city):
    """A window is a right: it presses nobody, is told to nobody, and is over when it is over."""
    found(city)
    duty(city, tree="hotline", code="0201", lead_org=city.orgs["环卫处"])
    event, _ = called(city)
    event = city.sign_in("dispatcher").do(event, "dispatch", lead_org=city.orgs["环卫处"])
    cleaner = city.sign_in("cleaner_lead")
    event = cleaner.do(event, "sign")
    clocks = {one["stage"]: one for one in cleaner.sees(event)["clocks"]}
    assert clocks["return"]["is_window"] and clocks["return"]["due_at"] < clocks["handle"]["due_at"]
    assert event["due_at"] == clocks["handle"]["due_at"]
    city.forward(days=1, minutes=1)
    city.settle()
    seen = cleaner.sees(event)
    over = next(one for one in seen["clocks"] if one["stage"] == "return")
    assert seen["lateness"] != "late" and not over["overdue"]
    refused = cleaner.do(event, "request_return", expect=409, reason="非我单位职责")
    assert refused["params"]["reason"] == "flow.refused.before_overdue"
