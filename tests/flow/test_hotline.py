"""The hotline over HTTP: the telephone system tells, the operator answers, what is missed is called back."""

import random
from datetime import timedelta

import pytest

from gangmu.base.access import applications
from gangmu.kit import clock, journal
from gangmu.kit.actor import System
from gangmu.kit.page import Page
from gangmu.kit.unit import open_unit
from tests.city import HERE, Browser
from tests.flow.ground import found, key, matter_of

NUMBER, SEAT = "13812345678", "801"
RECORDING = "https://recordings.example/2026/1.wav"


class Telephone:
    """The telephone system, as an application of this county."""

    def __init__(self, city):
        with open_unit(System("test"), "let the telephone system in") as unit:
            org = city.orgs["监督中心"]
            _, self.token = applications.open_application(unit, unit.actor, "话务系统", ("cti_app",), org, HERE)
        self.browser = Browser(city.app)
        self.browser.headers["authorization"] = f"Bearer {self.token}"

    def tells(self, event, call="c1", seat=SEAT, number=NUMBER, expect=200, late_s=0.0, **given):
        at = (clock.now() + timedelta(seconds=late_s)).isoformat()
        body = {"call_id": call, "event": event, "number": number, "queue": "12345", "seat": seat, "at": at, **given}
        answer = self.browser.post("/api/cti/calls", json=body, headers=key())
        assert answer.status_code == expect, answer.text
        return answer.json()


@pytest.fixture
def line(city):
    """The city with its divisions, an operator at seat 801, and the telephone system."""
    found(city)
    sits(city)
    return city


@pytest.fixture
def phone(line):
    return Telephone(line)


def sits(city, who="hotline_operator", seat=SEAT):
    answer = city.sign_in(who).put("/api/calls/seat", json={"seat": seat}, headers=key())
    assert answer.status_code == 204, answer.text


def entry(city, **given):
    body = {
        "question": "住房公积金怎么提取",
        "answer": "携带身份证到公积金中心窗口申请，3个工作日到账。",
        "owner": city.orgs["市政处"],
        "division": HERE,
        "publish": True,
        **given,
    }
    answer = city.sign_in("dept_lead").post("/api/knowledge", json=body, headers=key())
    assert answer.status_code == 201, answer.text
    return answer.json()


def begin(city, who="hotline_operator", number=NUMBER):
    answer = city.sign_in(who).post("/api/calls", json={"number": number}, headers=key())
    assert answer.status_code == 201, answer.text
    return answer.json()


def act(city, call, what, who="hotline_operator", expect=200, **body):
    answer = city.sign_in(who).post(f"/api/calls/{call['id']}/{what}", json=body, headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json()


def mine(city, who="hotline_operator"):
    return city.sign_in(who).get("/api/calls/mine").json()


def figures(city, who="shift_leader"):
    return city.sign_in(who).get("/api/calls/figures").json()


# --- most calls: answered from the knowledge base ---------------------------------------------------------------


def test_a_call_is_answered_from_the_knowledge_base_and_needs_no_event(line, phone):
    made = entry(line)
    rang = clock.now()
    after = {seconds: (rang + timedelta(seconds=seconds)).isoformat() for seconds in (0, 6, 60)}
    phone.tells("ring", at=after[0])
    seat = mine(line)
    assert (seat["number"], [one["state"] for one in seat["calls"]]) == (NUMBER, ["ringing"])
    phone.tells("answer", at=after[6])
    call = mine(line)["calls"][0]
    done = act(line, call, "close", outcome="answered", entries=[made["id"]], text="公积金怎么取")
    assert (done["state"], done["outcome"], done["way"]) == ("closed", "answered", "knowledge")
    assert done["answer"].startswith("携带身份证") and done["event"] is None
    assert done["number"] == "138****5678"
    phone.tells("hang_up", at=after[60], recording_url=RECORDING)
    assert mine(line)["calls"] == []
    used = line.sign_in("dept_lead").get(f"/api/knowledge/{made['id']}").json()
    assert used["uses"] == 1 and used["last_used_at"]
    day = figures(line)["total"]
    assert (day["calls"], day["answered"], day["missed"]) == (1, 1, 0)
    assert day["direct_rate"] == {"n": 1, "of": 1, "rate": 1.0}
    assert day["answer_rate"] == {"n": 1, "of": 1, "rate": 1.0}
    assert day["in_time_rate"]["rate"] == 1.0 and day["mean_talk_s"] == 54.0
    assert (day["matters"], day["orders"]) == (0, 0)
    assert line.sign_in("clerk").get("/api/events", params={"status": ["open", "closed"]}).json()["items"] == []


def test_own_words_do_too_but_not_nothing(line):
    call = begin(line)
    bare = act(line, call, "close", expect=422, outcome="answered")
    assert (bare["code"], bare["params"]["what"]) == ("hotline.outcome_needs", "entry_or_answer")
    done = act(line, call, "close", outcome="answered", answer="大厅周一至周五九点到五点。")
    assert done["way"] == "own_words"
    assert act(line, call, "close", expect=409, outcome="empty")["code"] == "hotline.call_closed"


def test_an_entry_of_another_county_is_not_found(line):
    there = line.sign_in("dept_lead@there").post(
        "/api/knowledge",
        json={
            "question": "西区办事",
            "answer": "西区大厅。",
            "owner": line.orgs["市政处@there"],
            "division": "990102000000",
            "publish": True,
        },
        headers=key(),
    )
    assert there.status_code == 201, there.text
    act(line, begin(line), "close", expect=404, outcome="answered", entries=[there.json()["id"]])


def test_a_search_without_answer_is_noted_with_the_call(line):
    act(line, begin(line), "close", outcome="answered", answer="请咨询车管所", unanswered="电动车上牌 13812345678")
    gaps = line.sign_in("shift_leader").get("/api/knowledge/gaps").json()["items"]
    assert [one["words"] for one in gaps] == ["电动车上牌"]


# --- class first ------------------------------------------------------------------------------------------------


def test_the_lawful_way_is_told_with_its_words_and_reason(line):
    call = begin(line)
    lone = act(line, call, "close", expect=422, outcome="arbitration", kind="complaint")
    assert lone["params"]["what"] == "reason"
    reason = {"reason": "劳动争议，尚未仲裁", "authority": "东区劳动人事争议仲裁院"}
    done = act(line, call, "close", outcome="arbitration", kind="complaint", **reason)
    assert "东区劳动人事争议仲裁院" in done["answer"] and done["reason"] == "劳动争议，尚未仲裁"
    shown = line.sign_in("shift_leader").get(f"/api/calls/{call['id']}").json()
    assert [one["what"] for one in shown["acts"]] == ["begin", "close"]


def test_a_call_becomes_an_order_and_both_are_counted(line):
    body = {"channel": "hotline12345", "kind": "complaint", "text": "路口井盖缺失，行人绊倒", "division": HERE}
    who = {"reporter": {"name": "王小二", "phone": NUMBER}}
    first = act(line, begin(line), "order", expect=201, **body, **who)
    assert first["event"]["state"] == "received" and first["call"]["outcome"] == "in_scope"
    second = act(
        line, begin(line, number="13911112222"), "order", expect=201, **body, join_event_id=first["event"]["id"]
    )
    assert second["event"]["id"] == first["event"]["id"] and second["event"]["report_count"] == 2
    day = figures(line)["total"]
    assert (day["calls"], day["orders"], day["matters"]) == (2, 2, 1)
    assert day["direct_rate"] == {"n": 0, "of": 2, "rate": 0.0}
    told = line.sign_in("shift_leader").get(f"/api/events/{first['event']['id']}/calls").json()["items"]
    assert len(told) == 2


def test_a_repeated_call_joins_the_event_and_hears_how_it_stands(line):
    body = {"channel": "hotline12345", "kind": "complaint", "text": "路口井盖缺失", "division": HERE}
    made = act(line, begin(line), "order", expect=201, **body)["event"]
    done = act(line, begin(line), "close", outcome="repeated", kind="complaint", event=made["id"], text="井盖还没好")
    assert made["case_no"] in done["answer"] and "Received" in done["answer"]
    assert line.sign_in("hotline_operator").sees(made)["report_count"] == 2
    there = begin(line, "hotline_operator@there")
    act(line, there, "close", "hotline_operator@there", 404, outcome="repeated", event=made["id"])


def test_orders_and_hand_overs_are_not_chosen_as_an_ending(line):
    call = begin(line)
    for outcome in ("in_scope", "emergency_119"):
        assert act(line, call, "close", expect=409, outcome=outcome)["code"] == "hotline.outcome_elsewhere"
    act(line, call, "close", expect=404, outcome="nonsense")


# --- urgent -----------------------------------------------------------------------------------------------------


def test_an_emergency_is_handed_over_at_once_and_followed_up(line):
    call = begin(line)
    done = act(line, call, "hand-over", line="119")
    assert done["hand_over"]["receiver"] and done["hand_over"]["due_at"] and done["hand_over"]["state"] == "open"
    assert (done["call"]["state"], done["call"]["outcome"]) == ("closed", "emergency_119")
    second = act(line, call, "hand-over", line="120", note="有人受伤")
    leader = line.sign_in("shift_leader")
    open_ones = leader.get("/api/calls/hand-overs").json()["items"]
    assert {one["line"] for one in open_ones} == {"119", "120"} and not any(one["late"] for one in open_ones)
    line.forward(hours=3)
    assert all(one["late"] for one in leader.get("/api/calls/hand-overs").json()["items"])
    path = f"/api/calls/hand-overs/{second['hand_over']['id']}/done"
    answer = leader.post(path, json={"result": "已送医，伤情稳定"}, headers=key())
    assert answer.status_code == 200 and answer.json()["state"] == "done", answer.text
    assert leader.post(path, json={"result": "再问"}, headers=key()).json()["code"] == "hotline.followed_up"
    body = {"channel": "hotline12345", "kind": "help", "text": "火灾后路面垮塌需抢修", "division": HERE}
    order = act(line, call, "order", expect=201, **body)
    assert order["call"]["outcome"] == "emergency_119" and order["event"]["id"]
    assert line.sign_in("shift_leader@there").get("/api/calls/hand-overs").json()["items"] == []


def test_an_answered_call_is_not_handed_over_afterwards(line):
    call = begin(line)
    act(line, call, "close", outcome="answered", answer="周一开门。")
    assert act(line, call, "hand-over", expect=409, line="110")["code"] == "hotline.call_closed"
    act(line, begin(line), "hand-over", expect=422, line="114")


def test_a_three_party_call_is_recorded_and_counts_as_the_way(line):
    call = begin(line)
    act(line, call, "transfers", way="three_party", receiver="社保局专家座席", note="工龄认定")
    done = act(line, call, "close", outcome="answered", answer="已由社保局在线解答。")
    assert done["way"] == "three_party"
    shown = line.sign_in("shift_leader").get(f"/api/calls/{call['id']}").json()
    assert [one["what"] for one in shown["acts"]] == ["begin", "three_party", "close"]
    assert shown["acts"][1]["told"]["receiver"] == "社保局专家座席"


# --- malicious --------------------------------------------------------------------------------------------------


def test_a_malicious_call_needs_a_shift_leader_who_is_another(line):
    call = begin(line)
    act(line, call, "close", outcome="malicious", kind="complaint", reason="一日内辱骂坐席12次")
    leader = line.sign_in("shift_leader")
    waiting = leader.get("/api/calls", params={"confirm": "pending"}).json()["items"]
    assert [one["id"] for one in waiting] == [call["id"]]
    act(line, call, "confirm", expect=403, agree=True, reason="同意")
    act(line, call, "confirm", "shift_leader@there", 404, agree=True, reason="同意")
    act(line, call, "confirm", "shift_leader", 422, agree=True, reason="")
    done = act(line, call, "confirm", "shift_leader", agree=True, reason="录音核实，移交公安")
    assert done["confirm"] == "agreed"
    assert act(line, call, "confirm", "shift_leader", 409, agree=True, reason="再来")["code"] == (
        "hotline.nothing_to_confirm"
    )
    own = begin(line, "shift_leader")
    act(line, own, "close", "shift_leader", outcome="malicious", kind="complaint", reason="辱骂")
    assert act(line, own, "confirm", "shift_leader", 409, agree=True, reason="同意")["code"] == "hotline.own_clue"


def test_a_clue_that_is_none_goes_back_to_the_operator(line):
    call = begin(line)
    act(line, call, "close", outcome="malicious", kind="complaint", reason="语气激烈")
    assert figures(line)["total"]["outcomes"] == {"malicious": 1}
    back = act(line, call, "confirm", "shift_leader", agree=False, reason="属合理投诉")
    assert (back["state"], back["outcome"]) == ("answered", "")
    assert [one["id"] for one in mine(line)["calls"]] == [call["id"]]
    assert figures(line)["total"]["outcomes"] == {}


# --- the telephone system ---------------------------------------------------------------------------------------


def test_facts_come_twice_and_in_any_order(line, phone):
    made = [("ring", 0.0), ("answer", 5.0), ("hang_up", 65.0)]
    chance = random.Random(7)
    for nth in range(6):
        told = made * 2
        chance.shuffle(told)
        start = clock.now().replace(microsecond=0)
        fresh = [
            phone.tells(fact, f"n{nth}", at=(start + timedelta(seconds=after)).isoformat())["fresh"]
            for fact, after in told
        ]
        assert sum(fresh) == 3, told
    calls = line.sign_in("shift_leader").get("/api/calls").json()["items"]
    assert [(one["state"], one["waited_s"], one["talked_s"]) for one in calls] == [("answered", 5.0, 60.0)] * 6
    day = figures(line)["total"]
    assert (day["calls"], day["answered"], day["missed"]) == (6, 6, 0)
    assert line.sign_in("shift_leader").get("/api/calls/missed").json()["items"] == []


def test_only_the_telephone_system_tells_facts(line, phone):
    body = {"call_id": "x", "event": "ring", "at": clock.now().isoformat()}
    for who in ("hotline_operator", "shift_leader", "system_admin"):
        assert line.sign_in(who).post("/api/cti/calls", json=body, headers=key()).status_code == 403, who
    assert phone.browser.get("/api/calls").status_code == 403
    assert Browser(line.app).post("/api/cti/calls", json=body).status_code == 401


def test_odd_facts_are_refused(line, phone):
    assert phone.tells("ring", expect=422, late_s=7200)["code"] == "hotline.fact_too_odd"
    assert phone.tells("ring", expect=422, recording_url="javascript:alert(1)")["code"] == "hotline.fact_too_odd"
    phone.tells("ring", expect=422, at="2026-01-01T00:00:00")
    phone.tells("sing", expect=422)
    assert phone.tells("ring", number="anonymous")["state"] == "ringing"


def test_the_screen_of_the_seat_pops_up(line, phone):
    phone.tells("answer", "before", late_s=1)
    act(line, mine(line)["calls"][0], "close", outcome="answered", answer="大厅九点开门。", text="几点开门")
    phone.tells("ring", "now")
    line.settle()
    from gangmu.kit import live
    from gangmu.kit.unit import transaction

    with transaction() as conn:
        ticks = [tick for tick in live.after(conn, 0) if tick.topic == "call"]
    assert ticks[-1].about == line.posts["hotline_operator"] and NUMBER not in str(ticks)
    call = mine(line)["calls"][0]
    told = line.sign_in("hotline_operator").get(f"/api/calls/{call['id']}/history").json()
    assert [one["text"] for one in told["calls"]] == ["几点开门"] and not told["confidential"]
    assert mine(line, "shift_leader")["calls"] == []


def test_a_seat_is_ones_own_until_another_takes_it(line, phone):
    sits(line, "shift_leader")
    phone.tells("ring")
    assert mine(line)["calls"] == [] and mine(line)["seat"] == ""
    assert len(mine(line, "shift_leader")["calls"]) == 1
    sits(line, "shift_leader", "")
    assert mine(line, "shift_leader")["seat"] == ""


def test_of_a_confidential_caller_nothing_is_shown_but_that_he_was(line):
    body = {"channel": "hotline12345", "kind": "report", "text": "举报某单位排污", "division": HERE}
    secret = {"reporter": {"name": "李四", "phone": NUMBER, "confidential": True}}
    act(line, begin(line), "order", expect=201, **body, **secret)
    told = line.sign_in("hotline_operator").get("/api/calls/history", params={"phone": NUMBER}).json()
    assert told["confidential"] and told["reports"] == [] and told["calls"] == []
    assert "排污" not in str(told)


# --- missed calls -----------------------------------------------------------------------------------------------


def test_missed_calls_of_a_number_are_called_back_together(line, phone):
    for nth in range(3):
        phone.tells("ring", f"m{nth}", seat="", late_s=nth)
        phone.tells("missed", f"m{nth}", seat="", late_s=nth + 30)
    operator = line.sign_in("call_back")
    listed = operator.get("/api/calls/missed").json()["items"]
    assert [(one["times"], one["number"], one["tries"], one["late"]) for one in listed] == [
        (3, "138****5678", 0, False)
    ]
    line.forward(minutes=45)
    assert operator.get("/api/calls/missed").json()["items"][0]["late"]
    path = f"/api/calls/missed/{listed[0]['id']}"
    assert operator.post(f"{path}/number", headers=key()).json()["number"] == NUMBER
    none = operator.post(f"{path}/tries", json={"reached": False}, headers=key()).json()
    assert (none["missed"]["tries"], none["call"]) == (1, None)
    got = operator.post(f"{path}/tries", json={"reached": True}, headers=key()).json()
    assert got["missed"]["state"] == "reached" and got["call"]["direction"] == "out"
    done = act(line, got["call"], "close", "call_back", outcome="answered", answer="已解答供水时间。")
    assert done["state"] == "closed"
    day = figures(line)["total"]
    assert (day["missed"], day["called_back"], day["outgoing"]) == (3, 3, 1)
    assert day["call_back_rate"] == {"n": 3, "of": 3, "rate": 1.0}
    assert day["direct_rate"]["of"] == 0 and day["direct_rate"]["rate"] is None
    again = operator.post(f"{path}/tries", json={"reached": True}, headers=key())
    assert again.json()["code"] == "hotline.missed_done"


def test_who_calls_again_and_is_answered_need_not_be_called_back(line, phone):
    phone.tells("missed", "m1", seat="")
    phone.tells("answer", "m2", late_s=120)
    assert line.sign_in("call_back").get("/api/calls/missed").json()["items"] == []
    kept = line.sign_in("call_back").get("/api/calls/missed", params={"state": "all"}).json()["items"]
    assert [one["state"] for one in kept] == ["came_again"]


def test_a_missed_call_is_given_up_after_three_tries_with_a_reason(line, phone):
    phone.tells("missed", seat="")
    operator = line.sign_in("call_back")
    path = f"/api/calls/missed/{operator.get('/api/calls/missed').json()['items'][0]['id']}"
    early = operator.post(f"{path}/close", json={"reason": "无人接听"}, headers=key())
    assert early.json()["code"] == "hotline.too_few_tries"
    for _ in range(3):
        operator.post(f"{path}/tries", json={"reached": False}, headers=key())
    assert operator.post(f"{path}/close", json={"reason": ""}, headers=key()).status_code == 422
    done = operator.post(f"{path}/close", json={"reason": "三次未接"}, headers=key())
    assert done.json()["state"] == "given_up", done.text


def test_a_call_told_as_missed_that_was_answered_waits_no_more(line, phone):
    phone.tells("hang_up", "late", late_s=90)
    assert len(line.sign_in("call_back").get("/api/calls/missed").json()["items"]) == 1
    phone.tells("answer", "late", late_s=5)
    assert line.sign_in("call_back").get("/api/calls/missed").json()["items"] == []
    day = figures(line)["total"]
    assert (day["answered"], day["missed"]) == (1, 0)


def test_a_withheld_number_cannot_be_called_back_but_counts(line, phone):
    phone.tells("missed", number="", seat="")
    assert line.sign_in("call_back").get("/api/calls/missed").json()["items"] == []
    assert figures(line)["total"]["missed"] == 1


# --- who sees what ----------------------------------------------------------------------------------------------


def test_another_county_sees_no_call_and_closes_none(line, phone):
    phone.tells("answer")
    call = mine(line)["calls"][0]
    act(line, call, "hand-over", line="110")
    phone.tells("missed", "m", seat="", number="13700001111")
    missed = line.sign_in("call_back").get("/api/calls/missed").json()["items"][0]
    for who in ("hotline_operator@there", "shift_leader@there", "call_back@there", "evaluator@there"):
        browser = line.sign_in(who)
        for path in (f"/api/calls/{call['id']}", f"/api/calls/{call['id']}/history"):
            assert browser.get(path).status_code in (403, 404), (who, path)
        for path in ("/api/calls", "/api/calls/missed", "/api/calls/hand-overs"):
            answer = browser.get(path)
            assert answer.status_code == 403 or answer.json()["items"] == [], (who, path)
        told = browser.get("/api/calls/history", params={"phone": NUMBER})
        assert told.status_code == 403 or told.json()["calls"] == [], who
        assert browser.get("/api/calls/figures").json()["total"]["calls"] is None
        for what, body in (
            ("close", {"outcome": "empty"}),
            ("hand-over", {"line": "110"}),
            ("number", {"purpose": "xx"}),
        ):
            answer = browser.post(f"/api/calls/{call['id']}/{what}", json=body, headers=key())
            assert answer.status_code in (403, 404), (who, what)
        answer = browser.post(f"/api/calls/missed/{missed['id']}/number", headers=key())
        assert answer.status_code in (403, 404), who


def test_a_colleague_may_not_close_anothers_call_but_the_shift_leader_may(line, phone):
    phone.tells("answer")
    call = mine(line)["calls"][0]
    act(line, call, "close", "call_back", 403, outcome="empty")
    assert act(line, call, "close", "shift_leader", outcome="empty")["state"] == "closed"


def test_the_recording_is_a_link_for_a_purpose_and_journaled(line, phone):
    phone.tells("answer")
    phone.tells("hang_up", late_s=30, recording_url=RECORDING)
    call = line.sign_in("shift_leader").get("/api/calls").json()["items"][0]
    assert call["has_recording"] and RECORDING not in str(call)
    act(line, call, "recording", expect=403, purpose="质检")
    assert act(line, call, "recording", "shift_leader", purpose="投诉核实")["url"] == RECORDING
    act(line, call, "recording", "shift_leader", 422, purpose="")
    bare = begin(line)
    assert act(line, bare, "recording", "shift_leader", 404, purpose="核实")["code"] == "hotline.no_recording"
    with open_unit(System("test"), "look") as unit:
        kept = [str(one.body) for one in journal.entries(unit, Page(50), call["id"]).items]
    assert any("投诉核实" in one for one in kept) and not any(RECORDING in one for one in kept)


def test_the_number_is_sealed_wherever_it_is_kept(line, phone, database):
    import psycopg

    phone.tells("answer")
    with psycopg.connect(database.uri_owner) as conn:
        for table in ("hotline_call", "hotline_caller", "hotline_call_act", "journal_entry", "outbox", "live_tick"):
            rows = conn.execute(f"SELECT t::text FROM {table} t").fetchall()
            assert NUMBER not in str(rows) and NUMBER.encode().hex() not in str(rows), table


# --- outcomes and figures as data -------------------------------------------------------------------------------


def test_the_words_of_an_outcome_are_the_citys_and_have_editions(line):
    operator, steward = line.sign_in("hotline_operator"), line.sign_in("data_steward")
    row = next(one for one in operator.get("/api/calls/outcomes").json()["items"] if one["key"] == "lawsuit")
    names = ("title_zh", "title_en", "answer_en", "authority_zh", "authority_en", "hot_key")
    body = {**{name: row[name] for name in names}, "answer_zh": "请到东区法院起诉。", "version": row["version"]}
    path = "/api/calls/outcomes/lawsuit"
    assert operator.put(path, json=body, headers=key()).status_code == 403
    made = steward.put(path, json={**body, "source": "市司法局审定", "verified": True}, headers=key())
    assert made.status_code == 200 and made.json()["needs"] == ["reason"], made.text
    browser = line.sign_in("hotline_operator")
    browser.headers["accept-language"] = "zh-CN"
    done = act(line, begin(line), "close", outcome="lawsuit", reason="合同纠纷")
    browser.headers["accept-language"] = "en"
    assert done["answer"] == "请到东区法院起诉。"
    editions = operator.get("/api/calls/outcomes", params={"history": "lawsuit"}).json()["items"]
    assert len(editions) == 2 and editions[0]["valid_to"]


def test_a_day_without_calls_has_no_figures_and_not_zero(line):
    told = figures(line)
    assert len(told["days"]) == 7 and all(day["calls"] is None for day in told["days"])
    assert told["total"]["direct_rate"] == {"n": 0, "of": 0, "rate": None}
    begin(line)
    told = figures(line)
    assert [day["calls"] for day in told["days"]][-1] == 1 and told["days"][0]["calls"] is None
    odd = line.sign_in("shift_leader").get("/api/calls/figures", params={"first": "2026-01-02", "last": "2026-01-01"})
    assert odd.status_code == 422


def test_a_call_may_carry_its_class(line):
    row = matter_of(line.sign_in("clerk"), "urban_component", "0101")
    call = begin(line)
    done = act(line, call, "close", outcome="answered", answer="井盖由市政处管。", tree=row["tree"], code=row["code"])
    assert done["state"] == "closed"
