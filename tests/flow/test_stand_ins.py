"""Standing in: another's post for a while, under one's own name, never as judge over one's own work."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from gangmu.base.org import store as org_store
from gangmu.kit import clock
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit, transaction
from tests.city import Browser
from tests.flow.ground import found, shot
from tests.flow.test_verify import finish, sent_to_check


def key():
    return {"idempotency-key": uuid4().hex}


def person_of(city, who):
    with open_unit(System("test"), "who") as unit:
        return org_store.get_post(unit, city.posts[who], seen_by=unit.actor).person


def arrange(city, whose, by, *, who="security_admin", hours=8, expect=201, **more):
    """Let ``by`` stand in for ``whose``."""
    now = clock.now()
    body = {
        "post": city.posts[whose],
        "person": person_of(city, by),
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(hours=hours)).isoformat(),
        "reason": "病假",
        **more,
    }
    answer = city.sign_in(who).post("/api/stand-ins", json=body, headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json()


def acting(city, who, post):
    """A browser of ``who`` that acts in the post of ``post``."""
    browser = Browser(city.app).sign_in(who)
    chosen = browser.put("/api/session/post", json={"post_id": city.posts[post]})
    assert chosen.status_code == 204, chosen.text
    return browser


def test_who_stands_in_acts_in_that_post_under_his_own_name(city):
    event = city.report()
    made = arrange(city, "clerk", "patrol2")
    assert (made["state"], made["holder_name"], made["person_name"]) == ("now", "甲clerk", "甲patrol2")
    browser = acting(city, "patrol2", "clerk")
    session = browser.get("/api/session").json()
    post = next(one for one in session["posts"] if one["id"] == city.posts["clerk"])
    assert post["stand_in"] == made["id"] and post["until"] == made["ends_at"]
    assert session["person"] == person_of(city, "patrol2") and "event.accept" in session["permissions"]
    assert session["name"] == "甲patrol2（代甲clerk）"
    browser.do(event, "accept")
    act = browser.get(f"/api/events/{event['id']}/timeline").json()["items"][-1]
    assert "甲patrol2（代甲clerk）" in str(act)
    journal = city.sign_in("audit_admin").get("/api/journal", params={"about": event["id"]}).json()["items"][0]
    assert "甲patrol2（代甲clerk）" in str(journal)


def test_it_may_be_narrowed_to_some_permissions(city):
    arrange(city, "clerk", "patrol2", only=["event.read", "event.note"])
    browser = acting(city, "patrol2", "clerk")
    assert browser.get("/api/session").json()["permissions"] == ["event.note", "event.read"]
    arrange(city, "shift_leader", "patrol2", only=["role.grant"], expect=422)


def test_judge_and_doer_stay_two_people(city):
    """Who handled an event does not check it as somebody's stand-in: guards compare persons, not posts."""
    found(city)
    event, task = sent_to_check(city)
    arrange(city, "patrol2", "handler")
    browser = acting(city, "handler", "patrol2")
    assert "event.check_pass" in browser.get("/api/session").json()["permissions"]
    proof = [shot(browser, "check")]
    refused = finish(browser, task, 409, result="check_pass", evidence=proof)
    assert refused["params"]["reason"] == "flow.refused.not_doer", refused
    assert city.sign_in("clerk").sees(event)["state"] == "checking"


def test_the_three_administrators_stay_three(city):
    refused = arrange(city, "system_admin", "audit_admin", expect=409)
    assert refused["code"] == "access.roles_exclude"
    business = arrange(city, "system_admin", "dispatcher", expect=409)
    assert business["code"] == "access.roles_exclude", "the system administrator sees no business row"
    arrange(city, "handler", "patrol")
    security = city.sign_in("security_admin")
    for post, role in (("patrol", "audit_admin"), ("handler", "system_admin")):
        granted = security.put(f"/api/posts/{city.posts[post]}/roles", json={"roles": [role]})
        assert granted.json()["code"] == "access.roles_exclude", "through the other's post neither"
    refused = arrange(city, "audit_admin", "leader", who="leader", expect=404)
    assert refused["code"] == "not_found", "administrators are out of a leader's reach"


def test_nobody_gives_himself_a_post_and_leaders_reach_their_own(city):
    refused = arrange(city, "system_admin", "security_admin", expect=403)
    assert refused["code"] == "roster.not_yours"
    arrange(city, "handler", "cleaner_lead", who="dept_lead", hours=3)
    arrange(city, "clerk", "cleaner_lead", who="dept_lead", expect=404)
    arrange(city, "handler@there", "cleaner_lead", who="dept_lead", expect=404)
    arrange(city, "handler", "patrol", who="clerk", expect=403)
    taken = arrange(city, "handler", "patrol", who="dept_lead", expect=409)
    assert taken["code"] == "org.stand_in_taken"
    arrange(city, "clerk", "clerk", expect=422)
    arrange(city, "clerk", "patrol", hours=24 * 400, expect=422)
    assert city.sign_in("dept_lead@there").get("/api/stand-ins").json()["items"] == []
    assert len(city.sign_in("dept_lead").get("/api/stand-ins").json()["items"]) == 1
    assert len(city.sign_in("cleaner_lead").get("/api/stand-ins").json()["items"]) == 1


def test_it_ends_by_itself(city):
    event = city.report()
    arrange(city, "clerk", "patrol2", hours=1)
    browser = acting(city, "patrol2", "clerk")
    city.forward(hours=2)
    refused = browser.post(f"/api/events/{event['id']}/acts/accept", json={}, headers=key())
    assert (refused.status_code, refused.json()["code"]) == (409, "org.stand_in_ended")
    session = browser.get("/api/session").json()
    assert session["post"] == city.posts["patrol2"] and len(session["posts"]) == 1
    after = browser.post(f"/api/events/{event['id']}/acts/accept", json={}, headers=key())
    assert after.status_code == 403, "his own post may not accept"
    again = browser.put("/api/session/post", json={"post_id": city.posts["clerk"]})
    assert again.status_code == 404


@pytest.mark.parametrize("how", ["ended", "time"])
def test_one_that_ends_in_the_middle_of_an_act_leaves_nothing_half_done(city, how):
    """The act has begun and waits for a row; meanwhile the stand-in ends, by an administrator or by the hour."""
    event = city.report()
    made = arrange(city, "clerk", "patrol2", hours=1)
    browser = acting(city, "patrol2", "clerk")
    answers = []
    hold = sa.text("SELECT 1 FROM event WHERE id = :id FOR UPDATE")
    with transaction() as conn:
        conn.execute(hold, {"id": uuid_of(event["id"])})
        token = key()
        acting_thread = threading.Thread(
            target=lambda: answers.append(
                browser.post(f"/api/events/{event['id']}/acts/accept", json={}, headers=token)
            )
        )
        acting_thread.start()
        wait_for_a_waiter(conn)
        if how == "ended":
            ended = city.sign_in("security_admin").post(f"/api/stand-ins/{made['id']}/end", headers=key())
            assert ended.status_code == 200 and ended.json()["state"] == "over"
        else:
            city.forward(hours=2)
    acting_thread.join(20)
    assert (answers[0].status_code, answers[0].json()["code"]) == (409, "org.stand_in_ended"), answers[0].text
    clerk = city.sign_in("clerk", fresh=True)
    seen = clerk.sees(event)
    assert (seen["state"], seen["version"]) == (event["state"], event["version"])
    assert len(clerk.get(f"/api/events/{event['id']}/timeline").json()["items"]) == 1
    again = browser.post(f"/api/events/{event['id']}/acts/accept", json={}, headers=token)
    assert again.json()["code"] == "org.stand_in_ended", "the key was not kept for an act that is not there"


def uuid_of(text):
    from gangmu.kit.ids import Id

    return Id(text).uuid


def wait_for_a_waiter(conn):
    """Until another connection waits for a lock that this one holds."""
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    pause = threading.Event()
    for _ in range(400):
        if conn.execute(waiting).scalar():
            return
        pause.wait(0.02)
    raise AssertionError("nobody waits")


def test_who_stands_in_ends_it_himself(city):
    made = arrange(city, "clerk", "patrol2")
    stranger = city.sign_in("handler").post(f"/api/stand-ins/{made['id']}/end", headers=key())
    assert stranger.status_code == 404
    own = city.sign_in("patrol2").post(f"/api/stand-ins/{made['id']}/end", headers=key())
    assert own.json()["state"] == "over"
    again = city.sign_in("patrol2").post(f"/api/stand-ins/{made['id']}/end", headers=key())
    assert again.json()["code"] == "org.stand_in_ended"
