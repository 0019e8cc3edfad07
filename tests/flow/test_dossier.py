"""The dossier of an event: whole, masked, scoped like the event, journaled; texts in clear for a purpose."""

import re

import pytest

from gangmu.kit import web
from tests.city import HERE, City

SAID = "我叫张三，电话138 1234 5678，身份证11010519491231002X，鲁C12345堵住消防通道<script>alert(1)</script>"
HIDDEN = ("张三", "1234 5678", "13812345678", "19491231", "C12345")
READERS = ("shift_leader", "supervisor", "evaluator", "leader")


@pytest.fixture
def event(city: City) -> dict:
    made = city.report(
        channel="hotline12345",
        text=SAID,
        title="占用消防通道13812345678",
        address="东路3号（联系人：李四 13912345678）",
        reporter={"name": "张三", "phone": "13812345678"},
    )
    city.sign_in("hotline_operator").do(made, "note", reason="已电话13812345678联系")
    city.settle()
    return made


def test_everything_of_an_event_in_one_piece(city, event):
    for who in READERS:
        answer = city.sign_in(who).get(f"/api/events/{event['id']}/dossier")
        assert answer.status_code == 200, (who, answer.text)
    found = answer.json()
    assert found["event"]["id"] == event["id"] and len(found["reports"]) == 1 and found["acts"]
    assert found["journal"] and found["journal"][0]["who"] == "甲clerk" and not found["journal_left_out"]
    assert all("before" not in entry and "after" not in entry for entry in found["journal"])
    audit = city.sign_in("audit_admin").get("/api/journal", params={"about": event["id"]}).json()["items"]
    reads = [change for entry in audit for change in entry["changes"] if change["do"] == "read dossier"]
    assert len(reads) == len(READERS)


def test_nobody_else_reads_it_and_another_county_does_not_find_it(city, event):
    for who in city.posts:
        answers = [city.sign_in(who).get(f"/api/events/{event['id']}/dossier{tail}") for tail in ("", ".html")]
        for answer in answers:
            wanted = 200 if who.rstrip("2") in READERS else 404 if who.split("@")[0] in READERS else 403
            assert answer.status_code == wanted, (who, answer.status_code)


def test_on_paper_every_word_is_escaped_and_nothing_personal_stands(city, event):
    leader = city.sign_in("leader")
    answer = leader.get(f"/api/events/{event['id']}/dossier.html", headers={"accept-language": "zh-CN"})
    assert answer.headers["content-type"].startswith("text/html") and answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text and "&lt;script&gt;" in answer.text and "@page" in answer.text
    assert not re.findall(r"dossier\.[a-z_.]+", answer.text), "a word is missing"
    for part in ("案卷", "办理过程", "审计日志", "12345热线"):
        assert part in answer.text
    assert [one for one in HIDDEN if one in answer.text] == []


def test_personal_data_in_free_text_is_masked_wherever_it_is_listed(city, event):
    way, leader = f"/api/events/{event['id']}", city.sign_in("shift_leader")
    for path in ("/api/events", way, f"{way}/timeline", f"{way}/reports", f"{way}/dossier", "/api/search?q=消防通道"):
        answer = leader.get(path)
        assert answer.status_code == 200
        assert [one for one in (*HIDDEN, "李四") if one in answer.text] == [], path


def test_in_clear_for_a_purpose_and_journaled(city, event):
    way = f"/api/events/{event['id']}/clear"
    clear = city.sign_in("shift_leader").post(way, json={"purpose": "回拨核对地址"})
    assert clear.status_code == 200 and clear.json()["text"] == SAID and "李四" in clear.json()["address"]
    entries = city.sign_in("audit_admin").get("/api/journal", params={"about": event["id"]}).json()["items"]
    assert any(one.get("purpose") == "回拨核对地址" for entry in entries for one in entry["changes"])
    assert city.sign_in("shift_leader").post(way, json={"purpose": ""}).status_code == 422
    for who in ("leader", "supervisor", "dispatcher", "handler", "system_admin", "audit_admin"):
        assert city.sign_in(who).post(way, json={"purpose": "x y"}).status_code in (403, 404), who
    for who in ("shift_leader@there", "clerk@there"):
        assert city.sign_in(who).post(way, json={"purpose": "x y"}).status_code == 404, who


def test_a_confidential_reporters_words_stay_covered(city):
    secret = city.report(
        text="举报张三乱倒垃圾", reporter={"name": "李四", "phone": "13912345678", "confidential": True}
    )
    answer = city.sign_in("shift_leader").post(f"/api/events/{secret['id']}/clear", json={"purpose": "核对"})
    assert (answer.status_code, answer.json()["params"]["action"]) == (403, "reporter.read_confidential")
    found = city.sign_in("shift_leader").get(f"/api/events/{secret['id']}/dossier").json()
    assert found["reports"][0]["reporter"]["name"] == "" and "13912345678" not in str(found)


def test_it_is_a_route_of_the_matrix(city):
    paths = {route.path: route.can for route in web.known}
    assert paths["/api/events/{event_id}/dossier"] == "dossier.read"
    assert city.actor("leader").may("dossier.read") and not city.actor("audit_admin").may("dossier.read")
    assert HERE
