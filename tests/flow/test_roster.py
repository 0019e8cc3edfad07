"""Rotas: patterns over a month with its holidays, edits, who is on duty, what is lacking, swaps, leave."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from gangmu.base import org, roster
from gangmu.kit import clock
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.flow.ground import CHINA

DAY_NIGHT = [
    {"title": "白班", "starts": "08:00", "ends": "20:00"},
    {"title": "夜班", "starts": "20:00", "ends": "08:00"},
]


def key():
    return {"idempotency-key": uuid4().hex}


@pytest.fixture
def october(city):
    """The last days of September 2026: the holidays of October lie ahead."""
    city.forward(seconds=(datetime(2026, 9, 28, 9, tzinfo=CHINA) - clock.now()).total_seconds())
    return city


def pattern(city, crew=("clerk", "shift_leader", "shift_leader2"), who="shift_leader", expect=201, **given):
    body = {
        "org": city.orgs["监督中心"],
        "title": "坐席轮班",
        "kind": "seat",
        "slots": DAY_NIGHT,
        "crew": [city.posts[name] for name in crew],
        **given,
    }
    answer = city.sign_in(who).post("/api/roster/patterns", json=body, headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json()


def laid_out(city, made, month="2026-10", who="shift_leader", **given):
    answer = city.sign_in(who).post(
        f"/api/roster/patterns/{made['id']}/lay-out", json={"month": month, **given}, headers=key()
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def shifts(city, first, last, who="shift_leader", **wanted):
    found, after = [], None
    while True:
        asked = {"from": first.isoformat(), "to": last.isoformat(), **wanted, **({"after": after} if after else {})}
        answer = city.sign_in(who).get("/api/roster/shifts", params=asked)
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        after = answer.json()["next"]
        if not after:
            return found


def at(day, hour=0, month=10):
    return datetime(2026, month, day, hour, tzinfo=CHINA)


def put_on(city, post, starts, hours=12, who="shift_leader", org_name="监督中心", kind="seat", expect=201):
    body = {
        "org": city.orgs[org_name],
        "kind": kind,
        "post": city.posts[post],
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=hours)).isoformat(),
        "slot": "白班",
    }
    answer = city.sign_in(who).post("/api/roster/shifts", json=body, headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json()


def test_a_month_is_laid_out_over_midnight_and_fairly(october):
    made = laid_out(october, pattern(october))
    assert (made["made"], made["findings"]) == (62, [])
    found = shifts(october, at(1), at(1, month=11))
    nights = [one for one in found if one["slot"] == "夜班"]
    assert len(nights) == 31 and nights[0]["ends_at"].startswith("2026-10-02T00:00:00Z")
    counts = {name: sum(one["person_name"] == name for one in found) for name in {one["person_name"] for one in found}}
    assert max(counts.values()) - min(counts.values()) <= 1
    ends: dict[str, str] = {}
    for one in found:
        last = ends.get(one["person_name"])
        if last:
            rest = datetime.fromisoformat(one["starts_at"]) - datetime.fromisoformat(last)
            assert rest >= timedelta(hours=11), one
        ends[one["person_name"]] = one["ends_at"]
    assert laid_out(october, october_pattern(october))["made"] == 0, "laying out again changes nothing"


def october_pattern(city):
    return city.sign_in("shift_leader").get("/api/roster/patterns").json()["items"][0]


def test_working_days_and_holidays_have_shifts_of_their_own(october):
    slots = [
        {"title": "工作日带班", "starts": "08:00", "ends": "18:00", "days": "working"},
        {"title": "节假日带班", "starts": "09:00", "ends": "24:00", "days": "off"},
    ]
    laid_out(october, pattern(october, title="带班", kind="lead", slots=slots, rest_hours=0))
    found = {one["starts_at"][:10]: one["slot"] for one in shifts(october, at(1), at(1, month=11), kind="lead")}
    assert len(found) == 31
    assert {found[f"2026-10-0{day}"] for day in range(1, 8)} == {"节假日带班"}
    assert found["2026-10-10"] == "工作日带班", "a Saturday that is worked in exchange"
    assert found["2026-10-11"] == "节假日带班"


def test_who_is_on_duty_at_a_time(october):
    laid_out(october, pattern(october))
    leader = october.sign_in("shift_leader")
    night = leader.get("/api/roster/on-duty", params={"when": at(2, 3).isoformat()}).json()["items"]
    assert [one["slot"] for one in night] == ["夜班"]
    edge = leader.get("/api/roster/on-duty", params={"when": at(2, 8).isoformat()}).json()["items"]
    assert [one["slot"] for one in edge] == ["白班"], "at the change one, not both"
    with open_unit(System("test"), "duty") as unit:
        there = roster.on_duty(unit, october.orgs["监督中心"], at(2, 3))
        assert [one.shift.slot for one in there] == ["夜班"]
        assert roster.on_duty(unit, october.orgs["市政处"], at(2, 3)) == []


def test_who_stands_in_is_on_duty(october):
    shift = put_on(october, "clerk", at(1, 8))
    now = clock.now()
    with open_unit(System("test"), "who") as unit:
        person = org.get_post(unit, unit.actor, october.posts["patrol2"]).person
    body = {
        "post": october.posts["clerk"],
        "person": person,
        "starts_at": now.isoformat(),
        "ends_at": at(3).isoformat(),
        "reason": "学习",
    }
    assert october.sign_in("security_admin").post("/api/stand-ins", json=body, headers=key()).status_code == 201
    there = october.sign_in("clerk").get("/api/roster/on-duty", params={"when": at(1, 9).isoformat()}).json()["items"]
    assert [(one["id"], one["person_name"], one["holder_name"], one["stands_in"]) for one in there] == [
        (shift["id"], "甲patrol2", "甲clerk", True)
    ]
    assert october.sign_in("patrol2").get("/api/roster/mine").json()["next"]["id"] == shift["id"]


def test_what_a_rota_lacks_is_listed(october):
    pattern(october, crew=("clerk",))
    made = laid_out(october, october_pattern(october))
    assert made["made"] < 62 and {one["what"] for one in made["findings"]} == {"gap"}
    assert made["made"] + sum(one["missing"] for one in made["findings"]) == 62
    leave(october, "clerk", at(5), at(6, 23), who="clerk")
    granted = october.sign_in("shift_leader").get("/api/leaves", params={"state": "asked"}).json()["items"][0]
    decided = october.sign_in("shift_leader").post(
        f"/api/leaves/{granted['id']}/decide", json={"yes": True}, headers=key()
    )
    assert decided.json()["state"] == "granted"
    lacking = findings(october, at(1), at(8))
    assert {one["what"] for one in lacking} == {"gap", "away"}
    away = next(one for one in lacking if one["what"] == "away")
    assert away["person_name"] == "甲clerk"


def findings(city, first, last, org_name="监督中心", who="shift_leader"):
    asked = {"org": city.orgs[org_name], "from": first.isoformat(), "to": last.isoformat()}
    answer = city.sign_in(who).get("/api/roster/findings", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def leave(city, post, first, last, who="clerk", expect=201, **given):
    body = {"starts_at": first.isoformat(), "ends_at": last.isoformat(), "kind": "sick", "reason": "手术", **given}
    if who != post:
        body["post"] = city.posts[post]
    answer = city.sign_in(who).post("/api/leaves", json=body, headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json()


def test_leave_is_granted_by_another_and_its_reason_is_nobodys_business(october):
    asked = leave(october, "clerk", at(5), at(6))
    assert asked["state"] == "asked"
    assert october.sign_in("clerk").get(f"/api/leaves/{asked['id']}").json()["reason"] == "手术"
    assert october.sign_in("patrol").get(f"/api/leaves/{asked['id']}").json()["reason"] is None
    assert october.sign_in("shift_leader").get(f"/api/leaves/{asked['id']}").json()["reason"] == "手术"
    assert october.sign_in("clerk@there").get(f"/api/leaves/{asked['id']}").status_code == 404
    own = leave(october, "shift_leader", at(5), at(6), who="shift_leader")
    refused = october.sign_in("shift_leader").post(f"/api/leaves/{own['id']}/decide", json={"yes": True}, headers=key())
    assert refused.json()["code"] == "roster.not_yours"
    done = october.sign_in("shift_leader2").post(f"/api/leaves/{own['id']}/decide", json={"yes": True}, headers=key())
    assert done.json()["state"] == "granted"
    entered = leave(october, "patrol", at(5), at(6), who="shift_leader")
    assert (entered["state"], entered["decided_by_name"]) == ("granted", "甲shift_leader")
    leave(october, "handler", at(5), at(6), who="clerk", expect=403)
    ended = october.sign_in("clerk").post(f"/api/leaves/{asked['id']}/end", headers=key())
    assert ended.json()["state"] == "withdrawn"
    again = october.sign_in("shift_leader").post(f"/api/leaves/{asked['id']}/decide", json={"yes": True}, headers=key())
    assert again.json()["code"] == "roster.not_open"
    journal = october.sign_in("audit_admin").get("/api/journal", params={"about": asked["person"]}).json()["items"]
    assert "leave.reason" in str(journal) and "手术" not in str(journal)


def test_nobody_is_on_two_shifts_or_on_one_while_away(october):
    shift = put_on(october, "clerk", at(1, 8))
    assert put_on(october, "clerk", at(1, 10), kind="lead", expect=409)["code"] == "roster.on_two_shifts"
    leave(october, "patrol", at(5), at(6), who="shift_leader")
    assert put_on(october, "patrol", at(5, 8), kind="patrol", expect=409)["code"] == "roster.on_leave"
    put_on(october, "clerk", at(3, 8), hours=50, expect=422)
    put_on(october, "handler", at(3, 8), expect=404)
    put_on(october, "clerk", at(3, 8), who="clerk", expect=403)
    put_on(october, "handler", at(3, 8), who="dept_lead", expect=404)
    leader = october.sign_in("shift_leader")
    stale = {
        "post": october.posts["clerk"],
        "starts_at": at(1, 9).isoformat(),
        "ends_at": at(1, 18).isoformat(),
        "version": 9,
    }
    assert leader.put(f"/api/roster/shifts/{shift['id']}", json=stale, headers=key()).json()["code"] == "stale_write"
    changed = leader.put(f"/api/roster/shifts/{shift['id']}", json={**stale, "version": 1}, headers=key())
    assert changed.json()["made"] == "hand" and changed.json()["version"] == 2
    october.forward(days=4)
    late = leader.post(f"/api/roster/shifts/{shift['id']}/drop", json={"version": 2}, headers=key())
    assert late.json()["code"] == "roster.shift_over"


def test_what_was_edited_by_hand_stays_when_laid_out_anew(october):
    made = pattern(october)
    laid_out(october, made)
    first = shifts(october, at(1), at(2))[0]
    other = next(name for name in ("clerk", "shift_leader", "shift_leader2") if f"甲{name}" != first["person_name"])
    leader = october.sign_in("shift_leader")
    for one in shifts(october, at(1), at(3)):
        if one["person_name"] == f"甲{other}":
            assert (
                leader.post(f"/api/roster/shifts/{one['id']}/drop", json={"version": 1}, headers=key()).status_code
                == 204
            )
    body = {"post": october.posts[other], "starts_at": first["starts_at"], "ends_at": first["ends_at"], "version": 1}
    assert leader.put(f"/api/roster/shifts/{first['id']}", json=body, headers=key()).status_code == 200
    laid_out(october, made, anew=True)
    found = shifts(october, at(1), at(1, month=11))
    assert len(found) == 62 and found[0]["person_name"] == f"甲{other}"


def test_a_swap_needs_both_and_a_leader(october):
    mine, his = put_on(october, "clerk", at(1, 8)), put_on(october, "shift_leader2", at(2, 8))
    clerk = october.sign_in("clerk")
    body = {"shift": mine["id"], "to_post": october.posts["shift_leader2"], "other": his["id"], "reason": "家中有事"}
    asked = clerk.post("/api/roster/swaps", json=body, headers=key())
    assert asked.status_code == 201, asked.text
    swap = asked.json()
    assert clerk.post("/api/roster/swaps", json=body, headers=key()).status_code == 409, "one at a time"
    url = f"/api/roster/swaps/{swap['id']}"
    leader, other = october.sign_in("shift_leader"), october.sign_in("shift_leader2")
    assert leader.post(f"{url}/decide", json={"yes": True}, headers=key()).json()["code"] == "roster.not_open"
    assert leader.post(f"{url}/agree", json={"yes": True}, headers=key()).json()["code"] == "roster.not_yours"
    assert other.get("/api/roster/swaps").json()["items"][0]["asks_me"]
    assert other.post(f"{url}/agree", json={"yes": True}, headers=key()).json()["state"] == "agreed"
    assert other.post(f"{url}/decide", json={"yes": True}, headers=key()).json()["code"] == "roster.not_yours"
    assert leader.post(f"{url}/decide", json={"yes": True}, headers=key()).json()["state"] == "done"
    found = {one["id"]: (one["person_name"], one["made"]) for one in shifts(october, at(1), at(3))}
    assert found == {mine["id"]: ("甲shift_leader2", "swap"), his["id"]: ("甲clerk", "swap")}
    assert october.sign_in("clerk@there").get("/api/roster/swaps", params={"open": False}).json()["items"] == []
    assert october.sign_in("clerk@there").post(f"{url}/withdraw", headers=key()).status_code == 404


def test_a_swap_may_be_refused_or_taken_back(october):
    mine = put_on(october, "clerk", at(1, 8))
    put_on(october, "shift_leader2", at(1, 9), kind="lead")
    clerk, other, leader = (october.sign_in(who) for who in ("clerk", "shift_leader2", "shift_leader"))
    body = {"shift": mine["id"], "to_post": october.posts["shift_leader2"], "reason": "事假"}
    swap = clerk.post("/api/roster/swaps", json=body, headers=key()).json()
    other.post(f"/api/roster/swaps/{swap['id']}/agree", json={"yes": True}, headers=key())
    taken = leader.post(f"/api/roster/swaps/{swap['id']}/decide", json={"yes": True}, headers=key())
    assert taken.json()["code"] == "roster.on_two_shifts"
    no = leader.post(f"/api/roster/swaps/{swap['id']}/decide", json={"yes": False, "note": "人手不足"}, headers=key())
    assert no.json()["state"] == "refused"
    again = clerk.post("/api/roster/swaps", json=body, headers=key()).json()
    assert clerk.post(f"/api/roster/swaps/{again['id']}/withdraw", headers=key()).json()["state"] == "withdrawn"


def test_another_county_and_another_department_see_no_rota(october):
    laid_out(october, pattern(october))
    wanted = {"from": at(1).isoformat(), "to": at(8).isoformat()}
    for who in ("clerk@there", "dept_lead@there", "dept_lead", "handler", "town_officer"):
        browser = october.sign_in(who)
        assert browser.get("/api/roster/shifts", params=wanted).json()["items"] == [], who
        assert browser.get("/api/roster/on-duty", params={"when": at(2, 3).isoformat()}).json()["items"] == []
        assert browser.get("/api/roster/patterns").json()["items"] == []
    theirs = pattern(october, who="shift_leader@there", expect=404)
    assert theirs["code"] == "not_found"
    pattern(october, crew=("handler",), title="x", expect=404)
    pattern(october, title="y", slots=[DAY_NIGHT[0], DAY_NIGHT[0]], expect=422)
    pattern(october, title="坐席轮班", expect=409)
