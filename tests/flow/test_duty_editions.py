"""Editions of the duty list: gathered, looked at, tried on what was reported, released, taken back."""

from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest

from gangmu.core import matter
from gangmu.core.dispatch import edition, service, trials
from gangmu.core.dispatch.service import Asked
from gangmu.core.event import past as past_events
from gangmu.kit import ids
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.city import HERE, THERE, TOWN
from tests.flow import ground
from tests.flow.ground import duty, matter_of


def key():
    return {"idempotency-key": uuid4().hex}


def ask(browser, method, path, expect=200, **body):
    answer = browser.request(method, f"/api{path}", json=body, headers=key())
    assert answer.status_code == expect, f"{answer.status_code} {answer.text[:600]}"
    return answer.json()


@pytest.fixture
def steward(city):
    ground.found(city)
    return city.sign_in("data_steward")


def today(database):
    with database.unit() as unit:
        return service.today(unit)


def opened(steward, day, title="夏季调整"):
    return ask(steward, "POST", "/duties/editions", 201, title=title, valid_from=day.isoformat())


def put(steward, one, expect=200, **body):
    return ask(steward, "PUT", f"/duties/editions/{one['id']}/changes", expect, version=one["version"], **body)


def row_for(city, org, **given):
    return {"lead_org": city.orgs[org], "basis": "新三定规定", "verified": True, **given}


def added(city, steward, one, org, code="01", division=HERE, tree="urban_component", expect=200, **given):
    body = row_for(city, org, tree=tree, code=code, division=division, **given)
    return put(steward, one, expect, do="add", duty=body)


def listed(browser, **asked):
    return browser.get("/api/duties", params=asked).json()["items"]


def test_an_edition_holds_from_its_day_on_and_not_before(database, city, steward):
    was = duty(city)
    day = today(database) + timedelta(days=10)
    one = opened(steward, day)
    one = put(steward, one, do="change", row=was["id"], duty=row_for(city, "环卫处"))
    one = added(city, steward, one, "环卫处", code="02")
    assert [(c["do"], c["differs"]) for c in one["changes"]] == [("change", ["lead_org", "basis"]), ("add", [])]
    assert one["releasable"] and one["changes"][0]["before"]["lead_name"] == "市政处"
    assert (
        ask(steward, "POST", f"/duties/editions/{one['id']}/release", 422, version=one["version"])["code"] == "invalid"
    )
    done = ask(steward, "POST", f"/duties/editions/{one['id']}/release", version=one["version"], reason="机构调整")
    assert (done["state"], done["released_by_name"]) == ("released", "甲data_steward")
    now = {row["code"]: row["lead_name"] for row in listed(steward)}
    then = {row["code"]: row["lead_name"] for row in listed(steward, day=day.isoformat())}
    assert (now, then) == ({"01": "市政处"}, {"01": "环卫处", "02": "环卫处"})
    again = ask(steward, "POST", f"/duties/editions/{one['id']}/release", 409, version=done["version"], reason="再来")
    assert again["code"] == "dispatch.edition_settled"


def test_what_cannot_be_released_is_said_before(database, city, steward):
    was = duty(city)
    one = opened(steward, today(database))
    empty = ask(steward, "POST", f"/duties/editions/{one['id']}/release", 409, version=1, reason="空")
    assert empty["code"] == "dispatch.edition_empty"
    one = put(steward, one, do="end", row=was["id"])
    one = added(city, steward, one, "环卫处", code="02")
    steward.put(
        f"/api/duties/{was['id']}",
        json={"lead_org": city.orgs["市政处"], "basis": "另一通知", "version": was["version"]},
        headers=key(),
    )
    seen = steward.get(f"/api/duties/editions/{one['id']}").json()
    assert [bool(c["why"]) for c in seen["changes"]] == [True, False] and not seen["releasable"]
    stale = ask(steward, "POST", f"/duties/editions/{one['id']}/release", 409, version=one["version"], reason="调整")
    assert stale["code"] == "dispatch.edition_stale"
    assert {row["code"] for row in listed(steward)} == {"01"}
    duty(city, code="02")
    taken = added(city, steward, one, "环卫处", code="02")
    assert len(taken["changes"]) == 2 and taken["changes"][1]["why"]
    fewer = steward.delete(
        f"/api/duties/editions/{one['id']}/changes/{taken['changes'][0]['id']}",
        params={"version": taken["version"]},
        headers=key(),
    ).json()
    assert len(fewer["changes"]) == 1
    late = ask(steward, "PUT", f"/duties/editions/{one['id']}/changes", 409, version=1, do="end", row=was["id"])
    assert late["code"] == "stale_write"
    past = opened(steward, today(database) - timedelta(days=1))
    past = added(city, steward, past, "环卫处", code="03")
    early = ask(steward, "POST", f"/duties/editions/{past['id']}/release", 422, version=past["version"], reason="补")
    assert early["params"]["field"] == "valid_from"


def test_the_level_guard_shows_in_the_differences(database, city, steward):
    duty(city)
    one = opened(steward, today(database))
    one = added(city, steward, one, "东街道", code="0101", division=HERE, level="town")
    assert [c["guard"] for c in one["changes"]] == [""]  # a row of the town's own level
    wrong = added(city, steward, one, "东街道", code="0102", level="county", expect=422)
    assert wrong["params"]["field"] == "lead_org"
    lawful = added(city, steward, one, "东街道", code="0103", level="county", to_towns=True)
    assert [c["guard"] for c in lawful["changes"]] == ["", ""]


def tried(city, browser, one, **body):
    """An edition tried to its end: what was found."""
    begun = ask(browser, "POST", f"/duties/editions/{one['id']}/try-out", **body)
    assert (begun["state"], begun["found"]) == ("waiting", None)
    city.settle()
    told = ask(browser, "GET", f"/duties/editions/{one['id']}/try-out")
    assert (told["state"], told["id"]) == ("done", begun["id"])
    return told["found"]


def test_a_try_out_is_seen_on_its_way_and_asked_for_once(database, city, steward):
    duty(city)
    cover = matter_of(city.sign_in("clerk"), "urban_component", "0101")
    city.report("clerk", matter_id=cover["id"])
    one = added(city, steward, opened(steward, today(database) + timedelta(days=3)), "环卫处", code="0101")
    path = f"/duties/editions/{one['id']}/try-out"
    ask(steward, "GET", path, 404)
    begun = ask(steward, "POST", path, days=30)
    assert ask(steward, "POST", path, days=30)["id"] == begun["id"], "the same is not worked out twice"
    seen = []

    @contextmanager
    def watched():
        with open_unit(System("test"), "try-out") as unit:
            yield unit
        told = ask(steward, "GET", path)
        seen.append((told["state"], told["phase"], told["done"], told["total"]))

    trials.run(watched, ids.parse(begun["id"], "dtt"))
    phases = list(dict.fromkeys(phase for state, phase, _, _ in seen if state == "running"))
    assert phases == ["reading", "asking", "examples"]
    assert ("running", "reading", 12, 30) in seen and seen[-1][0] == "done"
    found = ask(steward, "GET", path)["found"]
    assert (found["events"], found["changed"]) == (1, 1)
    trials.run(watched, ids.parse(begun["id"], "dtt"))
    assert ask(steward, "GET", path)["found"] == found, "a message that comes twice changes nothing"
    changed = added(city, steward, one, "环卫处", code="0136")
    assert changed["version"] != begun["edition_version"], "what is tried says of which edition"
    assert city.sign_in("leader").get(f"/api{path}").status_code == 403


def test_an_edition_is_tried_on_the_events_of_the_last_month(database, city, steward):
    duty(city)
    cover = matter_of(city.sign_in("clerk"), "urban_component", "0101")
    lamp = matter_of(city.sign_in("clerk"), "urban_component", "0136")
    kept = [city.report("clerk", matter_id=cover["id"]) for _ in range(3)]
    city.report("clerk", matter_id=lamp["id"])
    city.report("clerk")
    other = [city.report("clerk@there", matter_id=cover["id"], division=THERE)]
    day = today(database) + timedelta(days=3)
    one = opened(steward, day)
    one = added(city, steward, one, "环卫处", code="0101")
    one = added(city, steward, one, "市政处@there", division=THERE)
    told = tried(city, steward, one, days=30)
    counts = {name: told[name] for name in ("events", "same", "changed", "helpers", "unclassed")}
    assert counts == {"events": 6, "same": 1, "changed": 4, "helpers": 0, "unclassed": 1}
    first, second = told["shifts"]
    assert (first["before"]["name"], first["after"]["name"], first["n"]) == ("市政处", "环卫处", 3)
    assert first["duty"]["code"] == "0101"
    assert {e["id"] for e in first["examples"]} == {e["id"] for e in kept}
    assert (second["before"], second["after"]["name"], second["n"]) == (None, "市政处@there", 1)
    assert second["examples"] == [] and other  # of another county: counted, not shown
    assert steward.get(f"/api/duties/editions/{one['id']}").json()["tried"]["changed"] == 4
    helped = opened(steward, day, "协办")
    row = listed(steward)[0]
    duty_with = {**row_for(city, "市政处"), "assistants": [city.orgs["环卫处"]]}
    helped = put(steward, helped, do="change", row=row["id"], duty=duty_with)
    again = tried(city, steward, helped)
    assert (again["changed"], again["helpers"]) == (0, 4)


def test_the_grouped_answer_is_the_one_that_each_event_gets_by_itself(database, city, steward):
    """Rows of every depth, levels that share, an unverified row, a record of returns: one by one and in groups."""
    duty(city)
    duty(city, code="0101", lead_org=city.orgs["环卫处"], verified=False)
    duty(city, code="", level="city", division="990100", lead_org=city.orgs["市政府"])
    duty(city, code="0102", division=TOWN, level="town", lead_org=city.orgs["东街道"])
    dispatcher, clerk, shift = (city.sign_in(who) for who in ("dispatcher", "clerk", "shift_leader"))
    for code in ("0101", "0101", "0102"):
        chosen = matter_of(clerk, "urban_component", code)
        sent = city.report("clerk", matter_id=chosen["id"])
        clerk.do(sent, "accept")
        shift.do(sent, "register", condition_id=chosen["conditions"][0]["id"])
        dispatcher.do(sent, "dispatch", lead_org=city.orgs["市政处"])
        city.sign_in("dept_lead").do(sent, "return", reason="不属我单位职责")
    for code in ("0101", "0102", "0136", "0201"):
        for place in (HERE, TOWN, "990101001001", THERE):
            who = "clerk@there" if place == THERE else "clerk"
            city.report(who, matter_id=matter_of(clerk, "urban_component", code)["id"], division=place)
    one = opened(steward, today(database))
    one = added(city, steward, one, "环卫处", code="0136")
    one = added(city, steward, one, "市政处", code="0102")
    one = put(steward, one, do="end", row=next(r["id"] for r in listed(steward) if r["code"] == "0101"))
    with database.unit() as unit:
        edition_row = edition.get_edition(unit, unit.actor, one["id"])
        changes = edition.edition_store.changes_of(unit, one["id"], seen_by=unit.actor)
        day = service.today(unit)
        holding = edition.edition_store.list_holding(unit, day, seen_by=unit.actor)
        old = edition.lists(unit, day, unit.now, holding)
        new = edition.lists(unit, day, unit.now, edition.list_after(edition_row, changes, holding))
        past = past_events.list_places(unit, unit.actor, unit.now - timedelta(days=30), unit.now)
        asked, _, _ = edition.asked_of(unit, unit.actor, {(row.matter, row.division): row.n for row in past})
        assert len(asked) >= 12

        def alone(place):
            found = service.suggest(unit, unit.actor, Asked(place.tree, place.code, place.division))
            return (found[0].lead_org, found[0].confidence, found[0].duty.key) if found else None

        def grouped(lists, place):
            found = lists.first(place.tree, place.code, place.division)
            return (found.lead_org, found.confidence, found.duty.key) if found else None

        assert [grouped(old, place) for place in asked] == [alone(place) for place in asked]
        foreseen = [grouped(new, place) for place in asked]
    ask(steward, "POST", f"/duties/editions/{one['id']}/release", version=one["version"], reason="调整")
    with database.unit() as unit:
        assert [alone(place) for place in asked] == foreseen
        assert matter.find_class(unit, unit.actor, "urban_component", "0101")


def test_a_released_edition_is_taken_back_whole(database, city, steward):
    was = duty(city)
    other = duty(city, code="02")
    one = opened(steward, today(database))
    one = put(steward, one, do="change", row=was["id"], duty=row_for(city, "环卫处"))
    one = put(steward, one, do="end", row=other["id"])
    one = added(city, steward, one, "环卫处", code="03")
    done = ask(steward, "POST", f"/duties/editions/{one['id']}/release", version=one["version"], reason="机构调整")
    assert {(r["code"], r["lead_name"]) for r in listed(steward)} == {("01", "环卫处"), ("03", "环卫处")}
    back = ask(steward, "POST", f"/duties/editions/{one['id']}/roll-back", reason="通知撤回")
    assert (back["state"], back["reverts"]) == ("released", one["id"])
    assert {(r["code"], r["lead_name"], r["basis"]) for r in listed(steward)} == {
        ("01", "市政处", "东区部门三定规定"),
        ("02", "市政处", "东区部门三定规定"),
    }
    again = ask(steward, "POST", f"/duties/editions/{one['id']}/roll-back", 409, reason="再来")
    assert again["code"] == "dispatch.edition_settled"
    assert steward.get(f"/api/duties/editions/{done['id']}").json()["reverted_by"] == back["id"]


def test_an_edition_that_has_not_begun_is_taken_back_from_its_day(database, city, steward):
    was = duty(city)
    day = today(database) + timedelta(days=5)
    one = opened(steward, day)
    one = put(steward, one, do="change", row=was["id"], duty=row_for(city, "环卫处"))
    ask(steward, "POST", f"/duties/editions/{one['id']}/release", version=one["version"], reason="机构调整")
    ask(steward, "POST", f"/duties/editions/{one['id']}/roll-back", reason="通知撤回")
    for on in (day - timedelta(days=5), day, day + timedelta(days=30)):
        assert [r["lead_name"] for r in listed(steward, day=on.isoformat())] == ["市政处"]


def test_who_may_not_manage_duties_only_reads(database, city, steward):
    one = opened(steward, today(database))
    clerk = city.sign_in("clerk")
    assert clerk.get("/api/duties/editions").json()["items"][0]["id"] == one["id"]
    for method, path in (
        ("POST", "/duties/editions"),
        ("PUT", f"/duties/editions/{one['id']}"),
        ("POST", f"/duties/editions/{one['id']}/try-out"),
        ("POST", f"/duties/editions/{one['id']}/release"),
    ):
        body = {"title": "x", "valid_from": "2026-12-01", "version": 1, "reason": "x"}
        fields = {"try-out": {}, "release": {"version": 1}}.get(path.rsplit("/", 1)[-1], body)
        if path == "/duties/editions":
            fields = {"title": "x", "valid_from": "2026-12-01"}
        assert clerk.request(method, f"/api{path}", json=fields, headers=key()).status_code == 403, path
    dropped = ask(steward, "POST", f"/duties/editions/{one['id']}/drop", version=1)
    assert dropped["state"] == "dropped"
    assert steward.get("/api/duties/editions", params={"waiting": True}).json()["items"] == []


def test_what_an_organisation_owes_is_listed_across_events(database, city, steward):
    duty(city)
    cover = matter_of(city.sign_in("clerk"), "urban_component", "0101")
    sent = []
    for _ in range(3):
        one = city.report("clerk", matter_id=cover["id"])
        city.sign_in("clerk").do(one, "accept")
        city.sign_in("shift_leader").do(one, "register", condition_id=cover["conditions"][0]["id"])
        city.sign_in("dispatcher").do(one, "dispatch", lead_org=city.orgs["市政处"])
        sent.append(one["id"])
    lead = city.sign_in("dept_lead")
    page = lead.get("/api/duties/obligations", params={"limit": 2}).json()
    assert page["org"]["name"] == "市政处" and [row["event_id"] for row in page["items"]] == sent[:2]
    assert all(row["case_no"] and row["matter_title"] and row["role"] == "host" for row in page["items"])
    rest = lead.get("/api/duties/obligations", params={"limit": 2, "after": page["next"]}).json()
    assert [row["event_id"] for row in rest["items"]] == sent[2:]
    lead.do({"id": sent[0]}, "return", reason="不属我单位职责")
    assert len(lead.get("/api/duties/obligations").json()["items"]) == 2
    assert len(lead.get("/api/duties/obligations", params={"open": False}).json()["items"]) == 3
    there = city.sign_in("dept_lead@there")
    assert there.get("/api/duties/obligations", params={"org": city.orgs["市政处"]}).json()["items"] == []
