"""城管案卷: one matter's whole way, from the street and back to who reported it, with what is refused on the way."""

from tests.flow.ground import PLACE, duty, found, key, matter_of, now_photo, picture, shot, upload


def test_a_missing_manhole_cover_goes_its_whole_way(city):
    found(city)
    cover = matter_of(city.sign_in("clerk"), "urban_component", "0101")
    condition = cover["conditions"][0]
    row = duty(city, assistants=[city.orgs["环卫处"]])

    # --- the street: a patrol reports it with a photo
    seen = shot(city.sign_in("patrol"), "before")["file"]
    event = city.report(
        "patrol", matter_id=cover["id"], lon=PLACE[0], lat=PLACE[1], attachments=[seen], want_reply=True
    )
    assert (event["flow"], event["state"]) == ("urban_case", "reported")
    assert event["case_no"].startswith("990101-")

    # --- supervision: accepted by the clerk, filed by the shift leader under a filing condition
    event = city.sign_in("clerk").do(event, "accept")
    leader = city.sign_in("shift_leader")
    needs = leader.do(event, "register", expect=409)
    assert needs["params"]["reason"] == "flow.refused.needs_filing_condition"
    event = leader.do(event, "register", condition_id=condition["id"])
    assert event["state"] == "registered"

    # --- command: the duty list proposes, a person decides; a department's duty is not pushed down
    dispatcher = city.sign_in("dispatcher")
    first = dispatcher.get("/api/dispatch/suggest", params={"event": event["id"]}).json()["items"][0]
    assert (first["lead_org"], first["duty_row"]) == (city.orgs["市政处"], row["id"])
    assert any("三定" in reason for reason in first["reasons"])
    down = dispatcher.do(event, "dispatch", expect=409, lead_org=city.orgs["东街道"])
    assert down["code"] == "dispatch.pushed_down" and down["params"]["lead"] == city.orgs["市政处"]
    assert dispatcher.sees(event)["state"] == "registered"
    helpers = [each["id"] for each in first["assistants"]]
    event = dispatcher.do(event, "dispatch", lead_org=first["lead_org"], assistants=helpers)
    assert event["state"] == "to_handle" and event["due_at"]
    owed = dispatcher.get(f"/api/events/{event['id']}/obligations").json()["items"]
    assert [(each["role"], each["state"], bool(each["due_at"])) for each in owed] == [
        ("host", "open", True),
        ("assist", "open", True),
    ]

    # --- the department: a return needs a reason; it is done with photos of before and after
    lead, handler = city.sign_in("dept_lead"), city.sign_in("handler")
    silent = lead.do(event, "return", expect=409)
    assert silent["params"]["reason"] == "flow.refused.needs_reason"
    event = lead.do(event, "assign", handler_post=city.posts["handler"])
    bound = lead.do(event, "return", expect=409, reason="不属我单位职责")
    assert bound["params"]["reason"] == "flow.refused.internal_assignment_revoked"
    event = handler.do(event, "start")
    blind = handler.do(event, "submit", expect=409, answer="已补装井盖")
    assert blind["params"]["reason"].startswith("flow.refused.")
    proof = [shot(handler, "before"), shot(handler, "after")]
    event = handler.do(event, "submit", answer="已补装井盖", evidence=proof)
    event = lead.do(event, "confirm")
    assert event["state"] == "dept_confirmed"
    city.sign_in("cleaner_lead").do(event, "assist_done", expect=409, reason="已清理现场")

    # --- check by somebody else, on the spot, with a photo of now
    clerk = city.sign_in("clerk")
    judge = clerk.do(event, "send_check", expect=409, handler_post=city.posts["handler"])
    assert judge["code"] == "verify.not_eligible" and judge["params"]["reason"] == "doer"
    event = clerk.do(event, "send_check", reason="看井盖是否牢固")
    assert event["open_tasks"] == ["check"] and event["holder_post"]["title"] == "patrol"
    task = clerk.get("/api/tasks", params={"kind": "check"}).json()["items"][0]
    worker = next(who for who in ("patrol", "patrol2") if city.posts[who] == task["assignee"])
    other = {"patrol": "patrol2", "patrol2": "patrol"}[worker]
    walker, idle = city.sign_in(worker), city.sign_in(other)
    assert [item["id"] for item in walker.get("/api/tasks", params={"mine": True}).json()["items"]] == [task["id"]]
    assert {item["id"] for item in task["outcomes"]} == {"check_pass", "check_fail"}

    def done(browser, expect=200, **body):
        answer = browser.post(f"/api/tasks/{task['id']}/done", json=body, headers=key())
        assert answer.status_code == expect, answer.text
        return answer.json()

    assert done(idle, 409, result="check_pass")["code"] == "verify.not_your_task"
    assert handler.do(event, "check_pass", expect=403)["code"] == "access.refused"
    assert done(walker, 422, result="fine")["code"] == "verify.unknown_result"
    assert done(walker, 409, result="check_pass")["params"]["reason"] == "flow.refused.needs_evidence"
    old = upload(walker, picture(None, PLACE))["id"]
    passed = done(walker, result="check_pass", evidence=[{"file": old}, shot(walker, "check")])
    assert passed["state"] == "done" and [flag["key"] for flag in passed["flags"]] == ["no_time"]
    event = clerk.sees(event)
    assert (event["state"], event["open_tasks"], event["holder_post"]) == ("to_close", [], None)

    # --- closed by a shift leader under a closing condition; the reporter is answered; nothing is owed any more
    leader = city.sign_in("shift_leader")
    assert leader.do(event, "close", expect=409)["params"]["reason"] == "flow.refused.needs_closing_condition"
    event = leader.do(event, "close", closing_condition_id=condition["closing"][0]["id"])
    assert (event["state"], event["status"], event["due_at"]) == ("closed", "closed", None)
    city.settle()
    report = clerk.get(f"/api/events/{event['id']}/reports").json()["items"][0]
    answers = clerk.get(f"/api/reports/{report['id']}/answers").json()["items"]
    assert [(each["text"], each["way"]) for each in answers] == [("已补装井盖", "inside")]
    owed = clerk.get(f"/api/events/{event['id']}/obligations").json()["items"]
    assert [(each["role"], each["state"]) for each in owed] == [("host", "done"), ("assist", "ended")]
    counted = dispatcher.get("/api/dispatch/acceptance").json()
    assert (counted["decided"], counted["first"], counted["rate"]) == (1, 1, 1.0)


def test_a_failed_check_goes_back_to_the_same_department(city):
    found(city)
    event = handled(city)
    city.sign_in("clerk").do(event, "send_check", handler_post=city.posts["patrol2"])
    walker = city.sign_in("patrol2")
    task = walker.get("/api/tasks", params={"mine": True}).json()["items"][0]
    body = {"result": "check_fail", "reason": "井盖仍晃动", "evidence": [shot(walker, "check")]}
    assert walker.post(f"/api/tasks/{task['id']}/done", json=body, headers=key()).status_code == 200
    leader = city.sign_in("shift_leader")
    event = leader.sees(event)
    assert event["state"] == "check_failed"
    event = leader.do(event, "rework", reason="按核查意见返工")
    assert (event["state"], event["lead_org"]) == ("rework", city.orgs["市政处"])
    owed = leader.get(f"/api/events/{event['id']}/obligations").json()["items"]
    assert [each["state"] for each in owed] == ["done", "open"]
    handler = city.sign_in("handler")
    event = handler.do(event, "start")
    again = handler.do(event, "submit", expect=409, answer="已加固")
    assert again["params"]["reason"].startswith("flow.refused.")
    event = handler.do(event, "submit", answer="已加固", evidence=[shot(handler, "after")])
    event = city.sign_in("dept_lead").do(event, "confirm")
    event = city.sign_in("clerk").do(event, "send_check")
    assert event["state"] == "checking"


def handled(city, **given):
    """An event that a department has handled and confirmed."""
    condition = matter_of(city.sign_in("clerk"), "urban_component", "0101")["conditions"][0]
    event = city.report("patrol", lon=PLACE[0], lat=PLACE[1], **given)
    event = city.sign_in("clerk").do(event, "accept")
    event = city.sign_in("shift_leader").do(event, "register", condition_id=given.get("condition", condition["id"]))
    event = city.sign_in("dispatcher").do(event, "dispatch", lead_org=city.orgs["市政处"])
    handler = city.sign_in("handler")
    event = handler.do(event, "start")
    proof = [shot(handler, "before"), {"file": upload(handler, now_photo())["id"], "kind": "after"}]
    event = handler.do(event, "submit", answer="已补装井盖", evidence=proof)
    return city.sign_in("dept_lead").do(event, "confirm")
